"""Questions as people type them: no marks, in capitals, with a typo, as keywords, at length."""

import random
import re
import unicodedata
from collections.abc import Callable, Mapping

_SMALL = re.compile(
    r"\b(what|which|who|when|where|how|did|does|do|was|were|is|are|the|a|an|of|in|on|to|by|"
    r"kas|kad|kur|kurš|kura|kurā|ko|kā|cik|vai|bija|ir|tika|un|par|ar|no|pie)\b",
    re.IGNORECASE,
)
_PREAMBLES = {
    "en": "I am preparing a talk for our reading room and could not find this in the books that "
    "I have at home, so please help me:",
    "lv": "Gatavoju stāstījumu mūsu lasītavai un mājās esošajās grāmatās to neatradu, tāpēc lūdzu "
    "palīdzību:",
}


def without_marks(question: str) -> str:
    """Without diacritics."""
    letters = unicodedata.normalize("NFD", question)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def with_typo(question: str, rng: random.Random) -> str:
    """With two letters swapped, or one left out or doubled; a short question stays as it is."""
    if len(question) <= 12:
        return question
    place = rng.randrange(1, len(question) - 2)
    pair = question[place] + question[place + 1]
    changed = rng.choice([pair[::-1], pair[0], pair[0] + pair[0] + pair[1]])
    return question[:place] + changed + question[place + 2 :]


def as_keywords(question: str) -> str:
    """In lower case without the small words; as it is where hardly anything would be left."""
    words = _SMALL.sub(" ", question.rstrip("?")).split()
    return " ".join(words).lower() if len(words) >= 2 else question


def at_length(question: str, language: str) -> str:
    """After a polite sentence that says nothing."""
    return f"{_PREAMBLES.get(language, _PREAMBLES['en'])} {question}"


STYLES: Mapping[str, Callable[[str, str, random.Random], str]] = {
    "as asked": lambda question, language, rng: question,
    "no diacritics": lambda question, language, rng: without_marks(question),
    "no question mark": lambda question, language, rng: question.rstrip("?").lower(),
    "upper case": lambda question, language, rng: question.upper(),
    "typo": lambda question, language, rng: with_typo(question, rng),
    "keywords": lambda question, language, rng: as_keywords(question),
    "at length": lambda question, language, rng: at_length(question, language),
}
"""By name: a question and its language, typed in that way."""
