"""What became of builds: each keeps a record in `index/builds/`, which every process can read.

The process of a build holds a lock on its record, which the operating system frees when that
process dies: a record that is not at its end and that nobody holds is of a build that was killed.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Literal, TextIO

from qa_service.errors import QAError, UnknownBuildError
from qa_service.snapshot import id_at

State = Literal["waiting", "running", "published", "unchanged", "failed"]

_FOLDER = "builds"
_ID = re.compile(r"\d{8}T\d{12}Z")
_KEPT = 20
_MAX_REPORT = 100  # files; the log of the build has them all
_SECONDS = 0.25  # between two records of how far a build has come
_KILLED = "Its process was killed or could not start. The log of the server may say why."


@dataclass(frozen=True, slots=True)
class Record:
    """A build as others see it. `done` and `total` count files, or questions at its gate."""

    id: str
    state: State = "waiting"
    stage: str | None = None
    done: int = 0
    total: int = 0
    message: str | None = None
    report: tuple[str, ...] = ()
    """What is wrong with the files that were left out."""
    snapshot: str | None = None
    """The Snapshot served after it."""
    started: str | None = None
    ended: str | None = None


class Recording:
    """The record of one build, written by its process."""

    def __init__(self, index_dir: Path, build_id: str | None = None) -> None:
        """Of a new build, or of one whose record another process began."""
        folder = index_dir / _FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        if build_id is None:
            for old in sorted(folder.glob("*.json"))[: 1 - _KEPT]:
                old.unlink(missing_ok=True)
                old.with_suffix(".new").unlink(missing_ok=True)  # left by a kill
        self.record = Record(build_id or id_at(datetime.now(UTC)))
        self._path = folder / f"{self.record.id}.json"
        self._file: TextIO | None = None
        self._told = 0.0
        self._write()

    @property
    def descriptor(self) -> int | None:
        """What holds the lock: a process that inherits it holds it too. None without a disk."""
        return self._file.fileno() if self._file else None

    def run(self) -> None:
        self.record = replace(self.record, state="running", started=_now())
        self._write()

    def progress(self, stage: str, done: int, total: int) -> None:
        """How far it has come, which is not written each time."""
        soon = stage == self.record.stage and monotonic() < self._told + _SECONDS
        self.record = replace(self.record, stage=stage, done=done, total=total)
        if not soon:
            self._told = monotonic()
            self._write()

    def end(
        self,
        state: State,
        message: str,
        report: Sequence[str] = (),
        snapshot: str | None = None,
    ) -> None:
        kept = list(report[:_MAX_REPORT])
        if len(report) > _MAX_REPORT:
            kept.append(f"{len(report) - _MAX_REPORT} more; the log of the build has them all.")
        self.record = replace(
            self.record,
            state=state,
            stage=None,
            message=_text(message),
            report=tuple(map(_text, kept)),
            snapshot=snapshot,
            ended=_now(),
        )
        self._write()

    def close(self) -> None:
        """Let go of the record; what it says last is its end."""
        if self._file:
            self._file.close()

    def _write(self) -> None:
        """Put a new file, locked before it can be seen, in the place of the old one."""
        # A record that cannot be written is no reason for a build to fail: it then reads as
        # killed, or its process goes on unseen.
        with suppress(OSError):
            draft = self._path.with_suffix(".new")
            file = draft.open("w", encoding="utf-8")
            fcntl.flock(file, fcntl.LOCK_EX)
            json.dump(asdict(self.record), file, ensure_ascii=False)
            file.flush()
            draft.replace(self._path)
            self.close()
            self._file = file


@contextmanager
def recording(index_dir: Path, build_id: str | None = None) -> Iterator[Recording]:
    """The Recording of a build; what is raised is recorded as its failure."""
    with closing(Recording(index_dir, build_id)) as made:
        try:
            yield made
        except QAError as error:
            made.end("failed", str(error))
            raise
        except BaseException as error:
            made.end("failed", f"{type(error).__name__}: {error}. The log has the details.")
            raise


def read(index_dir: Path, build_id: str) -> Record:
    """What became of a build. Raises UnknownBuildError."""
    path = index_dir / _FOLDER / f"{build_id}.json"
    while _ID.fullmatch(build_id):
        try:
            with path.open(encoding="utf-8") as file:
                fields = json.load(file)
                record = Record(**{**fields, "report": tuple(fields["report"])})
                if record.ended or _is_locked(file):
                    return record
                # Its process is gone, unless it has replaced the file since it was opened here.
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    return replace(record, state="failed", stage=None, message=_KILLED)
        except FileNotFoundError:
            break
    raise UnknownBuildError(
        f"No build has the id {build_id[:50]!r}. GET /index lists the last ones."
    )


def latest(index_dir: Path, count: int) -> list[Record]:
    """The last builds, the newest first."""
    found = []
    for path in sorted((index_dir / _FOLDER).glob("*.json"), reverse=True)[:count]:
        with suppress(UnknownBuildError):  # it has just been removed
            found.append(read(index_dir, path.stem))
    return found


def waiting(index_dir: Path) -> Record | None:
    """The build that has not begun to read the corpus, if there is one."""
    return next((r for r in latest(index_dir, _KEPT) if r.state == "waiting"), None)


def _is_locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _text(said: str) -> str:
    """Names of files can hold bytes that are no text, which no answer may."""
    return said.encode(errors="replace").decode()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
