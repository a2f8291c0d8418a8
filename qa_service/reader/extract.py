"""Logits over the tokens of a passage -> the best legal Span, or none."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qa_service.schema import Span

Logits = npt.NDArray[np.float32]
_MAX_TOKENS = 40  # the longest answer in the training sets has 35


class Found(NamedTuple):
    span: Span
    score: float
    """Logits of start and end, above those of "no answer in this passage"."""


def best_span(
    text: str,
    offsets: Sequence[tuple[int, int]],
    start: Logits,
    end: Logits,
    null: float,
    sentences: Sequence[Span],
) -> Found | None:
    """The Span of `text` with the highest start plus end logit.

    A legal Span begins and ends with whole words, inside one sentence. `offsets`, `start` and
    `end` have one entry a token, `(tokens,)`.
    """
    if not offsets:
        return None
    count = len(offsets)
    starts_word = np.array([_is_boundary(text, a) for a, _ in offsets])
    ends_word = np.array([_is_boundary(text, b) for _, b in offsets])
    sentence = np.searchsorted([s.start for s in sentences], [a for a, _ in offsets], side="right")
    first, last = np.arange(count)[:, None], np.arange(count)[None, :]
    legal = (
        (first <= last)
        & (last - first < _MAX_TOKENS)
        & starts_word[:, None]
        & ends_word[None, :]
        & (sentence[:, None] == sentence[None, :])
    )
    scores = np.where(legal, start[:, None] + end[None, :], -np.inf)
    best = int(scores.argmax())
    top = float(scores.flat[best])
    if not np.isfinite(top):
        return None
    span = Span(offsets[best // count][0], offsets[best % count][1])
    return Found(span, top - null) if span else None


def _is_boundary(text: str, offset: int) -> bool:
    """Whether no word runs on across `offset`; a combining mark belongs to the word before it."""
    if not 0 < offset < len(text):
        return True
    return not (_in_word(text[offset - 1]) and _in_word(text[offset]))


def _in_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")
