"""`qa-service verify` and `qa-service benchmark`: what was answered, and how quickly."""

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table

from qa_service.benchmark import run
from qa_service.citations import verify_all
from qa_service.cli.console import out, reporting_errors
from qa_service.cli.wiring import (
    IndexOption,
    JsonOption,
    Models,
    calibration_of,
    encoder_of,
    settings_of,
    store_of,
)
from qa_service.encoder import Encoder
from qa_service.errors import RowError
from qa_service.evaluation import load_rows
from qa_service.pipeline import Pipeline
from qa_service.reader import Reader
from qa_service.reader.model import load_reader
from qa_service.snapshot import open_current
from qa_service.web.verification import VerdictOut, VerifyRequest


def verify(
    answer: Annotated[Path, typer.Argument(help="A saved reply of /ask or `ask --json`.")],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check saved citations against the index: verified, moved or gone; exit code 1 if any is."""
    with reporting_errors():
        try:
            saved = VerifyRequest.model_validate_json(answer.read_bytes())
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the file"
            raise RowError(
                f"{str(answer)!r} is no saved reply ({place}: {first['msg']}). "
                "Save one with `qa-service ask --json`."
            ) from None
        snapshot = open_current(settings_of(None, index).index_dir)
        with closing(store_of(snapshot)) as store:
            verdicts = verify_all(saved.all_citations, store)
        if as_json:
            shown = [VerdictOut.of(verdict).model_dump(mode="json") for verdict in verdicts]
            sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1) + "\n")
        else:
            for cited, verdict in zip(saved.all_citations, verdicts, strict=True):
                where = verdict.citation.url if verdict.citation else verdict.reason
                out.print(f"{verdict.status}: {cited.quotation!r} {where}", markup=False)
    if any(verdict.status == "gone" for verdict in verdicts):
        raise typer.Exit(1)


def benchmark(
    rows: Annotated[Path, typer.Argument(help="JSON Lines file of questions to ask.")],
    index: IndexOption = None,
    repeat: Annotated[int, typer.Option(min=3, max=1000, help="Questions timed.")] = 50,
) -> None:
    """Time loading, encoding, reading and asking on this machine, with the conditions."""
    with reporting_errors():
        settings = settings_of(None, index)
        questions = [row.question.text for row in load_rows(rows)]

        def load() -> tuple[Encoder, Reader]:
            return encoder_of(settings), load_reader(settings.reader, settings.threads)

        def pipeline_of(encoder: Encoder, reader: Reader) -> Pipeline:
            models = Models(encoder, reader, calibration_of(settings), settings.threshold)
            return models.pipeline(open_current(settings.index_dir, encoder.fingerprint))

        found = run(load, pipeline_of, questions, threads=settings.threads, repeat=repeat)
        table = Table("", "runs", "median ms", "p95 ms", box=None)
        for timing in found.timings:
            table.add_row(
                timing.name, str(timing.runs), f"{timing.median:.1f}", f"{timing.p95:.1f}"
            )
        out.print(table)
        out.print(f"{found.passages_per_second:.0f} passages encoded a second")
        for name, value in found.conditions.items():
            out.print(f"{name}: {value}", markup=False)
