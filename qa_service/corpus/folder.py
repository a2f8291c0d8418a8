"""Walk a corpus folder and read each file safely."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
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


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the corpus, its bytes and those of its sidecar."""

    path: Path
    """Relative to the corpus folder."""
    content: bytes
    sidecar: bytes | None

    @property
    def sha256(self) -> bytes:
        """Equal for files of one path, content and sidecar: they are the same Document."""
        digest = sha256()
        for part in (self.path.as_posix().encode(), self.content, self.sidecar):
            digest.update(b"-" if part is None else b"%d:" % len(part))
            digest.update(part or b"")
        return digest.digest()

    def read(self) -> Document:
        """Raises DocumentError, which does not name the file."""
        document = read_content(self.content, self.path, self.sidecar)
        return replace(document, source=self.path.as_posix())


@dataclass(frozen=True, slots=True)
class Changed:
    """A Document, and the hash of the file that it was read from."""

    document: Document
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A file that the Document of this id was read from before."""

    document_id: str


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
    for item in read_changes(files, folder, max_bytes, {}):
        if isinstance(item, Changed):
            yield item.document
        elif isinstance(item, DocumentError):
            yield item


def read_changes(
    files: list[Path], folder: Path, max_bytes: int, known: Mapping[bytes, str]
) -> Iterator[Changed | Unchanged | DocumentError]:
    """The same, but files of a known `SourceFile.sha256` are not parsed: `known` tells their id."""
    origins: dict[str, Path] = {}
    for path in files:
        relative = path.relative_to(folder)
        try:
            file = _open(path, folder, max_bytes)
            digest = file.sha256
            read_before = known.get(digest)
            item: Changed | Unchanged
            if read_before is None:
                document = file.read()
                item, identity = Changed(document, digest), document.id
            else:
                item, identity = Unchanged(read_before), read_before
            if identity in origins:
                raise DocumentError(
                    f"the id {identity!r} is taken by {origins[identity]}. "
                    "Give one of the two another id in its front matter or sidecar, or rename it."
                )
            origins[identity] = relative
            yield item
        except DocumentError as error:
            named = DocumentError(f"{relative}: {error}")
            named.__cause__ = error
            yield named


def _is_sidecar(path: Path) -> bool:
    return path.suffix == SIDECAR and path.with_suffix("").suffix.lower() in FORMATS


def _has_file(sidecar: Path) -> bool:
    described = sidecar.with_suffix("")
    return described.is_file() or described.is_symlink()


def _open(path: Path, folder: Path, max_bytes: int) -> SourceFile:
    if _is_sidecar(path):
        raise DocumentError(
            f"is a sidecar without its file: there is no {path.with_suffix('').name} beside it. "
            "Put the file there or remove the sidecar."
        )
    check_kind(path)
    relative = path.relative_to(folder)
    try:
        relative.as_posix().encode()
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
    return SourceFile(relative, content, said)


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
