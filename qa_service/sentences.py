"""Sentence boundaries as Spans, right for Latvian ordinals ("1918. gada 28. maijā")."""

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from qa_service.schema import Span

# Text with a longer line than this is not wrapped: there each line is a paragraph.
_WRAPPED_COLUMNS = 120
_WHITE_SPACE = re.compile(r"\s")
_LINE = re.compile(r"[^\r\n]+")
_WRAPPED_PARAGRAPH = re.compile(r"\S(?:.|\r?\n(?![^\S\r\n]*\r?\n))*")


def sentence_spans(text: str, language: str) -> list[Span]:
    """The sentences of `text` in order, without the white space around them.

    Every character that is not white space lies in exactly one Span.
    """
    spans: list[Span] = []
    for paragraph in _paragraphs(text):
        pieces: list[Span] = []
        # The library cuts strings inside white space of several bytes (U+2028) and panics.
        plain = _WHITE_SPACE.sub(" ", paragraph.of(text))
        for boundary in get_sentence_boundaries(language, plain):
            piece = _stripped(
                text,
                paragraph.start + boundary["start_index"],
                paragraph.start + boundary["end_index"],
            )
            if not piece:
                continue
            if pieces and _goes_on(text[piece.start]):
                pieces[-1] = Span(pieces[-1].start, piece.end)
            else:
                pieces.append(piece)
        spans += pieces
    return spans


def _goes_on(first: str) -> bool:
    """Whether no sentence starts with this character: "28. maijā", "24.-26. decembrī"."""
    return first.islower() or first in "-\u2013,;:)]"


def _paragraphs(text: str) -> Iterator[Span]:
    wrapped = all(len(line) <= _WRAPPED_COLUMNS for line in _LINE.findall(text))
    for match in (_WRAPPED_PARAGRAPH if wrapped else _LINE).finditer(text):
        yield Span(match.start(), match.end())


def _stripped(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
