import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from toy_opinions import ANSWER, OPINIONS, toy_opinion

from qa_service.errors import FeedbackError
from qa_service.evaluation import load_rows
from qa_service.feedback import FeedbackFile, evaluation_rows


@pytest.fixture
def file(tmp_path: Path) -> FeedbackFile:
    return FeedbackFile(tmp_path / "kept" / "feedback.sqlite", kept=3)


def ids(file: FeedbackFile) -> list[str]:
    return [row["id"] for row in file.rows()]


def test_an_opinion_comes_back_as_it_was_given(file: FeedbackFile) -> None:
    file.add(toy_opinion(comment="Pareizi: 28. maijs ❤\ufe0f"))
    [row] = file.rows()
    assert row["created"].endswith("+00:00")
    assert row["comment"] == "Pareizi: 28. maijs ❤\ufe0f"
    assert row["answer"] == ANSWER


def test_who_changes_their_mind_has_one_toy_opinion(file: FeedbackFile) -> None:
    file.add(toy_opinion())
    file.add(toy_opinion("turn-2-0"))
    file.add(toy_opinion(verdict="down", reason="wrong"))
    assert [(row["id"], row["verdict"]) for row in file.rows()] == [
        ("turn-2-0", "up"),
        ("turn-1-0", "down"),
    ]


def test_the_oldest_give_way_to_new_ones(file: FeedbackFile) -> None:
    for number in range(5):
        file.add(toy_opinion(f"turn-{number}"))
    assert ids(file) == ["turn-2", "turn-3", "turn-4"]


def test_the_bytes_are_bounded_too(tmp_path: Path) -> None:
    file = FeedbackFile(tmp_path / "feedback.sqlite", kept=100, max_bytes=5_000)
    for number in range(20):
        file.add(toy_opinion(f"turn-{number}", comment="ā" * 1_000))
    assert ids(file) == ["turn-18", "turn-19"]
    assert file.path.stat().st_size < 100_000


def test_several_may_write_at_once(tmp_path: Path) -> None:
    file = FeedbackFile(tmp_path / "feedback.sqlite", kept=100)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: file.add(toy_opinion(f"turn-{n}")), range(40)))
    assert len(ids(file)) == 40


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    missing = FeedbackFile(tmp_path / "none.sqlite", kept=1)
    with pytest.raises(FeedbackError, match=r"no feedback file .*none\.sqlite"):
        missing.rows()
    (tmp_path / "text").write_text("no database at all, but longer than a header of one" * 20)
    for spoiled in (FeedbackFile(tmp_path / "text", 1), FeedbackFile(tmp_path / "text" / "x", 1)):
        with pytest.raises(FeedbackError, match=r"cannot be written .*QA_FEEDBACK_FILE"):
            spoiled.add(toy_opinion())
    with pytest.raises(FeedbackError, match="cannot be read"):
        FeedbackFile(tmp_path / "text", 1).rows()
    sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE other (x)").connection.close()
    with pytest.raises(FeedbackError, match=r"cannot be read .no such table"):
        FeedbackFile(tmp_path / "other.sqlite", 1).rows()


@pytest.fixture
def kept(tmp_path: Path) -> list[dict[str, Any]]:
    file = FeedbackFile(tmp_path / "feedback.sqlite", kept=100)
    for one in OPINIONS:
        file.add(one)
    return file.rows()


def test_what_was_right_is_a_file_of_questions(kept: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(f"{json.dumps(r)}\n" for r in evaluation_rows(kept, wrong=False)))
    rows = {row.id: row for row in load_rows(path)}
    assert {key: row.kind for key, row in rows.items()} == {
        "feedback-right": "same-language",
        "feedback-across": "cross-language",
        "feedback-refused-rightly": "unanswerable",
        "feedback-unsupported": "unanswerable",
    }
    right = rows["feedback-right"]
    assert (right.document_id, right.answers) == ("toy-lv", (ANSWER["text"],))
    [(_, place)] = right.places
    assert (place.start, place.end) == (12, 24)


def test_what_was_wrong_waits_for_its_answers(kept: list[dict[str, Any]], tmp_path: Path) -> None:
    rows = list(evaluation_rows(kept, wrong=True))
    assert [(row["id"], row["answers"], row["given"]) for row in rows] == [
        ("feedback-wrong", None, ANSWER["text"]),
        ("feedback-said", None, None),
    ]
    assert rows[0]["comment"] == "29. maijs"
