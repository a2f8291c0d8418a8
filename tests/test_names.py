import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.names import name_keys


def key(word: str, language: str) -> list[str]:
    return name_keys(word, language)


@pytest.mark.parametrize(
    ("latvian", "english"),
    [
        ("Gendžes", "Ganja"),
        ("Hojskis", "Khoyski"),
        ("Deņikinam", "Denikin"),
        ("Čērčils", "Churchill"),
        ("Karabahā", "Karabakh"),
        ("Gorbačovs", "Gorbachev"),
        ("Nahičevana", "Nakhchivan"),
        ("Rasulzade", "Rasulzadeh"),
        ("Džafarovs", "Jafarov"),
    ],
)
def test_two_spellings_of_a_name_have_one_key(latvian: str, english: str) -> None:
    assert key(latvian, "lv") == key(english, "en")
    assert len(key(english, "en")) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("Stalin", "Lenin"), ("Denikin", "Dunsterville"), ("Ganja", "Shamakhi")]
)
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert key(one, "en") != key(other, "en")


def test_only_capitalised_words_are_names_unless_all_may_be() -> None:
    assert name_keys("the city of Ganja", "en") == key("Ganja", "en")
    assert name_keys("the city of ganja", "en") == []
    assert key("Ganja", "en")[0] in name_keys("the city of ganja", "en", all_words=True)


def test_short_words_and_numbers_have_none() -> None:
    assert name_keys("Oho Baku Una 1918 28.", "en", all_words=True) == []


@given(st.text(), st.sampled_from(["en", "lv", "de"]), st.booleans())
def test_any_text_has_keys_of_plain_letters(text: str, language: str, all_words: bool) -> None:
    for found in name_keys(text, language, all_words=all_words):
        assert len(found) >= 3
        assert set(found.removeprefix("_")) <= set("bcdglmnrsv")
