"""`qa-service doctor`: what is wrong with an installation, and how to mend it."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import asdict
from pathlib import Path

import typer
from rich.progress import Progress
from rich.text import Text

from qa_service.cli.console import out, progress_bar, steps
from qa_service.cli.wiring import (
    CorpusOption,
    IndexOption,
    JsonOption,
    calibration_of,
    encoder_of,
    settings_of,
)
from qa_service.doctor import (
    Corpus,
    Finding,
    check_corpus,
    check_encoder,
    check_index,
    open_served,
)
from qa_service.encoder import Encoder
from qa_service.errors import QAError
from qa_service.reader.model import load_reader
from qa_service.settings import Settings

_COLOURS = {"error": "bold red", "warning": "yellow"}


def doctor(
    corpus: CorpusOption = None, index: IndexOption = None, as_json: JsonOption = False
) -> None:
    """Check settings, weights, index and documents; exit code 1 if anything there is an error."""
    with progress_bar() as bar:
        findings = list(_examined(corpus, index, bar))
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        shown = {
            "errors": errors,
            "warnings": len(findings) - errors,
            "findings": [asdict(finding) for finding in findings],
        }
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1) + "\n")
    else:
        for finding in findings:
            style = _COLOURS[finding.severity]
            out.print(Text(f"{finding.severity}: ", style=style) + Text(finding.message))
        if not findings:
            out.print("Nothing to mend.")
    if errors:
        raise typer.Exit(1)


def _examined(corpus: Path | None, index: Path | None, bar: Progress) -> Iterator[Finding]:
    try:
        settings = settings_of(corpus, index)
    except QAError as error:
        yield Finding("settings", "error", str(error))
        return
    encoder = None
    try:
        encoder = encoder_of(settings)
    except QAError as error:
        yield Finding("weights", "error", str(error))
    yield from _rest_of_models(settings)
    yield from check_index(settings.index_dir, encoder)
    yield from _documents(settings, encoder, bar)


def _rest_of_models(settings: Settings) -> Iterator[Finding]:
    try:
        load_reader(settings.reader, settings.threads)
        calibration_of(settings)
    except QAError as error:
        yield Finding("weights", "error", str(error))
    if not os.access(_made(settings.index_dir), os.W_OK):
        message = (
            f"The index folder {str(settings.index_dir)!r} cannot be written, so nothing can be "
            "built. Give the user who builds the right to write there, or set QA_INDEX_DIR."
        )
        yield Finding("settings", "error", message)


def _made(folder: Path) -> Path:
    """The folder, or the nearest one above it that there is."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _documents(settings: Settings, encoder: Encoder | None, bar: Progress) -> Iterator[Finding]:
    found = Corpus(settings.passage_words)
    served = open_served(settings.index_dir)
    with closing(served) if served else nullcontext():
        yield from check_corpus(
            settings.corpus_dir,
            served,
            settings.max_file_bytes,
            found,
            steps(bar, "Reading files"),
        )
    if encoder:
        yield from check_encoder(encoder, found)
