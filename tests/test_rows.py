from dataclasses import replace
from typing import Any

import pytest
from toy_rows import EVIDENCE, toy_outcome

from qa_service.rows import Outcome, Row, follow
from qa_service.schema import Question, Span, Turn

FOLLOW_UP = Question("When?", (Turn("Where?", "here"),))


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (toy_outcome("1846", 0.5), "right"),
        (toy_outcome("in the year 1846", 0.9, accepted=("in 1846",)), "right"),
        (toy_outcome("Gendze", 0.9, accepted=("Gendžē",)), "right"),
        (toy_outcome("in the year of 1846", 0.9, accepted=("1846",)), "wrong"),
        (toy_outcome("1847", 0.9), "wrong"),
        (toy_outcome("1847", 0.9, elsewhere=("in 1847",)), "right"),
        (toy_outcome("1846", 0.49), "refused wrongly"),
        (toy_outcome("", accepted=("1846",)), "refused wrongly"),
        (toy_outcome("1846", 0.9, accepted=()), "wrong"),
        (toy_outcome("1846", 0.9, accepted=(), elsewhere=("1846",)), "wrong"),
        (toy_outcome("1846", 0.49, accepted=()), "refused rightly"),
        (toy_outcome("", accepted=()), "refused rightly"),
    ],
)
def test_the_verdict(outcome: Outcome, verdict: str) -> None:
    assert outcome.verdict == verdict


def test_a_right_answer_stays_right_when_withheld() -> None:
    outcome = toy_outcome("1846", 0.1)
    assert (outcome.is_right, outcome.abstained) == (True, True)


@pytest.mark.parametrize(
    ("outcome", "cited_right"),
    [
        (toy_outcome("1846", cited_at=100), True),
        (toy_outcome("1846", cited_at=103), True),
        (toy_outcome("1846", cited_at=104), False),
        (toy_outcome("1846", 0.1, cited_at=100), False),
        (toy_outcome(""), False),
    ],
)
def test_a_citation_is_right_where_the_answer_stands(outcome: Outcome, cited_right: bool) -> None:
    assert outcome.cited_right == cited_right


@pytest.mark.parametrize(
    ("outcome", "direction"),
    [
        (toy_outcome(), "en->en"),
        (toy_outcome(language="lv"), "lv->en"),
        (toy_outcome(question=FOLLOW_UP), "follow-up"),
        (toy_outcome(accepted=()), "unanswerable"),
        (toy_outcome(accepted=(), question=FOLLOW_UP), "unanswerable"),
    ],
)
def test_the_direction(outcome: Outcome, direction: str) -> None:
    assert outcome.direction == direction


def test_places_are_those_of_their_document() -> None:
    row = toy_outcome().row
    assert row.is_answered_at("baku", Span(90, 101))
    assert not row.is_answered_at("ganja", Span(90, 101))


def edited(**changes: Any) -> Row:
    """A row on "1846" in `EVIDENCE`, which was the whole Document."""
    start = EVIDENCE.index("1846")
    row = toy_outcome().row
    return replace(row, places=(("baku", Span(start, start + 4)),), **changes)


@pytest.mark.parametrize(
    "text",
    [
        EVIDENCE,
        f"Something new stands before it. {EVIDENCE}",
        f"In 1846 a harbour was built. {EVIDENCE} Of 1846 nothing else is known.",
        "It was in 1846 that its oil field was opened.",
    ],
)
def test_a_row_follows_its_answer_through_an_edit(text: str) -> None:
    (place,) = follow(edited(), {"baku": text}.__getitem__).places
    assert place == ("baku", Span(text.index("in 1846") + 3, text.index("in 1846") + 7))


def test_an_answer_that_is_gone_keeps_its_place() -> None:
    row = edited()
    assert follow(row, lambda name: "Its oil field was opened long ago.") == row


def test_other_places_are_followed_by_their_own_words() -> None:
    places = (*edited().places, ("gendze", Span(0, 5)), ("ganja", Span(1, 2)))
    row = edited(elsewhere=("toreiz",))
    texts = {"baku": EVIDENCE, "gendze": "Tas bija toreiz.", "ganja": "Then."}
    followed = follow(replace(row, places=places), texts.__getitem__)
    assert followed.places == (places[0], ("gendze", Span(9, 15)), places[2])
