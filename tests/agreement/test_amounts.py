from decimal import Decimal

import pytest

from qa_service.agreement.amounts import Amount, read_amount
from qa_service.agreement.tokens import tokens


def read(text: str, language: str = "en") -> Amount | None:
    return read_amount(tokens(text, language), language)


@pytest.mark.parametrize(
    ("text", "language", "bound", "measure", "counted"),
    [
        ("about 5", "en", "", "", ()),
        ("at least five people", "en", "≥", "", ("people",)),
        ("ne vairāk kā 5 karavīri", "lv", "≤", "", ("karavir",)),
        ("gandrīz 5 kilometrus", "lv", "≲", "km", ()),
        ("5 square miles", "en", "", "mile²", ()),
        ("5 per cent", "en", "", "%", ()),
        ("5% of the land", "en", "", "%", ("land",)),
        ("$5", "en", "", "$", ()),
        ("5 days later", "en", "", "day", ("later",)),
        ("5 dienesti", "lv", "", "", ("dienest",)),
    ],
)
def test_an_amount_has_a_bound_and_a_unit(
    text: str, language: str, bound: str, measure: str, counted: tuple[str, ...]
) -> None:
    assert read(text, language) == Amount(Decimal(5), bound, measure, counted, language)


@pytest.mark.parametrize(
    "text",
    [
        *("", "Resolution 822", "5 or 6", "5 of 10", "5 men and 6 women", "two and a half", "$"),
        *("19th century", "half a million", "not 5", "after 5 days", "5-10", "about", "more than"),
    ],
)
def test_what_is_not_one_number_is_no_amount(text: str) -> None:
    assert read(text) is None


def amount(text: str, language: str = "en") -> Amount:
    found = read(text, language)
    assert found is not None
    return found


def test_a_bare_number_agrees_with_what_it_counts_but_not_with_a_share_or_money() -> None:
    bare, men, percent, money = (amount(text) for text in ("5", "5 men", "5%", "$5"))
    assert bare.same(men)
    assert not bare.same(percent)
    assert not bare.same(money)
    assert not men.same(percent)


def test_a_long_phrase_in_another_language_is_not_compared() -> None:
    english, short = amount("5 villages near Lachin were burnt"), amount("5 villages")
    latvian = amount("5 ciemi", "lv")
    assert not english.same(latvian)
    assert short.same(latvian)
