"""The HTTP routes: ask, verify, documents, health and the page."""

from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel

from qa_service.citations import verify_all
from qa_service.pipeline import Pipeline
from qa_service.schema import Question
from qa_service.web.contract import (
    AskRequest,
    AskResponse,
    DocumentList,
    DocumentOut,
    DocumentSummary,
    Health,
    Readiness,
    RetrievedOut,
)
from qa_service.web.limits import Queue
from qa_service.web.live import LivePipeline
from qa_service.web.problems import problem_of, problems
from qa_service.web.suggestions import suggestions
from qa_service.web.verification import VerdictOut, VerifyRequest

PAGE = Path(__file__).parent / "page"
# A browser asks each time whether a file of the page changed, so that no two versions mix.
UNMIXED = {"Cache-Control": "no-cache"}
_EVENTS = "text/event-stream"
_WAITING_CHECKS = 8  # requests to verify that may wait for one another


def create_router(live: LivePipeline, queue: Queue, examples: Path) -> APIRouter:
    """The routes over the Pipeline that `live` holds; model work goes through `queue`.

    `examples` is the file of the questions that the page offers.
    """
    router = APIRouter(responses=problems("default"))
    # Beside the models: no question waits while long documents are searched.
    checks = Queue(_WAITING_CHECKS, what="checks of citations")

    @router.post(
        "/ask",
        response_model=AskResponse,
        responses={
            200: {
                "description": "Answers or, with `answered` false, none. With `Accept: "
                "text/event-stream` the events `passages`, `answer` and `done`.",
                "content": {_EVENTS: {"schema": {"type": "string"}}},
            },
            **problems(404, 408, 413, 422, 503),
        },
    )
    async def ask(body: AskRequest, request: Request) -> Response | AskResponse:
        """Ask a question; get verbatim answers with citations, or an honest "not there"."""
        pipeline, question = live.pipeline, body.to_question()
        if _EVENTS in request.headers.get("accept", ""):
            return EventSourceResponse(_events(pipeline, question, queue))
        return AskResponse.of(await queue.run(lambda: pipeline.ask(question)))

    @router.post(
        "/verify",
        response_model=list[VerdictOut],
        responses=problems(408, 413, 422, 503),
    )
    async def verify(body: VerifyRequest) -> list[VerdictOut]:
        """Check citations of any age: a verdict on each, in the order in which they came."""
        store = live.pipeline.store
        verdicts = await checks.run(lambda: verify_all(body.all_citations, store))
        return [VerdictOut.of(verdict) for verdict in verdicts]

    @router.get("/documents", response_model=DocumentList)
    def documents() -> DocumentList:
        """The documents that answers are copied from."""
        if not live.is_open:
            return DocumentList(documents=[], snapshot=None, examples=suggestions(examples))
        pipeline = live.pipeline
        return DocumentList(
            documents=[DocumentSummary.of(entry) for entry in pipeline.store.documents()],
            snapshot=pipeline.snapshot,
            examples=suggestions(examples),
        )

    @router.get("/documents/{document_id}", response_model=DocumentOut, responses=problems(404))
    def document(document_id: str, request: Request, response: Response) -> Response | DocumentOut:
        """A document with its exact text; a browser gets the page, opened at that document."""
        if "text/html" in request.headers.get("accept", ""):
            # The page asks for the document itself, and says so when there is none.
            return FileResponse(PAGE / "index.html", headers={"Vary": "Accept", **UNMIXED})
        response.headers["Vary"] = "Accept"
        return DocumentOut.of(live.pipeline.store.document(document_id))

    @router.get("/healthz", response_model=Health)
    async def healthz() -> Health:
        """Whether the process runs."""
        return Health()

    @router.get("/readyz", response_model=Readiness, responses=problems(503))
    def readyz() -> Readiness:
        """Whether questions can be answered."""
        pipeline = live.pipeline
        count = len(pipeline.store.documents())
        return Readiness(snapshot=pipeline.snapshot, documents=count)

    @router.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE / "index.html", headers=UNMIXED)

    return router


async def _events(pipeline: Pipeline, question: Question, queue: Queue) -> AsyncIterator[bytes]:
    try:
        [retrieved] = await queue.run(lambda: pipeline.retrieve([question]))
        yield _event("passages", RetrievedOut.of(retrieved, pipeline.snapshot))
        [reply] = await queue.run(lambda: pipeline.read([retrieved]), admitted=True)
        answer = AskResponse.of(reply)
        yield _event("answer", answer)
        yield _event("done", answer, include={"timings_ms"})
    except Exception as error:  # the status line is sent: the error can only be an event
        yield _event("error", problem_of(error))


def _event(name: str, content: BaseModel, include: set[str] | None = None) -> bytes:
    return format_sse_event(event=name, data_str=content.model_dump_json(include=include))
