import pytest

from qa_service.agreement.tokens import tokens
from qa_service.agreement.words import Wording, read_wording, same_wording, stem


def read(text: str, language: str, punctuated: bool = False) -> Wording:
    return read_wording(tokens(text, language), language, punctuated)


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [
        ("tbilisi", "tbilis"),
        ("erevanu", "erevan"),
        ("italiem", "ital"),
        ("sarkanajai", "sarkan"),
        ("armija", "armij"),
        ("ace", "ace"),
        ("baku", "bak"),
    ],
)
def test_latvian_endings_are_taken_off(word: str, stemmed: str) -> None:
    assert stem(word, "lv") == stemmed
    assert stem(word, "en") == word


def test_articles_and_what_leads_an_answer_are_apart() -> None:
    assert read("to the Caspian Sea", "en")[:2] == ("to", ("caspian", "sea"))
    assert read("uz Baku", "lv")[:2] == ("to", ("baku",))
    assert read("in", "en")[:2] == ("", ("in",))
    assert read("A", "en").words == ("a",)


def test_only_an_answer_all_of_names_has_names() -> None:
    assert len(read("Fatali hans Hojskis", "lv").names) == 3
    assert len(read("Kars and Batumi", "en").names) == 2
    assert read("the city of Ganja", "en").names == ()
    assert read("104th Division", "en").names == ()


def test_a_list_is_no_whole_name() -> None:
    assert read("Isa Gambarov", "en").whole
    for text in ("Kars and Batumi", "South Ossetia", "Supreme Council"):
        assert not read(text, "en").whole, text
    assert not read("Isa, Gambarov", "en", punctuated=True).whole


def test_endings_count_in_whole_clauses() -> None:
    past, future = "tad armija atkal uzbruka Baku", "tad armija atkal uzbruks Baku"
    assert not same_wording(read(past, "lv"), read(future, "lv"), one_language=True)
    assert same_wording(read("armija", "lv"), read("armijas", "lv"), one_language=True)


def test_sound_joins_names_across_languages_alone() -> None:
    one, other = read("Mutallibov", "en"), read("Mutolebov", "en")
    assert not same_wording(one, other, one_language=True)
    assert same_wording(one, other, one_language=False)
