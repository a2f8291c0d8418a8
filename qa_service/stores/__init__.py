"""Where Documents, Passages, vectors and terms live: one seam, `Store`."""

from collections.abc import Sequence
from typing import Protocol

from qa_service.encoder import Vectors
from qa_service.schema import Document, Hit, Summary


class Store(Protocol):
    """One immutable index, open for searching; every method may be called from any thread."""

    languages: tuple[str, ...]
    """The languages of its Documents, the most frequent first."""

    def dense(
        self,
        question: Vectors,
        k: int,
        language: str,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """The `k` Passages of one language nearest to a question `(dimension,)`, best first."""
        ...

    def lexical(
        self,
        text: str,
        question: Vectors,
        k: int,
        language: str,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """The `k` Passages of one language that share most with `text`, best first."""
        ...

    def named(
        self,
        text: str,
        spoken: str,
        question: Vectors,
        k: int,
        language: str,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """The `k` Passages of one language whose names sound like words of `text`, best first.

        `spoken` is the language of `text`.
        """
        ...

    def document(self, document_id: str) -> Document:
        """The Document of this id. Raises UnknownDocumentError."""
        ...

    def documents(self) -> list[Summary]:
        """Every Document without its text, by id."""
        ...

    def close(self) -> None: ...
