"""The shapes of `POST /verify`: citations as `/ask` gave them, and what became of them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qa_service import citations
from qa_service.citations import CONTEXT
from qa_service.schema import MAX_ANSWERS, Span
from qa_service.web import examples
from qa_service.web.contract import CitationOut

MAX_CITATIONS = 20
_OF_ONE_ANSWER = 5  # as many as a Pipeline gives
MAX_QUOTATION = 12_300  # characters of the longest Passage: 300 words of 40, with their spaces
_MAX_ID = 4_096  # an id is made of a path, which is no longer on Linux

Offset = Annotated[int, Field(ge=0, le=10**12)]


class CitationIn(BaseModel):
    """A citation as `/ask` gave it; what else it has is passed over."""

    document_id: str = Field(min_length=1, max_length=_MAX_ID)
    title: str = Field("", description="Documents of this title are searched first.")
    start: Offset
    end: Offset
    quotation: str = Field(min_length=1, max_length=MAX_QUOTATION)
    prefix: str = Field("", max_length=CONTEXT, description="What stood before it.")
    suffix: str = Field("", max_length=CONTEXT, description="What stood after it.")
    text_sha256: str = Field("", max_length=64, description="Of the document's text at that time.")

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @model_validator(mode="after")
    def _in_order(self) -> "CitationIn":
        if self.end < self.start:
            raise ValueError(
                f"end ({self.end}) is before start ({self.start}). Send both as /ask gave them."
            )
        return self


class AnswerIn(BaseModel):
    """An answer of a saved reply, of which only the citations are read."""

    citations: list[CitationIn] = Field(max_length=_OF_ONE_ANSWER)


class VerifyRequest(BaseModel):
    """Either citations or a whole reply of `/ask`, whose other parts are passed over."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.REPLY]})

    citations: list[CitationIn] | None = Field(None, max_length=MAX_CITATIONS)
    answers: list[AnswerIn] | None = Field(None, max_length=MAX_ANSWERS)

    @model_validator(mode="after")
    def _one_of_both(self) -> "VerifyRequest":
        if (self.citations is None) == (self.answers is None):
            raise ValueError('send either "citations" or, as in a reply of /ask, "answers"')
        return self

    @property
    def all_citations(self) -> list[CitationIn]:
        """In the order in which they were sent."""
        if self.citations is not None:
            return self.citations
        return [citation for answer in self.answers or () for citation in answer.citations]


class VerdictOut(BaseModel):
    """What became of a citation: as it stands now, and why; null when it is gone."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.VERDICT]})

    status: Literal["verified", "moved", "gone"]
    citation: CitationOut | None
    reason: str

    @classmethod
    def of(cls, verdict: citations.Verdict) -> "VerdictOut":
        citation = verdict.citation
        return cls(
            status=verdict.status,
            citation=None if citation is None else CitationOut.of(citation),
            reason=verdict.reason,
        )
