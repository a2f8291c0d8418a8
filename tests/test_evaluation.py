import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toy_rows import (
    SURE_CONFIDENCE,
    UNSURE_CONFIDENCE,
    near,
    toy_pipeline,
    toy_report,
    toy_row,
    toy_rows,
)
from toys import ToyEncoder, ToyReader, write_files

from qa_service.errors import RowError
from qa_service.evaluation import evaluate, load_rows
from qa_service.indexing import build
from qa_service.pipeline import Pipeline
from qa_service.reader.calibration import Calibration
from qa_service.retriever import Retriever
from qa_service.rows import Row
from qa_service.schema import Candidate, Hit, Question, Span, Turn
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
        type="date",
        evidence="Its oil field was opened in 1846.",
    )
    assert last.question.history == (Turn("Where is Baku?", ""),)
    assert (none.document_id, none.answers, none.places) == (None, (), ())


def test_other_places_of_the_same_answer_count_as_right(tmp_path: Path) -> None:
    also = [{"doc": "ganja", "start": 10, "end": 14, "text": "that year"}]
    [row] = load_rows(write(tmp_path / "rows.jsonl", FIELDS | {"also": also, "style": "typo"}))
    assert (row.style, row.elsewhere) == ("typo", ("that year",))
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
        json.dumps(FIELDS | {"answers": ["\udfff"]}),
        json.dumps(FIELDS | {"doc": None}),
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


def test_figures_are_those_reckoned_by_hand(toy_store: LocalStore) -> None:
    report = toy_report(toy_store)
    lines = {line.name: line for line in report.figures}
    assert list(lines) == ["en->en", "lv->en", "unanswerable", "all answerable"]
    english = lines["en->en"]
    assert (english.rows, english.right_passage, english.right_in_ten) == (4, 1, 1)
    assert (english.exact, english.exact_folded) == (1 / 4, 1 / 4)
    assert english.f1 == english.f1_folded == near((1 + 0 + 0 + 0.8) / 4)
    assert english.f1_unabstained == near((1 + 1 + 0 + 0.8) / 4)
    assert (english.cited_right, english.refused_wrongly) == (2 / 4, 1 / 4)
    assert english.refused_rightly is None
    answered = lines["all answerable"]
    assert (answered.rows, answered.exact, answered.cited_right) == (5, 2 / 5, 3 / 5)
    assert answered.f1 == near(2.8 / 5)
    none = lines["unanswerable"]
    assert (none.rows, none.f1, none.right_first, none.refused_wrongly) == (2, None, None, None)
    assert none.refused == none.refused_rightly == 1 / 2


def test_slices_are_those_that_the_rows_name(toy_store: LocalStore) -> None:
    lines = [(s.by, s.name, s.rows, s.exact) for s in toy_report(toy_store).slices]
    assert lines == [
        ("kind", "cross-language", 1, 1),
        ("kind", "same-language", 4, 1 / 4),
        ("kind", "unanswerable", 2, None),
        ("style", "plain", 2, 1 / 2),
        ("style", "typo", 2, 0),
        ("type", "date", 4, 1 / 3),  # one of the four is unanswerable
        ("type", "number", 1, 0),
    ]


def test_the_whole_file_is_reckoned_by_hand(toy_store: LocalStore) -> None:
    report = toy_report(toy_store)
    whole, sure, unsure = report.whole, SURE_CONFIDENCE, UNSURE_CONFIDENCE
    # Five equally sure answers, two of them wrong, then the timid right one.
    risks = [1, 1, 2 / 3, 2 / 4, 2 / 5, 2 / 6]
    assert [point.risk for point in report.curve] == risks
    assert [point.coverage for point in report.curve] == [n / 7 for n in range(1, 7)]
    assert whole.area == near(sum(risks) / 6)
    assert [(group.answers, group.right) for group in report.bins] == [(1, 1), (5, 3 / 5)]
    assert whole.calibration_error == near((5 * (sure - 3 / 5) + (1 - unsure)) / 6)
    assert (whole.answered_wrongly, whole.refused_wrongly) == (2, 1)
    assert 0 < whole.p50_ms <= whole.p95_ms


