"""Figures for answers and rankings, after the definitions of SQuAD (Rajpurkar et al., 2016)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

_ARTICLE = re.compile(r"\b(a|an|the)\b")


def normalize(text: str) -> str:
    """Lower case, without punctuation, English articles and repeated white space."""
    kept = (
        " " if unicodedata.category(char)[0] in "PS" and char not in "%$€£+" else char
        for char in unicodedata.normalize("NFC", text).casefold()
    )
    return " ".join(_ARTICLE.sub(" ", "".join(kept)).split())


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """1.0 if the normalised `answer` equals one of `accepted`, else 0.0."""
    return float(any(normalize(answer) == normalize(text) for text in accepted))


def f1(answer: str, accepted: Sequence[str]) -> float:
    """The best harmonic mean of word precision and recall over `accepted`, in 0..1."""
    return max((_f1(normalize(answer).split(), normalize(t).split()) for t in accepted), default=0)


def _f1(given: list[str], wanted: list[str]) -> float:
    shared = sum((Counter(given) & Counter(wanted)).values())
    return 2 * shared / (len(given) + len(wanted)) if shared else 0.0
