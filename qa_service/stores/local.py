"""The Store of one machine: FAISS vectors, tantivy terms and SQLite texts in one folder."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from qa_service.encoder import Vectors
from qa_service.errors import UnknownDocumentError
from qa_service.lexical import LexicalIndex
from qa_service.schema import Document, Hit, Summary
from qa_service.stores.texts import DOCUMENT, PASSAGE, document_of, passage_of
from qa_service.stores.vectors import Chosen, VectorFile


class LocalStore:
    """An index folder open for searching; nothing in it is ever changed."""

    def __init__(self, folder: Path) -> None:
        # `immutable`: nothing is locked or looked for beside the file. SQLite itself serialises
        # the threads that share the connection.
        self._db = sqlite3.connect(
            f"{(folder / 'texts.sqlite').resolve().as_uri()}?mode=ro&immutable=1",
            uri=True,
            check_same_thread=False,
        )
        self._vectors = VectorFile(folder / "vectors.npy")
        self._lexical = LexicalIndex.open(folder / "lexical")
        self._chosen = lru_cache(maxsize=64)(self._choose)
        self.languages = tuple(
            row[0]
            for row in self._db.execute(
                "SELECT language FROM passages GROUP BY language ORDER BY count(*) DESC, language"
            )
        )

    def dense(
        self,
        question: Vectors,
        k: int,
        language: str,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        chosen = self._chosen(language, None if document_ids is None else tuple(document_ids))
        best = self._vectors.search(question, k, chosen)
        return self._hits(best, best)

    def lexical(
        self,
        text: str,
        question: Vectors,
        k: int,
        language: str,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        return self._matched(self._lexical.search(text, k, language, document_ids), question)

    def named(
        self,
        text: str,
        spoken: str,
        question: Vectors,
        k: int,
        language: str,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        found = self._lexical.search_names(text, spoken, k, language, document_ids)
        return self._matched(found, question)

    def document(self, document_id: str) -> Document:
        row = self._db.execute(
            f"SELECT {DOCUMENT} FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        if row is None:
            raise UnknownDocumentError(
                f"No document has the id {document_id!r}. GET /documents lists those there are."
            )
        return document_of(row)

    def documents(self) -> list[Summary]:
        rows = self._db.execute(
            "SELECT id, title, language, length, passages, metadata FROM documents ORDER BY id"
        )
        return [
            Summary(identity, title, language, length, passages, json.loads(metadata))
            for identity, title, language, length, passages, metadata in rows
        ]

    def vector(self, encoded: bytes) -> Vectors | None:
        """The vector `(dimension,)` of a text encoded before, by its `encoded_hash`."""
        row = self._db.execute(
            "SELECT number FROM passages WHERE encoded_sha256 = ?", (encoded,)
        ).fetchone()
        return None if row is None else self._vectors[row[0]]

    def close(self) -> None:
        self._db.close()

    def _matched(self, found: Iterable[tuple[int, float]], question: Vectors) -> list[Hit]:
        scores = dict(found)
        similarities = {number: float(self._vectors[number] @ question) for number in scores}
        return self._hits(scores, similarities)

    def _hits(self, scores: dict[int, float], similarities: dict[int, float]) -> list[Hit]:
        rows = self._db.execute(
            f"SELECT number, {PASSAGE} FROM passages "
            "WHERE number IN (SELECT value FROM json_each(?))",
            (json.dumps(list(scores)),),
        )
        passages = {number: passage_of(row) for number, *row in rows}
        return [Hit(passages[n], score, similarities[n]) for n, score in scores.items()]

    def _choose(self, language: str, document_ids: tuple[str, ...] | None) -> Chosen:
        where, values = "language = ?", [language]
        if document_ids is not None:
            where += f" AND document_id IN ({','.join('?' * len(document_ids))})"
            values += document_ids
        rows = self._db.execute(f"SELECT number FROM passages WHERE {where}", values)
        return self._vectors.choose(np.fromiter((row[0] for row in rows), dtype=np.int64))
