"""Rows of questions with known answers -> figures by direction."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

from qa_service.errors import QuestionError, RowError
from qa_service.metrics import exact_match, f1
from qa_service.pipeline import Pipeline
from qa_service.schema import Hit, Question, Reply, Span, Turn

_FIRST = 5  # "right passage in the first 5"


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its accepted answers, best first; no Document for an unanswerable one."""

    id: str
    question: Question
    language: str
    document_id: str | None
    answers: tuple[str, ...]
    places: tuple[tuple[str, Span], ...]
    """Where the right answer stands, `(document id, Span)`: the row's own place first."""
    kind: str

    def is_answered_at(self, document_id: str, span: Span) -> bool:
        """Whether `span` of a Document overlaps one of the right places."""
        return any(span.overlaps(place) for known, place in self.places if known == document_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the service made of one Row."""

    row: Row
    direction: str
    reply: Reply
    rank: int | None
    """Place of the first Hit that holds the right answer, from 0."""
    threshold: float

    @property
    def answer(self) -> str:
        """The best answer, before abstaining."""
        return self.reply.answers[0].text if self.reply.answers else ""

    @property
    def abstained(self) -> bool:
        return not self.reply.answers or self.reply.answers[0].confidence < self.threshold

    @property
    def cited_right(self) -> bool:
        """Whether the first answer's best citation overlaps the right place."""
        if self.abstained:
            return False
        citation = self.reply.answers[0].citations[0]
        return self.row.is_answered_at(citation.document_id, citation.span)


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of the table. Shares are in 0..1; None where they make no sense."""

    direction: str
    rows: int
    right_passage: float | None
    exact: float | None
    f1: float | None
    f1_unabstained: float | None
    cited_right: float | None
    refused: float
    """Of answerable rows: wrong refusals; of unanswerable ones: right abstentions."""


@dataclass(frozen=True, slots=True)
class Report:
    outcomes: tuple[Outcome, ...]

    @property
    def figures(self) -> list[Figures]:
        """A line for each direction, the unanswerable, the follow-ups, and all answerable."""
        order = ["en->en", "lv->lv", "en->lv", "lv->en"]
        directions = dict.fromkeys(outcome.direction for outcome in self.outcomes)
        known = sorted(directions, key=lambda d: order.index(d) if d in order else len(order))
        lines = [
            _figures(name, [o for o in self.outcomes if o.direction == name]) for name in known
        ]
        answerable = [o for o in self.outcomes if o.row.answers]
        return [*lines, _figures("all answerable", answerable)] if answerable else lines

    @property
    def milliseconds(self) -> float:
        """The median time of one question, asked alone."""
        return median(o.reply.timings_ms["total"] for o in self.outcomes)


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


def evaluate(pipeline: Pipeline, rows: Sequence[Row]) -> Report:
    """Ask every row by itself; the threshold is applied afterwards, so both sides can be seen.

    Raises RowError when a row is about a Document that the Snapshot does not hold, since
    every figure would then be wrong.
    """
    return Report(tuple(_outcomes(pipeline, rows)))


def _outcomes(pipeline: Pipeline, rows: Sequence[Row]) -> Iterator[Outcome]:
    languages = {entry.id: entry.language for entry in pipeline.store.documents()}
    bold = pipeline.with_threshold(0.0)
    for row in rows:
        if row.document_id is not None and row.document_id not in languages:
            raise RowError(
                f"Row {row.id} is about the document {row.document_id!r}, which the index does "
                "not hold. Evaluate over the index of the row file's own documents (--corpus)."
            )
        reply = bold.ask(row.question)
        ranks = (n for n, hit in enumerate(reply.hits) if _holds(hit, row))
        direction = (
            "unanswerable"
            if row.document_id is None
            else "follow-up"
            if row.question.history
            else f"{row.language}->{languages[row.document_id]}"
        )
        yield Outcome(row, direction, reply, next(ranks, None), pipeline.threshold)


def _holds(hit: Hit, row: Row) -> bool:
    passage = hit.passage
    return any(passage.document_id == d and passage.span.contains(s) for d, s in row.places)


def _figures(direction: str, outcomes: Sequence[Outcome]) -> Figures:
    refused = mean(o.abstained for o in outcomes)
    if not any(o.row.answers for o in outcomes):
        return Figures(direction, len(outcomes), None, None, None, None, None, refused)
    given = ["" if o.abstained else o.answer for o in outcomes]
    pairs = [(text, o.row.answers) for text, o in zip(given, outcomes, strict=True)]
    return Figures(
        direction=direction,
        rows=len(outcomes),
        right_passage=mean(o.rank is not None and o.rank < _FIRST for o in outcomes),
        exact=mean(exact_match(text, accepted) for text, accepted in pairs),
        f1=mean(f1(text, accepted) for text, accepted in pairs),
        f1_unabstained=mean(f1(o.answer, o.row.answers) for o in outcomes),
        cited_right=mean(o.cited_right for o in outcomes),
        refused=refused,
    )


def _row(line: str, place: str) -> Row:
    try:
        fields: dict[str, Any] = json.loads(line)
        answers = tuple(fields["answers"])
        start: Any = fields.get("answer_start")
        history = tuple(Turn(t["question"], t["answer"] or "") for t in fields.get("history", ()))
        own = ((fields["doc"], Span(start, start + len(answers[0]))),) if answers else ()
        also = fields.get("also", ())
        return Row(
            id=str(fields["id"]),
            question=Question(fields["question"], history),
            language=fields["question_lang"],
            document_id=fields["doc"],
            answers=answers,
            places=own + tuple((a["doc"], Span(a["start"], a["end"])) for a in also),
            kind=fields["kind"],
        )
    except (QuestionError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RowError(
            f"{place}: the row cannot be used ({type(error).__name__}: {error}). It needs id, "
            "question, question_lang, doc, answers, answer_start and kind."
        ) from error
