"""Questions that ask for several things ("Which parties ...?"), and lists that answer them."""

import re

from qa_service.schema import Span

# "Which" before a plural. English ones are told by their -s, Latvian ones by the pronoun.
_ASKS_FOR_SEVERAL = re.compile(
    r"\b(?i:which|what|whose)\s(?:[\w-]+\s)?"
    r"(?:(?i:two|three|four|five|several|people|men|women|children)"
    r"|(?!was|is|does|has|as)[a-z]+[^sui'\W]s)\b"
    r"|\b(?i:kuras|kuri|kurus|kuriem|kurām|kuros|kurās|kādi|kādas|kādus|kādiem|kādām|kādos|kādās)\b"
)
_JOINS = r"(?:and|or|un|vai)"
_GOES_ON = re.compile(rf"\s*,\s(?:{_JOINS}\s)?\S|\s{_JOINS}\s\S", re.IGNORECASE)
_GOES_BEFORE = re.compile(rf"(?:,|\b{_JOINS})\s$", re.IGNORECASE)
_MAX_WORDS = 12  # beyond these a comma rather begins a clause


def asks_for_several(question: str) -> bool:
    return bool(_ASKS_FOR_SEVERAL.search(question))


def completes(text: str, whole: Span, part: Span) -> bool:
    """Whether `whole` is a list of which `part` has only some items."""
    if not whole.contains(part) or whole == part or len(whole.of(text).split()) > _MAX_WORDS:
        return False
    before, after = text[whole.start : part.start], text[part.end : whole.end]
    return (not before or _GOES_BEFORE.search(before) is not None) and (
        not after or _GOES_ON.match(after) is not None
    )
