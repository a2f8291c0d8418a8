"""A question with its known answer, and what the service made of it."""

import random
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

from qa_service.citations.quotations import Quotation
from qa_service.errors import RowError
from qa_service.metrics import RIGHT, f1
from qa_service.schema import Citation, Question, Reply, Span
from qa_service.styles import STYLES

Verdict = Literal["right", "wrong", "refused rightly", "refused wrongly"]


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
    type: str = ""
    style: str = ""
    evidence: str = ""
    elsewhere: tuple[str, ...] = ()
    """How other places word the same answer, perhaps in the other language."""

    @property
    def accepted(self) -> tuple[str, ...]:
        """Every wording that is right: the row's own answers first."""
        return (*self.answers, *self.elsewhere)

    def is_answered_at(self, document_id: str, span: Span) -> bool:
        """Whether `span` of a Document overlaps one of the right places."""
        return any(span.overlaps(place) for known, place in self.places if known == document_id)


def retyped(rows: Iterable[Row]) -> list[Row]:
    """The plain answerable rows again for each of `STYLES`, which is then their style.

    Follow-ups are left out: what is typed there is a part of what is asked.
    """
    plain = [r for r in rows if r.answers and not r.question.history and r.style in ("", "plain")]
    return [
        replace(
            row,
            question=replace(
                row.question, text=typed(row.question.text, row.language, random.Random(row.id))
            ),
            style=style,
        )
        for style, typed in STYLES.items()
        for row in plain
    ]


def follow(row: Row, text_of: Callable[[str], str]) -> Row:
    """The row with its places where the answer stands now: its Documents may have been edited.

    An answer is looked for again by its words and the rest of its evidence. One that stands
    nowhere any more keeps its old place: the Documents no longer say it, and that is a miss.
    """
    words = (*row.answers[:1], *row.elsewhere)
    places = [
        (name, _followed(span, said, row.evidence, text_of(name)) if said else span)
        for (name, span), said in zip_longest(row.places, words[: len(row.places)])
    ]
    return replace(row, places=tuple(places))


def _followed(span: Span, words: str, evidence: str, text: str) -> Span:
    if span.of(text) == words:
        return span
    before, _, after = evidence.partition(words)
    found = Quotation(words, before, after).places(text)
    best = max(found, key=lambda p: (p.score, -abs(p.span.start - span.start)), default=None)
    return best.span if best else span


def check_held(rows: Iterable[Row], held: Container[str]) -> None:
    """Raise RowError for a row about a Document that is not `held`: its figures would be wrong."""
    for row in rows:
        if row.document_id is not None and row.document_id not in held:
            raise RowError(
                f"Row {row.id} is about the document {row.document_id!r}, which the index does "
                "not hold. Use the index of the row file's own documents (--corpus)."
            )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the service made of one Row; the threshold is applied here, not when asking."""

    row: Row
    document_language: str | None
    reply: Reply
    """With the best answer, however unsure."""
    rank: int | None
    """Place of the first Hit that holds the right answer, from 0."""
    threshold: float

    @property
    def direction(self) -> str:
        """Language of the question -> language of its Document, or what else sets it apart."""
        if not self.row.answers:
            return "unanswerable"
        if self.row.question.history:
            return "follow-up"
        return f"{self.row.language}->{self.document_language}"

    @property
    def answer(self) -> str:
        """The best answer, before abstaining; "" where nothing was found."""
        return self.reply.answers[0].text if self.reply.answers else ""

    @property
    def confidence(self) -> float | None:
        return self.reply.answers[0].confidence if self.reply.answers else None

    @property
    def citation(self) -> Citation | None:
        """The best answer's best citation, before abstaining."""
        return self.reply.answers[0].citations[0] if self.reply.answers else None

    @property
    def abstained(self) -> bool:
        return self.confidence is None or self.confidence < self.threshold

    @property
    def is_right(self) -> bool:
        """Whether the best answer, given or withheld, shares enough words with a right one.

        Diacritics do not count.
        """
        known = bool(self.row.answers)
        return known and f1(self.answer, self.row.accepted, folded=True) >= RIGHT

    @property
    def verdict(self) -> Verdict:
        if self.abstained:
            return "refused wrongly" if self.row.answers else "refused rightly"
        return "right" if self.is_right else "wrong"

    @property
    def cited_right(self) -> bool:
        """Whether the answer given cites a place that overlaps a right one."""
        if self.abstained or self.citation is None:
            return False
        return self.row.is_answered_at(self.citation.document_id, self.citation.span)
