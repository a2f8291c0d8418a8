"""Dates and spans of time in short answers, read exactly or not at all.

The months of the two shipped languages are a table here rather than a library: dateparser 1.5.0
read none of 20 Latvian dates with a month's name ("1918. gada 28. maijs"), took "May", "10",
"five" and "two hours" for dates of the present year, and costs 90 ms to import, 200 ms for the
first text and 3 ms for each other. In other languages nothing but numeric dates is read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qa_service.agreement.tokens import Token, listed

_MOST_TOKENS = 14  # of a date: "from the 28th of May 1918 to the 28th of April 1920"
_YEARS = range(1000, 2101)
_YEAR = re.compile(r"\d{4}\.?")
_DAY = re.compile(r"\d{1,2}(?:st|nd|rd|th|\.)?")
_ENGLISH = {
    form: number
    for number, name in enumerate(
        listed(
            "january february march april may june july august september october november december"
        ),
        1,
    )
    for form in (name, name[:3])
} | {"sept": 9}
_LATVIAN_STEMS = listed(
    "janvar februar mart april maij junij julij august septembr oktobr novembr decembr"
)
_LATVIAN_MONTH = re.compile(rf"({'|'.join(_LATVIAN_STEMS)})(?:is|s|a|i|am|im|u)")
_LATVIAN_YEAR = frozenset({"gads", "gada", "gadam", "gadu", "g"})
# F from, T to, B between, A and, "" nothing.
_SMALL = {
    "en": {"from": "F", "between": "B", "and": "A"}
    | dict.fromkeys(("to", "until", "till", "through"), "T")
    | dict.fromkeys(("in", "on", "the", "of", "year"), ""),
    "lv": {"no": "F", "starp": "B", "un": "A", "lidz": "T"},
}
_SHAPE = re.compile(r"(?:F?([DMY]+)[T-]|B([DMY]+)A)?([DMY]+)")
_WHOLE = frozenset({"DMY", "MDY", "YDM", "YMD", "MY", "YM", "DM", "MD", "M", "Y"})
_PARTIAL = frozenset({"D", "DY", "YD"})  # of a span, whose other end says the rest
_NUMERIC = re.compile(r"(?:on )?(\d{1,2})([./]) ?(\d{1,2})\2 ?(\d{4})\.?")
_ISO = re.compile(r"(?:on )?(\d{4})-(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True)
class Day:
    """A day, a month or a year, as exactly as it is told."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    @property
    def possible(self) -> bool:
        """Whether a calendar has it; without a year, 29 February is a day."""
        if self.day is not None and self.month is None:
            return False
        try:
            date(self.year or 2000, self.month or 1, self.day or 1)
        except ValueError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class When:
    """One Day, or the span from `first` to `last`."""

    first: Day
    last: Day


def read_date(text: str, found: Sequence[Token], language: str) -> When | None:
    """What a text says if it says a date and nothing else; `found` are its tokens."""
    numeric = _numeric(text.strip())
    if numeric is not None:
        return When(numeric, numeric) if numeric.possible else None
    if language not in _SMALL or not found or len(found) > _MOST_TOKENS:
        return None
    shape, values = "", []
    for place, token in enumerate(found):
        letter, value = _part(token, found[place - 1] if place else None, language)
        if letter == "?":
            return None
        shape += letter
        values += [value] * len(letter)
    if shape == "M" and not _surely_a_month(found[-1], language):
        return None
    return _when(shape, values)


def _numeric(text: str) -> Day | None:
    if iso := _ISO.fullmatch(text):
        return Day(int(iso[1]), int(iso[2]), int(iso[3]))
    if match := _NUMERIC.fullmatch(text):
        day, month = int(match[1]), int(match[3])
        if match[2] == "." or (day > 12 and month <= 12):
            return Day(int(match[4]), month, day)
        if month > 12:
            return Day(int(match[4]), day, month)
        # 05/06/1918 is a day in May or in June
    return None


def _part(token: Token, before: Token | None, language: str) -> tuple[str, int]:
    """The letter of a token in a shape, and its number; "?" for what no date holds."""
    if token.value is not None:
        if _YEAR.fullmatch(token.spelled) and int(token.value) in _YEARS:
            return "Y", int(token.value)
        if _DAY.fullmatch(token.spelled) and 1 <= token.value <= 31:
            return "D", int(token.value)
        return "?", 0
    if month := _month(token.text, language):
        return "M", month
    if token.text == "-":
        return "-", 0
    if language == "lv" and token.text in _LATVIAN_YEAR:
        # "1918. gads" is a year, "1918 gadi" an age
        return ("", 0) if before and before.ordinal and _is_year(before) else ("?", 0)
    return _SMALL[language].get(token.text, "?"), 0


def _is_year(token: Token) -> bool:
    return token.value is not None and _YEAR.fullmatch(token.spelled) is not None


def _month(word: str, language: str) -> int | None:
    if language == "en":
        return _ENGLISH.get(word)
    match = _LATVIAN_MONTH.fullmatch(word)
    return _LATVIAN_STEMS.index(match[1]) + 1 if match else None


def _surely_a_month(token: Token, language: str) -> bool:
    """Alone, "may" and "march" are verbs, "Marta" a woman, "Sep" anything."""
    if language == "en":
        return token.spelled[0].isupper() and (len(token.text) > 3 or token.text == "may")
    return token.spelled[0].islower()


def _when(shape: str, values: Sequence[int]) -> When | None:
    match = _SHAPE.fullmatch(shape)
    if match is None:
        return None
    group = 1 if match[1] else 2
    last = _day(match[3], values[match.start(3) :])
    if not match[group]:
        return When(last, last) if match[3] in _WHOLE and last.possible else None
    first = _day(match[group], values[match.start(group) :])
    if not {match[group], match[3]} <= _WHOLE | _PARTIAL:
        return None
    ends = _completed(first, last), _completed(last, first)
    return When(*ends) if all(end.possible for end in ends) else None


def _day(shape: str, values: Sequence[int]) -> Day:
    told = dict(zip(shape, values, strict=False))
    return Day(told.get("Y"), told.get("M"), told.get("D"))


def _completed(one: Day, other: Day) -> Day:
    """What one end of a span leaves to the other: "27-28 April 1920", "May to June 1918"."""
    month = other.month if one.day is not None and one.month is None else one.month
    return Day(one.year or other.year, month, one.day)
