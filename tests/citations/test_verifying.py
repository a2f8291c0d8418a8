from dataclasses import replace
from time import perf_counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from toys import nasty_texts, toy_document

from qa_service.citations import cite, verify, verify_all
from qa_service.citations.making import Source
from qa_service.citations.quotations import MAX_PLACES
from qa_service.errors import UnknownDocumentError
from qa_service.schema import Citation, Document, Passage, Span, Summary

BAKU = (
    "Baku lies on the Caspian Sea. Its oil field was opened in 1846. "
    "It became the capital on 17 September 1918. The flag was „blue, red and green”."
)
GANJA = "Ganja was the first capital. The government left it for Baku."


class ToyLibrary:
    """Documents in memory, with the ids of those that were read."""

    def __init__(self, *documents: Document) -> None:
        self._documents = {document.id: document for document in documents}
        self.read: list[str] = []

    def document(self, document_id: str) -> Document:
        self.read.append(document_id)
        if document_id not in self._documents:
            raise UnknownDocumentError(document_id)
        return self._documents[document_id]

    def documents(self) -> list[Summary]:
        return [
            Summary(d.id, d.title, d.language, len(d.text), 1, {}) for d in self._documents.values()
        ]


def toy_library(**texts: str) -> ToyLibrary:
    return ToyLibrary(*(toy_document(text, name) for name, text in texts.items()))


def cited(words: str, text: str = BAKU, document_id: str = "baku") -> Citation:
    start = text.index(words)
    return Source.of(toy_document(text, document_id)).cite_at(Span(start, start + len(words)))


def test_what_stands_where_it_stood_is_verified() -> None:
    citation = cited("17 September 1918")
    verdict = verify(citation, toy_library(baku=BAKU, ganja=GANJA))
    assert (verdict.status, verdict.citation) == ("verified", citation)
    assert verdict.reason == "It stands where it stood."


def test_it_stands_though_the_document_changed_after_it() -> None:
    edited = BAKU + " So it is."
    verdict = verify(cited("1846"), toy_library(baku=edited))
    assert verdict.status == "verified"
    assert verdict.citation == cited("1846", edited)
    assert verdict.reason == "It stands where it stood; its document changed elsewhere."


@pytest.mark.parametrize(
    "text", [BAKU, "Much was new. 😀 " + BAKU, BAKU.replace("oil", "large oil")]
)
def test_it_moves_with_what_is_put_before_it(text: str) -> None:
    verdict = verify(cited("17 September 1918"), toy_library(baku=text))
    assert verdict.status == ("verified" if text == BAKU else "moved")
    assert verdict.citation == cited("17 September 1918", text)


def test_another_typography_is_reported_as_it_stands() -> None:
    text = BAKU.replace("„blue, red and green”", "“blue,  red\nand green”")
    verdict = verify(cited("„blue, red and green”"), toy_library(baku=text))
    assert verdict.citation is not None
    assert (verdict.status, verdict.citation.quotation) == ("moved", "“blue,  red\nand green”")
    assert verdict.reason == "It stands elsewhere in its document, in other typography."


def test_words_that_only_stand_elsewhere_are_told_to_stand_among_others() -> None:
    verdict = verify(cited("1846"), toy_library(baku="A khan died: 1846!"))
    assert verdict.status == "moved"
    assert verdict.reason.endswith("with next to nothing around it that was.")


def test_an_edit_inside_it_makes_it_gone() -> None:
    text = BAKU.replace("17 September", "18 September")
    verdict = verify(cited("17 September 1918"), toy_library(baku=text, ganja=GANJA))
    assert (verdict.status, verdict.citation) == ("gone", None)
    assert verdict.reason == (
        "Its document no longer holds it, and no other holds it in such surroundings."
    )


@pytest.mark.parametrize("others", [{}, {"baku": "All was written anew."}, {"ganja": GANJA}])
def test_it_is_found_in_another_document(others: dict[str, str]) -> None:
    verdict = verify(cited("17 September 1918"), toy_library(**others, capital="About. " + BAKU))
    assert verdict.status == "moved"
    assert verdict.citation == cited("17 September 1918", "About. " + BAKU, "capital")
    why = "Its document no longer holds it" if "baku" in others else "Its document is gone"
    assert verdict.reason == f"{why}; it stands in another one."


def test_the_same_words_of_another_matter_are_not_it() -> None:
    other = "On 17 September 1918 a treaty was signed in a town far away."
    verdict = verify(cited("17 September 1918"), toy_library(treaty=other))
    assert verdict.status == "gone"


def test_what_its_document_holds_is_not_looked_for_in_others() -> None:
    library = toy_library(baku="New. " + BAKU, copy=BAKU)
    assert verify(cited("1846"), library).status == "moved"
    assert library.read == ["baku"]


def test_an_exact_place_elsewhere_goes_before_another_typography() -> None:
    loose = BAKU.replace("„blue", "“blue")
    exact = "A word. The flag was „blue, red and green”."
    verdict = verify(cited("„blue, red and green”"), toy_library(a=loose, b=exact))
    assert verdict.citation is not None
    assert verdict.citation.document_id == "b"


def test_two_places_are_told_apart_by_what_surrounds_them() -> None:
    text = "In 1846 a khan died. " + BAKU
    verdict = verify(cited("1846"), toy_library(baku=text))
    assert verdict.citation is not None
    assert verdict.citation.span.start == text.rindex("1846")


def test_two_equally_good_places_leave_it_open() -> None:
    verdict = verify(cited("1846"), toy_library(baku=f"Twice: {BAKU} {BAKU} {BAKU}"))
    assert (verdict.status, verdict.citation) == ("gone", None)
    assert "3 places, none of which is more like the one cited" in verdict.reason
    verdict = verify(cited("1846"), toy_library(a=BAKU, b=BAKU))
    assert verdict.status == "gone"
    assert verdict.reason.startswith(
        "Its document is gone. Among the others: It stands in 2 places"
    )


