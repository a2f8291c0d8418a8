"""Questions to begin with, which whoever runs the service writes down."""

from pathlib import Path

from pydantic import BaseModel

from qa_service.languages import SHIPPED, detect_language
from qa_service.schema import MAX_QUESTION

_MAX_SHOWN = 8
_MAX_BYTES = 20_000  # of the file: what lies beyond is not read


class Suggestion(BaseModel):
    question: str
    language: str


def suggestions(path: Path) -> list[Suggestion]:
    """The questions in a text file, one a line; none where there is no such file.

    Lines that begin with `#`, and those too long to be asked, are left out.
    """
    try:
        with path.open("rb") as file:
            lines = file.read(_MAX_BYTES).decode("utf-8", errors="ignore").splitlines()
    except OSError:
        return []
    asked = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    fitting = [question for question in asked if len(question) <= MAX_QUESTION][:_MAX_SHOWN]
    return [Suggestion(question=q, language=detect_language(q, SHIPPED)) for q in fitting]
