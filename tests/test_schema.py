from dataclasses import FrozenInstanceError
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import toy_candidate, toy_document, toy_passage

from qa_service.errors import QuestionError
from qa_service.schema import (
    MAX_QUESTION,
    Candidate,
    Document,
    Hit,
    Page,
    Passage,
    Question,
    Reply,
    Retrieved,
    Span,
    Turn,
)

spans = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda ends: Span(*sorted(ends)))


@given(spans, spans)
def test_two_spans_overlap_if_they_share_an_offset(one: Span, other: Span) -> None:
    shared = set(range(one.start, one.end)) & set(range(other.start, other.end))
    empty_inside = (not len(one) or not len(other)) and one.overlaps(other)
    assert one.overlaps(other) == bool(shared) or empty_inside
    assert one.overlaps(other) == other.overlaps(one)


@given(spans, st.integers(0, 50))
def test_a_shifted_span_cuts_the_same_text(span: Span, by: int) -> None:
    text = "".join(chr(0x100 + n) for n in range(50))
    assert span.shifted(by).of("-" * by + text) == span.of(text)
    assert len(span.of(text)) == len(span)


def test_a_span_contains_itself_and_what_lies_within() -> None:
    assert Span(2, 6).contains(Span(2, 6))
    assert Span(2, 6).contains(Span(3, 4))
    assert not Span(2, 6).contains(Span(5, 7))


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2)])
def test_a_span_must_run_forwards(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=f"{start}..{end}"):
        Span(start, end)


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Span(0, 1).start = 5  # type: ignore[misc]


def test_a_document_hashes_its_text_as_utf8() -> None:
    assert toy_document("Gendžē").text_sha256 == sha256("Gendžē".encode()).hexdigest()


def test_a_document_knows_the_page_of_an_offset() -> None:
    pages = (Page(1, Span(0, 4)), Page(2, Span(4, 8)))
    document = Document("d", "D", "en", "onetwo..", (), pages)
    assert [document.page_at(offset) for offset in (0, 3, 4, 8)] == [1, 1, 2, None]


def test_a_passage_is_named_by_its_place() -> None:
    assert toy_passage("text", start=10).id == "toy:10-14"


@pytest.mark.parametrize(
    ("title", "section", "expected"),
    [
        ("Baku", "Oil", "Baku\nOil\ntext"),
        ("Baku", "Baku", "Baku\ntext"),
        ("Baku", "", "Baku\ntext"),
        ("", "", "text"),
    ],
)
def test_a_headed_text_names_each_head_once(title: str, section: str, expected: str) -> None:
    passage = Passage("d", title, "en", section, None, Span(0, 4), "text")
    assert passage.headed_text == expected


def test_a_candidate_cuts_its_text_out_of_the_passage() -> None:
    hit = Hit(toy_passage("on 28 May 1918", start=100), 1.0, 1.0)
    assert Candidate(hit, Span(103, 109), 1.0).text == "28 May"


@pytest.mark.parametrize("text", ["", "  \n\u2028"])
def test_a_question_needs_words(text: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        Question(text)


def test_a_question_has_a_greatest_length() -> None:
    assert Question("a" * MAX_QUESTION).text
    with pytest.raises(QuestionError, match=r"1,001 characters; at most 1,000"):
        Question("a" * (MAX_QUESTION + 1))


@pytest.mark.parametrize("history", [(), (Turn("Who?", "\udfff"),), (Turn("\udfff"),)])
def test_a_question_is_valid_unicode(history: tuple[Turn, ...]) -> None:
    with pytest.raises(QuestionError, match="surrogate"):
        Question("Who?" if history else "Who \ud800?", history)


def test_a_reply_without_answers_has_abstained() -> None:
    hits = (toy_candidate("text", 1.0).hit,)
    retrieved = Retrieved(Question("Who?"), "en", "Who?", hits, {})
    reply = Reply(retrieved, (), "snapshot", {})
    assert not reply.answered
    assert reply.hits == hits
