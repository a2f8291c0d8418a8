"""The command `qa-service`: settings and wiring only."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import shorten
from typing import Annotated

import torch
import typer
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from qa_service import __version__
from qa_service.encoder import Encoder, SentenceEncoder
from qa_service.errors import QAError
from qa_service.evaluation import Figures, load_rows
from qa_service.evaluation import evaluate as evaluate_rows
from qa_service.indexing import Build
from qa_service.indexing import build as build_index
from qa_service.pipeline import Pipeline
from qa_service.reader.calibration import load_calibration
from qa_service.reader.model import SpanReader
from qa_service.retriever import Retriever
from qa_service.schema import Citation, Question
from qa_service.settings import Settings, load_settings
from qa_service.snapshot import current_id, open_current
from qa_service.stores.local import LocalStore
from qa_service.web.app import create_app
from qa_service.web.contract import AskResponse
from qa_service.web.live import LivePipeline

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Verbatim, cited answers from your own documents.",
)
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

CorpusOption = Annotated[
    Path | None, typer.Option("--corpus", help="Folder of source documents (QA_CORPUS_DIR).")
]
IndexOption = Annotated[
    Path | None, typer.Option("--index", help="Folder of built Snapshots (QA_INDEX_DIR).")
]
SkipOption = Annotated[
    bool, typer.Option("--skip-unreadable", help="Build without the files that cannot be read.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def build(
    corpus: CorpusOption = None, index: IndexOption = None, skip_unreadable: SkipOption = False
) -> None:
    """Build the index of the corpus and publish it; a running server picks it up by itself."""
    with _reporting_errors():
        settings = _settings(corpus, index)
        _build(settings, settings.index_dir, _encoder(settings), skip_unreadable)


@app.command()
def serve(
    corpus: CorpusOption = None,
    index: IndexOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (QA_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (QA_PORT).")] = None,
) -> None:
    """Serve the page and the HTTP interface; builds the index first when there is none."""
    with _reporting_errors():
        settings = load_settings(corpus_dir=corpus, index_dir=index, host=host, port=port)
        encoder = _encoder(settings)
        if current_id(settings.index_dir) is None:
            _build(settings, settings.index_dir, encoder, skip_unreadable=False)
        live = LivePipeline(settings.index_dir, _opener(settings, settings.index_dir, encoder))
        live.refresh()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    uvicorn.run(
        create_app(live, settings), host=settings.host, port=settings.port, limit_concurrency=512
    )


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in your own words.")],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask one question; prints the answer, its sentence and its source."""
    with _reporting_errors():
        asked = Question(question)  # a question that cannot be asked needs no model
        settings = _settings(None, index)
        pipeline = _opener(settings, settings.index_dir, _encoder(settings))()
        reply = pipeline.ask(asked)
        if as_json:
            sys.stdout.write(AskResponse.of(reply).model_dump_json(indent=1) + "\n")
            return
        for answer in reply.answers:
            _out.print(Text(answer.text, style="bold"), f"({answer.confidence:.0%} sure)")
            for citation in answer.citations:
                _out.print(_cited(citation))
        if not reply.answered:
            _out.print("The documents hold no answer to this. The closest passages:")
            for hit in reply.hits[:3]:
                _out.print(
                    Text(
                        f"  {hit.passage.title}: {shorten(hit.passage.text, 160, placeholder='…')}"
                    )
                )