def test_too_many_places_are_not_compared() -> None:
    verdict = verify(cited("1846"), toy_library(baku="! " + "No 1846 x. " * (MAX_PLACES + 1)))
    assert verdict.status == "gone"
    assert f"more than {MAX_PLACES} places, too many to compare" in verdict.reason


def test_documents_of_the_same_title_are_searched_first_and_the_rest_within_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("qa_service.citations.verifying._MAX_SEARCHED", 2 * len(BAKU))
    renamed = replace(toy_document(BAKU, "z"), title="Baku")
    rest = [toy_document(GANJA * 5, f"b{number}") for number in range(3)]
    library = ToyLibrary(*rest, toy_document(GANJA, "a"), renamed)
    verdict = verify(cited("1846"), library)
    assert library.read == ["baku", "z", "a"]
    assert verdict.citation is not None
    assert verdict.citation.document_id == "z"
    assert verdict.reason.endswith(" 3 documents were not searched.")


def test_its_own_document_is_not_searched_again() -> None:
    library = toy_library(baku="Anew.", ganja=GANJA)
    assert verify(cited("1846"), library).status == "gone"
    assert library.read == ["baku", "ganja"]


def test_verdicts_come_in_the_order_of_their_citations_and_documents_are_read_once() -> None:
    citations = [
        cited("1846"),
        cited("first capital", GANJA, "ganja"),
        replace(cited("1918"), document_id="none", quotation="nowhere at all"),
        cited("Caspian Sea"),
    ]
    library = toy_library(baku=BAKU, ganja="New. " + GANJA)
    verdicts = verify_all(citations, library)
    assert [verdict.status for verdict in verdicts] == ["verified", "moved", "gone", "verified"]
    assert verdicts == [verify(citation, library) for citation in citations]
    assert verify_all([], library) == []


Edit = tuple[int, int, str]


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, Citation, str, Span]:
    """A text, the Citation of any Span of it, the text edited elsewhere, and the Span there."""
    text = draw(nasty_texts)
    assume(text)
    ends = st.integers(0, len(text))
    start, end = sorted((draw(ends), draw(ends)))
    assume(start < end)
    citation = Source.of(toy_document(text)).cite_at(Span(start, end))
    first, last = start - len(citation.prefix), end + len(citation.suffix)
    assume(citation.prefix or citation.suffix)
    before, after = text[:first], text[last:]
    cuts: list[tuple[str, int, int]] = []
    for part in (before, after):
        a, b = sorted((draw(st.integers(0, len(part))), draw(st.integers(0, len(part)))))
        cuts.append((draw(nasty_texts), a, b))
    before, after = (
        part[:a] + put_in + part[b:]
        for part, (put_in, a, b) in zip((before, after), cuts, strict=True)
    )
    edited = before + text[first:last] + after
    now = start - first + len(before)
    return text, citation, edited, Span(now, now + end - start)


@settings(max_examples=500, deadline=None)
@given(edits())
def test_an_edit_elsewhere_never_loses_a_unique_quotation(
    case: tuple[str, Citation, str, Span],
) -> None:
    text, citation, edited, span = case
    around = citation.prefix + citation.quotation + citation.suffix
    assume(edited.count(around) == 1 and edited.find(around) == edited.rfind(around))
    verdict = verify(citation, toy_library(toy=edited))
    assert verdict.citation is not None
    assert verdict.citation.quotation == citation.quotation
    assert verdict.citation.span.of(edited) == citation.quotation
    if verdict.status == "moved":
        assert verdict.citation.span == span
    else:
        assert verdict.citation.span == citation.span
    assert (verdict.status, edited) != ("moved", text)


@settings(max_examples=300, deadline=None)
@given(nasty_texts, st.data())
def test_a_quotation_that_stands_once_survives_edits_beside_it(
    put_in: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(BAKU) - 1))
    end = data.draw(st.integers(start + 1, len(BAKU)))
    citation = cited(BAKU[start:end])
    assume(BAKU.count(citation.quotation) == 1)
    before = data.draw(st.booleans())
    put_in = f" {put_in} "  # what is joined to a word makes another one of it
    edited = BAKU[:start] + put_in + BAKU[start:] if before else BAKU[:end] + put_in + BAKU[end:]
    assume(edited.count(citation.quotation) == 1)
    verdict = verify(citation, toy_library(baku=edited))
    assert verdict.citation is not None
    assert verdict.citation.quotation == citation.quotation


PHRASE = "republika 1918. gada proklamēja un valdība the capital moved ar Tbilisi "


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Gandža bija „skaista”", "moved"),
        ('Gandža  bija\n"skaista"', "moved"),
        ("Gandža bija pilsēta", "gone"),
        ("„republika“ 1918", "gone"),
        ("republika", "gone"),
        ("a" * 12_000, "gone"),
    ],
)
def test_a_document_of_20_million_characters_takes_less_than_seconds(
    words: str, status: str
) -> None:
    text = PHRASE * (20_000_000 // len(PHRASE)) + "Gandža bija „skaista” toreiz. "
    passage = Passage("toy", "Toy", "lv", "", None, Span(0, 100), text[:100])
    citation = replace(cite(toy_document(text), passage, Span(1, 9)), quotation=words)
    library = toy_library(toy=text)
    began = perf_counter()
    verdict = verify(citation, library)
    assert perf_counter() - began < 3  # seconds; each takes less than .4 on one free core
    assert verdict.status == status
