"""Make Citations: where a quotation stands, so that a program can check it."""

from dataclasses import dataclass
from urllib.parse import quote

from qa_service.citations.quotations import CONTEXT
from qa_service.schema import Citation, Document, Passage, Span
from qa_service.sentences import sentence_spans

_AROUND = 2_000  # characters on either side of a quotation in which its sentence is looked for


@dataclass(frozen=True, slots=True)
class Source:
    """A Document to make several Citations of: what takes its whole text is done once."""

    document: Document
    text_sha256: str
    is_wide: bool
    """Whether any character counts as two in UTF-16."""

    @classmethod
    def of(cls, document: Document) -> "Source":
        text = document.text
        return cls(document, document.text_sha256, is_wide=_utf16_length(text) > len(text))

    def cite(self, passage: Passage, span: Span) -> Citation:
        """The Citation of `span`, which lies inside `passage` of the Document."""
        document, text = self.document, self.document.text
        sentence = _sentence(passage, span)
        return Citation(
            document_id=document.id,
            title=document.title,
            language=document.language,
            section=passage.section or None,
            page=document.page_at(span.start),
            span=span,
            span_utf16=utf16_span(text, span) if self.is_wide else span,
            quotation=span.of(text),
            prefix=text[max(0, span.start - CONTEXT) : span.start],
            suffix=text[span.end : span.end + CONTEXT],
            sentence=sentence.of(text),
            sentence_span=sentence,
            text_sha256=self.text_sha256,
            url=document_url(document.id, span),
        )

    def cite_at(self, span: Span) -> Citation:
        """The Citation of any Span; its sentence ends where 2,000 characters do, if not before."""
        return self.cite(_passage_around(self.document, span), span)


def cite(document: Document, passage: Passage, span: Span) -> Citation:
    """The Citation of `span`, which lies inside `passage` of `document`."""
    return Source.of(document).cite(passage, span)


def document_url(document_id: str, span: Span) -> str:
    """The path of a place in a Document; the fragment counts characters as RFC 5147 does."""
    return f"/documents/{quote(document_id, safe='')}#char={span.start},{span.end}"


def utf16_span(text: str, span: Span) -> Span:
    """`span` in UTF-16 code units, in which browsers count."""
    start = _utf16_length(text[: span.start])
    return Span(start, start + _utf16_length(span.of(text)))


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _passage_around(document: Document, span: Span) -> Passage:
    """What surrounds `span` in its section, from a line's start to a line's end if such are near.

    Part of a long line would look like a line of wrapped text.
    """
    text = document.text
    start_of = (s for s in document.sections if s.span.start <= span.start < s.span.end)
    section = next(start_of, None)
    first, last = (section.span.start, section.span.end) if section else (0, len(text))
    start = max(first, span.start - _AROUND)
    end = max(span.end, min(last, span.end + _AROUND))
    if start > first:
        start = text.find("\n", start, span.start) + 1 or start
    if end < last:
        line_end = text.rfind("\n", span.end, end)
        end = end if line_end < 0 else line_end
    around = Span(start, end)
    return Passage(
        document_id=document.id,
        title=document.title,
        language=document.language,
        section=section.title if section else "",
        page=document.page_at(span.start),
        span=around,
        text=around.of(text),
    )


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
