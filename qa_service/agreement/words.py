"""The words of an answer, stripped of what grammar adds, and its names as they sound."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from qa_service.agreement.tokens import Token, listed
from qa_service.names import name_keys

_ARTICLES = frozenset({"a", "an", "the"})
_LATVIAN_ENDING = re.compile(
    r"(?<=...)(?:aj(?:iem|am|ai|as|os|a)|iem|ais|am|ai|as|os|is|es|em|im|um|us|ei|s|a|e|i|o|u)$"
)
_STEMMED_FROM = 4  # letters
# What may lead an answer or be left out, by what it says; two that differ contradict.
_LEADS = {
    "en": {"in": "in", "at": "in", "on": "in", "to": "to", "into": "to", "from": "from"}
    | {"with": "with", "by": "by", "for": "for", "of": "of", "as": "as", "because": "why"},
    "lv": {"uz": "to", "no": "from", "ar": "with", "par": "for", "pie": "at", "jo": "why"},
}
_AND = {"en": "and", "lv": "un"}
# Written small within Latvian names, "Fatali hans Hojskis".
_HONORIFICS = frozenset(
    listed("khan hans hana hanam hanu bey bejs beja beks beka beg pasha pasa oglu ogli")
)
# The last word of a longer name says the same alone only if it names one bearer ...
_KINDS = frozenset(
    listed(
        "minister council republic government army party union committee parliament president "
        "general front state war empire province region city district street square commission "
        "bank company university institute hotel sea ocean river mountain mountains islands"
    )
)
# ... and if no word before it picks a part or a kind of what it names.
_NARROWING = frozenset(
    listed(
        "north south east west northern southern eastern western central upper lower inner "
        "outer new old great greater little free red white black soviet democratic prime deputy "
        "vice first second saint san ziemelu dienvidu austrumu rietumu vidus jauna vecais liela "
        "lielais maza sarkana baltais padomju neatkariga demokratiska"
    )
)
_SURE_SOUND = 6  # letters of a key: shorter ones join Hamidov and Hummatov, Batumi and Padome
_SHORTEST_ALONE = 3  # consonants of a name that stands for itself
_MOST_NAMES = 6
_MOST_STEMMED = 4  # words; endings tell apart in whole clauses ("uzbruka", "uzbruks")
_SPELLINGS = (
    ("kh", "h"),
    ("gh", "g"),
    ("shch", "s"),
    ("sch", "s"),
    ("tch", "c"),
    ("ch", "c"),
    ("sh", "s"),
    ("zh", "z"),
    ("ts", "c"),
    ("tz", "c"),
    ("ph", "f"),
    ("th", "t"),
    ("ck", "k"),
    ("x", "ks"),
    ("w", "v"),
    ("q", "k"),
    ("y", "i"),
)


class Name(NamedTuple):
    """One word of a name: its key by sound ("" if too short), its consonants, its spellings."""

    key: str
    consonants: str
    forms: frozenset[str]


class Wording(NamedTuple):
    """`words` after `lead`, their stems, and the names if they are nothing else."""

    lead: str
    words: tuple[str, ...]
    stems: tuple[str, ...]
    names: tuple[Name, ...]
    whole: bool
    """Whether the names are one name, not several, nor one that cannot be shortened."""


def stem(word: str, language: str) -> str:
    """A folded word without its Latvian case ending."""
    if language != "lv" or len(word) < _STEMMED_FROM:
        return word
    return _LATVIAN_ENDING.sub("", word)


def read_wording(found: Sequence[Token], language: str, punctuated: bool) -> Wording:
    """`punctuated`: whether a comma or the like parts the text."""
    kept = [
        token
        for place, token in enumerate(found)
        if not _is_article(found, place, language) and not _is_hyphen(found, place)
    ]
    lead = ""
    if len(kept) > 1:
        lead = _LEADS.get(language, {}).get(kept[0].text, "")
    kept = kept[1:] if lead else kept
    words = tuple(token.text for token in kept)
    short = len(words) <= _MOST_STEMMED
    stems = tuple(stem(word, language) for word in words) if short else words
    names = _names(kept, language)
    whole = not punctuated and _AND.get(language) not in words
    whole = whole and bool(names) and words[-1] not in _KINDS
    return Wording(lead, words, stems, names, whole and not _NARROWING & set(words[:-1]))


def same_wording(one: Wording, other: Wording, one_language: bool) -> bool:
    """Whether the same words or names stand in both; `one_language`: sound alone counts not."""
    if not one.words or not other.words:
        return False
    if one.lead and other.lead and one.lead != other.lead:
        return False
    if one.words == other.words or (one_language and one.stems == other.stems):
        return True
    return _same_names(one, other, one_language) or _same_names(other, one, one_language)


def _is_article(found: Sequence[Token], place: int, language: str) -> bool:
    # The last word is none: "vitamin A" is not "vitamin".
    return language == "en" and found[place].text in _ARTICLES and place + 1 < len(found)


def _is_hyphen(found: Sequence[Token], place: int) -> bool:
    """A dash between two numbers is a range; any other only joins words."""
    if found[place].text != "-" or not 0 < place < len(found) - 1:
        return found[place].text == "-" and len(found) > 1
    return not all(found[at].text[:1].isdigit() for at in (place - 1, place + 1))


def _names(kept: Sequence[Token], language: str) -> tuple[Name, ...]:
    """The names of a text that holds nothing else; none if it does."""
    if len(kept) > _MOST_NAMES:
        return ()
    names = []
    for token in kept:
        if token.text == _AND.get(language):
            continue
        if not token.spelled[0].isupper() and token.text not in _HONORIFICS:
            return ()
        names.append(_name(token, language))
    return tuple(names)


def _name(token: Token, language: str) -> Name:
    keys = name_keys(token.spelled, language)
    folded = {token.text, stem(token.text, language)}
    forms = frozenset(_spelled_alike(form, language) for form in folded)
    shortest = min(forms, key=lambda form: (len(form), form))
    consonants = re.sub(r"[aeiouəı]|h$", "", shortest)
    return Name(keys[0] if len(keys) == 1 else "", re.sub(r"(.)\1+", r"\1", consonants), forms)


def _spelled_alike(word: str, language: str) -> str:
    word = word.replace("j", "dz" if language == "en" else "i")
    for spelling, alike in _SPELLINGS:
        word = word.replace(spelling, alike)
    return re.sub(r"(.)\1+", r"\1", word)


def _same_names(one: Wording, other: Wording, one_language: bool) -> bool:
    """Whether each name of `one` has its like in `other`, or they are the end of it."""
    if not one.names or not other.names:
        return False
    if len(one.names) == len(other.names):
        if one.whole != other.whole:
            return False
        left = list(other.names)
        for name in one.names:
            like = next((n for n in left if _alike(name, n, one_language)), None)
            if like is None:
                return False
            left.remove(like)
        spelled = all(any(n.forms & m.forms for m in other.names) for n in one.names)
        return spelled or sum(len(n.key.strip("_")) for n in one.names) >= _SHORTEST_ALONE
    if len(one.names) > len(other.names) or not other.whole or not one.whole:
        return False
    ends = list(zip(one.names, other.names[-len(one.names) :], strict=True))
    return all(_alike(*pair, one_language) for pair in ends) and _tells_apart(*ends[-1])


def _tells_apart(one: Name, other: Name) -> bool:
    """Whether a surname is long enough to be known without a first name."""
    if one.forms & other.forms:
        return bool(one.key and other.key)
    return len(one.key.strip("_")) >= _SHORTEST_ALONE


def _alike(one: Name, other: Name, one_language: bool) -> bool:
    if one.forms & other.forms:
        return True
    if one_language or not one.key or one.key != other.key:
        return False
    return len(one.key) >= _SURE_SOUND or one.consonants == other.consonants
