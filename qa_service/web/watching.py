"""Builds whenever files of the corpus folder change."""

import asyncio
import logging
from pathlib import Path

from watchfiles import Change, awatch

from qa_service.web.builder import Builder

_log = logging.getLogger(__name__)

# A file that is still being copied would be read by halves: a build waits until nothing has
# changed for a moment, but not for ever where something changes all the time.
_QUIET_MS = 500
_PATIENCE_MS = 10_000
_RETRY_SECONDS = 5.0


async def watch(corpus_dir: Path, builder: Builder, retry_seconds: float = _RETRY_SECONDS) -> None:
    """Build now, for what changed while nobody watched, and after each change from then on."""
    folder = corpus_dir.resolve()

    def counts(change: Change, path: str) -> bool:
        """Whether a build would read it: hidden files and folders are passed over."""
        return not any(part.startswith(".") for part in Path(path).relative_to(folder).parts)

    while True:
        try:
            await asyncio.to_thread(builder.start)
            async for _ in awatch(
                folder, watch_filter=counts, step=_QUIET_MS, debounce=_PATIENCE_MS
            ):
                await asyncio.to_thread(builder.start)
        except Exception:
            _log.exception("The corpus folder cannot be watched; trying again")
        await asyncio.sleep(retry_seconds)
