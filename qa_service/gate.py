"""A Snapshot is published only if it answers no worse than the one served."""

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from qa_service.errors import SnapshotError, WorseSnapshotError
from qa_service.evaluation import Report, evaluate
from qa_service.figures import HEADINGS, Figures, by_direction, figures
from qa_service.pipeline import Pipeline
from qa_service.rows import Row
from qa_service.snapshot import Snapshot

_LEAST_ROWS = 20  # of a direction: with fewer, one row alone is more than a usual margin
_ROUNDING = 1e-9  # a loss of exactly the margin is none

# What must not get worse, and whether more of it is better.
_GUARDED = {
    "right_passage": True,
    "f1": True,
    "cited_right": True,
    "refused_wrongly": False,
    "refused_rightly": True,
}


@dataclass(frozen=True, slots=True)
class Loss:
    """A share that got worse by more than the margin."""

    group: str
    figure: str
    before: float
    after: float

    def __str__(self) -> str:
        return f"{self.group}: {self.figure} {self.before:.3f} before, {self.after:.3f} now"


@dataclass(frozen=True, slots=True)
class Gate:
    """Rows that a new Snapshot must answer about as well as the one served.

    `served` opens the Snapshot served or raises SnapshotError; `say` tells people what was found.
    """

    rows: Sequence[Row]
    margin: float
    served: Callable[[], Snapshot]
    pipeline_of: Callable[[Snapshot], Pipeline]
    say: Callable[[str], None]

    def check(
        self, snapshot: Snapshot, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> None:
        """Let `snapshot` pass, or raise WorseSnapshotError with each figure that got worse.

        Rows about Documents that only the new one holds have nothing to be compared with, and
        are left out. Without a Snapshot to compare with, any passes. Raises RowError when a row
        is about a Document that the new one does not hold.
        """
        try:
            served = self.served()
        except SnapshotError as error:
            self.say(f"The gate has nothing to compare with, so it lets this pass: {error}")
            return
        with ExitStack() as stores:
            old, new = (stores.enter_context(self._opened(which)) for which in (served, snapshot))
            held = {entry.id for entry in old.store.documents()}
            shared = [row for row in self.rows if _is_about(row, held)]
            total = len(self.rows) + len(shared)
            after = evaluate(new, self.rows, lambda done, _: progress(done, total))
            before = evaluate(old, shared, lambda done, _: progress(len(self.rows) + done, total))
        kept = Report(tuple(o for o in after.outcomes if _is_about(o.row, held)))
        if found := losses(before, kept, self.margin):
            raise WorseSnapshotError(
                f"Nothing was published: the Snapshot built answers worse than "
                f"{served.manifest.id}, which goes on being served. On {len(shared)} rows these "
                f"got worse by more than {self.margin:g}:\n"
                + "\n".join(f"  {loss}" for loss in found)
                + "\nMend the corpus or the rows, allow a larger --margin, or leave --gate out."
            )
        left_out = len(self.rows) - len(shared)
        self.say(
            f"The gate lets this pass: on {len(shared)} rows nothing got worse by more than "
            f"{self.margin:g}"
            + (f" ({left_out} rows left out: their documents are new)." if left_out else ".")
        )

    @contextmanager
    def _opened(self, snapshot: Snapshot) -> Iterator[Pipeline]:
        pipeline = self.pipeline_of(snapshot)
        with closing(pipeline.store):
            yield pipeline


def losses(before: Report, after: Report, margin: float) -> list[Loss]:
    """What got worse by more than `margin`: over all rows, and in directions of enough rows."""
    later = {line.name: line for line in _lines(after)}
    return [
        Loss(line.name, HEADINGS[name], was, now)
        for line in _lines(before)
        if line.name in later  # a Document may have changed its language
        for name, more_is_better in _GUARDED.items()
        if (was := line.share(name)) is not None
        and (now := later[line.name].share(name)) is not None
        and (was - now if more_is_better else now - was) > margin + _ROUNDING
    ]


def _lines(report: Report) -> list[Figures]:
    directions = (line for line in by_direction(report.outcomes) if line.by == "direction")
    return [
        figures("all", "overall", report.outcomes),
        *(line for line in directions if line.rows >= _LEAST_ROWS),
    ]


def _is_about(row: Row, held: Container[str]) -> bool:
    """Whether a Store of these Documents can be asked: an unanswerable row is about none."""
    return row.document_id is None or row.document_id in held
