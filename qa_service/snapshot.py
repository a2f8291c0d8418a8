"""The index folder: `index/<id>/` holds one Snapshot, `index/current` names the published one.

A folder becomes a Snapshot when its manifest is written, last of all; it is served from the
moment `current` is replaced, which is atomic. A build killed at any moment leaves `current` as
it was and at most a folder that was never published, whole or not, which the next build
removes: a whole one may be what a gate was about to refuse.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from qa_service.errors import (
    BuildRunningError,
    DamagedSnapshotError,
    MismatchError,
    NoSnapshotError,
)

FORMAT = 4  # raised when other things are written for the same corpus, or mean something else
_MANIFEST = "manifest.json"
_CURRENT = "current"
_PUBLISHED = "published"  # a file in the folder of each Snapshot that was ever served
_ID = re.compile(r"\d{8}T\d{12}Z")  # only folders named so are ever removed


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a Snapshot was made of, and the hash of each of its files."""

    format: int
    id: str
    created: str
    encoder: str
    encoder_fingerprint: str
    dimension: int
    passage_words: int
    parsing: str
    """Equal where equal files become equal Documents and Passages."""
    documents: int
    passages: int
    content: str
    """SHA-256 of the Documents and Passages: equal in Snapshots that hold the same."""
    files: dict[str, str]
    """Relative path -> SHA-256, in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One immutable built index whose files were found unchanged."""

    folder: Path
    manifest: Manifest


@contextmanager
def build_lock(index_dir: Path, wait: bool = False) -> Iterator[None]:
    """Hold the index folder for one build.

    While another one holds it: `wait` for its end, or BuildRunningError. The operating system
    frees the lock when its holder dies.
    """
    index_dir.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(index_dir / ".lock", timeout=-1 if wait else 0):
            yield
    except Timeout:
        raise BuildRunningError(
            f"Another build is writing to {str(index_dir)!r}. Wait until it has ended."
        ) from None


@contextmanager
def deletions_lock(index_dir: Path) -> Iterator[None]:
    """Hold the list of deleted Documents, for an instant, while a build may run."""
    with FileLock(index_dir / ".deleted.lock"):
        yield


def new_folder(index_dir: Path) -> Path:
    """An empty folder for the next Snapshot. Call it under the build lock."""
    for folder in unpublished_folders(index_dir):
        remove(folder)
    folder = index_dir / id_at(datetime.now(UTC))
    folder.mkdir()
    return folder


def id_at(when: datetime) -> str:
    """The id of a Snapshot whose build begins `when`; ids sort by age."""
    return when.strftime("%Y%m%dT%H%M%S%fZ")


def seal(folder: Path, **facts: Any) -> Snapshot:
    """Write the manifest of a finished folder, which makes it a Snapshot."""
    files = {
        path.relative_to(folder).as_posix(): _sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }
    for path in files:
        _sync(folder / path)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(format=FORMAT, id=folder.name, created=created, files=files, **facts)
    write_atomically(folder / _MANIFEST, json.dumps(asdict(manifest), indent=1))
    return Snapshot(folder, manifest)


def publish(index_dir: Path, snapshot: Snapshot, keep: int) -> None:
    """Make `snapshot` the served one and keep it and the newest `keep` - 1 others published."""
    serve(index_dir, snapshot)
    keep_newest(index_dir, snapshot, keep)


def keep_newest(index_dir: Path, served: Snapshot, keep: int) -> None:
    """Remove all published Snapshots but the served one and the newest `keep` - 1 others."""
    others = [path for path in published_folders(index_dir) if path != served.folder]
    for path in others[: max(0, len(others) - (keep - 1))]:
        remove(path)


def serve(index_dir: Path, snapshot: Snapshot) -> None:
    """Make `snapshot` the served one. Call it under the build lock."""
    mark = snapshot.folder / _PUBLISHED
    if not mark.exists():  # marked first, so that whatever is served is marked
        write_atomically(mark, datetime.now(UTC).isoformat(timespec="seconds") + "\n")
    write_atomically(index_dir / _CURRENT, snapshot.manifest.id + "\n")


