import pytest

from qa_service.agreement.dates import Day, When, read_date
from qa_service.agreement.tokens import tokens


def read(text: str, language: str) -> When | None:
    return read_date(text, tokens(text, language), language)


MONTHS = [
    "janvāris",
    "februāris",
    "marts",
    "aprīlis",
    "maijs",
    "jūnijs",
    "jūlijs",
    "augusts",
    "septembris",
    "oktobris",
]


@pytest.mark.parametrize("number", range(1, 11))
def test_latvian_months_are_read_in_their_cases(number: int) -> None:
    name = MONTHS[number - 1]
    base = name.removesuffix("is") if name.endswith("is") else name.removesuffix("s")
    for form in (name, f"{base}a", f"{base}ī" if name.endswith("is") else f"{base}ā", f"{base}u"):
        day = Day(1918, number, 7)
        assert read(f"1918. gada 7. {form}", "lv") == When(day, day), form


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("the 28th of May, 1918", "en", Day(1918, 5, 28)),
        ("28. maijs", "lv", Day(None, 5, 28)),
        ("1918. g. 28. maijā", "lv", Day(1918, 5, 28)),
        ("1918.gada 28.maijā", "lv", Day(1918, 5, 28)),
        ("28. 05. 1918.", "de", Day(1918, 5, 28)),
        ("28/05/1918", "en", Day(1918, 5, 28)),
        ("05/28/1918", "en", Day(1918, 5, 28)),
        ("Sept. 3, 1918", "en", Day(1918, 9, 3)),
        ("29 February", "en", Day(None, 2, 29)),
        ("the year 1918", "en", Day(1918)),
    ],
)
def test_a_day_is_read(text: str, language: str, day: Day) -> None:
    assert read(text, language) == When(day, day)


@pytest.mark.parametrize(
    ("text", "language", "first", "last"),
    [
        ("May to June 1918", "en", Day(1918, 5), Day(1918, 6)),
        ("1918. gada 28.–30. maijā", "lv", Day(1918, 5, 28), Day(1918, 5, 30)),
        (
            "no 1918. gada 28. maija līdz 1920. gada 28. aprīlim",
            "lv",
            Day(1918, 5, 28),
            Day(1920, 4, 28),
        ),
        ("starp 1918. un 1920. gadu", "lv", Day(1918), Day(1920)),
        ("April 27-28, 1920", "en", Day(1920, 4, 27), Day(1920, 4, 28)),
    ],
)
def test_a_span_of_time_is_read(text: str, language: str, first: Day, last: Day) -> None:
    assert read(text, language) == When(first, last)


@pytest.mark.parametrize(
    ("text", "language"),
    [(text, "en") for text in ("10", "five", "two hours", "may", "Mar", "march", "28", "")]
    + [
        (text, "en")
        for text in ("31 February 1918", "29 February 1919", "from 1918", "1918 soldiers")
    ]
    + [(text, "en") for text in ("since May 1918", "1918 and 1920", "5-10", "99.99.1918", "1,918")]
    + [(text, "en") for text in ("13/13/1918", "05/06/1918", "1918-13-01", "0918", "20180")]
    + [(text, "lv") for text in ("Marta", "1918 gadi", "līdz 1920. gadam", "19. gadsimts", "gada")]
    + [("28. Mai 1918", "de")],
)
def test_all_else_is_no_date(text: str, language: str) -> None:
    assert read(text, language) is None
