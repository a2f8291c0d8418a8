import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import nasty_texts

from qa_service.reader.extract import Found, best_span
from qa_service.schema import Span
from qa_service.sentences import sentence_spans

Offsets = list[tuple[int, int]]


def word_pieces(text: str, size: int = 3) -> Offsets:
    """Tokens of at most `size` characters, as a tokenizer would cut words."""
    return [
        (start, min(start + size, word.end()))
        for word in re.finditer(r"\S+", text)
        for start in range(word.start(), word.end(), size)
    ]


def peaks(offsets: Offsets, start: str, end: str, text: str) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are 10 at the tokens that begin with `start` and `end`, 0 elsewhere."""
    return (
        np.array([10.0 * text.startswith(start, a) for a, _ in offsets], dtype=np.float32),
        np.array([10.0 * text.startswith(end, a) for a, _ in offsets], dtype=np.float32),
    )


def best(text: str, start: str, end: str, sentences: Sequence[Span] | None = None) -> str | None:
    offsets = word_pieces(text)
    starts, ends = peaks(offsets, start, end, text)
    found = best_span(text, offsets, starts, ends, 0.0, sentences or sentence_spans(text, "en"))
    return found.span.of(text) if found and found.score == 20 else None


def test_the_best_span_is_from_the_best_start_to_the_best_end() -> None:
    assert best("on 28 May it was", "28", "May") == "28 May"


def test_the_score_is_above_that_of_no_answer() -> None:
    text = "on 28 May it was"
    offsets = word_pieces(text)
    starts, ends = peaks(offsets, "28", "May", text)
    found = best_span(text, offsets, starts, ends, 5.0, [Span(0, len(text))])
    assert found == Found(Span(3, 9), 15.0)


def test_a_span_begins_and_ends_with_whole_words() -> None:
    text = "the proclamation was"
    assert best(text, "pro", "ion") == "proclamation"
    assert best(text, "cla", "ion") is None
    assert best(text, "pro", "mat") is None


def test_a_span_does_not_run_backwards_or_over_forty_tokens() -> None:
    assert best("one two", "two", "one") is None
    text = "aa " + "b " * 38 + "zz"
    assert best(text, "aa", "zz") == text
    assert best("aa " + "b " * 39 + "zz", "aa", "zz") is None


def test_a_span_stays_in_one_sentence() -> None:
    text = "It was May. June came."
    assert best(text, "May", "Jun") is None
    assert best(text, "May", "Jun", [Span(0, len(text))]) is None  # no whole word: "Jun"
    assert best("It was May. Jun came.", "May", "Jun", [Span(0, 21)]) == "May. Jun"


@pytest.mark.parametrize(
    ("several", "lower", "expected"),
    [
        (True, 0.9, "flax and rye"),
        (True, 1.1, "flax"),
        (False, 0.9, "flax"),
        (True, -0.5, "flax and rye"),
    ],
)
def test_where_several_are_asked_for_a_list_may_score_a_little_less(
    several: bool, lower: float, expected: str
) -> None:
    text = "sold flax and rye to them"
    offsets = word_pieces(text, size=9)
    starts = np.array([0, 10, 0, 0, 0, 0], dtype=np.float32)
    ends = np.array([0, 10, 0, 10 - lower, 0, 0], dtype=np.float32)
    found = best_span(text, offsets, starts, ends, 2.0, [Span(0, len(text))], several)
    assert found is not None
    assert found.span.of(text) == expected
    assert found.score == pytest.approx(18 - lower if expected != "flax" else 18)


@pytest.mark.parametrize("text", ["cafe\u0301", "s\u0327e", "❤\ufe0f"])
def test_a_combining_mark_is_not_cut_off(text: str) -> None:
    mark = next(i for i, char in enumerate(text) if char in "\u0301\u0327\ufe0f")
    offsets = [(0, mark), (mark, len(text))]
    certain, impossible = np.array([9, 0], dtype=np.float32), np.array([9, 1], dtype=np.float32)
    found = best_span(text, offsets, certain, impossible, 0.0, [Span(0, len(text))])
    assert found is not None
    assert found.span == Span(0, len(text))


def test_no_tokens_have_no_span() -> None:
    nothing = np.zeros(0, dtype=np.float32)
    assert best_span("text", [], nothing, nothing, 0.0, [Span(0, 4)]) is None


def test_where_no_span_is_legal_there_is_none() -> None:
    one = np.ones(1, dtype=np.float32)
    assert best_span("texts", [(1, 3)], one, one, 0.0, [Span(0, 5)]) is None
    assert best_span("texts", [(0, 0)], one, one, 0.0, [Span(0, 5)]) is None
    assert best_span("texts", [(0, 5)], one * np.nan, one, 0.0, [Span(0, 5)]) is None


@settings(max_examples=200, deadline=None)
@given(nasty_texts, st.integers(0, 2**32 - 1))
def test_any_logits_give_a_legal_span_or_none(text: str, seed: int) -> None:
    offsets = word_pieces(text)
    sentences = sentence_spans(text, "en")
    starts, ends = np.random.default_rng(seed).normal(size=(2, len(offsets))).astype(np.float32)
    found = best_span(text, offsets, starts, ends, 0.0, sentences)
    if found is None:
        return
    assert any(sentence.contains(found.span) for sentence in sentences)
    assert found.span.of(text).strip()
    for offset in (found.span.start, found.span.end):
        assert not text[max(0, offset - 1) : offset + 1].isalnum() or offset in (0, len(text))
