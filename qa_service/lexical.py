"""The BM25 side: character 4-grams of folded words, and names by sound, in a tantivy index.

Inflected languages want parts of words rather than words: on Latvian and English history
texts, BM25 over 4-grams found the right passage among five more often than over lemmas
(.82/.91 against .77/.78).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import tantivy

from qa_service.names import name_keys

_WORD = re.compile(r"\w+")
_GRAM = 4
_MAX_TERMS = 2_000  # of one question: bounds the time that a stranger's text can take
_HEAP_BYTES = 64_000_000


class Entry(NamedTuple):
    """One Passage as the index sees it; `number` is its place in the Snapshot."""

    number: int
    language: str
    document_id: str
    text: str


def fold(text: str) -> str:
    """Case, accents and compatibility forms taken off: `Gendžē` -> `gendze`.

    Only for matching: the result can be longer or shorter than `text`.
    """
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def terms(text: str) -> list[str]:
    """The 4-grams of each folded word between marks of its start and end; short words whole."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        marked = f"^{word}$"
        found += (marked[i : i + _GRAM] for i in range(max(1, len(marked) - _GRAM + 1)))
    return found


class LexicalIndex:
    """Passages by their terms; opened read-only once written."""

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        self._searcher = index.searcher()

    @classmethod
    def open(cls, folder: Path) -> "LexicalIndex":
        return cls(tantivy.Index.open(str(folder)))

    def search(
        self, text: str, k: int, language: str, document_ids: Sequence[str] | None = None
    ) -> list[tuple[int, float]]:
        """The best `k` Passages of one language as `(number, BM25 score)`, best first."""
        return self._search("terms", terms(text), k, language, document_ids)

    def search_names(
        self,
        text: str,
        spoken: str,
        k: int,
        language: str,
        document_ids: Sequence[str] | None = None,
    ) -> list[tuple[int, float]]:
        """The same for names that sound like any word of `text`, which is in `spoken`."""
        keys = name_keys(text, spoken, all_words=True)
        return self._search("names", keys, k, language, document_ids)

    def _search(
        self,
        field: str,
        words: Iterable[str],
        k: int,
        language: str,
        document_ids: Sequence[str] | None,
    ) -> list[tuple[int, float]]:
        wanted = list(dict.fromkeys(words))[:_MAX_TERMS]
        if not wanted or k < 1:
            return []
        schema, must = self._index.schema, tantivy.Occur.Must
        any_term = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.term_query(schema, field, term))
                for term in wanted
            ]
        )
        clauses = [(must, any_term), (must, _filter(schema, "language", [language]))]
        if document_ids is not None:
            clauses.append((must, _filter(schema, "document_id", document_ids)))
        found = self._searcher.search(tantivy.Query.boolean_query(clauses), limit=k)
        return [
            (int(self._searcher.doc(address)["number"][0]), float(score))
            for score, address in found.hits
        ]


class LexicalWriter:
    """Writes a new index into an empty folder; nothing can be read before `commit` and `close`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        index = tantivy.Index(_schema(), path=str(folder))
        self._writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            document = tantivy.Document()
            document.add_integer("number", entry.number)
            document.add_text("language", entry.language)
            document.add_text("document_id", entry.document_id)
            document.add_text("terms", " ".join(terms(entry.text)))
            document.add_text("names", " ".join(name_keys(entry.text, entry.language)))
            self._writer.add_document(document)

    def commit(self) -> None:
        self._writer.commit()

    def close(self) -> None:
        """Wait for the threads that write: only then does nothing more come into the folder."""
        self._writer.wait_merging_threads()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("number", stored=True)
    builder.add_text_field("language", tokenizer_name="raw")
    builder.add_text_field("document_id", tokenizer_name="raw")
    for field in ("terms", "names"):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _filter(schema: tantivy.Schema, field: str, values: Sequence[str]) -> tantivy.Query:
    """A clause that selects without adding to the score."""
    return tantivy.Query.const_score_query(
        tantivy.Query.term_set_query(schema, field, list(values)), 0.0
    )
