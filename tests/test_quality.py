"""The project's own questions on its own corpus: answers must not get worse unnoticed.

The floors lie a little under the figures in the README; raise them with the figures.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_service.encoder import Encoder
from qa_service.evaluation import Report, evaluate, load_rows
from qa_service.pipeline import Pipeline
from qa_service.reader.calibration import load_calibration
from qa_service.reader.model import SpanReader
from qa_service.retriever import Retriever
from qa_service.settings import WEIGHTS
from qa_service.snapshot import open_current
from qa_service.stores.local import LocalStore

FLOORS = [
    ("en->en", 0.95, 0.78),
    ("lv->lv", 0.86, 0.63),
    ("en->lv", 0.80, 0.74),
    ("lv->en", 0.93, 0.55),
    ("follow-up", 0.87, 0.71),
]
REFUSED, REFUSED_WRONGLY = 0.62, 0.08  # of 24 and of 176 rows
QUESTIONS = Path(__file__).parent / "questions.jsonl"


@pytest.fixture(scope="module")
def report(
    corpus_index: Path, shipped_encoder: Encoder, shipped_reader: SpanReader
) -> Iterator[Report]:
    snapshot = open_current(corpus_index, shipped_encoder.fingerprint)
    store = LocalStore(snapshot.folder)
    calibration = load_calibration(WEIGHTS / "reader")
    retriever = Retriever(shipped_encoder, store)
    pipeline = Pipeline(retriever, shipped_reader, calibration, store, snapshot.manifest.id)
    yield evaluate(pipeline, load_rows(QUESTIONS))
    store.close()


@pytest.mark.parametrize(("direction", "right_passage", "f1"), FLOORS)
def test_answers_are_no_worse_than_before(
    report: Report, direction: str, right_passage: float, f1: float
) -> None:
    [line] = [line for line in report.figures if line.direction == direction]
    assert line.right_passage is not None
    assert line.f1 is not None
    assert line.right_passage >= right_passage
    assert line.f1 >= f1


def test_it_abstains_where_there_is_no_answer(report: Report) -> None:
    [line] = [line for line in report.figures if line.direction == "unanswerable"]
    assert line.refused >= REFUSED
    [answerable] = [line for line in report.figures if line.by == "all"]
    assert answerable.refused <= REFUSED_WRONGLY


def test_every_citation_is_verbatim(report: Report, corpus_index: Path) -> None:
    store = LocalStore(open_current(corpus_index).folder)
    citations = [
        citation
        for outcome in report.outcomes
        for answer in outcome.reply.answers
        for citation in answer.citations
    ]
    assert citations
    for citation in citations:
        text = store.document(citation.document_id).text
        assert citation.span.of(text) == citation.quotation
        assert citation.sentence_span.of(text) == citation.sentence
        assert citation.sentence_span.contains(citation.span)
    store.close()
