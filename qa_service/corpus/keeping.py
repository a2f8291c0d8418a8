"""Files put into a corpus folder, found there and taken out again, each in one atomic step."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from time import time

from qa_service.corpus.front_matter import described
from qa_service.corpus.readers import SIDECAR
from qa_service.errors import CorpusError, DocumentError

_DRAFT = ".upload-"  # hidden: a build that runs passes it over
_DRAFT_SECONDS = 3600  # nothing is written for so long
_MAX_SIDECAR = 200_000  # bytes; its YAML may have 50,000 characters


def sidecar_for(folder: Path, source: str, title: str, language: str) -> bytes | None:
    """The sidecar that `source` has in the folder, with this title and language ("" as it was).

    None where nothing is said of the file.
    """
    said = {key: value for key, value in (("title", title), ("language", language)) if value}
    place = find(folder, source + SIDECAR)
    if place is None and not said:
        return None
    present = ""
    if place:
        if place.stat().st_size > _MAX_SIDECAR:
            raise DocumentError(f"its sidecar {place.name} is too long. Shorten or remove it.")
        present = place.read_text("utf-8", errors="replace")
    return described(present, said, f"its sidecar {source}{SIDECAR}").encode()


def keep(folder: Path, source: str, content: bytes, sidecar: bytes | None) -> None:
    """Put a file and what is said of it into the folder, in place of those of that name.

    Where there is no room for both, those stay as they are.
    """
    place = _place(folder, source)
    drafts: dict[Path, Path] = {}
    try:
        if place.is_dir() and not place.is_symlink():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        place.parent.mkdir(parents=True, exist_ok=True)
        _clear(place.parent)
        if sidecar is not None:  # first: the file is never there without what is said of it
            drafts[place.with_name(place.name + SIDECAR)] = _draft(place.parent, sidecar)
        drafts[place] = _draft(place.parent, content)
        for final, draft in drafts.items():
            draft.replace(final)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def discard(folder: Path, source: str) -> None:
    """Take a file and its sidecar out of the folder, where they are still there."""
    place = _place(folder, source)
    try:
        place.unlink(missing_ok=True)
        place.with_name(place.name + SIDECAR).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def find(folder: Path, source: str) -> Path | None:
    """The file of a Document, or None when the folder no longer has it."""
    try:
        place = _place(folder, source)
        inside = place.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError, DocumentError):  # RuntimeError: links in a circle
        return None
    return place if inside and place.is_file() else None


def _place(folder: Path, source: str) -> Path:
    place = folder / source
    parent = place.parent.resolve()
    if not source or place.name in ("", "..") or not parent.is_relative_to(folder.resolve()):
        raise DocumentError(f"{source!r} leads out of the corpus folder. Name a file inside it.")
    return place


def _clear(folder: Path) -> None:
    """Remove the drafts that servers left which were killed as they wrote."""
    for draft in folder.glob(f"{_DRAFT}*"):
        with suppress(OSError):  # another server's, which has just gone into its place
            if time() - draft.stat().st_mtime > _DRAFT_SECONDS:
                draft.unlink()


def _draft(folder: Path, content: bytes) -> Path:
    descriptor, name = mkstemp(prefix=_DRAFT, dir=folder)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)  # who builds may be another user than who serves
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _unwritable(folder: Path, error: OSError) -> CorpusError:
    return CorpusError(
        f"The corpus folder {str(folder)!r} cannot be changed ({error.strerror or error}). "
        "Let the server write there, or put files there by other means and build."
    )
