"""Plain text -> Document."""

from qa_service.corpus.markdown import BYTE_ORDER_MARK
from qa_service.languages import detect_language
from qa_service.schema import Document, Section, Span


def read_text(text: str, name: str) -> Document:
    """The whole text as one section; `name` becomes id and title."""
    start = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    return Document(
        id=name,
        title=name,
        language=detect_language(text),
        text=text,
        sections=(Section("", 0, Span(start, len(text))),),
    )
