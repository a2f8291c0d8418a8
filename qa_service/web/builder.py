"""Builds that the server starts, each in a process of its own: answers keep their latency."""

import logging
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock, Thread

from qa_service.builds import Record, Recording, waiting
from qa_service.settings import Settings

_log = logging.getLogger(__name__)


class Builder:
    """Starts builds; they wait for one another, also for those of other servers."""

    def __init__(self, index_dir: Path, command: Sequence[str]) -> None:
        """`command` builds; `--record ID` is added, of the record that it is to go on with."""
        self._index_dir = index_dir
        self._command = command
        self._lock = Lock()

    @classmethod
    def of(cls, settings: Settings) -> "Builder":
        """Of this service's own builds. One bad file must not keep all others from answers."""
        places = ("--corpus", str(settings.corpus_dir), "--index", str(settings.index_dir))
        command = (sys.executable, "-m", "qa_service", "build", *places, "--skip-unreadable")
        return cls(settings.index_dir, command)

    def start(self) -> Record:
        """A build that will read the corpus as it is now: a new one, or one that waits already."""
        with self._lock:
            if found := waiting(self._index_dir):
                return found
            with closing(Recording(self._index_dir)) as recording:
                record, held = recording.record, recording.descriptor
                process = subprocess.Popen(
                    [*self._command, "--record", record.id],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[] if held is None else [held],
                )
        # Waited for, so that no dead process is left in the system's table.
        Thread(target=process.wait, daemon=True).start()
        _log.info("Build %s started", record.id)
        return record
