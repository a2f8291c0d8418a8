"""The Pipeline of the published Snapshot: it follows `index/current` while requests run."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from qa_service.errors import NoSnapshotError, QAError
from qa_service.pipeline import Pipeline
from qa_service.snapshot import current_id

_log = logging.getLogger(__name__)


class LivePipeline:
    """Holds the Pipeline in use and replaces it when another Snapshot is published.

    A request takes the Pipeline once and keeps it to its end, so it never mixes two
    Snapshots; the files of the old one stay readable until its last request is done.
    """

    def __init__(self, index_dir: Path, open_pipeline: Callable[[], Pipeline]) -> None:
        self._index_dir = index_dir
        self._open = open_pipeline
        self._pipeline: Pipeline | None = None
        self._refused: str | None = None  # a Snapshot that could not be opened

    @property
    def pipeline(self) -> Pipeline:
        if self._pipeline is None:
            raise NoSnapshotError("No index is open yet. Build one with `qa-service build`.")
        return self._pipeline

    def refresh(self) -> None:
        """Open the published Snapshot if it is not the one in use. Raises what opening raises."""
        published = current_id(self._index_dir)
        in_use = self._pipeline.snapshot if self._pipeline else None
        if published in (in_use, self._refused) and self._pipeline is not None:
            return
        try:
            self._pipeline = self._open()
        except QAError:
            self._refused = published
            raise
        _log.info("Serving Snapshot %s", self._pipeline.snapshot)

    async def follow(self, seconds: float = 1.0) -> None:
        """Refresh for ever; a Snapshot that cannot be opened is reported once and passed over."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await asyncio.to_thread(self.refresh)
            except Exception:
                _log.exception("The published Snapshot cannot be opened; the old one serves on")
