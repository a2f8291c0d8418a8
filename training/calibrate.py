"""Fit the confidence of answers on paragraphs kept out of all training.

    python -m training.calibrate [--reader FOLDER] [--encoder FOLDER] [--questions N]

The index holds these and some other paragraphs of the bilingual set, each in one of its two
languages; questions are asked, in both, only about those kept out. Writes `calibration.json`
into the reader's folder.
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

from qa_service.encoder import Encoder, load_encoder
from qa_service.indexing import build
from qa_service.metrics import RIGHT, f1
from qa_service.pipeline import Pipeline
from qa_service.reader.calibration import Asked, Calibration
from qa_service.reader.fitting import Fitted, Judged, fit
from qa_service.reader.model import SpanReader, load_reader
from qa_service.retriever import Retriever
from qa_service.schema import Candidate, Question
from qa_service.settings import WEIGHTS
from qa_service.stores.local import LocalStore
from training.bilingual import HELD_OUT, LANGUAGES, Paragraph, read_paragraphs

# Many questions of the set make sense only beside their paragraph ("Who presided?"); people
# ask a whole collection about something they name.
_NAMES_SOMETHING = re.compile(r"\d|\s\W*[^\W\d_a-zāčēģīķļņšūž]")


# A collection of some 600 passages, as a small organisation's: among all the paragraphs answers
# are harder to find, and a confidence fitted there is too low (calibration error on the project's
# own questions .12 instead of .07).
OTHERS = 200


@dataclass(frozen=True, slots=True)
class Case:
    """A question, where its answer is, and the Candidates found for it."""

    direction: str
    asked: Asked
    answer: str | None
    paragraph: str
    candidates: tuple[Candidate, ...]

    def right(self, candidate: Candidate) -> bool:
        return (
            self.answer is not None
            and candidate.hit.passage.document_id == self.paragraph
            and f1(candidate.text, [self.answer]) >= RIGHT
        )

    @property
    def judged(self) -> Judged:
        right = tuple(map(self.right, self.candidates))
        return Judged(self.asked, self.candidates, right, answerable=self.answer is not None)


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
    provenance = {
        "fitted": datetime.now(UTC).date().isoformat(),
        "questions": len(cases),
        "files": list(HELD_OUT),
        "encoder": encoder.fingerprint[:12],
        "reader": reader.fingerprint[:12],
    }
    fitted = fit([case.judged for case in cases], provenance)
    fitted.calibration.save(options.reader)
    print(json.dumps(report(fitted, cases), indent=1))


def collect(encoder: Encoder, reader: SpanReader, count: int, scratch: Path) -> list[Case]:
    """Ask `count` questions about the held-out paragraphs among `OTHERS` more."""
    held_out = read_paragraphs(held_out=True)
    others = random.Random(1).sample(read_paragraphs(held_out=False), OTHERS)
    corpus = scratch / "corpus"
    corpus.mkdir()
    for paragraph in [*held_out, *others]:
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
    unfitted = Calibration({"score": 1.0}, bias=0.0, threshold=0.0)
    pipeline = Pipeline(Retriever(encoder, store), reader, unfitted, store, "held out")
    found = pipeline.retrieve([Question(text) for text, *_ in wanted])
    cases = []
    for (_, language, answers, paragraph), retrieved in zip(wanted, found, strict=True):
        candidates = tuple(pipeline.candidates([retrieved])[0])
        side = _language_of(paragraph)
        direction = f"{language}->{LANGUAGES[side]}" if answers else "unanswerable"
        answer = answers[side] if answers else None
        cases.append(Case(direction, Asked.of(retrieved), answer, paragraph.id, candidates))
    return cases


def report(fitted: Fitted, cases: Sequence[Case]) -> dict[str, object]:
    """Shares by direction on the very questions of the fit; the confidence's worth is not."""
    calibration = fitted.calibration
    scores: dict[str, list[float]] = {}
    refused: dict[str, list[bool]] = {}
    for case in cases:
        top = _best(calibration, case)
        withheld = top is None or top.confidence < calibration.threshold
        refused.setdefault(case.direction, []).append(withheld)
        if case.answer:
            found = top is not None and case.paragraph == top.hit.passage.document_id
            score = f1(top.text, [case.answer]) if top and found else 0.0
            scores.setdefault(case.direction, []).append(score)
    return {
        "f1": {name: round(float(np.mean(values)), 3) for name, values in scores.items()},
        "refused": {name: round(float(np.mean(values)), 3) for name, values in refused.items()},
        "expected calibration error": round(fitted.worth.calibration_error, 3),
        "area under risk-coverage": round(fitted.worth.area, 3),
        "threshold": calibration.threshold,
        "weights": dict(calibration.weights),
    }


def _best(calibration: Calibration, case: Case) -> Candidate | None:
    return next(iter(calibration.calibrated(case.candidates, case.asked)), None)


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
