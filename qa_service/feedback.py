"""What readers think of answers: one SQLite file, bounded, and its rows as evaluation questions."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from qa_service.errors import FeedbackError

MAX_BYTES = 20_000_000  # of all opinions together; a usual one has less than 1 kB
_SECONDS = 5.0  # to wait for another process that writes
_TABLE = """
CREATE TABLE IF NOT EXISTS opinion (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    content TEXT NOT NULL
)
"""

# A refusal that was right, or an answer whose source does not say it.
_UNANSWERABLE = "unsupported"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a reader said of one answer, or of an abstention (`answer` is None)."""

    id: str
    """Given by the page: who changes their mind has one opinion all the same."""
    verdict: Literal["up", "down"]
    reason: str | None
    comment: str
    question: str
    question_language: str
    snapshot: str
    answer: Mapping[str, Any] | None
    """text, confidence, document_id, language, start, end, sentence"""


class FeedbackFile:
    """Keeps the newest opinions; safe to call from several threads and processes."""

    def __init__(self, path: Path, kept: int, max_bytes: int = MAX_BYTES) -> None:
        """At most `kept` opinions of `max_bytes` together; the file is made with the first."""
        self.path = path
        self._kept = kept
        self._max_bytes = max_bytes

    def add(self, opinion: Opinion) -> None:
        """Keep an opinion in place of an earlier one of its id. Raises FeedbackError."""
        content = {name: getattr(opinion, name) for name in Opinion.__dataclass_fields__}
        row = (
            content.pop("id"),
            datetime.now(UTC).isoformat(timespec="seconds"),
            json.dumps(content, ensure_ascii=False),
        )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=_SECONDS)) as db, db:
                db.execute(_TABLE)
                db.execute(
                    "INSERT OR REPLACE INTO opinion (id, created, content) VALUES (?, ?, ?)", row
                )
                self._drop_oldest(db)
        except (sqlite3.Error, OSError) as error:
            raise self._unusable("written", error) from error

    def rows(self) -> list[dict[str, Any]]:
        """The opinions, oldest first, with `id` and `created`. Raises FeedbackError."""
        if not self.path.is_file():
            raise FeedbackError(
                f"There is no feedback file {str(self.path)!r}. It is made when the first reader "
                "says what they think; QA_FEEDBACK_FILE or --index names another."
            )
        try:
            uri = f"{self.path.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, timeout=_SECONDS)) as db:
                found = db.execute("SELECT id, created, content FROM opinion ORDER BY number")
                return [
                    {"id": key, "created": created, **json.loads(content)}
                    for key, created, content in found
                ]
        except (sqlite3.Error, OSError, ValueError) as error:
            raise self._unusable("read", error) from error

    def _drop_oldest(self, db: sqlite3.Connection) -> None:
        db.execute(
            "DELETE FROM opinion WHERE number NOT IN "
            "(SELECT number FROM opinion ORDER BY number DESC LIMIT ?)",
            (self._kept,),
        )
        # Summed from the newest on: what lies beyond the limit goes.
        db.execute(
            "DELETE FROM opinion WHERE number IN (SELECT number FROM (SELECT number, "
            "SUM(LENGTH(CAST(content AS BLOB))) OVER (ORDER BY number DESC) AS bytes FROM opinion) "
            "WHERE bytes > ?)",
            (self._max_bytes,),
        )

    def _unusable(self, what: str, error: Exception) -> FeedbackError:
        return FeedbackError(
            f"The feedback file {str(self.path)!r} cannot be {what} ({error}). Let the service "
            "write to its folder, or name another file with QA_FEEDBACK_FILE."
        )


def evaluation_rows(opinions: list[dict[str, Any]], *, wrong: bool) -> Iterator[dict[str, Any]]:
    """The opinions as rows that `qa-service evaluate` reads.

    What was right is a question with its known answer, or an unanswerable one. Of what was `wrong`
    nobody knows the right answer yet: those rows have `answers` null, to be filled in.
    """
    for opinion in opinions:
        known = opinion["verdict"] == "up" or opinion["reason"] == _UNANSWERABLE
        if known == wrong:
            continue
        row = {
            "id": f"feedback-{opinion['id']}",
            "question": opinion["question"],
            "question_lang": opinion["question_language"],
            **(_known(opinion) if known else _unknown(opinion)),
            "type": "other",
        }
        yield row | {name: opinion[name] for name in ("reason", "comment", "created", "snapshot")}


def _known(opinion: Mapping[str, Any]) -> dict[str, Any]:
    answer = opinion["answer"] if opinion["verdict"] == "up" else None
    if answer is None:
        return {"doc": None, "answers": [], "kind": "unanswerable"}
    same = answer["language"] == opinion["question_language"]
    return {
        "doc": answer["document_id"],
        "answers": [answer["text"]],
        "answer_start": answer["start"],
        "evidence": answer["sentence"],
        "kind": "same-language" if same else "cross-language",
    }


def _unknown(opinion: Mapping[str, Any]) -> dict[str, Any]:
    answer = opinion["answer"]
    return {
        "doc": answer and answer["document_id"],
        "answers": None,
        "given": answer and answer["text"],
        "kind": "unknown",
    }
