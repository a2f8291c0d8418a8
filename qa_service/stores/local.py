"""The Store of one machine: FAISS vectors, tantivy terms and SQLite texts in one folder."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import faiss
import numpy as np

from qa_service.encoder import Vectors
from qa_service.errors import UnknownDocumentError
from qa_service.lexical import Entry, LexicalIndex, LexicalWriter
from qa_service.schema import Document, Hit, Page, Passage, Section, Span, Summary

_TABLES = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY, title TEXT, language TEXT, text TEXT,
    sections TEXT, pages TEXT, metadata TEXT, source TEXT, length INTEGER, passages INTEGER
) WITHOUT ROWID;
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, document_id TEXT, title TEXT, language TEXT, section TEXT,
    page INTEGER, start INTEGER, "end" INTEGER, text TEXT, encoded_sha256 BLOB
);
"""
_INDEXES = """
CREATE INDEX passages_of_document ON passages (document_id);
CREATE INDEX passages_of_language ON passages (language);
CREATE INDEX passages_encoded ON passages (encoded_sha256);
"""
_PASSAGE = 'document_id, title, language, section, page, start, "end", text'


def encoded_hash(text: str) -> bytes:
    """What identifies a text that was encoded: equal texts have equal vectors."""
    return sha256(text.encode()).digest()


class LocalStore:
    """An index folder open for searching; nothing in it is ever changed."""

    def __init__(self, folder: Path) -> None:
        # `immutable` lets the folder lie on a read-only volume; SQLite itself serialises the
        # threads that share the connection.
        self._db = sqlite3.connect(
            f"{(folder / 'texts.sqlite').resolve().as_uri()}?mode=ro&immutable=1",
            uri=True,
            check_same_thread=False,
        )
        self._vectors = faiss.read_index(str(folder / "vectors.faiss"))
        self._lexical = LexicalIndex.open(folder / "lexical")
        self._numbers_of = lru_cache(maxsize=64)(self._load_numbers)
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
        numbers = self._numbers_of(language, None if document_ids is None else tuple(document_ids))
        k = min(k, len(numbers))
        if k < 1:
            return []
        chosen = faiss.SearchParameters(sel=faiss.IDSelectorBatch(numbers))  # type: ignore[call-arg]
        scores, found = self._vectors.search(question[None], k, params=chosen)
        best = {
            int(number): float(score)
            for number, score in zip(found[0], scores[0], strict=True)
            if number >= 0  # FAISS pads with -1
        }
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
            "SELECT id, title, language, text, sections, pages, metadata, source "
            "FROM documents WHERE id = ?",
            (document_id,),
        ).fetchone()
        if row is None:
            raise UnknownDocumentError(
                f"No document has the id {document_id!r}. GET /documents lists those there are."
            )
        return _document(row)

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
        return None if row is None else np.asarray(self._vectors.reconstruct(row[0]))

    def close(self) -> None:
        self._db.close()

    def _matched(self, found: Iterable[tuple[int, float]], question: Vectors) -> list[Hit]:
        scores = dict(found)
        similarities = {
            number: float(self._vectors.reconstruct(number) @ question) for number in scores
        }
        return self._hits(scores, similarities)

    def _hits(self, scores: dict[int, float], similarities: dict[int, float]) -> list[Hit]:
        rows = self._db.execute(
            f"SELECT number, {_PASSAGE} FROM passages "
            "WHERE number IN (SELECT value FROM json_each(?))",
            (json.dumps(list(scores)),),
        )
        passages = {number: _passage(row) for number, *row in rows}
        return [Hit(passages[n], score, similarities[n]) for n, score in scores.items()]

    def _load_numbers(self, language: str, document_ids: tuple[str, ...] | None) -> np.ndarray:
        where, values = "language = ?", [language]
        if document_ids is not None:
            where += f" AND document_id IN ({','.join('?' * len(document_ids))})"
            values += document_ids
        rows = self._db.execute(f"SELECT number FROM passages WHERE {where}", values)
        return np.fromiter((row[0] for row in rows), dtype=np.int64)


class LocalWriter:
    """Writes the files of a LocalStore into an empty folder, Document by Document.

    They are whole after `finish` and `close`; without `finish` they are left as they are. What
    cannot be written raises OSError.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._db = sqlite3.connect(folder / "texts.sqlite", isolation_level=None)
        # A half-written folder is thrown away whole, so it needs no journal.
        with _as_os_error():
            self._db.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_TABLES}")
            self._db.execute("BEGIN")
            self._lexical = LexicalWriter(folder / "lexical")
        self._vectors = faiss.IndexFlatIP(dimension)
        self._numbers: Iterator[int] = iter(range(1 << 62))
        self._content = sha256()

    @property
    def content(self) -> str:
        """SHA-256 of what was added: equal where the same Documents and Passages were."""
        return self._content.hexdigest()

    def add(self, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        """`vectors` is `(len(passages), dimension)`."""
        row = (
            document.id,
            document.title,
            document.language,
            document.text,
            json.dumps([(s.title, s.level, s.span.start, s.span.end) for s in document.sections]),
            json.dumps([(p.number, p.span.start, p.span.end) for p in document.pages]),
            json.dumps(dict(document.metadata)),
            document.source,
            len(document.text),
            len(passages),
        )
        numbered = [(next(self._numbers), passage) for passage in passages]
        rows = [(number, *_row(passage)) for number, passage in numbered]
        with _as_os_error():
            self._db.execute("INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?,?)", row)
            self._db.executemany("INSERT INTO passages VALUES (?,?,?,?,?,?,?,?,?,?)", rows)
            self._lexical.add(
                Entry(n, p.language, p.document_id, p.headed_text) for n, p in numbered
            )
        for written in (row, *rows):
            self._content.update(repr(written).encode())
        if passages:
            self._vectors.add(vectors)

    def finish(self) -> None:
        with _as_os_error():
            self._db.execute("COMMIT")
            self._db.executescript(_INDEXES)
            self._lexical.commit()
            faiss.write_index(self._vectors, str(self._folder / "vectors.faiss"))

    def close(self) -> None:
        self._db.close()
        self._lexical.close()


@contextmanager
def _as_os_error() -> Iterator[None]:
    """What SQLite, tantivy and FAISS each raise in their own way when a disk is full."""
    try:
        yield
    except (sqlite3.Error, ValueError, RuntimeError) as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def _document(row: Sequence[str]) -> Document:
    identity, title, language, text, sections, pages, metadata, source = row
    return Document(
        id=identity,
        title=title,
        language=language,
        text=text,
        sections=tuple(Section(t, level, Span(a, b)) for t, level, a, b in json.loads(sections)),
        pages=tuple(Page(number, Span(a, b)) for number, a, b in json.loads(pages)),
        metadata=json.loads(metadata),
        source=source,
    )


def _row(passage: Passage) -> tuple[object, ...]:
    return (
        passage.document_id,
        passage.title,
        passage.language,
        passage.section,
        passage.page,
        passage.span.start,
        passage.span.end,
        passage.text,
        encoded_hash(passage.headed_text),
    )


def _passage(row: Sequence[object]) -> Passage:
    document_id, title, language, section, page, start, end, text = row
    return Passage(
        document_id=str(document_id),
        title=str(title),
        language=str(language),
        section=str(section),
        page=page if isinstance(page, int) else None,
        span=Span(int(str(start)), int(str(end))),
        text=str(text),
    )
