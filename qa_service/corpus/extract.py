"""What an extractor takes out of a file, and the Document that is composed of it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa_service.errors import DocumentError
from qa_service.schema import Document, Page, Section, Span

MAX_CHARACTERS = 20_000_000
_MAX_HEADING = 300  # characters; a longer one is a paragraph in a heading's clothes
_MAX_TITLE = 300
LINE_BREAK = "\u2028"  # a break that the source wants, while "\n" is white space like any other
# Soft hyphens, zero-width spaces and byte order marks; controls, halves of surrogate pairs
# and noncharacters.
_DROPPED = re.compile(
    "[\u00ad\u200b\u2060\ufeff\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE | re.DOTALL)
# What programs write into the title field by themselves.
_JUNK_TITLE = re.compile(
    r"(microsoft (word|powerpoint|excel) ?- .*|untitled.*|\(?anonymous\)?|document ?\d*"
    r"|dokuments? ?\d*|slide ?\d*|powerpoint presentation|(new|word|blank) document.*|bez nosaukuma"
    r"|title|.*\.(docx?|rtf|odt|pdf|indd|qxd|pptx?|xlsx?|tmp|tex|dvi|html?)|[\W\d_]*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (`level` from 1) or a piece of text (`level` 0), with its page where there are.

    `gap` is what stands between it and the block before.
    """

    text: str
    level: int = 0
    page: int = 0
    gap: str = "\n\n"


@dataclass(frozen=True, slots=True)
class Extract:
    """The blocks of a file in reading order; `title` and `language` are "" where unknown."""

    blocks: tuple[Block, ...]
    title: str = ""
    language: str = ""
    pages: int = 0

    @classmethod
    def of(
        cls, blocks: Iterable[Block], title: str = "", language: str = "", pages: int = 0
    ) -> "Extract":
        """From an extractor's raw findings: junk left out, the length bounded."""
        kept: list[Block] = []
        total = 0
        for block in blocks:
            total += len(block.text) + len(block.gap)
            if total > MAX_CHARACTERS:
                raise DocumentError(
                    f"holds more than the {MAX_CHARACTERS:,} characters of text that are read. "
                    "Split it."
                )
            if block.text:
                kept.append(block)
        name = " ".join(title.split())[:_MAX_TITLE]
        code = _LANGUAGE.fullmatch(language.strip())
        return cls(
            tuple(kept),
            "" if _JUNK_TITLE.fullmatch(name) else clean(name),
            code[1].lower() if code else "",
            pages,
        )


def clean(text: str) -> str:
    """One line of readable text: white space single, marks of layout gone, accents composed."""
    return " ".join(unicodedata.normalize("NFC", _DROPPED.sub("", text)).split())


def clean_lines(text: str) -> str:
    """The same with the breaks that the source wants, each as a line feed."""
    return "\n".join(filter(None, map(clean, text.split(LINE_BREAK))))


def document_of(extract: Extract, name: str) -> Document:
    """The Document of the blocks; its title is theirs, else the first heading, else `name`."""
    # Late, as the model behind it is large and extractors import this module as well.
    from qa_service.languages import detect_language

    parts: list[str] = []
    heads: list[tuple[str, int, int, int]] = []  # title, level, where it starts, where it ends
    page_starts: list[int] = []
    length = 0
    for block in extract.blocks:
        if parts:
            parts.append(block.gap)
            length += len(block.gap)
        while len(page_starts) < block.page:
            page_starts.append(length)
        if block.level and len(block.text) <= _MAX_HEADING:
            title = block.text.replace("\n", " ")
            heads.append((title, block.level, length, length + len(block.text)))
        parts.append(block.text)
        length += len(block.text)
    text = "".join(parts)
    page_starts += [length] * (extract.pages - len(page_starts))
    top = next((title for title, level, *_ in heads if level == 1), "")
    return Document(
        id=name,
        title=extract.title or top or (heads[0][0] if heads else name),
        language=extract.language or detect_language(text),
        text=text,
        sections=_sections(heads, text),
        pages=_pages(page_starts, length),
    )


def _sections(heads: Sequence[tuple[str, int, int, int]], text: str) -> tuple[Section, ...]:
    bounds = [("", 0, 0, 0), *heads]
    ends = [start for _, _, start, _ in heads] + [len(text)]
    sections = (
        Section(title, level, Span(body, end))
        for (title, level, _, body), end in zip(bounds, ends, strict=True)
    )
    return tuple(part for part in sections if part.title or part.span.of(text).strip())


def _pages(starts: Sequence[int], length: int) -> tuple[Page, ...]:
    """Pages numbered from 1 that together hold the whole text; an empty one has an empty Span."""
    ends = [*starts[1:], length] if starts else []
    return tuple(
        Page(number, Span(start, end))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    )
