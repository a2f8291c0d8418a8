"""`qa-service feedback`: what readers thought, taken out of the service."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from qa_service.cli.console import err, reporting_errors
from qa_service.cli.wiring import IndexOption, settings_of
from qa_service.feedback import FeedbackFile, evaluation_rows

feedback_app = typer.Typer(no_args_is_help=True, help="Take out what readers thought of answers.")


@feedback_app.callback()
def _group() -> None:
    """A group, though it has one command: others may join it."""


@feedback_app.command()
def export(
    out: Annotated[Path | None, typer.Option(help="File to write; unset: stdout.")] = None,
    wrong: Annotated[
        bool,
        typer.Option(
            "--wrong", help="What was wrong instead; the right answers are left to be filled in."
        ),
    ] = False,
    index: IndexOption = None,
) -> None:
    """Write what readers called right as questions that `qa-service evaluate` reads."""
    with reporting_errors():
        settings = settings_of(None, index)
        file = FeedbackFile(settings.feedback_path, settings.feedback_kept)
        rows = list(evaluation_rows(file.rows(), wrong=wrong))
        text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
        if out is None:
            sys.stdout.write(text)
        else:
            out.write_text(text, encoding="utf-8")
        err.print(f"Wrote {len(rows)} {'row' if len(rows) == 1 else 'rows'}.")
