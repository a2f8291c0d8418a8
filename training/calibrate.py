"""Fit the confidence of answers on paragraphs kept out of all training.

    python -m training.calibrate [--reader FOLDER] [--encoder FOLDER] [--questions N]

The index holds every paragraph of the bilingual set in one of its two languages; questions
are asked, in both, only about those kept out of training. Writes `calibration.json` into the
reader's folder.
"""

import argparse
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.linear_model import LogisticRegression

from qa_service.encoder import Encoder, load_encoder
from qa_service.indexing import build
from qa_service.metrics import calibration_error, f1, risk_coverage_area
from qa_service.reader.calibration import Calibration, features
from qa_service.reader.model import SpanReader, load_reader
from qa_service.retriever import Retriever
from qa_service.schema import Candidate, Question
from qa_service.settings import WEIGHTS
from qa_service.stores.local import LocalStore
from training.bilingual import HELD_OUT, LANGUAGES, Paragraph, read_paragraphs

# Many questions of the set make sense only beside their paragraph ("Who presided?"); people
# ask a whole collection about something they name.
_NAMES_SOMETHING = re.compile(r"\d|\s\W*[^\W\d_a-zāčēģīķļņšūž]")


@dataclass(frozen=True, slots=True)
class Case:
    """A question, where its answer is, and the Candidates found for it."""

    direction: str
    answer: str | None
    paragraph: str
    candidates: tuple[Candidate, ...]

    def right(self, candidate: Candidate) -> bool:
        return (
            self.answer is not None
            and candidate.hit.passage.document_id == self.paragraph
            and f1(candidate.text, [self.answer]) >= 0.5
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", type=Path, default=WEIGHTS / "reader")
    parser.add_argument("--encoder", type=Path, default=WEIGHTS / "encoder")
    parser.add_argument("--questions", type=int, default=900)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    encoder = load_encoder(str(options.encoder), options.threads)
    reader = load_reader(str(options.reader), options.threads)
    with TemporaryDirectory() as scratch:
        cases = collect(encoder, reader, options.questions, Path(scratch))
    calibration = fit(cases, encoder, reader)
    calibration.save(options.reader)
    print(json.dumps(report(calibration, cases), indent=1))


def collect(encoder: Encoder, reader: SpanReader, count: int, scratch: Path) -> list[Case]:
    """Ask `count` questions about the held-out paragraphs among all the others."""
    held_out = read_paragraphs(held_out=True)
    corpus = scratch / "corpus"
    corpus.mkdir()
    for paragraph in [*held_out, *read_paragraphs(held_out=False)]:
        _write(paragraph, corpus)
    store = LocalStore(build(corpus, scratch / "index", encoder).snapshot.folder)
    wanted = [
        (asked.questions[language], LANGUAGES[language], asked.answers, paragraph)
        for paragraph in held_out
        for asked in paragraph.asked
        for language in (0, 1)
        if asked.after is None and _NAMES_SOMETHING.search(asked.questions[language])
    ]
    random.Random(0).shuffle(wanted)
    wanted = wanted[:count]
    found = Retriever(encoder, store).retrieve([Question(text) for text, *_ in wanted])
    cases = []
    for (_, language, answers, paragraph), retrieved in zip(wanted, found, strict=True):
        read = reader.read([(retrieved.understood_as, hit) for hit in retrieved.hits])
        side = _language_of(paragraph)
        direction = f"{language}->{LANGUAGES[side]}" if answers else "unanswerable"
        candidates = tuple(candidate for candidate in read if candidate)
        cases.append(Case(direction, answers[side] if answers else None, paragraph.id, candidates))
    return cases


def fit(cases: Sequence[Case], encoder: Encoder, reader: SpanReader) -> Calibration:
    rows = [row for case in cases for row in features(case.candidates)]
    right = [case.right(candidate) for case in cases for candidate in case.candidates]
    names = list(rows[0])
    table = np.array([[row[name] for name in names] for row in rows])
    center, scale = table.mean(0), table.std(0)
    model = LogisticRegression(C=1.0).fit((table - center) / scale, right)
    weights = model.coef_[0] / scale
    calibration = Calibration(
        weights={name: round(float(w), 5) for name, w in zip(names, weights, strict=True)},
        bias=round(float(model.intercept_[0] - weights @ center), 5),
        threshold=0.5,
    )
    return Calibration(
        calibration.weights,
        calibration.bias,
        _threshold(calibration, cases),
        provenance={
            "fitted": datetime.now(UTC).date().isoformat(),
            "questions": len(cases),
            "files": list(HELD_OUT),
            "encoder": encoder.fingerprint[:12],
            "reader": reader.fingerprint[:12],
        },
    )


def _threshold(calibration: Calibration, cases: Sequence[Case]) -> float:
    """Where wrong answers given and right answers withheld, as shares, add up to least."""
    best = [calibration.calibrated(case.candidates)[0] for case in cases]
    right = np.array([case.right(top) for case, top in zip(cases, best, strict=True)])
    sure = np.array([top.confidence for top in best])
    grid = np.arange(0.02, 0.9, 0.01)
    costs = [np.mean(sure[~right] >= t) + np.mean(sure[right] < t) for t in grid]
    return round(float(grid[int(np.argmin(costs))]), 2)


def report(calibration: Calibration, cases: Sequence[Case]) -> dict[str, object]:
    """Figures on the very questions of the fit: a little optimistic, five weights are fitted."""
    tops = [(case, calibration.calibrated(case.candidates)[0]) for case in cases]
    scores: dict[str, list[float]] = {}
    refused: dict[str, list[bool]] = {}
    for case, top in tops:
        refused.setdefault(case.direction, []).append(top.confidence < calibration.threshold)
        if case.answer:
            found = case.paragraph == top.hit.passage.document_id
            score = f1(top.text, [case.answer]) if found else 0.0
            scores.setdefault(case.direction, []).append(score)
    sure = [top.confidence for _, top in tops]
    right = [case.right(top) for case, top in tops]
    return {
        "f1": {name: round(float(np.mean(values)), 3) for name, values in scores.items()},
        "refused": {name: round(float(np.mean(values)), 3) for name, values in refused.items()},
        "expected calibration error": round(calibration_error(sure, right), 3),
        "area under risk-coverage": round(risk_coverage_area(sure, right), 3),
        "threshold": calibration.threshold,
        "weights": dict(calibration.weights),
    }


def _write(paragraph: Paragraph, folder: Path) -> None:
    side = _language_of(paragraph)
    title = json.dumps(paragraph.titles[side], ensure_ascii=False)
    head = f"---\nid: {paragraph.id}\ntitle: {title}\nlanguage: {LANGUAGES[side]}\n---\n"
    (folder / f"{paragraph.id}.md").write_text(f"{head}\n{paragraph.text(side)}\n", "utf-8")


def _language_of(paragraph: Paragraph) -> int:
    """Half the paragraphs stand in English, half in Latvian."""
    return int(paragraph.id.rsplit("-", 1)[1]) % 2


if __name__ == "__main__":
    main()
