"""Rows on the toy corpus, and outcomes with figures that can be reckoned by hand."""

from typing import Any

import pytest
from toys import ToyEncoder, ToyReader

from qa_service.evaluation import Report, evaluate
from qa_service.pipeline import Pipeline
from qa_service.reader.calibration import Calibration
from qa_service.record import Conditions, Record
from qa_service.retriever import Retriever
from qa_service.rows import Outcome, Row
from qa_service.schema import Answer, Citation, Question, Reply, Retrieved, Span
from qa_service.snapshot import Snapshot
from qa_service.stores.local import LocalStore

SURE, UNSURE = 3.0, -2.0  # scores
SURE_CONFIDENCE = 0.9525741268224334  # 1 / (1 + exp(-3))
UNSURE_CONFIDENCE = 0.11920292202211757  # 1 / (1 + exp(2))
NOTHING: dict[str, Any] = {"document_id": None, "answers": (), "places": ()}
EVIDENCE = "Its oil field was opened in 1846."


def near(value: float) -> Any:
    """Equal to what differs by no more than rounding."""
    return pytest.approx(value)


def toy_pipeline(store: LocalStore) -> Pipeline:
    """Sure of "right", unsure of "timid", sure and mistaken of "wrong", knows nothing else."""
    reader = ToyReader(
        {
            "right?": {"1846": SURE},
            "timid?": {"in 1846": UNSURE},
            "wrong?": {"the Caspian Sea": SURE},
            "partly?": {"opened in 1846": SURE},
            "macron?": {"1918. gada 17. septembrī": SURE},
        }
    )
    calibration = Calibration({"score": 1.0}, bias=0.0, threshold=0.5)
    return Pipeline(Retriever(ToyEncoder(), store), reader, calibration, store, "toy")


def toy_pipeline_of(snapshot: Snapshot) -> Pipeline:
    return toy_pipeline(LocalStore(snapshot.folder))


def toy_row(store: LocalStore, name: str, language: str = "en", **changes: Any) -> Row:
    """A row on the year that the oil field was opened, in the toy corpus."""
    start = store.document("baku").text.index("1846")
    fields: dict[str, Any] = {
        "question": Question(name),
        "document_id": "baku",
        "answers": ("1846", "in 1846"),
        "places": (("baku", Span(start, start + 4)),),
        "kind": "same-language",
        "evidence": EVIDENCE,
    }
    return Row(id=name, language=language, **fields | changes)


def toy_rows(store: LocalStore) -> list[Row]:
    return [
        toy_row(store, "Is it right?", style="plain", type="date"),  # exact, cited
        toy_row(store, "Is it timid?", style="plain", type="date"),  # right, but withheld
        toy_row(
            store, "Is it wrong?", style="typo", type="date"
        ),  # nothing shared, cited elsewhere
        # "opened in 1846" for "in 1846": P 2/3, R 1, F1 4/5
        toy_row(store, "Is it partly?", style="typo", type="number"),
        toy_row(store, "Vai tas ir right?", "lv", kind="cross-language"),
        # answered though it should not be
        toy_row(store, "Is this wrong?", kind="unanswerable", type="date", **NOTHING),
        # refused as it should be
        toy_row(store, "Is it unknown?", kind="unanswerable", **NOTHING),
    ]


def toy_report(store: LocalStore) -> Report:
    return evaluate(toy_pipeline(store), toy_rows(store))


def toy_conditions(**changes: Any) -> Conditions:
    fields: dict[str, Any] = {
        "rows_file": "toy.jsonl",
        "rows_sha256": "0123",
        "snapshot": "toy",
        "encoder": "toy",
        "encoder_fingerprint": "toy-encoder",
        "reader": "toy",
        "reader_fingerprint": "toy-reader",
        "threads": 1,
        "threshold": 0.5,
        "date": "2026-01-02T03:04:05+00:00",
        "version": "0",
    }
    return Conditions(**fields | changes)


def toy_outcome(
    answer: str = "1846",
    confidence: float = 0.9,
    *,
    accepted: tuple[str, ...] = ("1846",),
    rank: int | None = 0,
    milliseconds: float = 10.0,
    cited_at: int = 100,
    **changes: Any,
) -> Outcome:
    """An outcome of a row whose right answer stands at 100 of "baku"; "" answers nothing."""
    fields: dict[str, Any] = {
        "id": "q",
        "question": Question("When?"),
        "language": "en",
        "document_id": "baku" if accepted else None,
        "answers": accepted,
        "places": (("baku", Span(100, 104)),) if accepted else (),
        "kind": "same-language",
        "evidence": EVIDENCE if accepted else "",
    }
    row = Row(**fields | changes)
    answers = (Answer(answer, confidence, (_citation(answer, cited_at),)),) if answer else ()
    retrieved = Retrieved(row.question, row.language, row.question.text, (), {})
    reply = Reply(retrieved, answers, "toy", {"total": milliseconds})
    return Outcome(row, "en" if accepted else None, reply, rank, threshold=0.5)


def toy_record(*outcomes: Outcome, **conditions: Any) -> Record:
    return Record.of(Report(outcomes), toy_conditions(**conditions))


def _citation(answer: str, at: int) -> Citation:
    """In a sentence of its own: the answer between "So: " and a full stop."""
    span, sentence = Span(at, at + len(answer)), f"So: {answer}."
    return Citation(
        document_id="baku",
        title="Baku",
        language="en",
        section="Oil",
        page=None,
        span=span,
        span_utf16=span,
        quotation=answer,
        prefix="So: ",
        suffix=".",
        sentence=sentence,
        sentence_span=Span(at - 4, at - 4 + len(sentence)),
        text_sha256="",
        url="/documents/baku",
    )
