import random

import pytest
from toy_rows import toy_outcome

from qa_service.rows import retyped
from qa_service.schema import Question, Turn
from qa_service.styles import STYLES, as_keywords, with_typo, without_marks

QUESTION = "Kad tika izveidota Azerbaidžānas valdība?"


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("as asked", QUESTION),
        ("no diacritics", "Kad tika izveidota Azerbaidzanas valdiba?"),
        ("no question mark", "kad tika izveidota azerbaidžānas valdība"),
        ("upper case", "KAD TIKA IZVEIDOTA AZERBAIDŽĀNAS VALDĪBA?"),
        ("keywords", "izveidota azerbaidžānas valdība"),
    ],
)
def test_each_style_types_the_same_question(style: str, expected: str) -> None:
    assert STYLES[style](QUESTION, "lv", random.Random(0)) == expected


def test_a_long_question_ends_with_what_is_asked() -> None:
    typed = STYLES["at length"](QUESTION, "lv", random.Random(0))
    assert typed.endswith(f": {QUESTION}")
    assert len(typed) > 2 * len(QUESTION)
    assert STYLES["at length"]("Kada?", "de", random.Random(0)).startswith("I am")


def test_a_typo_touches_two_letters_at_most() -> None:
    typed = {with_typo(QUESTION, random.Random(seed)) for seed in range(50)}
    assert len(typed) > 20
    assert all(abs(len(text) - len(QUESTION)) <= 1 for text in typed)
    assert with_typo("Kad beidzās?", random.Random(0)) == "Kad beidzās?"


def test_what_would_leave_hardly_a_word_stays() -> None:
    assert as_keywords("When did it start?") == "it start"
    assert as_keywords("Who is he?") == "Who is he?"
    assert without_marks("Ļoti šķībi") == "Loti skibi"


def test_plain_answerable_rows_are_typed_in_every_style() -> None:
    plain = toy_outcome(id="plain", question=Question(QUESTION), language="lv").row
    others = (
        toy_outcome(id="typo", style="typo").row,
        toy_outcome(id="unanswerable", accepted=()).row,
        toy_outcome(id="follow-up", question=Question("And he?", (Turn("Who?", "he"),))).row,
    )
    rows = retyped([plain, *others])
    assert [row.style for row in rows] == list(STYLES)
    assert {row.id for row in rows} == {"plain"}
    assert rows[0].question == plain.question
    assert rows == retyped([plain, *others])  # the same typos every time
