"""`POST /feedback`: what a reader thinks of an answer, or of its absence."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from qa_service.feedback import FeedbackFile, Opinion
from qa_service.schema import MAX_QUESTION
from qa_service.web import examples
from qa_service.web.contract import Id, Language
from qa_service.web.problems import problems
from qa_service.web.verification import MAX_QUOTATION, Offset

Reason = Literal["wrong", "incomplete", "misread", "unsupported", "said", "other"]
_MAX_COMMENT = 1_000  # characters


class JudgedAnswer(BaseModel):
    """The answer that is judged, with the place of its first citation."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_QUOTATION)
    confidence: float = Field(ge=0, le=1)
    document_id: Id
    language: Language
    start: Offset
    end: Offset
    sentence: str = Field("", max_length=MAX_QUOTATION)


class FeedbackRequest(BaseModel):
    """An opinion; a second one of the same `id` takes the place of the first."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.FEEDBACK]})

    id: str = Field(
        min_length=8, max_length=100, pattern="^[A-Za-z0-9-]+$", description="Made up by the page."
    )
    verdict: Literal["up", "down"]
    reason: Reason | None = None
    comment: str = Field("", max_length=_MAX_COMMENT)
    question: str = Field(min_length=1, max_length=MAX_QUESTION)
    question_language: Language
    snapshot: str = Field("", max_length=100)
    answer: JudgedAnswer | None = Field(None, description="null: the documents did not say.")

    def to_opinion(self) -> Opinion:
        return Opinion(**self.model_dump())


class Kept(BaseModel):
    status: Literal["kept"] = "kept"


def create_feedback_router(file: FeedbackFile) -> APIRouter:
    router = APIRouter(responses=problems("default"))

    @router.post("/feedback", response_model=Kept, responses=problems(408, 413, 422, 503))
    def feedback(body: FeedbackRequest) -> Kept:
        """Say whether an answer was right; only who runs the service can read it."""
        file.add(body.to_opinion())
        return Kept()

    return router
