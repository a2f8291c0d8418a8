"""Which models and which index a command works with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from qa_service.builds import Recording, State
from qa_service.cli.console import err, progress_bar, steps
from qa_service.deletions import visible
from qa_service.encoder import Encoder, load_encoder
from qa_service.gate import Gate
from qa_service.indexing import build
from qa_service.pipeline import Pipeline
from qa_service.reader import Reader
from qa_service.reader.calibration import Calibration, load_calibration, read_calibration
from qa_service.reader.model import load_reader
from qa_service.retriever import Retriever
from qa_service.settings import Settings, load_settings
from qa_service.snapshot import Snapshot, open_current
from qa_service.stores import Store
from qa_service.stores.local import LocalStore
from qa_service.web.live import LivePipeline

CorpusOption = Annotated[
    Path | None, typer.Option("--corpus", help="Folder of source documents (QA_CORPUS_DIR).")
]
OwnCorpusOption = Annotated[
    Path | None, typer.Option("--corpus", help="Build an index of this folder for this run only.")
]
IndexOption = Annotated[
    Path | None, typer.Option("--index", help="Folder of built Snapshots (QA_INDEX_DIR).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings_of(corpus: Path | None, index: Path | None) -> Settings:
    return load_settings(corpus_dir=corpus, index_dir=index)


def encoder_of(settings: Settings) -> Encoder:
    return load_encoder(settings.encoder, settings.threads)


@dataclass(frozen=True, slots=True)
class Models:
    """What a Pipeline needs beside a Snapshot, loaded once."""

    encoder: Encoder
    reader: Reader
    calibration: Calibration
    threshold: float | None

    def pipeline(self, snapshot: Snapshot, store: Store | None = None) -> Pipeline:
        """The Pipeline over a Snapshot, or over a Store of it that is open already."""
        store = store or store_of(snapshot)
        return Pipeline(
            Retriever(self.encoder, store),
            self.reader,
            self.calibration,
            store,
            snapshot.manifest.id,
            self.threshold,
        )


def models_of(settings: Settings, encoder: Encoder) -> Models:
    calibration = calibration_of(settings)
    reader = load_reader(settings.reader, settings.threads)
    return Models(encoder, reader, calibration, settings.threshold)


def calibration_of(settings: Settings) -> Calibration:
    if settings.calibration:
        return read_calibration(settings.calibration)
    return load_calibration(Path(settings.reader))


def store_of(snapshot: Snapshot) -> Store:
    """The Store of a Snapshot without what was deleted since."""
    return visible(LocalStore(snapshot.folder), snapshot.folder.parent, snapshot.manifest.id)


def live_pipeline(settings: Settings, encoder: Encoder) -> LivePipeline:
    """The Pipeline that follows the published Snapshot; the models are loaded once."""
    return LivePipeline(
        settings.index_dir,
        open_snapshot=lambda: open_current(settings.index_dir, encoder.fingerprint),
        open_store=lambda snapshot: LocalStore(snapshot.folder),
        pipeline_of=models_of(settings, encoder).pipeline,
    )


def build_index(
    settings: Settings,
    index_dir: Path,
    encoder: Encoder,
    skip_unreadable: bool = False,
    gate: Gate | None = None,
    recording: Recording | None = None,
    wait: bool = False,
) -> None:
    """Build and publish with a bar, then say, and record, what became of it."""

    def told(stage: str, description: str) -> Callable[[int, int], None]:
        shown = steps(bar, description)

        def tell(done: int, total: int) -> None:
            shown(done, total)
            if recording:
                recording.progress(stage, done, total)

        return tell

    def accept(snapshot: Snapshot) -> None:
        if gate:
            gate.check(snapshot, told("checking", "Asking the gate's questions"))

    with progress_bar() as bar:
        result = build(
            settings.corpus_dir,
            index_dir,
            encoder,
            passage_words=settings.passage_words,
            snapshots_kept=settings.snapshots_kept,
            max_file_bytes=settings.max_file_bytes,
            skip_unreadable=skip_unreadable,
            wait=wait,
            begin=recording.run if recording else lambda: None,
            progress=told("reading", "Reading and encoding files"),
            accept=accept,
        )
    for error in result.left_out:
        err.print(Text("left out: ", style="yellow") + Text(str(error)))
    manifest = result.snapshot.manifest
    counts = f"{manifest.documents} documents, {manifest.passages} passages"
    if result.unchanged:
        said = f"Nothing changed: Snapshot {manifest.id} is served already ({counts})."
    else:
        said = (
            f"Published Snapshot {manifest.id}: {counts} "
            f"({result.encoded} encoded, {result.reused} reused)."
        )
    err.print(said)
    if recording:
        state: State = "unchanged" if result.unchanged else "published"
        recording.end(state, said, tuple(map(str, result.left_out)), manifest.id)
