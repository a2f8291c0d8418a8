"""A file that somebody sends -> Document."""

import unicodedata
from dataclasses import replace
from pathlib import PurePath

from qa_service.corpus.readers import check_kind, check_size, read_content
from qa_service.errors import DocumentError
from qa_service.schema import Document

# File systems take 255, and a sidecar's name is longer; an id made of it stays within what front
# matter allows.
_MAX_NAME = 200  # bytes


def read_upload(
    name: str, content: bytes, max_bytes: int, sidecar: bytes | None = None
) -> Document:
    """The Document of an uploaded file, read and refused as a corpus file of that name would be.

    Of `name` only the last part is used, without what is invisible or would hide the file;
    the errors call the file by what is left. `sidecar` is YAML that goes with it.
    """
    path = PurePath(safe_name(name))
    try:
        check_kind(path)
        check_size(len(content), max_bytes)
        return replace(read_content(content, path, sidecar), source=str(path))
    except DocumentError as error:
        raise DocumentError(f"{path}: {error}") from error


def safe_name(name: str) -> str:
    """`../up/On Baku.pdf` -> `On Baku.pdf`: a name of one part, bounded and printable.

    A name that is too long is refused rather than cut, which could make it another file's.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    spaced = " ".join(unicodedata.normalize("NFC", last).split())
    shown = "".join(char for char in spaced if unicodedata.category(char)[0] != "C")
    path = PurePath(shown.strip(" ."))
    stem = path.stem.rstrip(" .")
    if not any(char.isalnum() for char in stem):
        raise DocumentError(
            f"the upload has no usable name in {name[:_MAX_NAME]!r}. "
            "Send it with a file name such as report.pdf."
        )
    safe = stem + path.suffix
    if len(safe.encode()) > _MAX_NAME:
        raise DocumentError(
            f"the name of the upload, {safe[:40]!r} and so on, is longer than {_MAX_NAME} bytes. "
            "Shorten it."
        )
    return safe
