"""One file's bytes -> Document, by the kind its name and its first bytes tell."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from qa_service.corpus import sandbox
from qa_service.corpus.decoding import decode, decode_utf8
from qa_service.corpus.extract import document_of
from qa_service.corpus.front_matter import parse_front_matter
from qa_service.corpus.markdown import read_markdown
from qa_service.corpus.signatures import DOCX, PAGE, PDF, TEXT, looks_like, may_be_pdf
from qa_service.corpus.text import read_text
from qa_service.errors import DocumentError
from qa_service.schema import Document

SIDECAR = ".yaml"


@dataclass(frozen=True, slots=True)
class _Format:
    """What files of a suffix must look like, and who reads their bytes under a name."""

    allowed: frozenset[str]
    read: Callable[[bytes, str], Document]


def _markdown(content: bytes, name: str) -> Document:
    return read_markdown(decode_utf8(content), name)


def _text(content: bytes, name: str) -> Document:
    return read_text(decode(content), name)


def _html(content: bytes, name: str) -> Document:
    page = decode(content, html=True).encode()
    return document_of(sandbox.extract("html", page), name)


def _extracted(kind: str, content: bytes, name: str) -> Document:
    return document_of(sandbox.extract(kind, content), name)


_ANY_TEXT = frozenset({TEXT, PAGE})
_MARKDOWN = _Format(_ANY_TEXT, _markdown)
_PAGE = _Format(_ANY_TEXT, _html)
FORMATS = {
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".txt": _Format(_ANY_TEXT, _text),
    ".html": _PAGE,
    ".htm": _PAGE,
    ".pdf": _Format(frozenset({PDF}), partial(_extracted, "pdf")),
    ".docx": _Format(frozenset({DOCX}), partial(_extracted, "docx")),
}
_SUFFIXES = {PDF: ".pdf", DOCX: ".docx", PAGE: ".html", TEXT: ".txt"}


def check_kind(path: PurePath) -> None:
    """Refuse a file of a kind that nobody here reads."""
    if path.suffix.lower() not in FORMATS:
        raise DocumentError(
            f"files of the kind {path.suffix or '(none)'!r} cannot be read. "
            f"Convert it to one of {', '.join(FORMATS)} or move it out of the corpus."
        )


def check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise DocumentError(
            f"{size:,} bytes are more than the {max_bytes:,} that are read. "
            "Split the file or raise QA_MAX_FILE_BYTES."
        )


def read_content(content: bytes, path: PurePath, sidecar: bytes | None = None) -> Document:
    """The Document of a file's bytes; `path` tells its kind and its id, `sidecar` is YAML.

    Errors do not name the path: who calls knows by which name the file is known.
    """
    check_kind(path)
    reader = FORMATS[path.suffix.lower()]
    if not content.strip():
        raise DocumentError("holds no text. Fill it or move it out of the corpus.")
    kind = looks_like(content)
    if kind not in reader.allowed and not (PDF in reader.allowed and may_be_pdf(content)):
        raise DocumentError(_mislabelled(path.suffix, kind))
    document = reader.read(content, id_of(path))
    if not any(section.span.of(document.text).strip() for section in document.sections):
        raise DocumentError("holds no text. Fill it or move it out of the corpus.")
    if sidecar is None:
        return document
    origin = f"its sidecar {path.name}{SIDECAR}"
    try:
        said = decode_utf8(sidecar)
    except DocumentError as error:
        raise DocumentError(f"{origin} cannot be read: {error}") from error
    return parse_front_matter(said, origin).over(document)


def id_of(path: PurePath) -> str:
    """`notes/On Baku.md` -> `notes--On-Baku`: safe in a URL path, stable while the file stays."""
    return re.sub(r"[^\w.-]+", "-", "--".join(path.with_suffix("").parts))


def _mislabelled(suffix: str, kind: str) -> str:
    right = _SUFFIXES.get(kind)
    mend = (
        f"Give it the suffix {right}, if that is what it is"
        if right
        else f"Convert it to one of {', '.join(FORMATS)} or move it out of the corpus"
    )
    return f"is named {suffix} and looks like {kind}. {mend}."
