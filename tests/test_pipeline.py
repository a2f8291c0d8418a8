import math
from pathlib import Path

import pytest
from toys import ToyEncoder, ToyReader, write_files

from qa_service.indexing import build
from qa_service.pipeline import Pipeline
from qa_service.reader.calibration import Calibration
from qa_service.retriever import Retriever
from qa_service.schema import Question, Reply, Turn
from qa_service.stores.local import LocalStore

QUESTION = "When did the capital move?"
PLAIN = Calibration({"score": 1.0}, bias=0.0, threshold=0.5)


def toy_pipeline(
    store: LocalStore, phrases: dict[str, float], threshold: float | None = None
) -> Pipeline:
    """Answers QUESTION with the best of `phrases` in each Passage."""
    reader = ToyReader({QUESTION: phrases})
    return Pipeline(Retriever(ToyEncoder(), store), reader, PLAIN, store, "toy-1", threshold)


def texts(pipeline: Pipeline, **limits: int) -> list[str]:
    return [answer.text for answer in pipeline.ask(Question(QUESTION, **limits)).answers]  # type: ignore[arg-type]


def test_documents_that_agree_are_cited_together(toy_store: LocalStore) -> None:
    reply = toy_pipeline(toy_store, {"17 September 1918": 3.0}).ask(Question(QUESTION))
    (answer,) = reply.answers
    assert answer.text == "17 September 1918"
    assert answer.confidence == pytest.approx(1 / (1 + math.exp(-3)))
    assert {citation.document_id for citation in answer.citations} == {"baku", "ganja"}
    for citation in answer.citations:
        document = toy_store.document(citation.document_id)
        assert citation.span.of(document.text) == citation.quotation == "17 September 1918"
    assert (reply.answered, reply.snapshot) == (True, "toy-1")


def toy_answers(folder: Path, texts: dict[str, str], phrases: dict[str, float]) -> Reply:
    """What is answered from one Document of each text; the key of a text is its language."""
    files = {
        f"{n}.md": f"---\ntitle: Text {n}\nlanguage: {name[:2]}\n---\n{text}\n"
        for n, (name, text) in enumerate(texts.items())
    }
    corpus = write_files(folder / "corpus", files)
    store = LocalStore(build(corpus, folder / "index", ToyEncoder()).snapshot.folder)
    reply = toy_pipeline(store, phrases).ask(Question(QUESTION))
    store.close()
    return reply


def test_two_languages_that_agree_are_one_answer(toy_store: LocalStore) -> None:
    phrases = {"17 September 1918": 2.0, "1918. gada 17. septembrī": 4.0}
    (answer,) = toy_pipeline(toy_store, phrases).ask(Question(QUESTION)).answers
    assert answer.text == "1918. gada 17. septembrī"
    assert answer.confidence == pytest.approx(1 / (1 + math.exp(-4)))
    assert [citation.language for citation in answer.citations] == ["lv", "en", "en"]
    for citation in answer.citations:
        document = toy_store.document(citation.document_id)
        assert citation.span.of(document.text) == citation.quotation
        assert citation.quotation in phrases


def test_documents_that_differ_stand_side_by_side_the_surer_first(tmp_path: Path) -> None:
    told = {
        "en": "It moved on 17 September 1918.",
        "lv": "Tā pārcēlās 1918. gada 28. maijā.",
        "en2": "It moved in May 1918.",
    }
    phrases = {"17 September 1918": 2.0, "1918. gada 28. maijā": 4.0, "May 1918": 3.0}
    answers = toy_answers(tmp_path, told, phrases).answers
    assert [(answer.text, len(answer.citations)) for answer in answers] == [
        ("1918. gada 28. maijā", 1),
        ("May 1918", 1),
        ("17 September 1918", 1),
    ]


def test_at_most_so_many_answers_are_given(tmp_path: Path) -> None:
    told = {f"en{n}": f"It took {n} days." for n in range(4)}
    phrases = {f"{n} days": 4.0 - n for n in range(4)}
    assert len(toy_answers(tmp_path, told, phrases).answers) == 3


def test_one_name_does_not_join_two_that_differ(tmp_path: Path) -> None:
    told = {
        "en": "It was moved by Gambarov.",
        "lv": "To pārcēla Isa Gambarovs.",
        "en2": "It was moved by Ali Gambarov.",
    }
    phrases = {"by Gambarov": 4.0, "Isa Gambarovs": 3.0, "Ali Gambarov": 2.0}
    answers = toy_answers(tmp_path, told, phrases).answers
    assert [[c.quotation for c in answer.citations] for answer in answers] == [
        ["by Gambarov", "Isa Gambarovs"],
        ["Ali Gambarov"],
    ]


