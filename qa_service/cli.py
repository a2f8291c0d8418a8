"""The command `qa-service`: settings and wiring only."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import shorten
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from qa_service import __version__, report, tables
from qa_service.encoder import Encoder, load_encoder
from qa_service.errors import QAError, SettingsError
from qa_service.evaluation import evaluate as evaluate_rows
from qa_service.evaluation import load_rows
from qa_service.gate import Gate
from qa_service.indexing import Build
from qa_service.indexing import build as build_index
from qa_service.pipeline import Pipeline
from qa_service.reader import Reader
from qa_service.reader.calibration import Calibration, load_calibration
from qa_service.reader.model import load_reader
from qa_service.record import Comparison, Conditions, Record, load_record, rows_sha256
from qa_service.retriever import Retriever
from qa_service.schema import Citation, Question
from qa_service.settings import Settings, load_settings
from qa_service.snapshot import Snapshot, current_id, open_current
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
    corpus: CorpusOption = None,
    index: IndexOption = None,
    skip_unreadable: SkipOption = False,
    gate: Annotated[
        Path | None,
        typer.Option(help="Publish only if these questions are answered no worse than before."),
    ] = None,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="What a share may lose at the gate.")
    ] = 0.02,
) -> None:
    """Build the index of the corpus and publish it; a running server picks it up by itself."""
    with _reporting_errors():
        settings = _settings(corpus, index)
        rows = load_rows(gate) if gate else None
        encoder = _encoder(settings)
        guard = None
        if rows:
            guard = Gate(
                rows,
                margin,
                served=lambda: open_current(settings.index_dir, encoder.fingerprint),
                pipeline_of=_models(settings, encoder).pipeline,
                say=lambda text: _err.print(Text(text)),
            )
        _build(settings, settings.index_dir, encoder, skip_unreadable, guard)


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
    save: Annotated[Path | None, typer.Option(help="Write everything found as JSON.")] = None,
    page: Annotated[
        Path | None, typer.Option("--report", help="Write an HTML page with plots and misses.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Show what changed since this saved evaluation.")
    ] = None,
) -> None:
    """Measure retrieval, answers and abstention on questions with known answers."""
    with _reporting_errors(), TemporaryDirectory() as scratch:
        settings = _settings(corpus, index)
        loaded = load_rows(rows)
        earlier = load_record(against) if against else None
        for path in (save, page):
            if path and not path.parent.is_dir():  # told now rather than after minutes
                raise SettingsError(f"{str(path)!r} cannot be written: make its folder first.")
        encoder = _encoder(settings)
        index_dir = Path(scratch) if corpus else settings.index_dir
        if corpus:
            _build(settings, index_dir, encoder, skip_unreadable=False)
        models = _models(settings, encoder)
        pipeline = models.pipeline(open_current(index_dir, encoder.fingerprint))
        with closing(pipeline.store), _bar() as bar:
            found = evaluate_rows(pipeline, loaded, _steps(bar, "Asking questions"))
        conditions = Conditions(
            rows_file=rows.name,
            rows_sha256=rows_sha256(rows),
            snapshot=pipeline.snapshot,
            encoder=encoder.name,
            encoder_fingerprint=encoder.fingerprint,
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
        _out.print(tables.table(record, comparison))
        for line in tables.lines(record, comparison):
            _out.print(Text(line))


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
    return load_encoder(settings.encoder, settings.threads)


@dataclass(frozen=True, slots=True)
class _Models:
    """What a Pipeline needs beside a Snapshot, loaded once."""

    encoder: Encoder
    reader: Reader
    calibration: Calibration
    threshold: float | None

    def pipeline(self, snapshot: Snapshot) -> Pipeline:
        store = LocalStore(snapshot.folder)
        return Pipeline(
            Retriever(self.encoder, store),
            self.reader,
            self.calibration,
            store,
            snapshot.manifest.id,
            self.threshold,
        )


def _models(settings: Settings, encoder: Encoder) -> _Models:
    reader = load_reader(settings.reader, settings.threads)
    return _Models(encoder, reader, load_calibration(Path(settings.reader)), settings.threshold)


def _opener(settings: Settings, index_dir: Path, encoder: Encoder) -> Callable[[], Pipeline]:
    """What opens the published Snapshot; the models are loaded once."""
    models = _models(settings, encoder)
    return lambda: models.pipeline(open_current(index_dir, encoder.fingerprint))


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=_err)


def _steps(bar: Progress, description: str) -> Callable[[int, int], None]:
    """What shows one more task on the bar, as far as it is called with (done, total)."""
    task = bar.add_task(description, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _build(
    settings: Settings,
    index_dir: Path,
    encoder: Encoder,
    skip_unreadable: bool,
    gate: Gate | None = None,
) -> Build:
    def accept(snapshot: Snapshot) -> None:
        if gate:
            gate.check(snapshot, _steps(bar, "Asking the gate's questions"))

    with _bar() as bar:
        result = build_index(
            settings.corpus_dir,
            index_dir,
            encoder,
            passage_words=settings.passage_words,
            snapshots_kept=settings.snapshots_kept,
            max_file_bytes=settings.max_file_bytes,
            skip_unreadable=skip_unreadable,
            progress=_steps(bar, "Encoding passages"),
            accept=accept,
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
