"""Plain text -> Document."""

from qa_service.languages import detect_language
from qa_service.schema import Document, Section, Span


def read_text(text: str, name: str) -> Document:
    """The whole text as one section; `name` becomes id and title."""
    return Document(
        id=name,
        title=name,
        language=detect_language(text),
        text=text,
        sections=(Section("", 0, Span(0, len(text))),),
    )
