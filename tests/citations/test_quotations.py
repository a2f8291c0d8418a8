import pytest

from qa_service.citations.quotations import MAX_PLACES, Quotation, occurrences
from qa_service.schema import Span


def best(quotation: Quotation, text: str) -> list[Span]:
    places = quotation.places(text)
    most = max((place.score for place in places), default=None)
    return [place.span for place in places if place.score == most]


def around(text: str, words: str) -> Quotation:
    """The first `words` of `text` with the 40 characters on either side."""
    start = text.index(words)
    end = start + len(words)
    return Quotation(words, text[max(0, start - 40) : start], text[end : end + 40])


BORN = (
    "The khan was born on 28 May 1788 in Ganja. The republic was proclaimed on 28 May in Tbilisi."
)


def test_occurrences_may_overlap() -> None:
    assert occurrences("aaaa", "aa", 9) == [Span(0, 2), Span(1, 3), Span(2, 4)]
    assert occurrences("aaaa", "aa", 2) == [Span(0, 2), Span(1, 3)]
    assert occurrences("aaaa", "b", 2) == []


def test_unchanged_surroundings_beat_all_others() -> None:
    quotation = around(BORN, "28 May")
    places = quotation.places("On 28 May it rained. " + BORN)
    assert [place.score > quotation.full_score for place in places] == [False, True, False]


@pytest.mark.parametrize(
    "edited",
    [
        "The republic was proclaimed on Tuesday, 28 May, in the town of Tbilisi.",
        "In Tbilisi the republic was proclaimed: 28 May.",
        "The  republic\nwas proclaimed\r\non 28 May",
    ],
)
def test_edited_surroundings_still_tell_the_place(edited: str) -> None:
    text = "The republic was proclaimed on 28 May in Tbilisi."
    elsewhere = "Another sentence has 28 May in it. "
    [span] = best(around(text, "28 May"), elsewhere + edited)
    assert span.start > len(elsewhere)


def test_a_place_in_another_typography_counts_only_where_no_exact_one_is() -> None:
    text = "It was the “blue flag” of Ganja."
    quotation = around(text, "“blue flag”")
    [loose] = quotation.places('It was the "blue\nflag"\nof Ganja.')
    assert (loose.exact, loose.score) == (False, quotation.full_score)
    [exact] = quotation.places('It was the "blue flag" of Ganja. Elsewhere: “blue flag”')
    assert exact.exact


@pytest.mark.parametrize("text", ["a party", "the arts", "Re\u0301art\u0301"])
def test_a_place_inside_a_word_is_none(text: str) -> None:
    assert Quotation("art", "fond of ", " and wine").places(text) == []


def test_a_place_inside_a_word_counts_where_the_surroundings_agree() -> None:
    assert best(Quotation("art", "fond of ", " and wine"), "fond ofart and wine") == [Span(7, 10)]


def test_what_was_cut_out_of_a_word_is_found_in_words() -> None:
    assert best(Quotation("art", "a p", "y"), "no party") == [Span(4, 7)]


def test_of_very_many_places_only_unchanged_surroundings_count() -> None:
    many = "a 28 May b " * (MAX_PLACES + 1)
    quotation = around(BORN, "28 May")
    [found] = quotation.places(many + BORN)
    assert found.span.of(many + BORN) == "28 May"
    assert found.span.start == len(many) + BORN.index("28 May")
    assert {place.score for place in quotation.places(many)} == {0}
