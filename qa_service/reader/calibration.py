"""Reader and retrieval scores -> the probability that a Candidate is right.

A logistic regression over a few features of a Candidate among those of its question. The
shipped weights are fitted by `training/calibrate.py` on questions outside the evaluation sets
and lie beside the reader's; `qa-service calibrate` fits others. What they were fitted on is
written with them.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from qa_service.errors import ModelError
from qa_service.names import name_keys
from qa_service.schema import Candidate, Passage, Retrieved

FILE = "calibration.json"
FEATURES = (
    *("score", "lead", "similarity", "fused", "below"),
    *("across", "names", "numbers", "echo"),
)
_NUMBER = re.compile(r"\d+")


class Asked(NamedTuple):
    """The question that Candidates were found for."""

    text: str
    language: str

    @classmethod
    def of(cls, found: Retrieved) -> "Asked":
        return cls(found.understood_as, found.language)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted weights, and the confidence under which the service had better abstain."""

    weights: Mapping[str, float]
    bias: float
    threshold: float
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def calibrated(self, candidates: Sequence[Candidate], asked: Asked) -> list[Candidate]:
        """The Candidates of one question with their confidence, the best first."""
        confidences = self.confidences(candidates, asked)
        rated = [
            replace(candidate, confidence=confidence)
            for candidate, confidence in zip(candidates, confidences, strict=True)
        ]
        return sorted(rated, key=lambda candidate: -candidate.confidence)

    def confidences(self, candidates: Sequence[Candidate], asked: Asked) -> list[float]:
        """The probability that each Candidate of one question is right, in their own order."""
        return [self._probability(row) for row in features(candidates, asked)]

    def _probability(self, row: Mapping[str, float]) -> float:
        logit = self.bias + sum(weight * row[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0

    def save(self, place: Path) -> None:
        """Write it to a file, or into a folder where `load_calibration` finds it."""
        fields = {
            "weights": dict(self.weights),
            "bias": self.bias,
            "threshold": self.threshold,
            "provenance": dict(self.provenance),
        }
        path = place / FILE if place.is_dir() else place
        path.write_text(json.dumps(fields, indent=1, ensure_ascii=False) + "\n", "utf-8")


def features(candidates: Sequence[Candidate], asked: Asked) -> list[dict[str, float]]:
    """What a Candidate's probability depends on, one row a Candidate.

    `score`: the reader's, clipped to what was seen; `lead`: the same, above the best other
    Candidate; `similarity`: cosine; `fused`: the retriever's score; `below`: how far that
    lies below the best Hit's; `across`: whether the Passage is in another language than the
    question; `names`, `numbers`: the share of those in the question that the Passage has too, a
    name by its sound; `echo`: whether the question already says the Candidate's words.
    """
    scores = [_clipped(candidate.score) for candidate in candidates]
    fused = [candidate.hit.score for candidate in candidates]
    # Capitals tell a name, but neither the first letter's nor those of text all in capitals.
    said = "" if asked.text.isupper() else asked.text[1:]
    names = set(name_keys(said, asked.language))
    numbers = set(_NUMBER.findall(asked.text))
    question = asked.text.casefold()
    return [
        {
            "score": scores[i],
            "lead": scores[i] - max((s for j, s in enumerate(scores) if j != i), default=0.0),
            "similarity": candidate.hit.similarity,
            "fused": fused[i],
            "below": max(fused) - fused[i],
            "across": float(passage.language != asked.language),
            "names": _share(names, passage, lambda p: name_keys(p.headed_text, p.language)),
            "numbers": _share(numbers, passage, lambda p: _NUMBER.findall(p.headed_text)),
            "echo": float(candidate.text.casefold() in question),
        }
        for i, candidate in enumerate(candidates)
        for passage in [candidate.hit.passage]
    ]


def _share(wanted: set[str], passage: Passage, held: Callable[[Passage], Sequence[str]]) -> float:
    """The share of `wanted` that the Passage has too; it is read only if something is wanted."""
    return len(wanted.intersection(held(passage))) / len(wanted) if wanted else 1.0


def _clipped(score: float) -> float:
    return max(-15.0, min(20.0, score))


def load_calibration(folder: Path) -> Calibration:
    """The calibration beside a reader's weights; a plain logistic of the score if it has none."""
    path = folder / FILE
    if not path.is_file():
        return Calibration({"score": 1.0}, bias=0.0, threshold=0.5)
    return read_calibration(path)


def read_calibration(path: Path) -> Calibration:
    """The calibration in a file. Raises ModelError when it holds none."""
    try:
        fields = json.loads(path.read_text("utf-8"))
        weights = {str(name): float(weight) for name, weight in fields["weights"].items()}
        if unknown := weights.keys() - set(FEATURES):
            raise ValueError(f"it weighs {', '.join(sorted(unknown))}, which is no feature")
        numbers = {name: float(fields[name]) for name in ("bias", "threshold")}
        return Calibration(weights, **numbers, provenance=fields.get("provenance", {}))
    except OSError as error:
        raise ModelError(
            f"The calibration {str(path)!r} cannot be read ({error.strerror or error}). "
            "QA_CALIBRATION must name a file written by `qa-service calibrate`, or be unset."
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(
            f"{str(path)!r} is no calibration ({error}). "
            "Restore the file, or remove it and run `qa-service calibrate`."
        ) from error