def test_the_runners_up_of_one_document_are_left_out(toy_store: LocalStore) -> None:
    # "1846" and "17 September 1918" stand in two Passages of one Document.
    assert texts(toy_pipeline(toy_store, {"1846": 4.0, "on 17 September": 2.0})) == [
        "1846",
        "on 17 September",
    ]
    only_baku = {"1846": 4.0, "Baku became": 2.0}
    assert texts(toy_pipeline(toy_store, only_baku)) == ["1846"]


def test_a_place_read_in_two_overlapping_passages_is_cited_once(tmp_path: Path) -> None:
    sentences = [f"This is the sentence number {n} of ten words here." for n in range(5)]
    corpus = write_files(tmp_path / "corpus", {"a.txt": " ".join(sentences)})
    built = build(corpus, tmp_path / "index", ToyEncoder(), passage_words=20)
    store = LocalStore(built.snapshot.folder)
    pipeline = toy_pipeline(store, {"number 1 of": 3.0})
    reply = pipeline.ask(Question(QUESTION))
    assert sum("number 1 of" in hit.passage.text for hit in reply.hits) == 2
    assert [len(answer.citations) for answer in reply.answers] == [1]
    store.close()


def test_one_answer_has_at_most_five_citations(tmp_path: Path) -> None:
    files = {f"{n}.txt": f"It moved in May, as paper {n} says." for n in range(9)}
    corpus = write_files(tmp_path / "corpus", files)
    store = LocalStore(build(corpus, tmp_path / "index", ToyEncoder()).snapshot.folder)
    (answer,) = toy_pipeline(store, {"May": 3.0}).ask(Question(QUESTION, k=20)).answers
    assert len(answer.citations) == 5
    store.close()


def test_answers_that_differ_in_case_and_points_agree(tmp_path: Path) -> None:
    corpus = write_files(
        tmp_path / "corpus", {"a.txt": "In May, 1918, it moved.", "b.txt": "In may 1918 it moved."}
    )
    store = LocalStore(build(corpus, tmp_path / "index", ToyEncoder()).snapshot.folder)
    pipeline = toy_pipeline(store, {"May, 1918": 3.0, "may 1918": 2.0})
    (answer,) = pipeline.ask(Question(QUESTION)).answers
    assert answer.text == "May, 1918"
    assert [citation.quotation for citation in answer.citations] == ["May, 1918", "may 1918"]
    store.close()


def test_under_the_threshold_it_abstains_and_still_shows_passages(toy_store: LocalStore) -> None:
    reply = toy_pipeline(toy_store, {"1846": -0.1}).ask(Question(QUESTION))
    assert not reply.answered
    assert reply.answers == ()
    assert len(reply.hits) == 4
    assert texts(toy_pipeline(toy_store, {"1846": 0.1})) == ["1846"]


def test_where_the_reader_finds_nothing_it_abstains(toy_store: LocalStore) -> None:
    assert not toy_pipeline(toy_store, {}, threshold=0.0).ask(Question(QUESTION)).answered


def test_the_threshold_can_be_set(toy_store: LocalStore) -> None:
    pipeline = toy_pipeline(toy_store, {"1846": 1.0})
    assert pipeline.threshold == 0.5
    assert texts(pipeline.with_threshold(0.9)) == []
    assert texts(toy_pipeline(toy_store, {"1846": -5.0}, threshold=0.0)) == ["1846"]
    weak_second = {"1846": 3.0, "1918. gada 17. septembrī": -1.0}
    assert texts(toy_pipeline(toy_store, weak_second)) == ["1846"]


def test_asking_one_is_asking_many_with_one(toy_store: LocalStore) -> None:
    pipeline = toy_pipeline(toy_store, {"17 September 1918": 3.0, "1846": 1.0})
    questions = [Question(QUESTION), Question("Who was it?"), Question(QUESTION, k=1)]
    together = pipeline.ask_all(questions)
    for question, reply in zip(questions, together, strict=True):
        alone = pipeline.ask(question)
        assert (alone.answers, alone.hits) == (reply.answers, reply.hits)
    assert [reply.answered for reply in together] == [True, False, True]
    assert pipeline.ask_all([]) == []


def test_the_reader_is_asked_what_was_understood(toy_store: LocalStore) -> None:
    history = (Turn("Where is Baku?", "the Caspian Sea"),)
    reader = ToyReader({"Where is Baku? the Caspian Sea And its field?": {"1846": 3.0}})
    pipeline = Pipeline(Retriever(ToyEncoder(), toy_store), reader, PLAIN, toy_store, "toy")
    assert pipeline.ask(Question("And its field?", history)).answers[0].text == "1846"


def test_every_stage_is_timed(toy_store: LocalStore) -> None:
    timings = toy_pipeline(toy_store, {"1846": 3.0}).ask(Question(QUESTION)).timings_ms
    assert timings.keys() == {"encode", "retrieve", "read", "total"}
    parts = [timings[name] for name in ("encode", "retrieve", "read")]
    assert min(parts) > 0
    assert timings["total"] == pytest.approx(sum(parts))