def remove(folder: Path) -> None:
    """Remove the folder of a Snapshot; killed half-way, it leaves none that seems whole."""
    with suppress(OSError):
        (folder / _MANIFEST).unlink()
    shutil.rmtree(folder, ignore_errors=True)


def current_id(index_dir: Path) -> str | None:
    """The id of the published Snapshot; None when nothing was published."""
    try:
        return (index_dir / _CURRENT).read_text(errors="replace").strip() or None
    except FileNotFoundError:
        return None


def open_current(index_dir: Path, encoder_fingerprint: str | None = None) -> Snapshot:
    """The published Snapshot, every file of it verified.

    Raises NoSnapshotError, DamagedSnapshotError or MismatchError.
    """
    published = current_id(index_dir)
    if published is None:
        raise NoSnapshotError(
            f"Nothing was built in {str(index_dir)!r} yet. Run `qa-service build`."
        )
    return open_folder(index_dir / published, encoder_fingerprint)


def open_folder(folder: Path, encoder_fingerprint: str | None = None) -> Snapshot:
    """The Snapshot in `folder`, every file of it verified.

    Raises DamagedSnapshotError or MismatchError.
    """
    manifest = read_manifest(folder)
    if encoder_fingerprint not in (None, manifest.encoder_fingerprint):
        raise MismatchError(
            f"The Snapshot {folder.name} was built with the encoder {manifest.encoder!r} "
            f"({manifest.encoder_fingerprint[:12]}), but the one in use is "
            f"({encoder_fingerprint[:12] if encoder_fingerprint else '-'}). "
            "Run `qa-service build`, or set QA_ENCODER to the former."
        )
    for name, expected in manifest.files.items():
        try:
            actual = _sha256(folder / name)
        except OSError as error:
            raise _damaged(folder / name, error.strerror or "unreadable") from error
        if actual != expected:
            raise _damaged(folder / name, "its content differs from its recorded hash")
    return Snapshot(folder, manifest)


def read_manifest(folder: Path) -> Manifest:
    """What the Snapshot in `folder` was made of; its other files are not looked at.

    Raises DamagedSnapshotError or MismatchError.
    """
    path = folder / _MANIFEST
    try:
        fields = json.loads(path.read_text())
        if fields["format"] != FORMAT:
            raise MismatchError(
                f"The Snapshot {folder.name} has format {fields['format']}, but this version "
                f"reads format {FORMAT}. Run `qa-service build`."
            )
        return Manifest(**{**fields, "files": dict(fields["files"])})
    except OSError as error:
        raise _damaged(path, error.strerror or "unreadable") from error
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(path, "it is no manifest") from error


def published_folders(index_dir: Path) -> list[Path]:
    """Folders of the Snapshots that are or were served, oldest first."""
    return [folder for folder in _folders(index_dir) if _was_published(folder)]


def unpublished_folders(index_dir: Path) -> list[Path]:
    """Folders of a running build, or left by one that was killed; whole or not, oldest first."""
    return [folder for folder in _folders(index_dir) if not _was_published(folder)]


def _folders(index_dir: Path) -> list[Path]:
    folders = index_dir.iterdir() if index_dir.is_dir() else ()
    return sorted(path for path in folders if path.is_dir() and _ID.fullmatch(path.name))


def _was_published(folder: Path) -> bool:
    """Whether a whole Snapshot was ever served; the served one counts however it was copied."""
    if folder.name == current_id(folder.parent):
        return True
    return (folder / _MANIFEST).exists() and (folder / _PUBLISHED).exists()


def _damaged(path: Path, what: str) -> DamagedSnapshotError:
    return DamagedSnapshotError(
        f"The Snapshot file {str(path)!r} is damaged: {what}. "
        "Run `qa-service build` to make a new Snapshot."
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def write_atomically(path: Path, text: str) -> None:
    """Replace a file of the index folder; killed at any moment it is the old or the new one."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text)
    _sync(draft)
    draft.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    """Have the file or folder on disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
