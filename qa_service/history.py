"""The Snapshots of an index folder: listed, rolled back to, pruned.

Only what was published counts. What a killed build left is never served, since its gate may not
have let it pass; it is listed as such, and removed by the next build or by pruning.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa_service.errors import NoSnapshotError, SnapshotError
from qa_service.snapshot import (
    Manifest,
    Snapshot,
    build_lock,
    current_id,
    open_folder,
    published_folders,
    read_manifest,
    remove,
    serve,
    unpublished_folders,
)

State = Literal["served", "published", "never published", "unreadable"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A Snapshot as lists show it: its manifest was read, its other files were not verified."""

    id: str
    state: State
    manifest: Manifest | None
    """None for an unreadable one, which may have another format, and for an unfinished one."""
    size: int
    """Bytes on disk."""


def entries(index_dir: Path) -> list[Entry]:
    """The Snapshots, newest first, and what killed or running builds left.

    Raises NoSnapshotError when there are none.
    """
    served = current_id(index_dir)
    published = [_entry(folder, served) for folder in published_folders(index_dir)]
    left = [
        Entry(folder.name, "never published", _manifest(folder), _size(folder))
        for folder in unpublished_folders(index_dir)
    ]
    if not published and not left:
        raise _nothing(index_dir)
    return sorted((*published, *left), key=lambda entry: entry.id, reverse=True)


def rollback(
    index_dir: Path, wanted: str | None = None, encoder_fingerprint: str | None = None
) -> Snapshot:
    """Verify a Snapshot that was published earlier, then serve it; no other one is touched.

    `wanted` is its id; None takes the newest of those older than the served one. Whatever is
    raised, the Snapshot served before is still served: SnapshotError where there is none to
    roll back to, DamagedSnapshotError, MismatchError, BuildRunningError.
    """
    if not index_dir.is_dir():  # the lock would make it
        raise _nothing(index_dir)
    with build_lock(index_dir):
        snapshot = open_folder(_target(index_dir, wanted), encoder_fingerprint)
        serve(index_dir, snapshot)
    return snapshot


def prune(index_dir: Path, keep: int) -> list[str]:
    """Remove all but the served Snapshot and the newest `keep` published; the ids removed.

    What killed builds left goes too, and does not count against `keep`.
    """
    if not index_dir.is_dir():
        raise _nothing(index_dir)
    with build_lock(index_dir):
        served = current_id(index_dir)
        published = published_folders(index_dir)
        old = published[: max(0, len(published) - keep)]
        gone = [folder for folder in old if folder.name != served]
        gone += unpublished_folders(index_dir)
        for folder in gone:
            remove(folder)
    return sorted(folder.name for folder in gone)


def _target(index_dir: Path, wanted: str | None) -> Path:
    served = current_id(index_dir)
    if served is None:
        raise _nothing(index_dir)
    folders = {folder.name: folder for folder in published_folders(index_dir)}
    others = [name for name in folders if name != served]
    there = f"The others are {', '.join(others)}." if others else "There is no other one."
    if not others:
        raise SnapshotError(
            f"{served} is the only Snapshot that was published: there is none to roll back to. "
            "Correct the corpus and run `qa-service build`."
        )
    if wanted is None:
        older = [name for name in others if name < served]
        if not older:
            raise SnapshotError(f"The Snapshot served, {served}, is the oldest one. {there}")
        return folders[older[-1]]
    if wanted == served:
        raise SnapshotError(f"The Snapshot {wanted!r} is the one served. {there}")
    if wanted not in folders:
        left = any(folder.name == wanted for folder in unpublished_folders(index_dir))
        what = "was never published: its build was killed" if left else "does not exist"
        raise SnapshotError(f"The Snapshot {wanted!r} {what}. Roll back to another. {there}")
    return folders[wanted]


def _entry(folder: Path, served: str | None) -> Entry:
    manifest = _manifest(folder)
    state: State = "served" if folder.name == served else "published"
    return Entry(folder.name, state if manifest else "unreadable", manifest, _size(folder))


def _manifest(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except SnapshotError:
        return None


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _nothing(index_dir: Path) -> NoSnapshotError:
    return NoSnapshotError(f"Nothing was built in {str(index_dir)!r} yet. Run `qa-service build`.")
