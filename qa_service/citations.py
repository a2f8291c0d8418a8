"""Make Citations: where a quotation stands, so that a program can check it."""

from urllib.parse import quote

from qa_service.schema import Citation, Document, Passage, Span
from qa_service.sentences import sentence_spans

_CONTEXT = 40  # characters kept before and after a quotation, to find it again after an edit


def cite(document: Document, passage: Passage, span: Span) -> Citation:
    """The Citation of `span`, which lies inside `passage` of `document`."""
    text = document.text
    sentence = _sentence(passage, span)
    return Citation(
        document_id=document.id,
        title=document.title,
        language=document.language,
        section=passage.section or None,
        page=document.page_at(span.start),
        span=span,
        span_utf16=utf16_span(text, span),
        quotation=span.of(text),
        prefix=text[max(0, span.start - _CONTEXT) : span.start],
        suffix=text[span.end : span.end + _CONTEXT],
        sentence=sentence.of(text),
        sentence_span=sentence,
        text_sha256=document.text_sha256,
        url=document_url(document.id, span),
    )


def document_url(document_id: str, span: Span) -> str:
    """The path of a place in a Document; the fragment counts characters as RFC 5147 does."""
    return f"/documents/{quote(document_id, safe='')}#char={span.start},{span.end}"


def utf16_span(text: str, span: Span) -> Span:
    """`span` in UTF-16 code units, in which browsers count."""
    start = _utf16_length(text[: span.start])
    return Span(start, start + _utf16_length(span.of(text)))


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _sentence(passage: Passage, span: Span) -> Span:
    """The sentence, or the sentences from first to last, that hold `span`."""
    inside = span.shifted(-passage.span.start)
    holding = [
        sentence
        for sentence in sentence_spans(passage.text, passage.language)
        if sentence.overlaps(inside)
    ]
    return Span(
        min(inside.start, holding[0].start) if holding else inside.start,
        max(inside.end, holding[-1].end) if holding else inside.end,
    ).shifted(passage.span.start)
