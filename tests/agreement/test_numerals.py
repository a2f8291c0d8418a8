from decimal import Decimal

import pytest

from qa_service.agreement.numerals import read_number
from qa_service.agreement.tokens import tokens

ENGLISH = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
LATVIAN = [
    "viens",
    "divi",
    "trīs",
    "četri",
    "pieci",
    "seši",
    "septiņi",
    "astoņi",
    "deviņi",
    "desmit",
    "vienpadsmit",
    "divpadsmit",
    "trīspadsmit",
    "četrpadsmit",
    "piecpadsmit",
    "sešpadsmit",
    "septiņpadsmit",
    "astoņpadsmit",
    "deviņpadsmit",
    "divdesmit",
]


def read(text: str, language: str) -> Decimal | None:
    found = tokens(text, language)
    value, end = read_number(found, 0, language)
    assert value is None or end == len(found), f"{text} was read to its token {end} only"
    return value


@pytest.mark.parametrize("number", range(1, 21))
def test_both_languages_count_to_twenty(number: int) -> None:
    assert read(ENGLISH[number - 1], "en") == read(LATVIAN[number - 1], "lv") == number


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("ninety-nine", "en", 99),
        ("forty two", "en", 42),
        ("hundred", "en", 100),
        ("two hundred and five", "en", 205),
        ("three thousand two hundred", "en", 3_200),
        ("twelve million three hundred thousand", "en", 12_300_000),
        ("1.5 million", "en", 1_500_000),
        ("deviņdesmit deviņi", "lv", 99),
        ("divi simti pieci", "lv", 205),
        ("trijās", "lv", 3),
        ("sešiem", "lv", 6),
        ("desmit tūkstošiem", "lv", 10_000),
        ("1,5 miljoni", "lv", 1_500_000),
        ("2 tūkst.", "lv", 2_000),
    ],
)
def test_larger_ones_are_put_together(text: str, language: str, value: int) -> None:
    assert read(text, language) == value


@pytest.mark.parametrize(
    "text",
    ["five five", "five twenty", "twenty ten", "twenty and five", "two thousand one million"],
)
def test_what_does_not_add_up_is_no_number(text: str) -> None:
    assert read(text, "en") is None


def test_other_languages_have_digits_only() -> None:
    assert read("fünf", "de") is None
    assert read("5", "de") == 5
