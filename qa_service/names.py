"""Names as they sound, so that one spelling finds another: Gendže and Ganja, Hojskis and Khoyski.

A key keeps a name's consonants, by classes that spellings of different languages confuse, and
leaves out vowels and what Latvian inflection adds.
"""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_SHORTEST_WORD, _SHORTEST_KEY = 4, 3  # shorter ones fit too many others
# Letters that stand for one sound together, the longer first; ^ is a sound of the class c.
_TOGETHER = (
    ("shch", "s"),
    ("sch", "s"),
    ("tch", "^"),
    ("ch", "^"),
    ("sh", "s"),
    ("zh", "^"),
    ("dz", "^"),
    ("dj", "^"),
    ("ts", "^"),
    ("tz", "^"),
    ("kh", "k"),
    ("gh", "g"),
    ("ph", "f"),
    ("th", "t"),
    ("ck", "k"),
    ("x", "ks"),
)
_CLASSES = {
    letter: group[0]
    for group in ("bp", "c^", "dt", "gkhq", "l", "m", "n", "r", "sz", "vfw")
    for letter in group
}
_VOWELS = frozenset("aeiouyəı")


def name_keys(text: str, language: str, *, all_words: bool = False) -> list[str]:
    """Keys of the capitalised words of `text`, or of `all_words` where any case may be typed."""
    words = (match.group() for match in _WORD.finditer(text))
    wanted = (word for word in words if len(word) >= _SHORTEST_WORD)
    keys = (_key(word, language) for word in wanted if all_words or word[0].isupper())
    return [key for key in keys if len(key) >= _SHORTEST_KEY]


@lru_cache(maxsize=1 << 16)  # the names of a text come again and again
def _key(word: str, language: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    letters = "".join(char for char in folded if char.isalpha())
    # In English j is the sound of Latvian dž; elsewhere it is a vowel's neighbour.
    letters = letters.replace("j", "dz" if language == "en" else "i")
    if language == "lv":
        letters = re.sub(r"(?<=..)([aeiou]m|s)$", "", letters)
    else:
        letters = re.sub(r"(?<=[aeiou])h$|(?<=..)s$", "", letters)
    for spelling, sound in _TOGETHER:
        letters = letters.replace(spelling, sound)
    consonants = "".join(_CLASSES.get(char, "") for char in letters)
    single = re.sub(r"(.)\1+", r"\1", consonants)
    return f"_{single}" if letters[:1] in _VOWELS else single
