"""A Store without some of its Documents."""

from collections.abc import Collection, Sequence

from qa_service.encoder import Vectors
from qa_service.errors import UnknownDocumentError
from qa_service.schema import Document, Hit, Summary
from qa_service.stores import Store


class VisibleStore:
    """A Store in which the `hidden` Documents are nowhere to be found."""

    def __init__(self, store: Store, hidden: Collection[str]) -> None:
        self.languages = store.languages
        self._store = store
        self._hidden = hidden
        # So many Hits more are asked for: then the best `k` others are among them.
        self._surplus = sum(d.passages for d in store.documents() if d.id in hidden)

    def dense(
        self,
        question: Vectors,
        k: int,
        language: str,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        found = self._store.dense(question, k + self._surplus, language, document_ids)
        return self._seen(found, k)

    def lexical(
        self,
        text: str,
        question: Vectors,
        k: int,
        language: str,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        found = self._store.lexical(text, question, k + self._surplus, language, document_ids)
        return self._seen(found, k)

    def named(
        self,
        text: str,
        spoken: str,
        question: Vectors,
        k: int,
        language: str,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        surplus = k + self._surplus
        found = self._store.named(text, spoken, question, surplus, language, document_ids)
        return self._seen(found, k)

    def document(self, document_id: str) -> Document:
        if document_id in self._hidden:
            raise UnknownDocumentError(
                f"The document {document_id!r} was deleted. GET /documents lists those there are."
            )
        return self._store.document(document_id)

    def documents(self) -> list[Summary]:
        return [summary for summary in self._store.documents() if summary.id not in self._hidden]

    def close(self) -> None:
        self._store.close()

    def _seen(self, hits: Sequence[Hit], k: int) -> list[Hit]:
        return [hit for hit in hits if hit.passage.document_id not in self._hidden][:k]
