"""The examples that the OpenAPI description shows."""

_QUESTION = "When was the Azerbaijan Democratic Republic proclaimed?"

QUESTIONS = [
    {"question": _QUESTION},
    {
        "question": "And where?",
        "history": [{"question": _QUESTION, "answer": "1918. gada 28. maijā"}],
        "k": 8,
        "max_answers": 3,
        "document_ids": None,
        "languages": ["lv"],
    },
]

REPLY = {
    "question": _QUESTION,
    "question_language": "en",
    "answered": True,
    "answers": [
        {
            "text": "28 May 1918",
            "confidence": 0.93,
            "citations": [
                {
                    "document_id": "adr-history",
                    "title": "The Azerbaijan Democratic Republic",
                    "language": "en",
                    "section": "Proclamation",
                    "page": None,
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
                    "text_sha256": "1b4f0e9851971998e732078544c96b36c3d01cedf7caa332359d6f1d83567014",
                    "url": "/documents/adr-history#char=1042,1053",
                }
            ],
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

PROBLEM = {
    "type": "about:blank",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "question: String should have at most 1000 characters",
    "errors": [{"field": "question", "message": "String should have at most 1000 characters"}],
}
