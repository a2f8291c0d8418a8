from contextlib import suppress
from pathlib import PurePath

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.samples import prose, saved, toy_pdf
from qa_service.corpus.extract import document_of
from qa_service.corpus.html import extract_html
from qa_service.corpus.readers import FORMATS, read_content
from qa_service.corpus.sandbox import extract_here
from qa_service.corpus.signatures import looks_like
from qa_service.errors import DocumentError
from qa_service.schema import Document


def _word() -> bytes:
    document = docx.Document()
    document.add_paragraph("Rīga ir pilsēta.")
    return saved(document)


_WORD = _word()
_PDF = toy_pdf([prose(["Rīga ir pilsēta."])])
_HTML = "<!DOCTYPE html><p>Rīga ir pilsēta.".encode()
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", _PDF),
        ("a.PDF", b"Sent by mail\r\n" + _PDF),
        ("a.docx", _WORD),
        ("a.html", _HTML),
        ("a.htm", "\ufeff<p>Rīga ir pilsēta.".encode()),
        ("a.html", "<meta charset=windows-1257><p>Rīga ir pilsēta.".encode("cp1257")),
        ("a.txt", "Rīga ir pilsēta.".encode("cp1257")),
        ("a.txt", "Rīga ir pilsēta.".encode("utf-16")),
        ("a.md", "Rīga ir pilsēta.".encode()),
    ],
)
def test_each_kind_is_read(name: str, content: bytes) -> None:
    document = read_content(content, PurePath("notes", name))
    assert document.text == "Rīga ir pilsēta."
    assert (document.id, document.title) == ("notes--a", "notes--a")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.docx", _PDF, r"is named .docx and looks like a PDF. Give it the suffix .pdf"),
        ("a.pdf", _PNG, "looks like a PNG image. Convert it to one of .md"),
        ("a.pdf", _WORD, r"looks like a Word document \(DOCX\). Give it the suffix .docx"),
        ("a.pdf", _HTML, "looks like an HTML page"),
        ("a.pdf", b"Just words", "looks like text"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or an encrypted Office file"),
        ("a.docx", b"PK\x03\x04..xl/workbook.xml", "an Excel workbook"),
        ("a.docx", b"PK\x03\x04", "a ZIP archive"),
        ("a.txt", _PDF, "looks like a PDF"),
        ("a.md", _PNG, "looks like a PNG image"),
        ("a.html", b"{\\rtf1 x}", "an RTF document"),
        ("a.pdf", b"", "holds no text"),
        ("a.docx", b" ", "holds no text"),
        ("a.html", b"<p></p>", "holds no text"),
        ("a.html", b"<h1>Only a heading</h1>", "holds no text"),
        ("a.xlsx", b"x", r"'.xlsx' cannot be read. Convert it to one of .md.*\.pdf, \.docx"),
    ],
)
def test_what_a_file_looks_like_is_told(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_content(content, PurePath(name))


def test_html_is_fine_as_text() -> None:
    assert read_content(_HTML, PurePath("a.txt")).text == _HTML.decode()


@pytest.mark.parametrize("text", ["A PDF begins with %PDF-1.4", "RIFF", "GIF, BZ", "PK", "MZ"])
def test_text_about_formats_is_text(text: str) -> None:
    assert looks_like(text.encode()) == "text"


def _check(document: Document) -> None:
    for spans in ([s.span for s in document.sections], [p.span for p in document.pages]):
        ends = [0, *(span.end for span in spans)]
        assert all(span.start >= end for span, end in zip(spans, ends, strict=False))
        assert ends[-1] <= len(document.text)


_STARTS = [b"", b"<html>", b"\xff\xfe", b"---\n", "ā".encode("cp1257"), b"<!DOCTYPE x ["]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([".md", ".txt"]), st.sampled_from(_STARTS), st.binary(max_size=60))
def test_any_bytes_are_read_as_text_or_refused(suffix: str, start: bytes, rest: bytes) -> None:
    with suppress(DocumentError):  # anything else would fail the whole build
        _check(read_content(start + rest, PurePath("a" + suffix)))


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(sorted(FORMATS)),
    st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04word/document", b"<table><h1>"]),
    st.binary(min_size=1, max_size=60),
)
def test_any_bytes_under_any_suffix_are_read_or_refused(
    suffix: str, start: bytes, rest: bytes
) -> None:
    with suppress(DocumentError):  # anything else would fail the whole build
        _check(read_content(start + rest, PurePath("a" + suffix)))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["pdf", "docx"]), st.floats(0, 1), st.binary(min_size=1, max_size=20))
def test_a_file_with_wrong_bytes_in_it_is_read_or_refused(
    kind: str, place: float, wrong: bytes
) -> None:
    content = _PDF if kind == "pdf" else _WORD
    at = int(place * len(content))
    with suppress(DocumentError):
        _check(document_of(extract_here(kind, content[:at] + wrong + content[at + 20 :]), "a"))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>", "</ul>"),
                *("<h2>", "</h2>", "<pre>", "<br>", "<body>", "</body>", "<html lang=x>", "<ol>"),
                *("<title>", "text ", "<nav>", "<b hidden>", "</b>", "&#xD800;", "&#0;"),
                *("\u2028", "<caption>"),
            ]
        ),
        max_size=20,
    ).map("".join)
)
def test_any_page_is_read(page: str) -> None:
    found = extract_html(page.encode())
    assert all(block.text.strip() for block in found.blocks)
