from decimal import Decimal

import pytest
from hypothesis import given
from toys import nasty_texts

from qa_service.agreement.tokens import fold, tokens


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("10,000", "en", 10_000),
        ("10 000", "lv", 10_000),
        ("10\u00a0000", "lv", 10_000),
        ("1,234,567.5", "en", Decimal("1234567.5")),
        ("1.234.567,5", "lv", Decimal("1234567.5")),
        ("1'000'000", "de", 10**6),
        ("27,7", "lv", Decimal("27.7")),
        ("27.70", "en", Decimal("27.7")),
        ("1.500", "en", Decimal("1.5")),
        ("0,125", "lv", Decimal("0.125")),
        ("007", "en", 7),
        ("−5", "en", -5),
        ("١٩١٨", "ar", 1918),
        ("0", "en", 0),
    ],
)
def test_a_number_has_its_value(text: str, language: str, value: Decimal) -> None:
    (token,) = tokens(text, language)
    assert token.value == value


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *(("1.500", "lv"), ("1,500", "lv"), ("1,5", "en"), ("1,50,000", "en"), ("1.2.3", "en")),
        *(("1" * 16, "en"), ("1234,567", "en"), ("12.34,5", "lv"), ("1,234.567,8", "en")),
    ],
)
def test_what_can_be_read_in_two_ways_has_none(text: str, language: str) -> None:
    (token,) = tokens(text, language)
    assert (token.value, token.text) == (None, text)


def test_ordinals_are_no_quantities() -> None:
    assert [t.ordinal for t in tokens("the 19th century", "en")] == [False, True, False]
    assert [t.ordinal for t in tokens("19. gadsimts", "lv")] == [True, False]
    assert [t.ordinal for t in tokens("13.", "lv")] == [False]
    assert [t.ordinal for t in tokens("19. May", "en")] == [False, False]


def test_digits_within_a_word_are_no_number() -> None:
    for text in ("1920s", "Il2", "5km", "10²", "1.5km"):
        assert all(token.value is None for token in tokens(text, "en")), text


def test_symbols_and_dashes_stay_and_marks_go() -> None:
    words = [token.text for token in tokens("„Kars–Batumi“ (< 5 %), C# & R\u200f!", "en")]
    assert words == ["kars", "-", "batumi", "<", "5", "%", "c#", "&", "r"]


def test_folding_takes_off_european_diacritics_alone() -> None:
    assert fold("Gendžē ĶŠ") == "gendze ks"
    assert fold("パ") != fold("ハ")
    assert fold("कि") == "कि"


@given(nasty_texts)
def test_any_text_has_tokens_without_white_space(text: str) -> None:
    for token in tokens(text, "lv"):
        assert token.text
        assert token.value is not None or not any(char.isspace() for char in token.text)
