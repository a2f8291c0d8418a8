"""Find a quotation again in a text that may have changed, by its words and what stood around."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from qa_service.citations.typography import LooseForm, plain
from qa_service.schema import Span

CONTEXT = 40  # characters kept before and after a quotation, to find it again after an edit
MAX_PLACES = 500  # of one quotation in one text: comparing each takes about 50 microseconds
# Shorter words stand everywhere and tell no place from another.
_WORD = re.compile(r"\w{4,}")


class Place(NamedTuple):
    """Where a quotation stands; `score` says how much of what surrounded it does so still."""

    span: Span
    score: int
    exact: bool
    """Letter by letter, and not just in another typography."""


class Quotation:
    """Words that were copied from some text, with what stood before and after them there."""

    def __init__(self, text: str, prefix: str, suffix: str) -> None:
        self._text = text
        self._prefix, self._suffix = prefix, suffix
        # Both are read away from the quotation.
        self._before, self._after = plain(prefix)[::-1], plain(suffix)
        self.full_score = 2 * (len(self._before) + len(self._after))
        """The score of a place whose surroundings are the same but for their typography."""
        around = prefix + text + suffix
        self._cuts_first = not _is_boundary(around, len(prefix))
        self._cuts_last = not _is_boundary(around, len(prefix) + len(text))

    def places(self, text: str) -> list[Place]:
        """Where it stands in `text`: exactly or, where it nowhere does, in another typography.

        A place inside a word ("art" in "party") counts only if half of the surroundings agree,
        or if the quotation was cut out of a word. Of more than MAX_PLACES places only those
        with the whole surroundings are given or, where there is none, all with the score 0.
        """
        spans = occurrences(text, self._text, MAX_PLACES + 1)
        if len(spans) > MAX_PLACES:
            spans = self._with_surroundings(text) or spans
        exact = self._scored(text, spans, exact=True)
        return exact or self._scored(text, self._loose.find(text, MAX_PLACES + 1), exact=False)

    @cached_property
    def _loose(self) -> LooseForm:
        return LooseForm(self._text)

    def _with_surroundings(self, text: str) -> list[Span]:
        around = self._prefix + self._text + self._suffix
        found = occurrences(text, around, MAX_PLACES + 1)
        first = len(self._prefix)
        return [Span(s.start + first, s.start + first + len(self._text)) for s in found]

    def _scored(self, text: str, spans: Iterable[Span], exact: bool) -> list[Place]:
        found = list(spans)
        if len(found) > MAX_PLACES:
            return [Place(span, 0, exact) for span in found]
        places = (Place(span, self._score(text, span), exact) for span in found)
        return [place for place in places if self._stands(text, place)]

    def _score(self, text: str, span: Span) -> int:
        same = text.endswith(self._prefix, 0, span.start) and text.startswith(
            self._suffix, span.end
        )
        if same:
            return self.full_score + 1  # better than the same in another typography
        before = plain(text[max(0, span.start - 2 * CONTEXT) : span.start])[::-1]
        after = plain(text[span.end : span.end + 2 * CONTEXT])
        return _agreement(self._before, before) + _agreement(self._after, after)

    def _stands(self, text: str, place: Place) -> bool:
        whole = (self._cuts_first or _is_boundary(text, place.span.start)) and (
            self._cuts_last or _is_boundary(text, place.span.end)
        )
        return whole or 2 * place.score >= self.full_score > 0


def occurrences(text: str, words: str, limit: int) -> list[Span]:
    """The first `limit` places of `words` in `text`, those that overlap too."""
    spans: list[Span] = []
    at = text.find(words)
    while at >= 0 and len(spans) < limit:
        spans.append(Span(at, at + len(words)))
        at = text.find(words, at + 1)
    return spans


def _agreement(wanted: str, found: str) -> int:
    """2 for each character that follows on, 1 for each of the longer words found beyond them.

    A word put in beside the quotation ends the run, but what stood there still tells the place.
    """
    run = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(wanted, found)))  # noqa: B905
    rest = set(_WORD.findall(found, run))
    return 2 * run + sum(len(word) for word in _WORD.findall(wanted, run) if word in rest)


def _is_boundary(text: str, offset: int) -> bool:
    """Whether no word runs on across `offset`."""
    if not 0 < offset < len(text):
        return True
    return not (_in_word(text[offset - 1]) and _in_word(text[offset]))


def _in_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")
