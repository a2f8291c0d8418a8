import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import nasty_texts

from qa_service.sentences import sentence_spans


def sentences(text: str, language: str = "en") -> list[str]:
    return [span.of(text) for span in sentence_spans(text, language)]


@settings(max_examples=300, deadline=None)
@given(nasty_texts, st.sampled_from(["en", "lv", "az", "xx", ""]))
def test_every_character_lies_in_exactly_one_sentence(text: str, language: str) -> None:
    held = [0] * len(text)
    for span in sentence_spans(text, language):
        assert span.of(text) == span.of(text).strip() != ""
        for offset in range(span.start, span.end):
            held[offset] += 1
    assert max(held, default=0) <= 1
    assert all(count or char.isspace() for char, count in zip(text, held, strict=True))


@settings(deadline=None)
@given(nasty_texts)
def test_sentences_come_in_order(text: str) -> None:
    spans = sentence_spans(text, "lv")
    assert spans == sorted(spans)


@pytest.mark.parametrize(
    "sentence",
    [
        "Republiku proklamēja 1918. gada 28. maijā Tbilisi.",
        "Tas notika 24.-26. decembrī.",
        "No 1918. gada 13. aprīļa līdz 1918. gada 25. jūlijam valdīja komūna.",
        "Viņš dzīvoja 19. gadsimtā.",
        "Klāt bija A. Kalniņš un J. Bērziņš.",
    ],
)
def test_latvian_ordinals_and_initials_end_nothing(sentence: str) -> None:
    assert sentences(f"{sentence} Nākamais teikums.", "lv") == [sentence, "Nākamais teikums."]


@pytest.mark.parametrize(
    "sentence",
    ["Dr. Smith met Mr. Jones.", "The U.S. Senate voted.", "He paid 3.5 million, i.e. too much."],
)
def test_english_abbreviations_end_nothing(sentence: str) -> None:
    assert sentences(f"{sentence} It rained.") == [sentence, "It rained."]


def test_wrapped_text_runs_on_over_a_line_end() -> None:
    text = "The republic was\r\nproclaimed in May.\r\n\r\nIt fell in April."
    assert sentences(text) == ["The republic was\r\nproclaimed in May.", "It fell in April."]


def test_in_unwrapped_text_each_line_is_a_paragraph() -> None:
    long = "The republic was proclaimed in May" + " and again" * 12
    assert sentences(f"A heading\n{long}\nThe next") == ["A heading", long, "The next"]


def test_no_text_has_no_sentence() -> None:
    assert sentences("") == sentences(" \n\u2028 ") == []
