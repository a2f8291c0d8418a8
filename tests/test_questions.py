"""The project's own questions about its corpus still fit the articles, offset by offset.

A row has the fields of every row file of the project (id, question, question_lang, doc, answers,
answer_start, evidence, type, kind, history for a follow-up) and two more: `style`, how the
question is put, and `also`, other places of the corpus where the same answer to the same
question stands, so that a citation there can count as right.
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NotRequired, TypedDict

import pytest

_HERE = Path(__file__).parent
_CORPUS = _HERE.parent / "corpus"
_LONGEST = 10  # words of the best answer

DIRECTIONS = {
    "en->en": 45,
    "lv->lv": 45,
    "en->lv": 35,
    "lv->en": 35,
    "unanswerable en": 12,
    "unanswerable lv": 12,
    "follow-up": 16,
}
TYPES = {"date", "number", "person", "place", "organisation", "reason", "event", "list", "other"}
STYLES = {"plain", "typo", "no-diacritics", "keyword", "long", "short"}


class Place(TypedDict):
    doc: str
    start: int
    end: int
    text: str


class Turn(TypedDict):
    question: str
    answer: str


class Row(TypedDict):
    id: str
    question: str
    question_lang: str
    doc: str | None
    answers: list[str]
    answer_start: int | None
    evidence: str | None
    also: list[Place]
    type: str
    kind: str
    style: str
    history: NotRequired[list[Turn]]


def _rows() -> list[Row]:
    lines = (_HERE / "questions.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


ROWS = _rows()
ANSWERABLE = [row for row in ROWS if row["doc"] is not None]
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
every_answerable_row = pytest.mark.parametrize("row", ANSWERABLE, ids=lambda row: row["id"])


@cache
def text_of(doc: str) -> str:
    """The article as the offsets count it: front matter included, line ends untouched."""
    with (_CORPUS / f"{doc}.md").open(encoding="utf-8", newline="") as file:
        return file.read()


@cache
def language_of(doc: str) -> str:
    found = re.search(r"^language: (\w+)$", text_of(doc), re.MULTILINE)
    assert found
    return found[1]


def direction_of(row: Row) -> str:
    if row["doc"] is None:
        return f"unanswerable {row['question_lang']}"
    if "history" in row:
        return "follow-up"
    return f"{row['question_lang']}->{language_of(row['doc'])}"


def gold_of(row: Row) -> tuple[str, int, int]:
    """The document, the start and the end of the best answer."""
    assert row["doc"] is not None
    assert row["answer_start"] is not None
    return row["doc"], row["answer_start"], row["answer_start"] + len(row["answers"][0])


def holds_whole_words(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def test_every_direction_has_its_rows() -> None:
    assert Counter(map(direction_of, ROWS)) == DIRECTIONS


def test_every_article_is_asked_about() -> None:
    asked = Counter(row["doc"] for row in ANSWERABLE)
    assert set(asked) == {path.stem for path in _CORPUS.glob("*.md")}
    assert min(asked.values()) >= 3
    assert max(asked.values()) <= 5


def test_no_row_and_no_question_comes_twice() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    asked = [
        (row["question"].casefold(), *(turn["question"] for turn in row.get("history", ())))
        for row in ROWS
    ]
    assert len(set(asked)) == len(ROWS)


def test_about_a_sixth_is_not_put_plainly_in_any_direction() -> None:
    for direction, rows in DIRECTIONS.items():
        odd = [r for r in ROWS if direction_of(r) == direction and r["style"] != "plain"]
        assert rows / 9 <= len(odd) <= rows / 4, direction


@every_row
def test_a_row_says_what_it_is(row: Row) -> None:
    assert row["question"] == row["question"].strip() != ""
    assert row["question_lang"] in {"en", "lv"}
    assert row["type"] in TYPES
    assert row["style"] in STYLES
    assert row["style"] != "no-diacritics" or row["question"].isascii()
    assert ("history" in row) == (row["kind"] == "follow-up")
    if row["doc"] is None:
        assert row["kind"] == "unanswerable"
        assert not row["answers"]
        assert not row["also"]
        assert row["answer_start"] is None
        assert row["evidence"] is None
    elif "history" not in row:
        same = row["question_lang"] == language_of(row["doc"])
        assert row["kind"] == ("same-language" if same else "cross-language")


@every_answerable_row
def test_the_answers_stand_in_the_article(row: Row) -> None:
    doc, start, end = gold_of(row)
    text = text_of(doc)
    assert text[start:end] == row["answers"][0]
    assert holds_whole_words(text, start, end)
    assert 1 <= len(row["answers"][0].split()) <= _LONGEST
    assert all(answer in text for answer in row["answers"])
    assert len(set(row["answers"])) == len(row["answers"])
    assert text.index("\n---\n") < start  # no answer comes from the front matter


@every_answerable_row
def test_the_evidence_holds_the_answer(row: Row) -> None:
    doc, start, end = gold_of(row)
    evidence = row["evidence"]
    assert evidence
    text = text_of(doc)
    at = text.find(evidence, max(0, end - len(evidence)))
    assert 0 <= at <= start
    assert at + len(evidence) >= end
    assert text[:at].endswith(("\n", " ", "- "))
    assert evidence.endswith((".", ";", ",", ":"))


@every_answerable_row
def test_the_other_places_say_what_they_said(row: Row) -> None:
    taken = [gold_of(row)]
    for place in row["also"]:
        doc, start, end = place["doc"], place["start"], place["end"]
        text = text_of(doc)
        assert text[start:end] == place["text"] == place["text"].strip() != ""
        assert holds_whole_words(text, start, end)
        assert not any(doc == d and start < e and s < end for d, s, e in taken)
        taken.append((doc, start, end))


@pytest.mark.parametrize("row", [r for r in ROWS if "history" in r], ids=lambda row: row["id"])
def test_a_follow_up_has_turns_before_it(row: Row) -> None:
    assert row["history"]
    assert all(turn["question"] and turn["answer"] for turn in row["history"])
