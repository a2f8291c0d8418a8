import pytest
from toys import toy_hit

from qa_service.errors import ModelError
from qa_service.reader.model import SpanReader, load_reader
from qa_service.schema import Candidate, Hit, Passage, Span

ENGLISH = "The republic was proclaimed on 28 May 1918 in Tbilisi."
LATVIAN = "Republika tika pasludināta 1918. gada 28. maijā Tbilisi."


def read(reader: SpanReader, question: str, text: str) -> Candidate:
    (candidate,) = reader.read([(question, toy_hit(text))])
    assert candidate is not None
    return candidate


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("When was the republic proclaimed?", ENGLISH, "28 May 1918"),
        ("Kad tika pasludināta republika?", LATVIAN, "1918. gada 28. maijā"),
        ("When was the republic proclaimed?", LATVIAN, "1918. gada 28. maijā"),
        ("Kad tika pasludināta republika?", ENGLISH, "28 May 1918"),
    ],
)
def test_the_shipped_reader_answers_in_either_language(
    shipped_reader: SpanReader, question: str, text: str, answer: str
) -> None:
    assert read(shipped_reader, question, text).text == answer


def test_what_does_not_answer_scores_lower(shipped_reader: SpanReader) -> None:
    question = "When was the republic proclaimed?"
    right = read(shipped_reader, question, ENGLISH)
    wrong = read(shipped_reader, question, "The recipe needs two eggs and a glass of milk.")
    assert right.score > wrong.score


def test_spans_count_from_the_start_of_the_document(shipped_reader: SpanReader) -> None:
    passage = Passage("d", "D", "en", "", None, Span(1000, 1000 + len(ENGLISH)), ENGLISH)
    (candidate,) = shipped_reader.read([("When was it proclaimed?", Hit(passage, 1.0, 1.0))])
    assert candidate is not None
    assert candidate.span == Span(1031, 1042)
    assert candidate.text == "28 May 1918"


def test_a_batch_reads_as_its_pairs_do_alone(shipped_reader: SpanReader) -> None:
    texts = [ENGLISH, LATVIAN, "Baku lies on the sea. " * 9, "", "Short."]
    pairs = [("When was the republic proclaimed?", toy_hit(text)) for text in texts]
    together = shipped_reader.read(pairs)
    alone = [shipped_reader.read([pair])[0] for pair in pairs]
    assert [c and c.text for c in together] == [c and c.text for c in alone]
    assert [c and c.score for c in together] == [
        c and pytest.approx(c.score, abs=1e-3) for c in alone
    ]


def test_an_over_long_passage_is_read_to_its_end(shipped_reader: SpanReader) -> None:
    filler = "The committee met again and spoke about roads and bridges. " * 100
    candidate = read(shipped_reader, "When was the republic proclaimed?", filler + ENGLISH)
    assert candidate.text == "28 May 1918"
    assert candidate.span.start > len(filler)


def test_a_very_long_question_is_cut(shipped_reader: SpanReader) -> None:
    question = "When was the republic proclaimed? " * 300
    assert read(shipped_reader, question, ENGLISH).text == "28 May 1918"


@pytest.mark.parametrize("text", ["", "\u200b", " \n"])
def test_where_there_is_nothing_to_read_there_is_no_candidate(
    shipped_reader: SpanReader, text: str
) -> None:
    assert shipped_reader.read([("When?", toy_hit(text))]) == [None]
    assert shipped_reader.read([]) == []


@pytest.mark.parametrize("model", ["/absent/model", "absent/model"])
def test_a_missing_model_names_itself_and_the_setting(model: str) -> None:
    with pytest.raises(ModelError) as raised:
        load_reader(model)
    assert model in str(raised.value)
    assert "QA_READER" in str(raised.value)


def test_the_fingerprint_is_of_the_weights(shipped_reader: SpanReader) -> None:
    assert len(shipped_reader.fingerprint) == 64
    assert shipped_reader.name == "reader"
