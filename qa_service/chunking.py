"""Document -> Passages: whole sentences, overlapping by one, never across a heading."""

import re
from collections.abc import Iterator

from qa_service.schema import Document, Passage, Section, Span
from qa_service.sentences import sentence_spans

_WORD = re.compile(r"\S+")
# A "word" longer than this (a base64 blob, a language written without spaces) counts as
# several, so that no Passage outgrows what a model can read.
_WORD_CHARACTERS = 40


def passages(document: Document, words: int) -> Iterator[Passage]:
    """The Passages of a Document in order, each of at most `words` words.

    Together they hold every character that is not white space of every section.
    """
    for section in document.sections:
        pieces = list(_pieces(document, section, words))
        for first, last in _windows([size for _, size in pieces], words):
            span = Span(pieces[first][0].start, pieces[last][0].end)
            yield Passage(
                document_id=document.id,
                title=document.title,
                language=document.language,
                section=section.title,
                page=document.page_at(span.start),
                span=span,
                text=span.of(document.text),
            )


def _windows(sizes: list[int], limit: int) -> Iterator[tuple[int, int]]:
    """Runs `(first, last)` of pieces whose sizes add up to at most `limit` (or a single one)."""
    first = 0
    while first < len(sizes):
        last, total = first, sizes[first]
        while last + 1 < len(sizes) and total + sizes[last + 1] <= limit:
            last += 1
            total += sizes[last]
        yield first, last
        fits_again = last + 1 < len(sizes) and sizes[last] + sizes[last + 1] <= limit
        first = last if fits_again and last > first else last + 1


def _pieces(document: Document, section: Section, words: int) -> Iterator[tuple[Span, int]]:
    """The sentences of a section with their sizes in words, over-long ones cut between words."""
    text = section.span.of(document.text)
    for sentence in sentence_spans(text, document.language):
        start, end, size = sentence.start, sentence.start, 0
        for word in _words(text, sentence):
            if size == words:
                yield Span(start, end).shifted(section.span.start), size
                start, size = word.start, 0
            end, size = word.end, size + 1
        yield Span(start, end).shifted(section.span.start), size


def _words(text: str, within: Span) -> Iterator[Span]:
    for match in _WORD.finditer(text, within.start, within.end):
        for start in range(match.start(), match.end(), _WORD_CHARACTERS):
            yield Span(start, min(start + _WORD_CHARACTERS, match.end()))
