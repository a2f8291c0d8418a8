"""An answer as tokens: numbers by their value, words folded, dashes and symbols kept apart."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

_NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>(?<![^\s(])[-−+])?"
    r"(?P<digits>(?:\d{1,3}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?!\d)|\d+)(?:[.,]\d+)*)"
    r"(?:(?P<ordinal>st|nd|rd|th)\b|(?P<dot>\.)(?=\s*[^\W\d_]|\s*[-–]|\s+\d)|(?!\w|[.,]\d))"
)
_GROUP_SPACES = re.compile(r"[ \u00a0\u2009\u202f'’]")
_MOST_DIGITS = 15  # more are no quantity but a name; keeps all arithmetic exact


class Token(NamedTuple):
    """`text` is for comparing, `spelled` as it stands; `value` of numbers written in digits."""

    text: str
    spelled: str
    value: Decimal | None = None
    ordinal: bool = False


class _Spacing(dict[int, str]):
    """Code point -> what stands for it, worked out once for each that occurs."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kind = unicodedata.category(char)
        if kind == "Pd" or char == "−":
            kept = " - "
        elif char in "%&" or (kind[0] == "S" and kind != "Sk"):
            kept = f" {char} "  # "<5" is not "5", nor one flag another
        elif char in "#@":
            kept = char  # part of a name, as in C#
        elif kind == "Cf":
            kept = ""  # marks of direction and joiners say nothing
        else:
            kept = " " if kind[0] == "P" or kind == "Sk" else char
        self[code] = kept
        return kept


_SPACING = _Spacing()


def listed(words: str) -> list[str]:
    """The words of a table, which reads better without its quotation marks."""
    return words.split()


def fold(word: str) -> str:
    """Case and the diacritics of European alphabets taken off; other marks make other words."""
    lower = word.casefold()
    if lower.isascii():
        return lower
    parts = unicodedata.normalize("NFD", lower)
    return "".join(char for char in parts if not "\u0300" <= char <= "\u036f")


def tokens(text: str, language: str) -> list[Token]:
    """The tokens of a text in order; punctuation but dashes is left out."""
    text = unicodedata.normalize("NFC", text)
    found: list[Token] = []
    end = 0
    for match in _NUMBER.finditer(text):
        found += _words(text[end : match.start()])
        found.append(_number(match, language))
        end = match.end()
    return [*found, *_words(text[end:])]


def _words(text: str) -> Iterator[Token]:
    return (Token(fold(word), word) for word in text.translate(_SPACING).split())


def _number(match: re.Match[str], language: str) -> Token:
    digits, sign = match["digits"], match["sign"]
    ordinal = bool(match["ordinal"]) or (bool(match["dot"]) and language != "en")
    value = _value(digits, language)
    if value is None:
        return Token(f"{sign or ''}{digits}", digits, None, ordinal)
    value = -value if sign in ("-", "−") else value
    text = f"{value.normalize():f}"
    return Token(f"{text}." if ordinal else text, match[0], value, ordinal)


def _value(digits: str, language: str) -> Decimal | None:
    """None where a comma or a point may part thousands as well as decimals, or in no number."""
    plain = _GROUP_SPACES.sub("", digits)
    if len(plain) > _MOST_DIGITS:
        return None
    marks = [char for char in plain if char in ".,"]
    if not marks:
        return Decimal(plain)
    head, _, tail = plain.rpartition(marks[-1])
    if len(set(marks)) == 1:
        by_thousands = all(len(part) == 3 for part in plain.split(marks[0])[1:])
        if len(marks) > 1:
            return Decimal(plain.replace(marks[0], "")) if by_thousands else None
        if by_thousands and head != "0" and len(head) <= 3 and plain == digits:
            if language != "en":
                return None
            return Decimal(head + tail if marks == [","] else f"{head}.{tail}")
        if marks == [","] and language == "en":
            return None
        return Decimal(f"{head}.{tail}")
    whole = re.sub(r"[.,]", "", head)
    parts = re.split(r"[.,]", head)
    grouped = len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])
    one_mark = len(set(marks[:-1])) == 1 and marks[-1] != marks[0]
    return Decimal(f"{whole}.{tail}") if grouped and one_mark else None
