"""PDF -> Extract: lines as PDFium finds them, composed into paragraphs and headings."""

import ctypes
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa_service.corpus.extract import MAX_CHARACTERS, Extract
from qa_service.corpus.pdf_layout import Line, blocks
from qa_service.errors import DocumentError

MAX_PAGES = 5_000
_LINE = re.compile(r"[^\r\n]+")
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_ONLY_NUMBER = re.compile(r"\W*#\W*(#\W*)?")
_BOLD = re.compile(rb"bold|black|heavy", re.IGNORECASE)  # in the name of a font


def extract_pdf(content: bytes) -> Extract:
    """The Extract of a PDF with its pages; running heads and page numbers are left out."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        raise _refused(error) from error
    count = len(document)
    if count > MAX_PAGES:
        raise DocumentError(
            f"has {count:,} pages; at most {MAX_PAGES:,} are read. Split it into several files."
        )
    pages: list[list[Line]] = []
    total = 0
    unreadable = 0
    for index in range(count):
        try:
            page = document[index]
        except pdfium.PdfiumError:
            unreadable += 1
            pages.append([])
            continue
        lines = list(_lines(page, index + 1))
        page.close()
        total += sum(len(line.text) for line in lines)
        if total > MAX_CHARACTERS:
            raise DocumentError(
                f"holds more than the {MAX_CHARACTERS:,} characters of text that are read. "
                "Split it into several files."
            )
        pages.append(lines)
    if not any(char.isalnum() for lines in pages for line in lines for char in line.text):
        raise _without_text(count, unreadable)
    title = document.get_metadata_value("Title")
    return Extract.of(blocks(_without_running_heads(pages)), title, pages=count)


def _refused(error: Any) -> DocumentError:
    if error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
        return DocumentError("is encrypted. Save it without a password.")
    return DocumentError(f"is a damaged PDF ({error}). Open it in a PDF viewer and print it anew.")


def _without_text(count: int, unreadable: int) -> DocumentError:
    if unreadable == count:
        return DocumentError(
            f"is a damaged PDF (none of its {count:,} pages can be opened). "
            "Open it in a PDF viewer and print it anew."
        )
    return DocumentError(
        f"has {count:,} page(s) without any text, as scans have. Run OCR on it first, for "
        "example with ocrmypdf."
    )


def _lines(page: Any, number: int) -> Iterator[Line]:
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        text = textpage.get_text_range() if count > 0 else ""
        wide = [offset for offset, char in enumerate(text) if char > "\uffff"]
        for match in _LINE.finditer(text):
            shown = match[0].strip()
            if not shown:
                continue
            offset = match.start() + match[0].index(shown)
            start = _char(textpage, offset, wide)
            end = _char(textpage, offset + len(shown) - 1, wide)
            first, last = _box(textpage, start), _box(textpage, end)
            yield Line(
                text=shown,
                page=number,
                left=first.left,
                right=last.right,
                # PDFium has joined lines at hyphens, so that a line may end below its start.
                top=first.bottom,
                bottom=last.bottom,
                # The smaller one, as brackets and signs of other fonts stand out.
                size=min(abs(first.top - first.bottom), abs(last.top - last.bottom)),
                bold=_is_bold(textpage, start) and _is_bold(textpage, end),
            )
    finally:
        textpage.close()


def _char(textpage: Any, offset: int, wide: list[int]) -> int:
    """PDFium's index of a character; its text counts those at the offsets `wide` as two."""
    units = offset + bisect_left(wide, offset)
    index: int = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, units)
    return max(index, 0)


def _box(textpage: Any, index: int) -> Any:
    box = pdfium_c.FS_RECTF()
    pdfium_c.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(box))
    return box


def _is_bold(textpage: Any, index: int) -> bool:
    name = ctypes.create_string_buffer(128)
    pdfium_c.FPDFText_GetFontInfo(textpage, index, name, len(name), None)
    return _BOLD.search(name.value) is not None


def _without_running_heads(pages: list[list[Line]]) -> list[list[Line]]:
    """The pages without first and last lines that many of them share but for a number."""
    kept = pages
    for _ in range(2):  # a running head may have two lines, or stand above a page number
        counts = Counter(
            _NUMBER.sub("#", line.text)
            for lines in kept
            for line in {id(end): end for end in (*lines[:1], *lines[-1:])}.values()
        )
        heads = {
            key
            for key, count in counts.items()
            if count >= max(2 if _ONLY_NUMBER.fullmatch(key) else 3, len(pages) / 10)
        }
        kept = [_trimmed(lines, heads) for lines in kept]
    return kept if any(kept) else pages


def _trimmed(lines: list[Line], heads: set[str]) -> list[Line]:
    start = 1 if lines and _NUMBER.sub("#", lines[0].text) in heads else 0
    end = len(lines)
    if end > start and _NUMBER.sub("#", lines[-1].text) in heads:
        end -= 1
    return lines[start:end]
