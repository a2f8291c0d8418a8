import json
from pathlib import Path
from typing import Any

import pytest
from toys import ToyEncoder, ToyReader

from qa_service.errors import RowError
from qa_service.evaluation import Figures, Row, evaluate, load_rows
from qa_service.pipeline import Pipeline
from qa_service.reader.calibration import Calibration
from qa_service.retriever import Retriever
from qa_service.schema import Question, Span, Turn
from qa_service.stores.local import LocalStore

FIELDS: dict[str, Any] = {
    "id": "q1",
    "question": "When was the field opened?",
    "question_lang": "en",
    "doc": "baku",
    "answers": ["1846", "in 1846"],
    "answer_start": 100,
    "evidence": "Its oil field was opened in 1846.",
    "type": "date",
    "kind": "same-language",
}
UNANSWERABLE = FIELDS | {"doc": None, "answers": [], "answer_start": None, "kind": "unanswerable"}


def near(value: float) -> Any:
    return pytest.approx(value)


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n")
    return path


def test_a_row_file_is_read(tmp_path: Path) -> None:
    follow_up = FIELDS | {"history": [{"question": "Where is Baku?", "answer": None}]}
    plain, last, none = load_rows(write(tmp_path / "rows.jsonl", FIELDS, follow_up, UNANSWERABLE))
    assert plain == Row(
        id="q1",
        question=Question("When was the field opened?"),
        language="en",
        document_id="baku",
        answers=("1846", "in 1846"),
        places=(("baku", Span(100, 104)),),
        kind="same-language",
    )
    assert last.question.history == (Turn("Where is Baku?", ""),)
    assert (none.document_id, none.answers, none.places) == (None, (), ())


def test_other_places_of_the_same_answer_count_as_right(tmp_path: Path) -> None:
    also = [{"doc": "ganja", "start": 10, "end": 14}]
    [row] = load_rows(write(tmp_path / "rows.jsonl", FIELDS | {"also": also}))
    assert row.places == (("baku", Span(100, 104)), ("ganja", Span(10, 14)))
    assert row.is_answered_at("ganja", Span(12, 20))
    assert not row.is_answered_at("ganja", Span(14, 20))
    assert not row.is_answered_at("shusha", Span(10, 14))


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "İ"])
def test_only_line_ends_end_a_row(tmp_path: Path, character: str) -> None:
    question = f"Who{character} was it?"
    rows = load_rows(write(tmp_path / "rows.jsonl", FIELDS | {"question": question}))
    assert [row.question.text for row in rows] == [question]


def test_blank_lines_and_crlf_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(f"\r\n{json.dumps(FIELDS)}\r\n\r\n{json.dumps(FIELDS)}".encode())
    assert len(load_rows(path)) == 2


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        "null",
        "{}",
        json.dumps({k: v for k, v in FIELDS.items() if k != "kind"}),
        json.dumps(FIELDS | {"answer_start": None}),
        json.dumps(FIELDS | {"answer_start": -1}),
        json.dumps(FIELDS | {"answers": None}),
        json.dumps(FIELDS | {"history": [1]}),
        json.dumps(FIELDS | {"question": " "}),
        json.dumps(FIELDS | {"question": "x" * 1001}),
        json.dumps(FIELDS | {"question": None}),
        json.dumps(FIELDS | {"question": "\ud800"}),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{json.dumps(FIELDS)}\n\n{bad}\n")
    with pytest.raises(RowError) as raised:
        load_rows(path)
    assert f"{path}:3: " in str(raised.value)


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"\xff"])
def test_a_file_without_rows_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "rows.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RowError, match=r"rows\.jsonl"):
        load_rows(path)


def toy_pipeline(store: LocalStore) -> Pipeline:
    """Sure of "right", unsure of "timid", sure and mistaken of "wrong", knows nothing else."""
    reader = ToyReader(
        {
            "right?": {"1846": 3.0},
            "timid?": {"in 1846": -2.0},
            "wrong?": {"the Caspian Sea": 3.0},
            "partly?": {"opened in 1846": 3.0},
        }
    )
    calibration = Calibration({"score": 1.0}, bias=0.0, threshold=0.5)
    return Pipeline(Retriever(ToyEncoder(), store), reader, calibration, store, "toy")


def row(store: LocalStore, name: str, language: str = "en", **changes: Any) -> Row:
    start = store.document("baku").text.index("1846")
    answers = ("1846", "in 1846")
    fields: dict[str, Any] = {"document_id": "baku", "answers": answers, "kind": "same-language"}
    fields["question"] = changes.pop("question", None) or Question(name)
    fields["places"] = (("baku", Span(start, start + 4)),)
    return Row(id=name, language=language, **fields | changes)


def test_figures_are_those_reckoned_by_hand(toy_store: LocalStore) -> None:
    nothing: dict[str, Any] = {"document_id": None, "answers": (), "places": ()}
    rows = [
        row(toy_store, "Is it right?"),  # exact, cited
        row(toy_store, "Is it timid?"),  # right but under the threshold
        row(toy_store, "Is it wrong?"),  # nothing shared, cited elsewhere
        row(toy_store, "Is it partly?"),  # "opened in 1846" for "in 1846": P 2/3, R 1, F1 4/5
        row(toy_store, "Vai tas ir right?", "lv"),
        row(toy_store, "Is it wrong?", **nothing),  # answered though it should not be
        row(toy_store, "Is it unknown?", **nothing),  # refused as it should be
    ]
    report = evaluate(toy_pipeline(toy_store), rows)
    assert report.figures == [
        Figures(
            direction="en->en",
            rows=4,
            right_passage=1,
            exact=1 / 4,
            f1=near((1 + 0 + 0 + 0.8) / 4),
            f1_unabstained=near((1 + 1 + 0 + 0.8) / 4),
            cited_right=2 / 4,
            refused=1 / 4,
        ),
        Figures("lv->en", 1, 1, 1, 1, 1, 1, 0),
        Figures("unanswerable", 2, None, None, None, None, None, 1 / 2),
        Figures(
            direction="all answerable",
            rows=5,
            right_passage=1,
            exact=2 / 5,
            f1=near(2.8 / 5),
            f1_unabstained=near(3.8 / 5),
            cited_right=3 / 5,
            refused=1 / 5,
        ),
    ]
    assert report.milliseconds > 0


def test_the_right_passage_must_hold_the_whole_answer(toy_store: LocalStore) -> None:
    text = toy_store.document("baku").text
    start, end = text.index("1846"), text.index("Baku became") + 4
    report = evaluate(
        toy_pipeline(toy_store),
        [row(toy_store, "Is it right?", places=(("baku", Span(start, end)),))],
    )
    assert report.outcomes[0].rank is None
    assert report.figures[0].right_passage == 0


def test_follow_ups_are_counted_apart(toy_store: LocalStore) -> None:
    history = (Turn("Where is Baku?", "by the sea"),)
    follow_up = row(toy_store, "follow-up", question=Question("Is it right?", history))
    report = evaluate(toy_pipeline(toy_store), [follow_up])
    assert [line.direction for line in report.figures] == ["follow-up", "all answerable"]
    assert report.figures[0].exact == 1


def test_a_row_on_an_unknown_document_is_named(toy_store: LocalStore) -> None:
    with pytest.raises(RowError) as raised:
        evaluate(toy_pipeline(toy_store), [row(toy_store, "Who is it?", document_id="absent")])
    assert "Who is it?" in str(raised.value)
    assert "'absent'" in str(raised.value)
