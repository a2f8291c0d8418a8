"""Citations: make them, and verify them later, when their Documents may have changed."""

from qa_service.citations.making import cite, document_url, utf16_span
from qa_service.citations.quotations import CONTEXT
from qa_service.citations.verifying import Cited, Library, Verdict, verify, verify_all

__all__ = [
    "CONTEXT",
    "Cited",
    "Library",
    "Verdict",
    "cite",
    "document_url",
    "utf16_span",
    "verify",
    "verify_all",
]
