"""Candidates known to be right or wrong -> a Calibration, and what its confidence is worth.

One logistic regression over the features of `calibration.py`, and the threshold under which it
had better abstain. What the confidence is worth is measured on questions kept out of the fit.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from qa_service.errors import RowError
from qa_service.metrics import calibration_error, risk_coverage_area
from qa_service.reader.calibration import FEATURES, Asked, Calibration, features
from qa_service.schema import Candidate

_FOLDS = 5
# Nine weights and a bias are fitted, each time on four fifths of the questions.
_LEAST_CANDIDATES = 20
# With one in every fold at least, each fit of the others sees both kinds too.
_LEAST_ANSWERS = _FOLDS
_REFUSED = 0.75  # of the unanswerable questions: beyond it, refusing one more costs several answers
_THRESHOLDS = np.arange(0.02, 0.9, 0.01)


@dataclass(frozen=True, slots=True)
class Judged:
    """The Candidates found for one question, and which of them are right."""

    asked: Asked
    candidates: tuple[Candidate, ...]
    right: tuple[bool, ...]
    answerable: bool = True
    """Whether the documents hold an answer at all."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a confidence is worth: of the best answers to some questions, given or withheld."""

    area: float
    """Under risk-coverage; 0 is best."""
    calibration_error: float
    wrong: int
    wrong_given: int
    right: int
    right_withheld: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A Calibration, and its worth when fitted without the questions it is measured on."""

    calibration: Calibration
    worth: Worth


@dataclass(frozen=True, slots=True)
class _Best:
    """The best answer to one question."""

    confidence: float
    right: bool
    given: bool
    answerable: bool


def fit(judged: Sequence[Judged], provenance: Mapping[str, Any]) -> Fitted:
    """Fit on all questions; its worth comes from as many fits as there are folds.

    The threshold is where three quarters of the unanswerable questions are refused; where these
    are few, where wrong answers given and right ones withheld, as shares, add up to least. Raises
    RowError when either kind is too rare to fit on.
    """
    found = [case for case in judged if case.candidates]
    _check("candidates", [right for case in found for right in case.right], _LEAST_CANDIDATES)
    calibration = _fit(found)
    _check("best answers", [best.right for best in _best(calibration, found)], _LEAST_ANSWERS)
    folds = _folds(found)
    held_out = [
        best
        for fold in folds
        for best in _best(_fit([case for f in folds if f is not fold for case in f]), fold)
    ]
    return Fitted(replace(calibration, provenance=provenance), _worth(held_out))


def worth(calibration: Calibration, judged: Sequence[Judged]) -> Worth:
    """What the confidence of a Calibration is worth on these questions."""
    return _worth(_best(calibration, judged))


def _check(what: str, rights: Sequence[bool], least: int) -> None:
    right, wrong = rights.count(True), rights.count(False)
    if min(right, wrong) < least:
        scarce = "that the documents answer" if right < least else "that no document answers"
        raise RowError(
            f"The rows are too few to fit a confidence on: of the {what} found, {right} are right "
            f"and {wrong} wrong, at least {least} of each are needed. Add questions {scarce}."
        )


def _fit(judged: Sequence[Judged]) -> Calibration:
    from sklearn.linear_model import LogisticRegression  # takes a second or two to import

    rows = [row for case in judged for row in features(case.candidates, case.asked)]
    right = [correct for case in judged for correct in case.right]
    table = np.array([[row[name] for name in FEATURES] for row in rows])  # (candidates, features)
    center, scale = table.mean(0), table.std(0)
    scale[scale == 0] = 1.0  # a feature that never differs weighs nothing
    model = LogisticRegression(C=1.0).fit((table - center) / scale, right)
    weights = model.coef_[0] / scale
    calibration = Calibration(
        weights={name: round(float(w), 5) for name, w in zip(FEATURES, weights, strict=True)},
        bias=round(float(model.intercept_[0] - weights @ center), 5),
        threshold=0.5,
    )
    return replace(calibration, threshold=_threshold(_best(calibration, judged)))


def _threshold(answers: Sequence[_Best]) -> float:
    """Where most unanswerable questions are refused; without enough of them, where wrong answers
    given and right ones withheld, as shares, add up to least.
    """
    unanswerable = [best.confidence for best in answers if not best.answerable]
    if len(unanswerable) >= _LEAST_CANDIDATES:
        return round(float(np.quantile(unanswerable, _REFUSED)) + 0.005, 2)
    right = np.array([best.right for best in answers])
    sure = np.array([best.confidence for best in answers])
    costs = [_share(sure[~right] >= t) + _share(sure[right] < t) for t in _THRESHOLDS]
    return round(float(_THRESHOLDS[int(np.argmin(costs))]), 2)


def _share(chosen: npt.NDArray[np.bool_]) -> float:
    return float(chosen.mean()) if chosen.size else 0.0


def _best(calibration: Calibration, judged: Sequence[Judged]) -> list[_Best]:
    """The best answer to each question that anything was found for."""
    found = []
    for case in judged:
        pairs = zip(calibration.confidences(case.candidates, case.asked), case.right, strict=True)
        best = max(pairs, key=lambda pair: pair[0], default=None)
        if best:
            given = best[0] >= calibration.threshold
            found.append(_Best(*best, given=given, answerable=case.answerable))
    return found


def _folds(judged: Sequence[Judged]) -> list[list[Judged]]:
    """The questions shared out, those with right and those with wrong Candidates evenly."""
    shuffled = random.Random(0).sample(list(judged), len(judged))
    # Those with both kinds in the middle: either kind then stands in one run, dealt in turn.
    dealt = sorted(shuffled, key=lambda case: (any(case.right), all(case.right)))
    return [dealt[first::_FOLDS] for first in range(_FOLDS)]


def _worth(answers: Sequence[_Best]) -> Worth:
    confidences = [best.confidence for best in answers]
    right = [best.right for best in answers]
    return Worth(
        area=risk_coverage_area(confidences, right),
        calibration_error=calibration_error(confidences, right),
        wrong=right.count(False),
        wrong_given=sum(best.given and not best.right for best in answers),
        right=right.count(True),
        right_withheld=sum(best.right and not best.given for best in answers),
    )
