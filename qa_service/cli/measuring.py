"""`qa-service evaluate` and `qa-service calibrate`: rows with known answers, asked."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from qa_service import __version__, report, tables
from qa_service.cli.console import out, progress_bar, reporting_errors, steps
from qa_service.cli.wiring import (
    IndexOption,
    JsonOption,
    Models,
    OwnCorpusOption,
    build_index,
    encoder_of,
    models_of,
    settings_of,
)
from qa_service.errors import SettingsError
from qa_service.evaluation import evaluate as evaluate_rows
from qa_service.evaluation import load_rows
from qa_service.judging import judge
from qa_service.pipeline import Pipeline
from qa_service.reader.calibration import FILE
from qa_service.reader.fitting import Worth, fit, worth
from qa_service.record import Comparison, Conditions, Record, load_record, rows_sha256
from qa_service.rows import retyped
from qa_service.settings import Settings
from qa_service.snapshot import open_current

_FIGURES = (
    "Area under risk-coverage; 0 is best",
    "Calibration error",
    "Threshold",
    "Wrong answers given",
    "Right answers withheld",
)

RowsArgument = Annotated[
    Path, typer.Argument(help="JSON Lines file of questions with known answers.")
]


def evaluate(
    rows: RowsArgument,
    corpus: OwnCorpusOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
    save: Annotated[Path | None, typer.Option(help="Write everything found as JSON.")] = None,
    page: Annotated[
        Path | None, typer.Option("--report", help="Write an HTML page with plots and misses.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Show what changed since this saved evaluation.")
    ] = None,
    retype: Annotated[
        bool, typer.Option("--retype", help="Ask again in capitals, with typos, as keywords ...")
    ] = False,
) -> None:
    """Measure retrieval, answers and abstention on questions with known answers."""
    with reporting_errors():
        settings = settings_of(corpus, index)
        loaded = load_rows(rows)
        earlier = load_record(against) if against else None
        for path in (save, page):
            if path and not path.parent.is_dir():  # told now rather than after minutes
                raise SettingsError(f"{str(path)!r} cannot be written: make its folder first.")
        with _opened(settings, corpus) as (models, pipeline), progress_bar() as bar:
            found = evaluate_rows(pipeline, loaded, steps(bar, "Asking questions"))
            if again := retyped(loaded) if retype else []:
                typed = evaluate_rows(pipeline, again, steps(bar, "Asking in other ways"))
                found = replace(found, retyped=typed.outcomes)
        conditions = Conditions(
            rows_file=rows.name,
            rows_sha256=rows_sha256(rows),
            snapshot=pipeline.snapshot,
            encoder=models.encoder.name,
            encoder_fingerprint=models.encoder.fingerprint,
            reader=models.reader.name,
            reader_fingerprint=models.reader.fingerprint,
            threads=settings.threads,
            threshold=pipeline.threshold,
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            version=__version__,
        )
        record = Record.of(found, conditions)
        comparison = Comparison(earlier, record) if earlier else None
        if save:
            save.write_text(record.to_json() + "\n", encoding="utf-8")
        if page:
            page.write_text(report.render(record, comparison), encoding="utf-8")
        if as_json:
            sys.stdout.write(record.to_json() + "\n")
            return
        out.print(tables.table(record, comparison))
        if found.retyped:
            out.print(tables.retyping(record))
        for line in tables.lines(record, comparison):
            out.print(Text(line))


def calibrate(
    rows: RowsArgument,
    corpus: OwnCorpusOption = None,
    index: IndexOption = None,
    folder: Annotated[
        Path | None,
        typer.Option("--out", help=f"Folder for {FILE}; unset: QA_CALIBRATION, or the reader's."),
    ] = None,
) -> None:
    """Fit the confidence and its threshold anew, on your own questions with known answers."""
    with reporting_errors():
        settings = settings_of(corpus, index)
        loaded = load_rows(rows)
        place = _place(settings, folder)
        before = settings
        if settings.calibration and not settings.calibration.exists():  # this is to be the first
            before = settings.model_copy(update={"calibration": None})
        with _opened(before, corpus) as (models, pipeline), progress_bar() as bar:
            judged = judge(loaded, pipeline, steps(bar, "Asking questions"))
        provenance = {
            "fitted": datetime.now(UTC).date().isoformat(),
            "file": rows.name,
            "sha256": rows_sha256(rows),
            "rows": len(loaded),
            "encoder": models.encoder.fingerprint[:12],
            "reader": models.reader.fingerprint[:12],
        }
        fitted = fit(judged, provenance)
        fitted.calibration.save(place)
        known = replace(models.calibration, threshold=pipeline.threshold)
        right = sum(correct for case in judged for correct in case.right)
        wrong = sum(len(case.right) for case in judged) - right
        out.print(f"{len(loaded)} rows, {right} right candidates and {wrong} wrong ones.")
        after = (fitted.calibration.threshold, fitted.worth)
        out.print(_compared((known.threshold, worth(known, judged)), after))
        out.print("After: each fifth of the rows with what was fitted on the others.")
        if known.provenance.get("sha256") == provenance["sha256"]:
            out.print("Before: it was fitted on these very rows, which flatters it.")
        for line in _told(place, settings):
            out.print(Text(line))


def _place(settings: Settings, folder: Path | None) -> Path:
    """Where the calibration goes. Raises SettingsError now rather than after minutes."""
    reader = Path(settings.reader)
    place = folder / FILE if folder else settings.calibration or reader / FILE
    if not os.access(place if place.exists() else place.parent, os.W_OK) or place.is_dir():
        mend = "Make the folder, or name another with --out."
        if place.parent == reader:
            mend = "Name a folder with --out, then set QA_CALIBRATION to the file written there."
        raise SettingsError(f"The calibration cannot be written to {str(place)!r}. {mend}")
    return place


@contextmanager
def _opened(settings: Settings, corpus: Path | None) -> Iterator[tuple[Models, Pipeline]]:
    """The models and the Pipeline of the published Snapshot, or of one made of `corpus`."""
    with TemporaryDirectory() as scratch:
        encoder = encoder_of(settings)
        index_dir = Path(scratch) if corpus else settings.index_dir
        if corpus:
            build_index(settings, index_dir, encoder)
        models = models_of(settings, encoder)
        pipeline = models.pipeline(open_current(index_dir, encoder.fingerprint))
        with closing(pipeline.store):
            yield models, pipeline


def _compared(before: tuple[float, Worth], after: tuple[float, Worth]) -> Table:
    """The threshold and the worth of two calibrations side by side."""
    drawn = Table("", box=None, padding=(0, 2, 0, 0))
    for heading in ("before", "after"):
        drawn.add_column(heading, justify="right")
    cells = [
        (
            f"{found.area:.3f}",
            f"{found.calibration_error:.3f}",
            f"{threshold:.2f}",
            f"{found.wrong_given} of {found.wrong}",
            f"{found.right_withheld} of {found.right}",
        )
        for threshold, found in (before, after)
    ]
    for line in zip(_FIGURES, *cells, strict=True):
        drawn.add_row(*line)
    return drawn


def _told(place: Path, settings: Settings) -> list[str]:
    """Where it was written, and what is still to be done."""
    in_use = settings.calibration or Path(settings.reader) / FILE
    said = [f"Written to {place}."]
    if place.resolve() == in_use.resolve():
        said.append("A running server reads it when it is started again.")
    else:
        said.append(f"Set QA_CALIBRATION={place} to use it.")
    if settings.threshold is not None:
        said.append(f"QA_THRESHOLD is set: {settings.threshold:g} goes on taking its place.")
    return said
