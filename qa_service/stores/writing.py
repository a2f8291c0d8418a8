"""Writes the files of a LocalStore: anew, or as a copy of another one's in which rows change."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain, count, islice
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np

from qa_service.encoder import Vectors
from qa_service.lexical import Entry, LexicalWriter
from qa_service.schema import Document, Passage
from qa_service.stores.texts import (
    INDEXES,
    PASSAGE,
    TABLES,
    document_row,
    encoded_hash,
    passage_of,
    passage_row,
)
from qa_service.stores.vectors import VectorWriter

# Passages of one part of the lexical index, so few that one is written anew in a second. Parts
# under half of it are joined, and a large index has about so many parts: a search looks into
# each. 100,000 Passages take it 5 ms in one part, 8 in 25, 38 in 250 (one core of an EPYC).
_PART = 4096
_PARTS = 64
# A half-written folder is thrown away whole, so it needs no journal. Nothing of what was deleted
# may be left in the file.
_PRAGMAS = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA secure_delete=ON;"


class LocalWriter:
    """Writes the files of a LocalStore into an empty folder, Document by Document.

    They are whole after `finish` and `close`; without `finish` they are left as they are. What
    cannot be written raises OSError.
    """

    def __init__(self, folder: Path, dimension: int, before: Path | None = None) -> None:
        """`before` is the folder of a LocalStore to begin with; it stays as it is.

        Its vectors must be of the same encoder.
        """
        if before:
            for name in ("texts.sqlite", "vectors.npy"):
                copyfile(before / name, folder / name)
        self._db = sqlite3.connect(folder / "texts.sqlite", isolation_level=None)
        with _as_os_error():
            self._db.executescript(_PRAGMAS + ("" if before else TABLES))
            self._db.execute("BEGIN")
        self._lexical = LexicalWriter(folder / "lexical", before and before / "lexical")
        self._vectors = VectorWriter(folder / "vectors.npy", dimension)
        self._free = self._unused() if before else []
        """Numbers of rows below the last one that no Passage has, taken before new ones."""

    @property
    def content(self) -> str:
        """SHA-256 of the Documents and Passages: equal where they are, however they came in."""
        digest = sha256()
        for row in self._execute("SELECT id, sha256 FROM documents ORDER BY id"):
            digest.update(repr(row).encode())
        return digest.hexdigest()

    @property
    def counts(self) -> tuple[int, int]:
        """How many Documents and Passages there are."""
        ((documents, passages),) = self._execute(
            "SELECT count(*), ifnull(sum(passages), 0) FROM documents"
        )
        return documents, passages

    def read_from(self) -> dict[bytes, tuple[str, int]]:
        """The hash of what each Document was read from -> its id, and how many Passages it has."""
        rows = self._execute("SELECT read_sha256, id, passages FROM documents")
        return {read: (identity, passages) for read, identity, passages in rows}

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Vectors,
        read_sha256: bytes = b"",
    ) -> None:
        """Put a Document in the place of the one of its id; `vectors` `(len(passages), dimension)`.

        `read_sha256` is the hash of what it was read from.
        """
        self.remove(document.id)
        whole = document_row(document)
        rows = [(*passage_row(p), encoded_hash(p.headed_text)) for p in passages]
        digest = sha256(repr((whole, rows)).encode()).digest()
        identity, title, language, *rest = whole
        row = (identity, None, read_sha256, digest, title, language, *rest)
        numbers = self._numbers(len(passages))
        self._execute(
            "INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (*row, len(document.text), len(passages)),
        )
        numbered = [(number, *row) for number, row in zip(numbers, rows, strict=True)]
        with _as_os_error():
            self._db.executemany("INSERT INTO passages VALUES (?,?,?,?,?,?,?,?,?,?)", numbered)
        self._vectors.put(numbers, vectors)

    def remove(self, document_id: str) -> None:
        """Take a Document out, if it is there."""
        found = self._execute("SELECT part FROM documents WHERE id = ?", (document_id,))
        if not found:
            return
        removed = self._execute(
            "DELETE FROM passages WHERE document_id = ? RETURNING number", (document_id,)
        )
        self._free += [number for (number,) in removed]
        self._execute("DELETE FROM documents WHERE id = ?", (document_id,))
        # What else was in its part of the lexical index is written into another one.
        self._execute("UPDATE documents SET part = NULL WHERE part = ?", found[0])

    def finish(self) -> None:
        self._vectors.clear(self._free)
        self._vectors.finish()
        for statement in INDEXES:
            self._execute(statement)
        self._write_lexical()
        self._execute("COMMIT")

    def close(self) -> None:
        self._db.close()
        self._vectors.close()

    def _numbers(self, wanted: int) -> list[int]:
        reused = self._free[:wanted]
        self._free = self._free[wanted:]
        return [*reused, *islice(count(self._vectors.rows), wanted - len(reused))]

    def _unused(self) -> list[int]:
        unused = np.ones(self._vectors.rows, dtype=bool)
        with _as_os_error():  # not as a list: a large index has a million
            numbers = self._db.execute("SELECT number FROM passages")
            unused[np.fromiter((number for (number,) in numbers), dtype=np.int64)] = False
        return [int(number) for number in np.flatnonzero(unused)]

    def _write_lexical(self) -> None:
        """Write what is in no part, and what small parts hold; take over the others."""
        size = max(_PART, self.counts[1] // _PARTS)
        self._execute(
            "UPDATE documents SET part = NULL WHERE part IN "
            "(SELECT part FROM documents GROUP BY part HAVING sum(passages) < ?)",
            (size // 2,),
        )
        kept = self._execute("SELECT DISTINCT part FROM documents WHERE part IS NOT NULL")
        with _as_os_error():
            for names in self._groups(size):
                part = self._lexical.write(chain.from_iterable(map(self._entries, names)))
                for name in names:
                    self._execute("UPDATE documents SET part = ? WHERE id = ?", (part, name))
            self._lexical.finish([part for (part,) in kept])

    def _groups(self, most: int) -> Iterator[list[str]]:
        """The ids of Documents that are in no part, of at most so many Passages at a time."""
        rows = self._execute("SELECT id, passages FROM documents WHERE part IS NULL ORDER BY id")
        group: list[str] = []
        size = 0
        for identity, passages in rows:
            if group and size + passages > most:
                yield group
                group, size = [], 0
            group.append(identity)
            size += passages
        if group:
            yield group

    def _entries(self, document_id: str) -> Iterable[Entry]:
        rows = self._execute(
            f"SELECT number, {PASSAGE} FROM passages WHERE document_id = ? ORDER BY number",
            (document_id,),
        )
        for number, *row in rows:
            passage = passage_of(row)
            yield Entry(number, passage.language, document_id, passage.headed_text)

    def _execute(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        with _as_os_error():
            return self._db.execute(statement, values).fetchall()


@contextmanager
def _as_os_error() -> Iterator[None]:
    """What SQLite and tantivy each raise in their own way when a disk is full."""
    try:
        yield
    except (sqlite3.Error, ValueError, RuntimeError) as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
