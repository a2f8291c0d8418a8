"""A file that somebody sends -> Document."""

import unicodedata
from pathlib import PurePath

from qa_service.corpus.readers import check_kind, check_size, read_content
from qa_service.errors import DocumentError
from qa_service.schema import Document

_MAX_STEM = 120  # characters; the id made of it stays within what front matter allows


def read_upload(name: str, content: bytes, max_bytes: int) -> Document:
    """The Document of an uploaded file, read and refused as a corpus file of that name would be.

    Of `name` only the last part is used, without what is invisible or would hide the file;
    the errors call the file by what is left.
    """
    path = PurePath(safe_name(name))
    try:
        check_kind(path)
        check_size(len(content), max_bytes)
        return read_content(content, path)
    except DocumentError as error:
        raise DocumentError(f"{path}: {error}") from error


def safe_name(name: str) -> str:
    """`../up/On Baku.pdf` -> `On Baku.pdf`: a name of one part, bounded and printable."""
    last = name.replace("\\", "/").rpartition("/")[2]
    spaced = " ".join(unicodedata.normalize("NFC", last).split())
    shown = "".join(char for char in spaced if unicodedata.category(char)[0] != "C")
    path = PurePath(shown.strip(" ."))
    stem = path.stem[:_MAX_STEM].rstrip(" .")
    if not any(char.isalnum() for char in stem):
        raise DocumentError(
            f"the upload has no usable name in {name[:_MAX_STEM]!r}. "
            "Send it with a file name such as report.pdf."
        )
    return stem + path.suffix[:20]
