"""`qa-service build` and `qa-service index`: Snapshots made, listed, rolled back to, pruned."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qa_service import history
from qa_service.builds import recording
from qa_service.cli.console import err, reporting_errors
from qa_service.cli.wiring import (
    CorpusOption,
    IndexOption,
    build_index,
    encoder_of,
    models_of,
    settings_of,
)
from qa_service.encoder import Encoder
from qa_service.evaluation import load_rows
from qa_service.gate import Gate
from qa_service.rows import Row
from qa_service.settings import Settings
from qa_service.snapshot import open_current

_NICE = 10  # of a build that a server started: whoever asks goes first
_WIDE = 1000  # columns: a line of the list is never folded, a terminal wraps it

index_app = typer.Typer(
    no_args_is_help=True, help="List the Snapshots, roll back to an earlier one, remove old ones."
)


def build(
    corpus: CorpusOption = None,
    index: IndexOption = None,
    skip_unreadable: Annotated[
        bool, typer.Option("--skip-unreadable", help="Build without the files that cannot be read.")
    ] = False,
    gate: Annotated[
        Path | None,
        typer.Option(help="Publish only if these questions are answered no worse than before."),
    ] = None,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="What a share may lose at the gate.")
    ] = 0.02,
    record: Annotated[
        str | None, typer.Option(hidden=True, help="The record that a server began for it.")
    ] = None,
) -> None:
    """Build the index of the corpus and publish it; a running server picks it up by itself."""
    with reporting_errors():
        settings = settings_of(corpus, index)
        rows = load_rows(gate) if gate else None
        with recording(settings.index_dir, record) as recorded:
            if record:
                os.nice(_NICE)
            else:
                recorded.run()
            encoder = encoder_of(settings)
            build_index(
                settings,
                settings.index_dir,
                encoder,
                skip_unreadable,
                _gate(settings, encoder, rows, margin) if rows else None,
                recorded,
                wait=record is not None,
            )


def _gate(settings: Settings, encoder: Encoder, rows: Sequence[Row], margin: float) -> Gate:
    return Gate(
        rows,
        margin,
        served=lambda: open_current(settings.index_dir, encoder.fingerprint),
        pipeline_of=models_of(settings, encoder).pipeline,
        say=lambda text: err.print(Text(text)),
    )


@index_app.command("list")
def list_snapshots(index: IndexOption = None) -> None:
    """List the Snapshots, newest first, with the one that is served."""
    with reporting_errors():
        drawn = Table(box=None, padding=(0, 2, 0, 0))
        for heading in ("id", "created", "documents", "passages", "encoder", "MB", "state"):
            right = heading in ("documents", "passages", "MB")
            drawn.add_column(heading, justify="right" if right else "left", no_wrap=True)
        for entry in history.entries(settings_of(None, index).index_dir):
            made = entry.manifest
            facts = (
                (made.created, f"{made.documents:,}", f"{made.passages:,}", made.encoder)
                if made
                else ("", "", "", "")
            )
            cells = (entry.id, *facts, f"{entry.size / 1e6:,.2f}", entry.state)
            drawn.add_row(*map(Text, cells))
        Console(width=_WIDE).print(drawn)


@index_app.command()
def rollback(
    snapshot: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="The Snapshot to serve; unset: the one before."),
    ] = None,
    index: IndexOption = None,
) -> None:
    """Serve an earlier Snapshot again, verified first; a running server picks it up by itself."""
    with reporting_errors():
        settings = settings_of(None, index)
        fingerprint = encoder_of(settings).fingerprint
        served = history.rollback(settings.index_dir, snapshot, fingerprint).manifest
        err.print(
            f"Serving Snapshot {served.id} of {served.created}: {served.documents} documents, "
            f"{served.passages} passages."
        )


@index_app.command()
def prune(
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="The newest Snapshots kept (QA_SNAPSHOTS_KEPT)."),
    ] = None,
    index: IndexOption = None,
) -> None:
    """Remove all Snapshots but the one served and the newest, and what killed builds left."""
    with reporting_errors():
        settings = settings_of(None, index)
        removed = history.prune(settings.index_dir, keep or settings.snapshots_kept)
        err.print(f"Removed {', '.join(removed)}." if removed else "There is nothing to remove.")
