"""The same words in another typography: white space, quotes, dashes, composed letters."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from qa_service.schema import Span

_QUOTES = "\"'`´‘’‚‛“”„‟«»‹›ʼ′″「」『』〝〞〟＂＇"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SHAPES = str.maketrans(dict.fromkeys(_QUOTES, '"') | dict.fromkeys(_DASHES, "-"))
_SPACE = re.compile(r"\s+")
_MAX_SPACE = 200  # characters of one run: whole pages of white space are no word break
_MAX_ANCHORS = 5_000  # places tried in one text, at about 2 microseconds each


def plain(text: str) -> str:
    """`text` in the typography that all others come down to; its length may differ."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).translate(_SHAPES)


class LooseForm:
    """A short text, to be found in any typography.

    It is looked for by its longest run of characters that are written in one way only, so that
    a long text is searched at the speed of `str.find`; what surrounds a run that was found is
    compared letter by letter and never gone over again. Not found is a text without such a
    character, and one whose run stands in `_MAX_ANCHORS` places before it.
    """

    def __init__(self, text: str) -> None:
        clusters = _clusters(text)
        start, end = _longest_run([_one_way(cluster) for cluster in clusters])
        self._before = clusters[:start][::-1]  # compared backwards from the anchor
        self._anchor = "".join(clusters[start:end])
        self._after = clusters[end:]

    def find(self, text: str, limit: int) -> list[Span]:
        """The first `limit` places of it in `text`."""
        spans: list[Span] = []
        at = text.find(self._anchor) if self._anchor else -1
        for _ in range(_MAX_ANCHORS):
            if at < 0 or len(spans) == limit:
                break
            end = _after(text, at + len(self._anchor), self._after)
            start = _before(text, at, self._before) if end is not None else None
            if start is not None and end is not None:
                spans.append(Span(start, end))
            at = text.find(self._anchor, at + 1)
        return spans


def _after(text: str, at: int, clusters: Iterable[str]) -> int | None:
    """Where the clusters end that start at `at`; None if others stand there."""
    for cluster in clusters:
        if cluster == " ":
            beyond = text[at : at + _MAX_SPACE]
            length = len(beyond) - len(beyond.lstrip())
        elif text.startswith(forms := _forms(cluster), at):
            length = next(len(form) for form in forms if text.startswith(form, at))
        else:
            length = 0
        if not length:
            return None
        at += length
    return at


def _before(text: str, at: int, clusters: Iterable[str]) -> int | None:
    """Where the clusters, told backwards, start that end at `at`; None if others stand there."""
    for cluster in clusters:
        if cluster == " ":
            beyond = text[max(0, at - _MAX_SPACE) : at]
            length = len(beyond) - len(beyond.rstrip())
        elif text.endswith(forms := _forms(cluster), 0, at):
            length = next(len(form) for form in forms if text.endswith(form, 0, at))
        else:
            length = 0
        if not length:
            return None
        at -= length
    return at


def _clusters(text: str) -> list[str]:
    """Letters with their combining marks, composed; each run of white space as one space."""
    clusters: list[str] = []
    for char in _SPACE.sub(" ", unicodedata.normalize("NFC", text)):
        if clusters and unicodedata.combining(char):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def _longest_run(flags: Sequence[bool]) -> tuple[int, int]:
    """The longest run of true flags, half-open."""
    best, start = (0, 0), 0
    for place, flag in enumerate(flags):
        if not flag:
            start = place + 1
        elif place + 1 - start > best[1] - best[0]:
            best = (start, place + 1)
    return best


def _one_way(cluster: str) -> bool:
    return cluster != " " and len(cluster) == 1 and _forms(cluster) == (cluster,)


@lru_cache(maxsize=1024)
def _forms(cluster: str) -> tuple[str, ...]:
    """The ways to write one cluster that is no white space."""
    for shapes in (_QUOTES, _DASHES):
        if cluster in shapes:
            return tuple(shapes)
    return tuple(dict.fromkeys((cluster, unicodedata.normalize("NFD", cluster))))
