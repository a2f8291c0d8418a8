"""Questions typed in haste ("when did general thomson come") as a reader learnt to read them."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"\w[\w'’-]*")
_ENDS = re.compile(r"[?.!…]\W*$")
# A capital after the end of a sentence, or at the beginning of a text, tells nothing.
_BEGINS_SENTENCE = re.compile(r"(?:^|[.!?:…][\"'”’»)]*\s)\W*$")


def as_written(question: str, passages: Iterable[str]) -> str:
    """The question with its mark, and in one case throughout with the capitals of the passages.

    A word that the passages have with a capital alone is a name. A reader that tells capitals
    from small letters finds worse without them.
    """
    text = question.rstrip()
    if text and not _ENDS.search(text):
        text += "?"
    if text.isupper():
        text = text.lower()
    elif text != text.lower():
        return text
    names = _names(passages)
    return _WORD.sub(lambda match: names.get(match[0], match[0]), text)


def _names(passages: Iterable[str]) -> dict[str, str]:
    """Words that stand with a capital inside sentences and nowhere without, by their small form."""
    names: dict[str, str] = {}
    small: set[str] = set()
    for passage in passages:
        for match in _WORD.finditer(passage):
            word = match[0]
            if not word[0].isupper():
                small.add(word)
            elif not _BEGINS_SENTENCE.search(passage, max(0, match.start() - 5), match.start()):
                names.setdefault(word.lower(), word)
    return {word: name for word, name in names.items() if word not in small}
