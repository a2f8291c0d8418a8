"""The shapes of HTTP: what is sent and answered, with examples for OpenAPI."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from qa_service import schema
from qa_service.schema import (
    MAX_ANSWERS,
    MAX_HISTORY,
    MAX_HITS,
    MAX_QUESTION,
    Hit,
    Question,
    Reply,
    Retrieved,
    Turn,
)
from qa_service.web import examples
from qa_service.web.suggestions import Suggestion

Id = Annotated[str, Field(min_length=1, max_length=200)]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}$")]


class EarlierTurn(BaseModel):
    """A question asked before in this conversation, and the answer it got ("" for none)."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=MAX_QUESTION)
    answer: str | None = Field(None, max_length=2 * MAX_QUESTION)


class AskRequest(BaseModel):
    """A question, with the conversation so far: the server keeps none."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": examples.QUESTIONS})

    question: str = Field(
        max_length=MAX_QUESTION,
        description="In your own words.",
        # Not checked here: the Question itself says more of it than a pattern could.
        json_schema_extra={"minLength": 1, "pattern": r"\S"},
    )
    history: list[EarlierTurn] = Field(
        default_factory=list, max_length=MAX_HISTORY, description="Earlier turns, oldest first."
    )
    k: int = Field(8, ge=1, le=MAX_HITS, description="Passages to read.")
    max_answers: int = Field(3, ge=1, le=MAX_ANSWERS, description="Answers to give at most.")
    document_ids: list[Id] | None = Field(
        None, min_length=1, max_length=100, description="Answer from these documents only."
    )
    languages: list[Language] | None = Field(
        None, min_length=1, max_length=20, description="Answer from these languages only."
    )

    def to_question(self) -> Question:
        return Question(
            text=self.question,
            history=tuple(Turn(turn.question, turn.answer or "") for turn in self.history),
            k=self.k,
            max_answers=self.max_answers,
            document_ids=None if self.document_ids is None else tuple(self.document_ids),
            languages=None if self.languages is None else tuple(self.languages),
        )


class CitationOut(BaseModel):
    """Where a quotation was copied from: `text[start:end] == quotation`, in code points."""

    document_id: str
    title: str
    language: str
    section: str | None
    page: int | None
    start: int
    end: int
    start_utf16: int
    end_utf16: int
    quotation: str
    prefix: str
    suffix: str
    sentence: str
    sentence_start: int
    sentence_end: int
    text_sha256: str
    url: str

    @classmethod
    def of(cls, citation: schema.Citation) -> "CitationOut":
        return cls(
            document_id=citation.document_id,
            title=citation.title,
            language=citation.language,
            section=citation.section,
            page=citation.page,
            start=citation.span.start,
            end=citation.span.end,
            start_utf16=citation.span_utf16.start,
            end_utf16=citation.span_utf16.end,
            quotation=citation.quotation,
            prefix=citation.prefix,
            suffix=citation.suffix,
            sentence=citation.sentence,
            sentence_start=citation.sentence_span.start,
            sentence_end=citation.sentence_span.end,
            text_sha256=citation.text_sha256,
            url=citation.url,
        )


class AnswerOut(BaseModel):
    """A verbatim answer; its confidence is the probability that it is right."""

    text: str
    confidence: float = Field(ge=0, le=1)
    citations: list[CitationOut]


class PassageOut(BaseModel):
    """A passage that was read, whether or not an answer was found in it."""

    passage_id: str
    document_id: str
    start: int
    end: int
    text: str
    score: float

    @classmethod
    def of(cls, hit: Hit) -> "PassageOut":
        passage = hit.passage
        return cls(
            passage_id=passage.id,
            document_id=passage.document_id,
            start=passage.span.start,
            end=passage.span.end,
            text=passage.text,
            score=round(hit.score, 4),
        )


class RetrievedOut(BaseModel):
    """The event `passages`: what will be read for the answer."""

    question_language: str
    passages: list[PassageOut]
    snapshot: str

    @classmethod
    def of(cls, retrieved: Retrieved, snapshot: str) -> "RetrievedOut":
        return cls(
            question_language=retrieved.language,
            passages=[PassageOut.of(hit) for hit in retrieved.hits],
            snapshot=snapshot,
        )


class AskResponse(BaseModel):
    """Answers with their citations, or none and the closest passages."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.REPLY]})

    question: str
    understood_as: str
    """The question as it was read: after the one it leans on, where it is a follow-up."""
    question_language: str
    answered: bool
    answers: list[AnswerOut]
    passages: list[PassageOut]
    snapshot: str
    timings_ms: dict[str, float]

    @classmethod
    def of(cls, reply: Reply) -> "AskResponse":
        return cls(
            question=reply.retrieved.question.text,
            understood_as=reply.retrieved.understood_as,
            question_language=reply.retrieved.language,
            answered=reply.answered,
            answers=[
                AnswerOut(
                    text=answer.text,
                    confidence=round(answer.confidence, 4),
                    citations=[CitationOut.of(citation) for citation in answer.citations],
                )
                for answer in reply.answers
            ],
            passages=[PassageOut.of(hit) for hit in reply.hits],
            snapshot=reply.snapshot,
            timings_ms={name: round(ms, 1) for name, ms in reply.timings_ms.items()},
        )


class DocumentSummary(BaseModel):
    """A document without its text; `length` counts code points."""

    id: str
    title: str
    language: str
    length: int
    passages: int
    metadata: dict[str, Any]

    @classmethod
    def of(cls, summary: schema.Summary) -> "DocumentSummary":
        return cls(
            id=summary.id,
            title=summary.title,
            language=summary.language,
            length=summary.length,
            passages=summary.passages,
            metadata=dict(summary.metadata),
        )


class DocumentList(BaseModel):
    documents: list[DocumentSummary]
    snapshot: str | None = Field(description="Null before the first build.")
    examples: list[Suggestion] = Field(description="Questions to begin with.")


class SectionOut(BaseModel):
    title: str
    level: int
    start: int
    end: int


class PageOut(BaseModel):
    number: int
    start: int
    end: int


class DocumentOut(BaseModel):
    """A document with the exact text that all offsets count in."""

    id: str
    title: str
    language: str
    text: str
    text_sha256: str
    sections: list[SectionOut]
    pages: list[PageOut]
    metadata: dict[str, Any]

    @classmethod
    def of(cls, document: schema.Document) -> "DocumentOut":
        return cls(
            id=document.id,
            title=document.title,
            language=document.language,
            text=document.text,
            text_sha256=document.text_sha256,
            sections=[
                SectionOut(title=s.title, level=s.level, start=s.span.start, end=s.span.end)
                for s in document.sections
            ],
            pages=[
                PageOut(number=p.number, start=p.span.start, end=p.span.end) for p in document.pages
            ],
            metadata=dict(document.metadata),
        )


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    status: Literal["ready"] = "ready"
    snapshot: str
    documents: int


class Problem(BaseModel):
    """An error as RFC 9457 describes it (`application/problem+json`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PROBLEM]})

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = Field(default_factory=list)
