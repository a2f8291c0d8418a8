"""Builds that are killed at any moment, or find the disk full, harm nothing."""

import os
import resource
import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from signal import SIGKILL
from threading import Timer

import pytest
from toys import ToyEncoder, write_files

from qa_service.builds import latest, recording
from qa_service.errors import SnapshotError
from qa_service.indexing import Build, build
from qa_service.snapshot import current_id, open_current, published_folders, unpublished_folders
from qa_service.stores.local import LocalStore

KILLS = 50
_FRONT = "---\nlanguage: en\n---\n"  # nothing has to be detected

# One server that has imported everything forks all the builds.
_processes = get_context("forkserver")
_processes.set_forkserver_preload(["toys", "qa_service.indexing"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a corpus and its index."""
    lines = [f"Line {n} tells of the number {n}." for n in range(120)]
    write_files(tmp_path / "corpus", {f"{n}.md": _FRONT + " ".join(lines[n:]) for n in range(5)})
    change(tmp_path, 0)
    rebuild(tmp_path)
    return tmp_path


def change(root: Path, version: int) -> str:
    """Let the corpus differ from what was built before; the text of one document in it."""
    text = f"{_FRONT}# Version\n\nThis is the version number {version} of the text."
    write_files(root / "corpus", {"version.md": text, f"more-{version % 3}.md": text})
    return text


def rebuild(root: Path) -> Build:
    return build(root / "corpus", root / "index", ToyEncoder(), wait=True)


def told(root: Path) -> str:
    """What the Snapshot served says of its version, every file of it verified."""
    store = LocalStore(open_current(root / "index", ToyEncoder().fingerprint).folder)
    question = ToyEncoder().encode_questions(["the version number of the text"])[0]
    assert store.dense(question, 3, "en")
    assert store.lexical("version", question, 3, "en")
    text = store.document("version").text
    store.close()
    return text


class Deadly:
    """Kills its process at one of its dealings with the file system, or a moment later.

    Later, since a library may then be in the midst of writing.
    """

    def __init__(self, moment: int | None, later: float = 0.0) -> None:
        """`moment` counts from 1; None kills nothing and only counts. `later` is in seconds."""
        self.count = 0
        self._moment = moment
        self._later = later

    def __call__(self, event: str, _: object) -> None:
        if event.startswith(("open", "os.", "shutil.", "sqlite3.", "fcntl.")):
            self.count += 1
            if self.count == self._moment:
                if self._later:
                    Timer(self._later, os.kill, (os.getpid(), SIGKILL)).start()
                else:
                    os.kill(os.getpid(), SIGKILL)


def _build(root: Path, told: Connection, deadly: Deadly, file_bytes: int | None) -> None:
    """A build as the command line runs it, which tells what became of it."""
    if file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    sys.addaudithook(deadly)
    try:
        with recording(root / "index") as recorded:
            result = build(root / "corpus", root / "index", ToyEncoder(), begin=recorded.run)
            recorded.end("published", "The toy is built.", snapshot=result.snapshot.manifest.id)
    except SnapshotError as error:
        told.send(str(error))
    else:
        told.send(deadly.count)


def in_a_process(root: Path, deadly: Deadly, file_bytes: int | None = None) -> int | str | None:
    """Build: the dealings with the file system that took, or an error; None when it was killed."""
    here, there = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_build, args=(root, there, deadly, file_bytes))
    process.start()
    there.close()
    process.join(300)
    if process.exitcode == -SIGKILL:
        return None
    said: int | str = here.recv()
    return said


def test_builds_killed_at_any_moment_leave_a_sound_index(root: Path) -> None:
    random = Random(20261130)
    index_dir = root / "index"
    after = change(root, 1)
    moments = in_a_process(root, Deadly(None))
    assert isinstance(moments, int)
    kills, version = 0, 1
    while kills < KILLS:
        version += 1
        assert version < 2 * KILLS, "the builds end before they are killed"
        before, after = after, change(root, version)
        deadly = Deadly(random.randint(1, moments), random.choice([0, random.uniform(0, 0.01)]))
        kills += in_a_process(root, deadly) is None
        assert told(root) in (before, after)
        assert latest(index_dir, 1)[0].state in ("failed", "published")
        assert rebuild(root).snapshot.manifest.id == current_id(index_dir)
        assert told(root) == after
        assert unpublished_folders(index_dir) == []
        assert len(published_folders(index_dir)) <= 3


@pytest.mark.parametrize("share", [0, 0.01, 0.2, 0.6, 0.95])
def test_a_full_disk_is_told_and_leaves_the_old_snapshot(root: Path, share: float) -> None:
    """No file may grow over this share of the largest one of a Snapshot."""
    index_dir = root / "index"
    served = current_id(index_dir)
    largest = max(path.stat().st_size for path in (index_dir / str(served)).rglob("*"))
    change(root, 1)
    said = str(in_a_process(root, Deadly(None), int(share * largest)))
    assert "cannot be written to" in said
    assert "Free space on the disk" in said
    assert current_id(index_dir) == served
    assert [folder.name for folder in published_folders(index_dir)] == [served]
    assert unpublished_folders(index_dir) == []
    assert not rebuild(root).unchanged
    assert "version number 1 " in told(root)
