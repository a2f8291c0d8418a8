"""Quantities in short answers: a number in digits or words, its bound and what it counts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from qa_service.agreement.numerals import is_number, read_number
from qa_service.agreement.tokens import Token, listed
from qa_service.agreement.words import stem

_MOST_TOKENS = 10  # of a quantity with its bound and unit
_MOST_FOREIGN_UNIT = 2  # words; a longer phrase says more than what is counted
_EXACT = frozenset({"%", "$", "€", "£", "₽"})  # no bare number leaves these out
_ROUGHLY = {
    "en": frozenset(listed("a an the about around approximately some roughly circa only just")),
    "lv": frozenset(listed("aptuveni apmeram ap kadi kadas kadus tikai")),
}
_BOUNDS: dict[str, dict[tuple[str, ...], str]] = {
    "en": {
        ("more", "than"): ">",
        ("over",): ">",
        ("above",): ">",
        ("less", "than"): "<",
        ("fewer", "than"): "<",
        ("under",): "<",
        ("at", "least"): "≥",
        ("no", "more", "than"): "≤",
        ("not", "more", "than"): "≤",
        ("at", "most"): "≤",
        ("up", "to"): "≤",
        ("almost",): "≲",
        ("nearly",): "≲",
    },
    "lv": {
        ("vairak", "neka"): ">",
        ("vairak", "par"): ">",
        ("virs",): ">",
        ("mazak", "neka"): "<",
        ("mazak", "par"): "<",
        ("vismaz",): "≥",
        ("ne", "vairak", "par"): "≤",
        ("ne", "vairak", "ka"): "≤",
        ("lidz",): "≤",
        ("gandriz",): "≲",
    },
}
# Words that make a number another one, or lead on to a second.
_MORE = {
    "en": frozenset(listed("and or half quarter plus minus to not - & +")),
    "lv": frozenset(listed("un vai puse pus ar lidz ne - & +")),
}
_SILENT = {"en": frozenset(listed("of the")), "lv": frozenset({"laika"})}
_MEASURES = (
    ("%", r"%|percent|procent\w*"),
    ("km", r"km|kilomet(?:re|er)s?|kilometr\w*"),
    ("mile", r"miles?|judz\w*"),
    ("m", r"m|met(?:re|er)s?|metr(?:s|i|u|us|iem|a|am)"),
    ("kg", r"kg|kilogram\w*"),
    ("t", r"t|tonn?es?|tons?|tonn\w*"),
    ("second", r"seconds?|sekund\w*"),
    ("minute", r"minutes?|minut\w*"),
    ("hour", r"hours?|stund\w*"),
    ("day", r"days?|dien(?:a|as|u|ai|am|i)"),
    ("week", r"weeks?|nedel\w*"),
    ("month", r"months?|menes\w*"),
    ("year", r"years?|gad(?:s|i|u|us|a|am|iem)"),
    ("$", r"\$|usd|dollars?|dolar\w*"),
    ("€", r"€|eur|euros?|eiro"),
    ("£", r"£|gbp"),
    ("₽", r"₽|ro?ubles?|rubl\w*"),
)
_MEASURE = re.compile("|".join(f"({pattern})" for _, pattern in _MEASURES))


@dataclass(frozen=True, slots=True)
class Amount:
    """`measure` is known in every language ("km"); `counted` are the other words' stems."""

    value: Decimal
    bound: str
    measure: str
    counted: tuple[str, ...]
    language: str

    def same(self, other: "Amount") -> bool:
        """Whether both say as much of the same, as far as two languages can be compared."""
        if (self.value, self.bound) != (other.value, other.bound):
            return False
        bare = [a for a in (self, other) if not a.measure and not a.counted]
        if bare:
            return not {self.measure, other.measure} & _EXACT
        if self.measure != other.measure:
            return False
        if self.counted == other.counted:
            return bool(self.measure) or self.language == other.language or self._short(other)
        if self.measure == "%" and not (self.counted and other.counted):
            return True
        return self.language != other.language and not self.measure and self._short(other)

    def _short(self, other: "Amount") -> bool:
        return max(len(self.counted), len(other.counted)) <= _MOST_FOREIGN_UNIT


def read_amount(found: Sequence[Token], language: str) -> Amount | None:
    """What a text says if it is one number, with or without a unit; `found` are its tokens."""
    if len(found) > _MOST_TOKENS:
        return None
    if not any(token.value is not None or is_number(token.text, language) for token in found):
        return None
    place = _skip(found, 0, language)
    bound, place = _bound(found, place, language)
    place = _skip(found, place, language)
    money = found[place].text if place < len(found) and found[place].text in _EXACT else ""
    value, place = read_number(found, place + bool(money), language)
    if value is None:
        return None
    rest = [token.text for token in found[place:]]
    if language == "en" and rest[:2] == ["per", "cent"]:
        rest[:2] = ["%"]
    if any(token.value is not None or token.ordinal for token in found[place:]):
        return None
    if any(is_number(word, language) or word in _MORE.get(language, "-") for word in rest):
        return None
    return _counting(value, bound, [money, *rest] if money else rest, language)


def _skip(found: Sequence[Token], place: int, language: str) -> int:
    while place < len(found) and found[place].text in _ROUGHLY.get(language, ()):
        place += 1
    return place


def _bound(found: Sequence[Token], place: int, language: str) -> tuple[str, int]:
    bounds = _BOUNDS.get(language, {})
    following = tuple(token.text for token in found[place : place + 3])
    for length in range(len(following), 0, -1):
        if bound := bounds.get(following[:length]):
            return bound, place + length
    return "", place


def _counting(value: Decimal, bound: str, unit: Sequence[str], language: str) -> Amount:
    measure, counted, squared = "", [], ""
    for word in unit:
        if word in _SILENT.get(language, ()):
            continue
        if word in ("square", "sq"):
            squared = "²"
            continue
        bare = word.removeprefix("kvadrat")
        squared = "²" if bare != word and bare else squared
        match = None if measure else _MEASURE.fullmatch(bare)
        if match and match.lastindex:
            measure = _MEASURES[match.lastindex - 1][0]
        else:
            counted.append(stem(word, language))
    return Amount(value, bound, measure + squared, tuple(counted), language)
