import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from toys import nasty_texts, toy_document, toy_passage

from qa_service.chunking import passages
from qa_service.citations import cite, document_url, utf16_span
from qa_service.citations.making import Source
from qa_service.schema import Citation, Document, Page, Section, Span


@st.composite
def citations(draw: st.DrawFn) -> tuple[str, Citation]:
    """A text and the Citation of any Span of any of its Passages."""
    text = draw(nasty_texts)
    document = toy_document(text)
    found = list(passages(document, 20))
    assume(found)
    passage = draw(st.sampled_from(found))
    ends = st.integers(passage.span.start, passage.span.end)
    start, end = sorted((draw(ends), draw(ends)))
    assume(start < end)
    return text, cite(document, passage, Span(start, end))


@settings(max_examples=200, deadline=None)
@given(citations())
def test_a_citation_can_be_checked_against_the_text(case: tuple[str, Citation]) -> None:
    text, citation = case
    start, end = citation.span.start, citation.span.end
    assert text[start:end] == citation.quotation
    assert citation.sentence_span.of(text) == citation.sentence
    assert citation.sentence_span.contains(citation.span)
    assert text[:start].endswith(citation.prefix)
    assert text[end:].startswith(citation.suffix)
    assert len(citation.prefix) == min(40, start)
    assert len(citation.suffix) == min(40, len(text) - end)
    assert citation.text_sha256 == toy_document(text).text_sha256


@settings(max_examples=200, deadline=None)
@given(citations())
def test_a_citation_at_any_place_can_be_checked_too(case: tuple[str, Citation]) -> None:
    text, citation = case
    again = Source.of(toy_document(text)).cite_at(citation.span)
    assert again.sentence_span.of(text) == again.sentence
    assert again.sentence_span.contains(again.span)
    assert again.span_utf16 == citation.span_utf16
    assert (again.quotation, again.prefix, again.suffix, again.url) == (
        citation.quotation,
        citation.prefix,
        citation.suffix,
        citation.url,
    )


def _javascript_length(text: str) -> int:
    """JSON writes one \\uXXXX for each code unit that JavaScript counts."""
    quoted = json.dumps("".join("é" if char < "\x80" else char for char in text))
    return quoted.count("\\u")


@settings(max_examples=200, deadline=None)
@given(citations())
def test_utf16_offsets_are_those_of_javascript(case: tuple[str, Citation]) -> None:
    text, citation = case
    assert citation.span_utf16.start == _javascript_length(text[: citation.span.start])
    assert len(citation.span_utf16) == _javascript_length(citation.quotation)


def test_characters_beyond_16_bits_count_twice() -> None:
    assert utf16_span("😀a😀b", Span(1, 3)) == Span(2, 5)


def test_a_citation_names_its_place() -> None:
    text = "Before.\n# Oil\nBaku had oil. It was opened in 1846. It grew."
    sections = (Section("Oil", 1, Span(14, len(text))),)
    document = Document("baku oil/ā", "Baku", "en", text, sections, (Page(3, Span(0, 99)),))
    (passage,) = passages(document, 20)
    start = text.index("1846")
    citation = cite(document, passage, Span(start, start + 4))
    assert (citation.title, citation.section, citation.page) == ("Baku", "Oil", 3)
    assert citation.sentence == "It was opened in 1846."
    assert citation.prefix == text[start - 40 : start]
    assert citation.suffix == ". It grew."
    assert citation.url == f"/documents/baku%20oil%2F%C4%81#char={start},{start + 4}"


def test_text_outside_headings_has_no_section() -> None:
    passage = toy_passage("Some text.")
    assert cite(toy_document("Some text."), passage, Span(0, 4)).section is None


def test_a_span_over_two_sentences_is_held_by_both() -> None:
    text = "One here. Two there. Three."
    citation = cite(toy_document(text), toy_passage(text), Span(4, 13))
    assert citation.sentence == "One here. Two there."


@pytest.mark.parametrize("document_id", ["a", "a/../b", "a#b?c", "%2e"])
def test_an_id_stays_one_part_of_the_path(document_id: str) -> None:
    path, _, fragment = document_url(document_id, Span(1, 2)).partition("#")
    assert path.count("/") == 2
    assert "?" not in path
    assert fragment == "char=1,2"


LONG = "Baku had oil in plenty, and so had its neighbours along the whole of the coast. " * 200


@pytest.mark.parametrize("joint", [" ", "\n", "\n\n", "\r\n"])
def test_the_sentence_at_any_place_is_that_of_its_passage(joint: str) -> None:
    text = LONG + joint.join(["It was opened in 1846.", "It grew.", LONG])
    document = toy_document(text)
    start = text.index("1846")
    citation = Source.of(document).cite_at(Span(start, start + 4))
    assert citation.sentence == "It was opened in 1846."
    of_start = next(p for p in passages(document, 80) if "1846" in p.text)
    assert citation == cite(document, of_start, Span(start, start + 4))


def test_a_sentence_without_an_end_is_cut() -> None:
    text = "x" * 1_000_000
    citation = Source.of(toy_document(text)).cite_at(Span(500_000, 500_001))
    assert citation.sentence_span == Span(498_000, 502_001)


def test_a_place_before_all_sections_has_none() -> None:
    text = "title: Baku\n\nBaku had oil."
    section = Section("Oil", 1, Span(13, len(text)))
    source = Source.of(Document("a", "Baku", "en", text, (section,)))
    assert source.cite_at(Span(7, 11)).section is None
    assert source.cite_at(Span(13, 17)).section == "Oil"
