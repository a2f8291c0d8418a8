"""Figures for answers and rankings, after the definitions of SQuAD (Rajpurkar et al., 2016)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

RIGHT = 0.5  # F1 from which an answer counts as right

_ARTICLE = re.compile(r"\b(a|an|the)\b")


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """What answering as far down as `confidence` costs. Shares are in 0..1."""

    confidence: float
    coverage: float
    """Share of the questions asked that are answered."""
    risk: float
    """Share of the answers given that are wrong."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence lies in `[low, high)`; the last bin holds 1.0 too."""

    low: float
    high: float
    answers: int
    confidence: float
    """Their mean confidence."""
    right: float
    """The share of them that is right."""


def normalize(text: str, folded: bool = False) -> str:
    """Lower case, without punctuation, English articles and repeated white space.

    `folded`: without diacritics too, so that "maijā" and "maija" are the same word.
    """
    kept = (
        " " if unicodedata.category(char)[0] in "PS" and char not in "%$€£+" else char
        for char in unicodedata.normalize("NFC", text).casefold()
    )
    plain = " ".join(_ARTICLE.sub(" ", "".join(kept)).split())
    if not folded:
        return plain
    parts = unicodedata.normalize("NFD", plain)
    return "".join(char for char in parts if not unicodedata.combining(char))


def exact_match(answer: str, accepted: Sequence[str], folded: bool = False) -> float:
    """1.0 if the normalised `answer` equals one of `accepted`, else 0.0."""
    given = normalize(answer, folded)
    return float(any(given == normalize(text, folded) for text in accepted))


def f1(answer: str, accepted: Sequence[str], folded: bool = False) -> float:
    """The best harmonic mean of word precision and recall over `accepted`, in 0..1."""
    given = normalize(answer, folded).split()
    return max((_f1(given, normalize(text, folded).split()) for text in accepted), default=0)


def _f1(given: list[str], wanted: list[str]) -> float:
    shared = sum((Counter(given) & Counter(wanted)).values())
    return 2 * shared / (len(given) + len(wanted)) if shared else 0.0


def risk_coverage(
    confidences: Sequence[float], right: Sequence[bool], asked: int | None = None
) -> list[RiskPoint]:
    """The risk-coverage curve (Geifman and El-Yaniv, 2017): a point for each answer, surest first.

    Among equal confidences the wrong ones count first: ties earn no credit. `asked` is the number
    of questions, when some of them have no answer to give at all.
    """
    order = sorted(zip(confidences, right, strict=True), key=lambda pair: (-pair[0], pair[1]))
    wrong, points = 0, []
    for given, (confidence, correct) in enumerate(order, 1):
        wrong += not correct
        points.append(RiskPoint(confidence, given / (asked or len(order)), wrong / given))
    return points


def risk_coverage_area(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """The mean error rate over all coverages, the surest answers given first; 0 is best.

    Area under the risk-coverage curve; 0.0 of nothing.
    """
    points = risk_coverage(confidences, right)
    return sum(point.risk for point in points) / len(points) if points else 0.0


def reliability_bins(
    confidences: Sequence[float], right: Sequence[bool], bins: int = 10
) -> list[Bin]:
    """How often answers of each confidence are right; of `bins` equally wide, those not empty."""
    grouped: dict[int, list[tuple[float, bool]]] = {}
    for pair in zip(confidences, right, strict=True):
        grouped.setdefault(min(int(pair[0] * bins), bins - 1), []).append(pair)
    return [
        Bin(
            low=place / bins,
            high=(place + 1) / bins,
            answers=len(group),
            confidence=sum(sure for sure, _ in group) / len(group),
            right=sum(correct for _, correct in group) / len(group),
        )
        for place, group in sorted(grouped.items())
    ]


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """How far confidence lies from the share of right answers, over `bins` of equal width.

    Expected calibration error (Naeini and others, 2015): weighted by the answers in each bin.
    """
    grouped = reliability_bins(confidences, right, bins)
    gaps = (group.answers * abs(group.confidence - group.right) for group in grouped)
    return sum(gaps) / len(confidences) if confidences else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The least of `values` that at least `share` of them do not exceed (nearest rank)."""
    if not values or not 0 < share <= 1:
        raise ValueError(f"a percentile needs values and 0 < share <= 1, got {share}")
    return sorted(values)[ceil(share * len(values)) - 1]
