"""Rows of questions with known answers -> what the service makes of them."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qa_service.errors import QuestionError, RowError
from qa_service.figures import Figures, Whole, by_direction, by_retyping, by_slice, rated, whole
from qa_service.metrics import Bin, RiskPoint, reliability_bins, risk_coverage
from qa_service.pipeline import Pipeline
from qa_service.rows import Outcome, Row, check_held, follow
from qa_service.schema import Hit, Question, Reply, Span, Turn

_RANKED = 10  # Hits looked through for the right passage; fewer are read


@dataclass(frozen=True, slots=True)
class Report:
    """What came out of all rows of a file."""

    outcomes: tuple[Outcome, ...]
    retyped: tuple[Outcome, ...] = ()
    """What came out of the same questions typed in other ways, if they were asked."""

    @property
    def figures(self) -> list[Figures]:
        """A line for each direction, the unanswerable, the follow-ups, and all answerable."""
        return by_direction(self.outcomes)

    @property
    def slices(self) -> list[Figures]:
        """A line for each kind, style and type that the rows name, and each way of typing."""
        return by_slice(self.outcomes) + by_retyping(self.retyped)

    @property
    def whole(self) -> Whole:
        return whole(self.outcomes)

    @property
    def curve(self) -> list[RiskPoint]:
        """Risk and coverage, a point for each row that an answer was found for."""
        return risk_coverage(*rated(self.outcomes), asked=len(self.outcomes))

    @property
    def bins(self) -> list[Bin]:
        return reliability_bins(*rated(self.outcomes))


def load_rows(path: Path) -> list[Row]:
    """The rows of a JSON Lines file. Raises RowError with the line that cannot be used."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # JSON may hold U+2028
    except (OSError, UnicodeDecodeError) as error:
        raise RowError(f"The row file {str(path)!r} cannot be read ({error}).") from error
    rows = [_row(line, f"{path}:{n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise RowError(f"The row file {str(path)!r} is empty. Put one JSON object on each line.")
    return rows


def evaluate(
    pipeline: Pipeline,
    rows: Sequence[Row],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Ask every row by itself; the threshold is applied afterwards, so both sides can be seen.

    `progress` is called with the rows done and the number there are. Raises RowError when a row
    is about a Document that the Snapshot does not hold, since every figure would then be wrong.
    """
    languages = {entry.id: entry.language for entry in pipeline.store.documents()}
    check_held(rows, languages)
    return Report(tuple(_outcomes(pipeline, rows, languages, progress)))


def _outcomes(
    pipeline: Pipeline,
    rows: Sequence[Row],
    languages: dict[str, str],
    progress: Callable[[int, int], None],
) -> Iterator[Outcome]:
    bold = pipeline.with_threshold(0.0)
    for done, known in enumerate(rows, 1):
        row = follow(known, lambda name: pipeline.store.document(name).text)
        hits, reply = _asked(bold, row.question)
        rank = next((place for place, hit in enumerate(hits) if _holds(hit, row)), None)
        language = None if row.document_id is None else languages[row.document_id]
        yield Outcome(row, language, reply, rank, pipeline.threshold)
        progress(done, len(rows))


def _asked(pipeline: Pipeline, question: Question) -> tuple[Sequence[Hit], Reply]:
    """The Hits to rank, and the Reply read from as many as the service reads.

    Retrieved twice: which Hits have a place depends on how many places there are.
    """
    wide, found = pipeline.retrieve([replace(question, k=_RANKED), question])
    return wide.hits, pipeline.read([found])[0]


def _holds(hit: Hit, row: Row) -> bool:
    passage = hit.passage
    return any(passage.document_id == d and passage.span.contains(s) for d, s in row.places)


def _row(line: str, place: str) -> Row:
    try:
        fields: dict[str, Any] = json.loads(line)
        json.dumps(fields, ensure_ascii=False).encode()  # half a surrogate pair is no text
        answers = tuple(fields["answers"])
        if answers and fields["doc"] is None:
            raise ValueError("it has answers but no doc")
        start: Any = fields.get("answer_start")
        history = tuple(Turn(t["question"], t["answer"] or "") for t in fields.get("history", ()))
        own = ((fields["doc"], Span(start, start + len(answers[0]))),) if answers else ()
        also = fields.get("also", ())
        return Row(
            id=str(fields["id"]),
            question=Question(fields["question"], history),
            language=str(fields["question_lang"]),
            document_id=fields["doc"],
            answers=answers,
            places=own + tuple((a["doc"], Span(a["start"], a["end"])) for a in also),
            kind=str(fields["kind"]),
            type=str(fields.get("type") or ""),
            style=str(fields.get("style") or ""),
            evidence=str(fields.get("evidence") or ""),
            elsewhere=tuple(str(a["text"]) for a in also if "text" in a),
        )
    except (QuestionError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RowError(
            f"{place}: the row cannot be used ({type(error).__name__}: {error}). It needs id, "
            "question, question_lang, doc, answers, answer_start and kind."
        ) from error
