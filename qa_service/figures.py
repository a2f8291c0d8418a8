"""Outcomes -> figures: shares and means of a group, and what holds for a whole file."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean
from typing import Literal

from qa_service.metrics import (
    calibration_error,
    exact_match,
    f1,
    percentile,
    risk_coverage_area,
)
from qa_service.rows import Outcome

Grouping = Literal["direction", "kind", "style", "type", "retyped", "all"]

HEADINGS = {  # of each share, in the order of tables
    "right_first": "R@1",
    "right_passage": "right passage in first 5",
    "right_in_ten": "R@10",
    "reciprocal_rank": "MRR",
    "exact": "EM",
    "f1": "F1",
    "f1_unabstained": "F1 without abstaining",
    "exact_folded": "EM folded",
    "f1_folded": "F1 folded",
    "cited_right": "cited right",
    "refused_wrongly": "refused wrongly",
    "refused_rightly": "refused rightly",
}

_DIRECTIONS = ("en->en", "lv->lv", "en->lv", "lv->en")  # these first, the others as they come


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of a table. Shares are in 0..1; None where they make no sense.

    All but `refused_rightly` are over the answerable rows, and an abstention counts as a wrong
    answer where nothing else is said.
    """

    by: Grouping
    name: str
    rows: int
    right_first: float | None
    """The first Hit holds the right answer."""
    right_passage: float | None
    """One of the first 5 does."""
    right_in_ten: float | None
    reciprocal_rank: float | None
    """Mean of 1 / place of that Hit, 0 when it is not among the first 10."""
    exact: float | None
    f1: float | None
    f1_unabstained: float | None
    exact_folded: float | None
    """`exact` with diacritics left aside, as `f1_folded` for `f1`."""
    f1_folded: float | None
    cited_right: float | None
    refused_wrongly: float | None
    refused_rightly: float | None

    def share(self, name: str) -> float | None:
        """The share that `HEADINGS` has under this name."""
        found: float | None = getattr(self, name)
        return found

    @property
    def direction(self) -> str | None:
        """The name, where the rows were grouped by direction."""
        return self.name if self.by == "direction" else None

    @property
    def refused(self) -> float:
        """Of answerable rows: wrong refusals; with none of them: right abstentions."""
        return next(s for s in (self.refused_wrongly, self.refused_rightly, 0.0) if s is not None)


@dataclass(frozen=True, slots=True)
class Whole:
    """What is reckoned over a whole file, at the threshold that was in force."""

    area: float
    """Under the risk-coverage curve; 0 is best."""
    calibration_error: float
    answered_wrongly: int
    """Wrong answers given, to unanswerable questions too."""
    refused_wrongly: int
    p50_ms: float
    """Of a whole question, asked alone."""
    p95_ms: float


def by_direction(outcomes: Sequence[Outcome]) -> list[Figures]:
    """A line for each direction, the unanswerable, the follow-ups, and all answerable."""
    lines = _grouped("direction", outcomes, lambda outcome: outcome.direction)
    lines.sort(key=lambda line: _place(line.name))
    answerable = [outcome for outcome in outcomes if outcome.row.answers]
    return [*lines, figures("all", "all answerable", answerable)] if answerable else lines


def by_slice(outcomes: Sequence[Outcome]) -> list[Figures]:
    """A line for each kind, style and type that the rows name, in the order of the alphabet."""
    return [
        *_grouped("kind", outcomes, lambda outcome: outcome.row.kind),
        *_grouped("style", outcomes, lambda outcome: outcome.row.style),
        *_grouped("type", outcomes, lambda outcome: outcome.row.type),
    ]


def by_retyping(outcomes: Sequence[Outcome]) -> list[Figures]:
    """A line for each way of typing the same questions, in the order of the outcomes."""
    groups = groupby(outcomes, key=lambda outcome: outcome.row.style)
    return [figures("retyped", name, list(group)) for name, group in groups]


def figures(by: Grouping, name: str, outcomes: Sequence[Outcome]) -> Figures:
    """The figures of one group."""
    known = [outcome for outcome in outcomes if outcome.row.answers]
    given = [("" if o.abstained else o.answer, o.row.accepted) for o in known]
    return Figures(
        by=by,
        name=name,
        rows=len(outcomes),
        right_first=_mean(_within(outcome, 1) for outcome in known),
        right_passage=_mean(_within(outcome, 5) for outcome in known),
        right_in_ten=_mean(_within(outcome, 10) for outcome in known),
        reciprocal_rank=_mean(_reciprocal(outcome) for outcome in known),
        exact=_mean(exact_match(text, accepted) for text, accepted in given),
        f1=_mean(f1(text, accepted) for text, accepted in given),
        f1_unabstained=_mean(f1(outcome.answer, outcome.row.accepted) for outcome in known),
        exact_folded=_mean(exact_match(text, accepted, folded=True) for text, accepted in given),
        f1_folded=_mean(f1(text, accepted, folded=True) for text, accepted in given),
        cited_right=_mean(outcome.cited_right for outcome in known),
        refused_wrongly=_mean(outcome.abstained for outcome in known),
        refused_rightly=_mean(o.abstained for o in outcomes if not o.row.answers),
    )


def whole(outcomes: Sequence[Outcome]) -> Whole:
    """The figures of a whole file, which holds one row at least."""
    confidences, right = rated(outcomes)
    milliseconds = [outcome.reply.timings_ms["total"] for outcome in outcomes]
    verdicts = [outcome.verdict for outcome in outcomes]
    return Whole(
        area=risk_coverage_area(confidences, right),
        calibration_error=calibration_error(confidences, right),
        answered_wrongly=verdicts.count("wrong"),
        refused_wrongly=verdicts.count("refused wrongly"),
        p50_ms=percentile(milliseconds, 0.5),
        p95_ms=percentile(milliseconds, 0.95),
    )


def rated(outcomes: Iterable[Outcome]) -> tuple[list[float], list[bool]]:
    """The confidence of each best answer, and whether it is right; rows without one left out."""
    pairs = [(o.confidence, o.is_right) for o in outcomes if o.confidence is not None]
    return [confidence for confidence, _ in pairs], [right for _, right in pairs]


def _grouped(
    by: Grouping, outcomes: Sequence[Outcome], name_of: Callable[[Outcome], str]
) -> list[Figures]:
    named = sorted((outcome for outcome in outcomes if name_of(outcome)), key=name_of)
    return [figures(by, name, list(group)) for name, group in groupby(named, key=name_of)]


def _place(direction: str) -> int:
    return _DIRECTIONS.index(direction) if direction in _DIRECTIONS else len(_DIRECTIONS)


def _reciprocal(outcome: Outcome) -> float:
    return 0.0 if outcome.rank is None or outcome.rank >= 10 else 1 / (outcome.rank + 1)


def _within(outcome: Outcome, first: int) -> bool:
    return outcome.rank is not None and outcome.rank < first


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return mean(listed) if listed else None