def test_a_missing_macron_is_seen_and_forgiven(toy_store: LocalStore) -> None:
    answers = ("1918. gada 17. septembri",)
    start = toy_store.document("gendze").text.index("1918")
    asked = toy_row(
        toy_store,
        "Is it macron?",
        document_id="gendze",
        answers=answers,
        places=(("gendze", Span(start, start + 24)),),
    )
    report = evaluate(toy_pipeline(toy_store), [asked])
    line = report.figures[0]
    assert line.name == "en->lv"
    assert (line.exact, line.f1) == (0, near(3 / 4))
    assert (line.exact_folded, line.f1_folded) == (1, 1)


def test_ten_are_ranked_and_as_many_read_as_the_service_reads(tmp_path: Path) -> None:
    # Each has words of its own between: copies of one another would not all be Hits.
    paddings = (" ".join(f"padding {n}-{i}" for i in range(n)) for n in range(12))
    files = {f"{n}.txt": f"fillers {padding} word." for n, padding in enumerate(paddings)}
    corpus = write_files(tmp_path / "corpus", files)
    store = LocalStore(build(corpus, tmp_path / "index", ToyEncoder()).snapshot.folder)
    asked: list[int] = []

    class CountingReader(ToyReader):
        def read(self, pairs: Sequence[tuple[str, Hit]]) -> list[Candidate | None]:
            asked.append(len(pairs))
            return super().read(pairs)

    calibration = Calibration({"score": 1.0}, bias=0.0, threshold=0.5)
    reader = CountingReader({})
    pipeline = Pipeline(Retriever(ToyEncoder(), store), reader, calibration, store, "toy")
    question = Question("fillers padding word")
    hits = pipeline.retrieve([replace(question, k=12)])[0].hits
    ranks = {}
    for place, hit in enumerate(hits):
        passage = hit.passage
        known = Row(
            id=passage.document_id,
            question=question,
            language="en",
            document_id=passage.document_id,
            answers=(passage.text,),
            places=((passage.document_id, passage.span),),
            kind="same-language",
        )
        [outcome] = evaluate(pipeline, [known]).outcomes
        ranks[place] = outcome.rank
        assert [hit.passage.id for hit in outcome.reply.hits] == [h.passage.id for h in hits[:8]]
    assert ranks == {place: place if place < 10 else None for place in range(12)}
    assert asked == [8] * 12  # each row once
    store.close()


def test_progress_counts_the_rows(toy_store: LocalStore) -> None:
    steps: list[tuple[int, int]] = []
    rows = toy_rows(toy_store)[:3]
    evaluate(toy_pipeline(toy_store), rows, lambda done, total: steps.append((done, total)))
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_the_right_passage_must_hold_the_whole_answer(toy_store: LocalStore) -> None:
    text = toy_store.document("baku").text
    span = Span(text.index("1846"), text.index("Baku became") + 4)
    row = toy_row(
        toy_store, "Is it right?", answers=(span.of(text),), places=(("baku", span),), evidence=""
    )
    report = evaluate(toy_pipeline(toy_store), [row])
    assert report.outcomes[0].rank is None
    assert report.figures[0].right_passage == report.figures[0].reciprocal_rank == 0


def test_follow_ups_are_counted_apart(toy_store: LocalStore) -> None:
    history = (Turn("Where is Baku?", "by the sea"),)
    follow_up = toy_row(toy_store, "follow-up", question=Question("Is it right?", history))
    report = evaluate(toy_pipeline(toy_store), [follow_up])
    assert [line.name for line in report.figures] == ["follow-up", "all answerable"]
    assert [line.direction for line in report.figures] == ["follow-up", None]
    assert report.figures[0].exact == 1


def test_a_row_on_an_unknown_document_is_named_before_anything_is_asked(
    toy_store: LocalStore,
) -> None:
    rows = [*toy_rows(toy_store), toy_row(toy_store, "Who is it?", document_id="absent")]
    steps: list[int] = []
    with pytest.raises(RowError) as raised:
        evaluate(toy_pipeline(toy_store), rows, lambda done, _: steps.append(done))
    assert "Who is it?" in str(raised.value)
    assert "'absent'" in str(raised.value)
    assert steps == []
