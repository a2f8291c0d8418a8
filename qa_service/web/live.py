"""The Pipeline of the published Snapshot: it follows `index/current` while requests run."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from qa_service.deletions import deleted
from qa_service.errors import NoSnapshotError, QAError
from qa_service.pipeline import Pipeline
from qa_service.snapshot import Manifest, Snapshot, current_id
from qa_service.stores import Store
from qa_service.stores.visible import VisibleStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is in use, and which Documents its Pipeline leaves out."""

    snapshot: Snapshot
    store: Store
    pipeline: Pipeline
    hidden: frozenset[str] = frozenset()


class LivePipeline:
    """Holds the Pipeline in use and replaces it when another Snapshot is published.

    A request takes the Pipeline once and keeps it to its end, so it never mixes two
    Snapshots; the files of the old one stay readable until its last request is done. What is
    deleted, by whatever process, is gone for the requests that come after.
    """

    def __init__(
        self,
        index_dir: Path,
        open_snapshot: Callable[[], Snapshot],
        open_store: Callable[[Snapshot], Store],
        pipeline_of: Callable[[Snapshot, Store], Pipeline],
    ) -> None:
        self._index_dir = index_dir
        self._open_snapshot = open_snapshot
        self._open_store = open_store
        self._pipeline_of = pipeline_of
        self._opened: _Opened | None = None
        self._refused: str | None = None  # a Snapshot that could not be opened
        self._opening = Lock()

    @property
    def pipeline(self) -> Pipeline:
        opened = self._in_use()
        hidden = deleted(self._index_dir, opened.snapshot.manifest.id)
        if hidden != opened.hidden:
            pipeline = self._pipeline_of(opened.snapshot, VisibleStore(opened.store, hidden))
            renewed = replace(opened, pipeline=pipeline, hidden=hidden)
            if self._opened is opened:  # a refresh may have been quicker
                self._opened = renewed
            return pipeline
        return opened.pipeline

    @property
    def is_open(self) -> bool:
        """Whether there is a Snapshot in use: there is none before the first build."""
        return self._opened is not None

    @property
    def manifest(self) -> Manifest:
        """Of the Snapshot in use."""
        return self._in_use().snapshot.manifest

    def refresh(self) -> None:
        """Open the published Snapshot if it is not the one in use. Raises what opening raises."""
        with self._opening:  # once, whoever else asks for it meanwhile
            published = current_id(self._index_dir)
            in_use = self._opened.snapshot.manifest.id if self._opened else None
            if published in (in_use, self._refused) and self._opened is not None:
                return
            try:
                snapshot = self._open_snapshot()
                store = self._open_store(snapshot)
                self._opened = _Opened(snapshot, store, self._pipeline_of(snapshot, store))
            except QAError:
                self._refused = published
                raise
            _log.info("Serving Snapshot %s", snapshot.manifest.id)

    async def follow(self, seconds: float = 0.25) -> None:
        """Refresh for ever; a Snapshot that cannot be opened is reported once and passed over."""
        while True:
            await asyncio.sleep(seconds)
            try:
                if self.is_open or current_id(self._index_dir):
                    await asyncio.to_thread(self.refresh)
            except Exception:
                _log.exception("The published Snapshot cannot be opened; the old one serves on")

    def _in_use(self) -> _Opened:
        if self._opened is None:
            raise NoSnapshotError(
                "Nothing was built yet. Send a document to POST /documents, or put files into the "
                "corpus folder and run `qa-service build`."
            )
        return self._opened
