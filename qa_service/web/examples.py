"""The examples that the OpenAPI description shows."""

from hashlib import sha256

from pydantic import JsonValue

_QUESTION = "When was the Azerbaijan Democratic Republic proclaimed?"

QUESTIONS: list[JsonValue] = [
    {"question": _QUESTION},
    {
        "question": "And where?",
        "history": [{"question": _QUESTION, "answer": "1918. gada 28. maijā"}],
        "k": 8,
        "max_answers": 3,
        "languages": ["lv"],
    },
]

_CITATION: dict[str, JsonValue] = {
    "document_id": "adr-history",
    "title": "The Azerbaijan Democratic Republic",
    "language": "en",
    "section": "Proclamation",
    "page": 3,  # a null would be left out of the description
    "start": 1042,
    "end": 1053,
    "start_utf16": 1042,
    "end_utf16": 1053,
    "quotation": "28 May 1918",
    "prefix": "The republic was proclaimed on ",
    "suffix": " in Tbilisi.",
    "sentence": "The republic was proclaimed on 28 May 1918 in Tbilisi.",
    "sentence_start": 1011,
    "sentence_end": 1065,
    "text_sha256": sha256(b"The text of the document").hexdigest(),
    "url": "/documents/adr-history#char=1042,1053",
}

VERDICT: JsonValue = {
    "status": "verified",
    "citation": _CITATION,
    "reason": "It stands where it stood; its document changed elsewhere.",
}

REPLY: dict[str, JsonValue] = {
    "question": _QUESTION,
    "understood_as": _QUESTION,
    "question_language": "en",
    "answered": True,
    "answers": [
        {
            "text": "28 May 1918",
            "confidence": 0.93,
            "citations": [_CITATION],
        }
    ],
    "passages": [
        {
            "passage_id": "adr-history:1011-1065",
            "document_id": "adr-history",
            "start": 1011,
            "end": 1065,
            "text": "The republic was proclaimed on 28 May 1918 in Tbilisi.",
            "score": 0.71,
        }
    ],
    "snapshot": "20261122T054645994055Z",
    "timings_ms": {"encode": 2.1, "retrieve": 1.0, "read": 21.0, "total": 24.1},
}

BUILD: dict[str, JsonValue] = {
    "id": "20261122T054641120316Z",
    "state": "published",
    "stage": None,
    "done": 46,
    "total": 46,
    "message": "Published Snapshot 20261122T054645994055Z: 46 documents, 511 passages "
    "(12 encoded, 499 reused).",
    "report": ["notes.md: byte 17 is not UTF-8. Save the file as UTF-8."],
    "snapshot": "20261122T054645994055Z",
    "started": "2026-11-22T05:46:41+00:00",
    "ended": "2026-11-22T05:46:46+00:00",
}

FEEDBACK: dict[str, JsonValue] = {
    "id": "turn-mikg9q2s1x7d0p-0",
    "verdict": "down",
    "reason": "incomplete",
    "comment": "The place belongs to it.",
    "question": _QUESTION,
    "question_language": "en",
    "snapshot": "20261122T054645994055Z",
    "answer": {
        "text": "28 May 1918",
        "confidence": 0.93,
        "document_id": "adr-history",
        "language": "en",
        "start": 1042,
        "end": 1053,
        "sentence": "The republic was proclaimed on 28 May 1918 in Tbilisi.",
    },
}

PROBLEM: dict[str, JsonValue] = {
    "type": "about:blank",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "question: String should have at most 1000 characters",
    "errors": [{"field": "question", "message": "String should have at most 1000 characters"}],
}
