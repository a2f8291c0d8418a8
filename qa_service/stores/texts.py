"""The tables of `texts.sqlite`, and their rows as Documents and Passages."""

import json
from collections.abc import Sequence
from hashlib import sha256

from qa_service.schema import Document, Page, Passage, Section, Span

TABLES = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY, part TEXT, read_sha256 BLOB, sha256 BLOB, title TEXT, language TEXT,
    text TEXT, sections TEXT, pages TEXT, metadata TEXT, source TEXT,
    length INTEGER, passages INTEGER
) WITHOUT ROWID;
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, document_id TEXT, title TEXT, language TEXT, section TEXT,
    page INTEGER, start INTEGER, "end" INTEGER, text TEXT, encoded_sha256 BLOB
);
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS documents_of_part ON documents (part)",
    "CREATE INDEX IF NOT EXISTS passages_of_document ON passages (document_id)",
    "CREATE INDEX IF NOT EXISTS passages_of_language ON passages (language)",
    "CREATE INDEX IF NOT EXISTS passages_encoded ON passages (encoded_sha256)",
)
DOCUMENT = "id, title, language, text, sections, pages, metadata, source"
PASSAGE = 'document_id, title, language, section, page, start, "end", text'


def encoded_hash(text: str) -> bytes:
    """What identifies a text that was encoded: equal texts have equal vectors."""
    return sha256(text.encode()).digest()


def document_row(document: Document) -> tuple[object, ...]:
    """The columns DOCUMENT."""
    return (
        document.id,
        document.title,
        document.language,
        document.text,
        json.dumps([(s.title, s.level, s.span.start, s.span.end) for s in document.sections]),
        json.dumps([(p.number, p.span.start, p.span.end) for p in document.pages]),
        json.dumps(dict(document.metadata)),
        document.source,
    )


def document_of(row: Sequence[str]) -> Document:
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


def passage_row(passage: Passage) -> tuple[object, ...]:
    """The columns PASSAGE."""
    return (
        passage.document_id,
        passage.title,
        passage.language,
        passage.section,
        passage.page,
        passage.span.start,
        passage.span.end,
        passage.text,
    )


def passage_of(row: Sequence[object]) -> Passage:
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
