"""Opinions of readers, right and wrong ones."""

from typing import Any

from qa_service.feedback import Opinion

ANSWER = {
    "text": "28. maija\u0304 🦅",
    "confidence": 0.9,
    "document_id": "toy-lv",
    "language": "lv",
    "start": 12,
    "end": 24,
    "sentence": "Tas notika 28. maija\u0304 🦅.",
}


def toy_opinion(key: str = "turn-1-0", **changes: Any) -> Opinion:
    fields: dict[str, Any] = {
        "id": key,
        "verdict": "up",
        "reason": None,
        "comment": "",
        "question": "Kad tas notika?",
        "question_language": "lv",
        "snapshot": "20261122T054645994055Z",
        "answer": ANSWER,
    }
    return Opinion(**fields | changes)


OPINIONS = (
    toy_opinion("right"),
    toy_opinion("across", question_language="en"),
    toy_opinion("refused-rightly", answer=None),
    toy_opinion("unsupported", verdict="down", reason="unsupported"),
    toy_opinion("wrong", verdict="down", reason="wrong", comment="29. maijs"),
    toy_opinion("said", verdict="down", reason="said", answer=None),
)