@app.command()
def evaluate(
    rows: Annotated[Path, typer.Argument(help="JSON Lines file of questions with answers.")],
    corpus: Annotated[
        Path | None, typer.Option(help="Build an index of this folder for the evaluation only.")
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure retrieval, answers and abstention on questions with known answers."""
    with _reporting_errors(), TemporaryDirectory() as scratch:
        settings = _settings(corpus, index)
        loaded = load_rows(rows)
        encoder = _encoder(settings)
        index_dir = Path(scratch) if corpus else settings.index_dir
        if corpus:
            _build(settings, index_dir, encoder, skip_unreadable=False)
        pipeline = _opener(settings, index_dir, encoder)()
        report = evaluate_rows(pipeline, loaded)
        if as_json:
            _out.print_json(data=[asdict(line) for line in report.figures])
            return
        _out.print(_table(report.figures))
        _out.print(
            f"Threshold {pipeline.threshold:.2f}; median {report.milliseconds:.0f} ms a question "
            f"on {settings.threads} thread(s)."
        )


@app.command()
def version() -> None:
    """Print the version."""
    _out.print(__version__)


def main() -> None:
    app()


@contextmanager
def _reporting_errors() -> Iterator[None]:
    """Foreseen errors become one message on stderr and exit code 1."""
    try:
        yield
    except QAError as error:
        _err.print(Text("error: ", style="bold red") + Text(str(error)))
        raise typer.Exit(1) from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        _err.print(Text("error: ", style="bold red") + Text(f"{error.strerror or error}{where}"))
        raise typer.Exit(1) from None


def _settings(corpus: Path | None, index: Path | None) -> Settings:
    return load_settings(corpus_dir=corpus, index_dir=index)


def _encoder(settings: Settings) -> Encoder:
    torch.set_num_threads(settings.threads)
    return SentenceEncoder(settings.encoder)


def _opener(settings: Settings, index_dir: Path, encoder: Encoder) -> Callable[[], Pipeline]:
    """What opens the published Snapshot; the models are loaded once."""
    reader = SpanReader(settings.reader)
    calibration = load_calibration(Path(settings.reader))

    def open_pipeline() -> Pipeline:
        snapshot = open_current(index_dir, encoder.fingerprint)
        store = LocalStore(snapshot.folder)
        return Pipeline(
            Retriever(encoder, store),
            reader,
            calibration,
            store,
            snapshot.manifest.id,
            settings.threshold,
        )

    return open_pipeline


def _build(settings: Settings, index_dir: Path, encoder: Encoder, skip_unreadable: bool) -> Build:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=_err) as bar:
        task = bar.add_task("Encoding passages", total=None)
        result = build_index(
            settings.corpus_dir,
            index_dir,
            encoder,
            passage_words=settings.passage_words,
            snapshots_kept=settings.snapshots_kept,
            max_file_bytes=settings.max_file_bytes,
            skip_unreadable=skip_unreadable,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    for error in result.left_out:
        _err.print(Text("left out: ", style="yellow") + Text(str(error)))
    manifest = result.snapshot.manifest
    _err.print(
        f"Published Snapshot {manifest.id}: {manifest.documents} documents, "
        f"{manifest.passages} passages ({result.encoded} encoded, {result.reused} reused)."
    )
    return result


def _cited(citation: Citation) -> Text:
    """The sentence with the quotation marked, and its source on the next line."""
    start = citation.span.start - citation.sentence_span.start
    end = citation.span.end - citation.sentence_span.start
    sentence = citation.sentence
    place = ", ".join(
        part
        for part in (
            citation.title,
            citation.section if citation.section != citation.title else None,
            f"page {citation.page}" if citation.page else None,
            citation.language,
        )
        if part
    )
    return Text.assemble(
        "  ",
        sentence[:start],
        "[",
        (sentence[start:end], "bold"),
        "]",
        sentence[end:],
        f"\n  -- {place}\n     {citation.url}",
    )


def _table(figures: list[Figures]) -> Table:
    table = Table("direction", "rows", "right passage in first 5", "EM", "F1", box=None)
    for heading in ("F1 without abstaining", "cited right", "refused"):
        table.add_column(heading)
    for line in figures:
        shares = (
            line.right_passage,
            line.exact,
            line.f1,
            line.f1_unabstained,
            line.cited_right,
            line.refused,
        )
        cells = ("" if share is None else f"{share:.2f}" for share in shares)
        table.add_row(line.direction, str(line.rows), *cells)
    return table
