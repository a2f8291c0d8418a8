"""An evaluation as one HTML file: it needs no script and loads nothing."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from qa_service.figures import HEADINGS, Figures
from qa_service.metrics import Bin, RiskPoint
from qa_service.record import Comparison, Record, Told

# Turning text around, isolating it or marking its direction: with them a quotation could be made
# to read as what it does not say.
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SLICES = ("kind", "style", "type", "retyped")

# Where the plots' axes lie, in the units of their viewBox.
_LEFT, _TOP, _WIDTH, _HEIGHT = 44.0, 12.0, 264.0, 192.0


@dataclass(frozen=True, slots=True)
class Plot:
    """A share on each axis; `points` are in the units of the viewBox."""

    points: tuple[tuple[float, float], ...]

    @property
    def path(self) -> str:
        """The points as an SVG polyline takes them."""
        return " ".join(f"{x:.2f},{y:.2f}" for x, y in self.points)


def render(record: Record, comparison: Comparison | None = None) -> str:
    """The whole page. Every text of rows and corpus is escaped, its control characters shown."""
    return _TEMPLATE.render(
        record=record,
        comparison=comparison,
        headings=HEADINGS,
        groups=_groups(record),
        curve=plot((point.coverage, point.risk) for point in record.curve),
        bins=list(zip(record.bins, plot(_reliability(record.bins)).points, strict=True)),
        threshold=_at_threshold(record.curve, record.conditions.threshold),
        ticks=[(share, x_of(share), y_of(share)) for share in (0, 0.25, 0.5, 0.75, 1)],
        misses=record.misses,
        marked_evidence=marked_evidence,
    )


def x_of(share: float) -> float:
    return _LEFT + _WIDTH * share


def y_of(share: float) -> float:
    """Downwards from the top, as SVG counts."""
    return _TOP + _HEIGHT * (1 - share)


def plot(shares: Iterable[tuple[float, float]]) -> Plot:
    return Plot(tuple((x_of(x), y_of(y)) for x, y in shares))


def marked_evidence(row: Told) -> tuple[str, str, str]:
    """The evidence before, within and after the expected answer; nothing marked if it is absent."""
    wanted = row.expected[0] if row.expected else ""
    before, found, after = row.evidence.partition(wanted) if wanted else (row.evidence, "", "")
    return before, found, after


def _reliability(bins: Iterable[Bin]) -> list[tuple[float, float]]:
    return [(group.confidence, group.right) for group in bins]


def _at_threshold(curve: Iterable[RiskPoint], threshold: float) -> RiskPoint:
    """The last point whose answer is given; nothing covered if none is."""
    given = [point for point in curve if point.confidence >= threshold]
    return given[-1] if given else RiskPoint(threshold, 0.0, 0.0)


def _groups(record: Record) -> list[tuple[str, list[Figures]]]:
    """The lines of each table under its name; a grouping that the rows do not name has none."""
    named = ((by, [line for line in record.slices if line.by == by]) for by in _SLICES)
    return [("direction", list(record.figures)), *((by, lines) for by, lines in named if lines)]


def _visible(value: object) -> object:
    """Text with characters that turn, hide or break it written out as their code points."""
    if not isinstance(value, str) or hasattr(value, "__html__"):  # escaped already
        return value
    return "".join(f"[U+{ord(char):04X}]" if _is_hidden(char) else char for char in value)


def _is_hidden(char: str) -> bool:
    category = unicodedata.category(char)
    return char in _TURNING or category == "Cs" or (category == "Cc" and char not in "\t\r\n")


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters["share"] = _share
    environment.filters["x_of"] = x_of
    environment.filters["y_of"] = y_of
    return environment


_TEMPLATE = _environment().get_template("report.html")
