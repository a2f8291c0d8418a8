"""Walk a corpus folder and read each file safely."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from stat import S_ISREG

from qa_service.corpus.readers import FORMATS, SIDECAR, check_kind, check_size, read_content
from qa_service.errors import CorpusError, DocumentError
from qa_service.schema import Document


def source_files(folder: Path) -> list[Path]:
    """The files below `folder` to be read, in the order of their paths.

    Hidden files and folders are passed over, and the sidecars of files that are there.
    """
    if not folder.is_dir():
        raise CorpusError(
            f"The corpus folder {str(folder)!r} does not exist. "
            "Create it or name another one with --corpus."
        )
    return [
        path
        for path in sorted(folder.rglob("*"))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not path.is_dir()
        and not (_is_sidecar(path) and _has_file(path))
    ]


def read_folder(folder: Path, max_bytes: int) -> Iterator[Document | DocumentError]:
    """Each file below `folder`, in the order of its path: a Document, or what is wrong with it.

    `report.pdf.yaml` says of `report.pdf` what front matter says of Markdown. Errors are
    yielded rather than raised, so that one bad file does not hide the others.
    """
    return read_files(source_files(folder), folder, max_bytes)


def read_files(
    files: list[Path], folder: Path, max_bytes: int
) -> Iterator[Document | DocumentError]:
    """The same of these files of the corpus folder."""
    origins: dict[str, Path] = {}
    for path in files:
        relative = path.relative_to(folder)
        try:
            document = _read_file(path, folder, max_bytes)
            if document.id in origins:
                raise DocumentError(
                    f"the id {document.id!r} is taken by {origins[document.id]}. "
                    "Give one of the two another id in its front matter or sidecar, or rename it."
                )
            origins[document.id] = relative
            yield document
        except DocumentError as error:
            named = DocumentError(f"{relative}: {error}")
            named.__cause__ = error
            yield named


def _is_sidecar(path: Path) -> bool:
    return path.suffix == SIDECAR and path.with_suffix("").suffix.lower() in FORMATS


def _has_file(sidecar: Path) -> bool:
    described = sidecar.with_suffix("")
    return described.is_file() or described.is_symlink()


def _read_file(path: Path, folder: Path, max_bytes: int) -> Document:
    if _is_sidecar(path):
        raise DocumentError(
            f"is a sidecar without its file: there is no {path.with_suffix('').name} beside it. "
            "Put the file there or remove the sidecar."
        )
    check_kind(path)
    relative = path.relative_to(folder)
    try:
        source = relative.as_posix().encode().decode()
    except UnicodeEncodeError as error:  # bytes that are no text: a Snapshot could not hold them
        raise DocumentError("its name is not in UTF-8. Rename it.") from error
    content = _bytes(path, folder, max_bytes)
    sidecar = path.with_name(path.name + SIDECAR)
    said = None
    if sidecar.is_symlink() or sidecar.exists():
        try:
            said = _bytes(sidecar, folder, max_bytes)
        except DocumentError as error:
            raise DocumentError(f"its sidecar {sidecar.name}: {error}") from error
    return replace(read_content(content, relative, said), source=source)


def _bytes(path: Path, folder: Path, max_bytes: int) -> bytes:
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise DocumentError(
                "the link leads out of the corpus folder. Put the file itself there."
            )
        status = path.stat()
        if not S_ISREG(status.st_mode):  # reading a pipe would never end
            raise DocumentError("is no regular file. Move it out of the corpus.")
        check_size(status.st_size, max_bytes)
        return path.read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, to Python 3.12
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(
            f"cannot be opened ({reason}). Check that it exists and is readable."
        ) from error
