"""An evaluation on the console: a table by direction and a few lines on the whole file."""

from rich.table import Table

from qa_service.figures import HEADINGS, Figures
from qa_service.record import Comparison, Record

_SHARES = (
    "right_first",
    "right_passage",
    "right_in_ten",
    "reciprocal_rank",
    "exact",
    "f1",
    "f1_unabstained",
    "cited_right",
)
_RETYPED = ("right_first", "right_passage", "f1", "f1_unabstained")


def table(record: Record, comparison: Comparison | None = None) -> Table:
    """The figures by direction; with a Comparison its last lines say by how much they differ."""
    headings = (HEADINGS[name] for name in _SHARES)
    drawn = Table("direction", "rows", *headings, "refused", box=None, padding=(0, 1, 0, 0))
    for line in record.figures:
        shares = [*map(line.share, _SHARES), line.refused]
        cells = ("" if share is None else f"{share:.2f}" for share in shares)
        drawn.add_row(line.name, str(line.rows), *cells)
    for before, after in comparison.figures if comparison else ():
        if after.by in ("direction", "all"):
            drawn.add_row(f"± {after.name}", str(after.rows), *_changes(before, after))
    return drawn


def retyping(record: Record) -> Table:
    """The figures of the same questions typed in other ways."""
    drawn = Table(
        "typed", "rows", *(HEADINGS[name] for name in _RETYPED), box=None, padding=(0, 1, 0, 0)
    )
    for line in record.slices:
        if line.by == "retyped":
            cells = (f"{line.share(name) or 0:.2f}" for name in _RETYPED)
            drawn.add_row(line.name, str(line.rows), *cells)
    return drawn


def lines(record: Record, comparison: Comparison | None = None) -> list[str]:
    """What is said of the whole file, and which rows a Comparison found changed."""
    whole, conditions = record.whole, record.conditions
    said = [
        f"Area under risk-coverage {whole.area:.3f}; 0 is best.",
        f"Calibration error {whole.calibration_error:.3f}.",
        f"Latency {whole.p50_ms:.0f} ms a question (p50), {whole.p95_ms:.0f} ms (p95), "
        f"on {conditions.threads} thread(s).",
        f"Threshold {conditions.threshold:.2f}: {whole.answered_wrongly} wrong answers given and "
        f"{whole.refused_wrongly} wrong refusals in {len(record.rows)} rows.",
    ]
    return said if comparison is None else said + _compared(comparison)


def _changes(before: Figures, after: Figures) -> list[str]:
    pairs = [(before.share(name), after.share(name)) for name in _SHARES]
    pairs.append((before.refused, after.refused))
    return ["" if was is None or now is None else f"{now - was:+.2f}" for was, now in pairs]


def _compared(comparison: Comparison) -> list[str]:
    was, now = comparison.earlier.whole, comparison.later.whole
    earlier = comparison.earlier.conditions
    said = [
        f"Against {earlier.date}, Snapshot {earlier.snapshot}, threshold {earlier.threshold:.2f}: "
        f"area {was.area:.3f} -> {now.area:.3f}, "
        f"calibration error {was.calibration_error:.3f} -> {now.calibration_error:.3f}, "
        f"p50 {was.p50_ms:.0f} -> {now.p50_ms:.0f} ms. Changes are marked with ±.",
        *(
            f"{name}: {', '.join(row.id for _, row in rows) or 'none'}."
            for name, rows in (
                ("Newly right", comparison.newly_right),
                ("Newly wrong", comparison.newly_wrong),
            )
        ),
    ]
    if not comparison.same_rows:
        said.append("The rows files differ: the changes above are not of the service alone.")
    return said
