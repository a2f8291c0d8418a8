"""A folder of source files, or an upload -> Documents: markdown, text, html, pdf, docx."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa_service.corpus.folder import (
        Changed,
        Unchanged,
        read_changes,
        read_files,
        read_folder,
        source_files,
    )
    from qa_service.corpus.upload import read_upload

_FOLDER = ("Changed", "Unchanged", "read_changes", "read_files", "read_folder", "source_files")
__all__ = [
    "Changed",
    "Unchanged",
    "read_changes",
    "read_files",
    "read_folder",
    "read_upload",
    "source_files",
]


def __getattr__(name: str) -> Any:
    # Late, because a sandbox starts for every PDF, DOCX and HTML file: it imports its one
    # extractor through this package, and the rest of it would cost more than the parse.
    if name in _FOLDER:
        from qa_service.corpus import folder

        return getattr(folder, name)
    if name == "read_upload":
        from qa_service.corpus.upload import read_upload

        return read_upload
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
