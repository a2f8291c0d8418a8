"""Walk a corpus folder and read each file by its format."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_ISREG

from qa_service.corpus.markdown import read_markdown
from qa_service.corpus.text import read_text
from qa_service.errors import CorpusError, DocumentError
from qa_service.schema import Document

_READERS: dict[str, Callable[[str, str], Document]] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_text,
}


def read_folder(folder: Path, max_bytes: int) -> Iterator[Document | DocumentError]:
    """Each file below `folder`, in the order of its path: a Document, or what is wrong with it.

    Hidden files and folders are passed over. Errors are yielded rather than raised, so
    that one bad file does not hide the others.
    """
    if not folder.is_dir():
        raise CorpusError(
            f"The corpus folder {str(folder)!r} does not exist. "
            "Create it or name another one with --corpus."
        )
    origins: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if any(part.startswith(".") for part in relative.parts) or path.is_dir():
            continue
        try:
            document = _read_file(path, relative, folder, max_bytes)
            if document.id in origins:
                raise DocumentError(
                    f"{relative}: the id {document.id!r} is taken by {origins[document.id]}. "
                    "Give one of the two another id in its front matter, or rename it."
                )
            origins[document.id] = relative
            yield document
        except DocumentError as error:
            yield error


def _read_file(path: Path, relative: Path, folder: Path, max_bytes: int) -> Document:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DocumentError(
            f"{relative}: files of the kind {path.suffix or '(none)'!r} cannot be read. "
            f"Convert it to one of {', '.join(_READERS)} or move it out of the corpus."
        )
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise DocumentError(
                f"{relative}: the link leads out of the corpus folder. Put the file itself there."
            )
        status = path.stat()
        if not S_ISREG(status.st_mode):  # reading a pipe would never end
            raise DocumentError(f"{relative}: is no regular file. Move it out of the corpus.")
        size = status.st_size
        if size > max_bytes:
            raise DocumentError(
                f"{relative}: {size:,} bytes are more than the {max_bytes:,} that are read. "
                "Split the file or raise QA_MAX_FILE_BYTES."
            )
        text = path.read_bytes().decode("utf-8")
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, to Python 3.12
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(
            f"{relative}: cannot be opened ({reason}). Check that it exists and is readable."
        ) from error
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{relative}: byte {error.start} is not UTF-8. Save the file as UTF-8."
        ) from error
    if "\0" in text:
        raise DocumentError(
            f"{relative}: holds NUL characters, so it is no text. Move it out of the corpus."
        )
    try:
        document = reader(text, _id_of(relative))
    except DocumentError as error:
        raise DocumentError(f"{relative}: {error}") from error
    if not any(section.span.of(text).strip() for section in document.sections):
        raise DocumentError(f"{relative}: holds no text. Fill it or move it out of the corpus.")
    return document


def _id_of(relative: Path) -> str:
    """`notes/On Baku.md` -> `notes--On-Baku`: safe in a URL path, stable while the file stays."""
    return re.sub(r"[^\w.-]+", "-", "--".join(relative.with_suffix("").parts))
