"""Whether two answers say the same, in whatever wording and in either language.

Dates are compared as dates, quantities as quantities, names by sound across languages, all else
as words. What is not clearly the same is taken to differ: sources that contradict each other
must stand side by side.
"""

import re
import unicodedata
from dataclasses import dataclass

from qa_service.agreement.amounts import Amount, read_amount
from qa_service.agreement.dates import When, read_date
from qa_service.agreement.tokens import tokens
from qa_service.agreement.words import Wording, read_wording, same_wording

_PARTED = re.compile(r"[,;:/()&]")


@dataclass(frozen=True, slots=True)
class Key:
    """What an answer says, as far as it can be read."""

    language: str
    plain: str
    date: When | None
    amount: Amount | None
    wording: Wording | None
    """None of dates and amounts, which are not compared by it."""

    def agrees(self, other: "Key") -> bool:
        """Whether both say the same; symmetric, but not transitive.

        "Gambarov" agrees with Isa and with Ali Gambarov, who are two.
        """
        if self.plain == other.plain:
            return True
        if self.date or other.date:
            return self.date == other.date
        if self.amount or other.amount:
            return bool(self.amount and other.amount and self.amount.same(other.amount))
        if self.wording is None or other.wording is None:
            return False
        return same_wording(self.wording, other.wording, self.language == other.language)


def key(text: str, language: str) -> Key:
    """What a text in an ISO 639-1 language says, to be compared with what others say."""
    plain = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    found = tokens(text, language)
    date = read_date(text, found, language)
    amount = None if date else read_amount(found, language)
    if date or amount:
        return Key(language, plain, date, amount, None)
    wording = read_wording(found, language, _PARTED.search(text) is not None)
    return Key(language, plain, None, None, wording)


def agree(one: str, one_language: str, other: str, other_language: str) -> bool:
    """Whether two answers, each in its language, say the same."""
    return key(one, one_language).agrees(key(other, other_language))
