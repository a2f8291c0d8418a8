import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import nasty_texts, toy_document

from qa_service.chunking import passages
from qa_service.corpus.markdown import read_markdown
from qa_service.errors import DocumentError
from qa_service.schema import Document, Page, Section, Span

_WORDS = 20

plain_sentences = st.integers(1, 50).map(lambda n: "Word" + " word" * (n - 1) + ". ")
documents = st.lists(
    st.one_of(
        nasty_texts,
        plain_sentences,
        st.sampled_from(["\n\n## Heading\n\n", "\r\n\r\n# İ\r\n", "y" * 1000]),
    ),
    max_size=15,
).map("".join)


def read(text: str) -> Document:
    try:
        return read_markdown(text, "toy")
    except DocumentError:  # the text happened to start like front matter
        return toy_document(text)


@settings(max_examples=200, deadline=None)
@given(documents)
def test_passages_are_slices_that_cover_every_section_and_no_heading(text: str) -> None:
    document = read(text)
    found = list(passages(document, _WORDS))
    covered: set[int] = set()
    for passage in found:
        assert passage.span.of(text) == passage.text == passage.text.strip() != ""
        assert len(passage.text.split()) <= _WORDS
        assert any(
            section.span.contains(passage.span) and section.title == passage.section
            for section in document.sections
        )
        covered.update(range(passage.span.start, passage.span.end))
    wanted = {
        offset
        for section in document.sections
        for offset in range(section.span.start, section.span.end)
        if not text[offset].isspace()
    }
    assert wanted <= covered
    assert len({passage.id for passage in found}) == len(found)


def test_passages_overlap_by_one_sentence() -> None:
    sentences = [f"Sentence number {n} has exactly seven words." for n in range(10)]
    found = list(passages(toy_document(" ".join(sentences)), 21))
    assert [re.findall(r"\d", passage.text) for passage in found] == [
        ["0", "1", "2"],
        ["2", "3", "4"],
        ["4", "5", "6"],
        ["6", "7", "8"],
        ["8", "9"],
    ]


def test_sentences_too_long_to_overlap_do_not() -> None:
    text = " ".join(f"Sentence number {n}{' word' * 15}." for n in range(3))
    found = list(passages(toy_document(text), 20))
    assert len(found) == 3
    assert not any(one.span.overlaps(other.span) for one, other in pairwise(found))


def test_an_over_long_sentence_is_cut_between_words() -> None:
    text = " ".join(f"w{n}" for n in range(50)) + "."
    found = [passage.text for passage in passages(toy_document(text), 20)]
    assert " ".join(found) == text
    assert [len(part.split()) for part in found] == [20, 20, 10]


def test_an_endless_word_counts_as_several() -> None:
    found = [passage.text for passage in passages(toy_document("z" * 2000), 20)]
    assert found == ["z" * 800, "z" * 800, "z" * 400]


def test_a_passage_knows_its_section_page_and_language() -> None:
    text = "Pirmais teikums. Otrais teikums."
    sections = (Section("Viens", 2, Span(0, 16)), Section("Divi", 2, Span(16, len(text))))
    document = Document("d", "D", "lv", text, sections, (Page(7, Span(0, 20)),))
    one, two = passages(document, 20)
    assert (one.section, one.page, one.language, one.text) == ("Viens", 7, "lv", "Pirmais teikums.")
    assert (two.section, two.page, two.title, two.text) == ("Divi", 7, "D", "Otrais teikums.")


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_no_text_has_no_passage(text: str) -> None:
    assert list(passages(toy_document(text), 20)) == []
