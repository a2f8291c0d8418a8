"""An evaluation as plain values: saved as JSON, read again, set beside another."""

import json
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from qa_service.errors import RowError
from qa_service.evaluation import Report
from qa_service.figures import Figures, Whole
from qa_service.metrics import Bin, RiskPoint
from qa_service.rows import Outcome, Verdict
from qa_service.schema import Turn

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the figures were measured with: they hold for nothing else."""

    rows_file: str
    rows_sha256: str
    snapshot: str
    encoder: str
    encoder_fingerprint: str
    reader: str
    reader_fingerprint: str
    threads: int
    threshold: float
    date: str
    version: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """A best answer with its source; `start` and `end` lie in `sentence`."""

    text: str
    confidence: float
    sentence: str
    start: int
    end: int
    document_id: str
    title: str
    language: str
    section: str | None
    page: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one row."""

    id: str
    question: str
    history: tuple[Turn, ...]
    language: str
    direction: str
    kind: str
    style: str
    type: str
    expected: tuple[str, ...]
    evidence: str
    document_id: str | None
    document_language: str | None
    quoted: Quoted | None
    """The best answer, given or withheld; None where nothing was found."""
    verdict: Verdict
    cited_right: bool
    rank: int | None
    """Place of the right passage among the first ten, from 1."""
    ms: float

    @property
    def good(self) -> bool:
        return self.verdict in ("right", "refused rightly")


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that is kept of an evaluation."""

    schema: int
    conditions: Conditions
    whole: Whole
    figures: tuple[Figures, ...]
    slices: tuple[Figures, ...]
    curve: tuple[RiskPoint, ...]
    bins: tuple[Bin, ...]
    rows: tuple[Told, ...]

    @property
    def misses(self) -> list[Told]:
        """The rows that were not answered, or not refused, as they should have been."""
        return [row for row in self.rows if not row.good]

    @classmethod
    def of(cls, report: Report, conditions: Conditions) -> "Record":
        return cls(
            schema=SCHEMA,
            conditions=conditions,
            whole=report.whole,
            figures=tuple(report.figures),
            slices=tuple(report.slices),
            curve=tuple(report.curve),
            bins=tuple(report.bins),
            rows=tuple(map(_told, report.outcomes)),
        )

    def to_json(self) -> str:
        return _RECORD.dump_json(self, indent=1).decode()


_RECORD = TypeAdapter(Record)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An evaluation beside an earlier one."""

    earlier: Record
    later: Record

    @property
    def figures(self) -> list[tuple[Figures, Figures]]:
        """Each line that both have, the earlier one first."""
        lines = {
            (line.by, line.name): line for line in chain(self.earlier.figures, self.earlier.slices)
        }
        found = (
            (lines.get((line.by, line.name)), line)
            for line in chain(self.later.figures, self.later.slices)
        )
        return [(before, after) for before, after in found if before is not None]

    @property
    def newly_right(self) -> list[tuple[Told, Told]]:
        return [(before, after) for before, after in self._rows if after.good and not before.good]

    @property
    def newly_wrong(self) -> list[tuple[Told, Told]]:
        return [(before, after) for before, after in self._rows if before.good and not after.good]

    @property
    def same_rows(self) -> bool:
        """Whether both asked the same file; otherwise only the rows of both are set together."""
        return self.earlier.conditions.rows_sha256 == self.later.conditions.rows_sha256

    @property
    def _rows(self) -> list[tuple[Told, Told]]:
        before = {(row.id, row.question): row for row in self.earlier.rows}
        found = ((before.get((row.id, row.question)), row) for row in self.later.rows)
        return [(earlier, later) for earlier, later in found if earlier is not None]


def load_record(path: Path) -> Record:
    """The Record that was saved to a file. Raises RowError when it holds none."""
    try:
        content = path.read_bytes()
        fields: Any = json.loads(content)
        schema = fields["schema"]
    except OSError as error:
        raise RowError(
            f"The saved evaluation {str(path)!r} cannot be read ({error.strerror or error})."
        ) from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _no_record(path, f"{type(error).__name__}: {error}") from error
    if schema != SCHEMA:
        raise RowError(
            f"{str(path)!r} was saved in form {schema!r}, but this version reads form {SCHEMA}. "
            "Save it again with `qa-service evaluate FILE --save`."
        )
    try:
        return _RECORD.validate_json(content, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise _no_record(path, f"{place}: {first['msg']}") from error


def rows_sha256(path: Path) -> str:
    """What identifies a row file."""
    return sha256(path.read_bytes()).hexdigest()


def _no_record(path: Path, reason: str) -> RowError:
    return RowError(
        f"{str(path)!r} is no saved evaluation ({reason}). "
        "Name a file written by `qa-service evaluate FILE --save`."
    )


def _told(outcome: Outcome) -> Told:
    row = outcome.row
    return Told(
        id=row.id,
        question=row.question.text,
        history=row.question.history,
        language=row.language,
        direction=outcome.direction,
        kind=row.kind,
        style=row.style,
        type=row.type,
        expected=row.answers,
        evidence=row.evidence,
        document_id=row.document_id,
        document_language=outcome.document_language,
        quoted=_quoted(outcome),
        verdict=outcome.verdict,
        cited_right=outcome.cited_right,
        rank=None if outcome.rank is None else outcome.rank + 1,
        ms=outcome.reply.timings_ms["total"],
    )


def _quoted(outcome: Outcome) -> Quoted | None:
    citation, confidence = outcome.citation, outcome.confidence
    if citation is None or confidence is None:
        return None
    marked = citation.span.shifted(-citation.sentence_span.start)
    return Quoted(
        text=outcome.answer,
        confidence=confidence,
        sentence=citation.sentence,
        start=marked.start,
        end=marked.end,
        document_id=citation.document_id,
        title=citation.title,
        language=citation.language,
        section=citation.section,
        page=citation.page,
    )
