"""The HTTP routes that change the corpus and the index, and tell of both.

Who may write is decided before: `access.WriteGuard` stands around the whole application.
"""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from fastapi.responses import FileResponse
from fastapi.security import HTTPBearer

from qa_service import builds, history
from qa_service.corpus import keeping, read_upload
from qa_service.corpus.upload import safe_name
from qa_service.deletions import delete
from qa_service.errors import QAError, SnapshotError, UnknownDocumentError
from qa_service.schema import Document
from qa_service.settings import Settings
from qa_service.stores import Store
from qa_service.web.access import Access
from qa_service.web.builder import Builder
from qa_service.web.indexes import BuildOut, IndexOut, RollbackRequest
from qa_service.web.limits import Queue
from qa_service.web.live import LivePipeline
from qa_service.web.problems import ConflictError, MissingError, problems

_BUILDS_TOLD = 10
# A report brings its style with it, and quotes documents: nothing in it may run, load or ask.
_SHUT_IN = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}
_WAITING_UPLOADS = 8  # that may wait for one another: a PDF can take a minute to be read


def create_writing_router(
    live: LivePipeline, settings: Settings, access: Access, builder: Builder
) -> APIRouter:
    """The routes over the corpus folder and the index folder that `settings` name."""
    # The scheme is for the description: the guard has let pass whoever comes here.
    router = APIRouter(responses=problems("default"))
    writing = APIRouter(dependencies=[Depends(HTTPBearer(auto_error=False))])
    refused = (401, 403)
    corpus_dir, index_dir = settings.corpus_dir, settings.index_dir
    uploads = Queue(_WAITING_UPLOADS, what="uploads")

    def catch_up() -> None:
        """Whoever hears of a new Snapshot is answered from it."""
        with suppress(QAError):  # the one in use serves on
            live.refresh()

    @router.get("/index", response_model=IndexOut, responses=problems(503))
    def index(request: Request) -> IndexOut:
        """What is served, the Snapshots there are and the last builds."""
        catch_up()
        return IndexOut.of(
            live.manifest if live.is_open else None,
            live.pipeline.store.documents() if live.is_open else (),
            history.entries(index_dir) if live.is_open else (),
            builds.latest(index_dir, _BUILDS_TOLD),
            writable=access.refusal(request) is None,
            report=settings.report_path.is_file(),
        )

    @router.get(
        "/report",
        response_class=FileResponse,
        responses={
            200: {"description": "The report.", "content": {"text/html": {}}},
            **problems(404),
        },
    )
    def report() -> FileResponse:
        """The report of an evaluation that whoever runs the service has put there."""
        path = settings.report_path
        if not path.is_file():
            raise MissingError(
                f"No evaluation has been put at {path.name!r}. Run `qa-service evaluate "
                "FILE.jsonl --report` with the file that QA_REPORT_FILE names."
            )
        return FileResponse(path, media_type="text/html", headers=_SHUT_IN)

    @router.get("/index/builds/{build_id}", response_model=BuildOut, responses=problems(404))
    def build(build_id: str) -> BuildOut:
        """How far a build has come, or how it ended."""
        record = builds.read(index_dir, build_id)
        if record.ended:
            catch_up()
        return BuildOut.of(record)

    @router.get(
        "/documents/{document_id}/original",
        response_class=FileResponse,
        responses={
            200: {"description": "The file.", "content": {"application/octet-stream": {}}},
            **problems(404),
        },
    )
    def original(document_id: str) -> FileResponse:
        """The file that a document was read from, as the corpus has it now."""
        document = live.pipeline.store.document(document_id)
        path = keeping.find(corpus_dir, document.source)
        if path is None:
            raise MissingError(
                f"The corpus no longer has the file {document.source!r}, which the document "
                f"{document_id!r} was read from. Its text is at GET /documents/{document_id}."
            )
        # A download whatever it is: nothing of it may run as a page of this service.
        return FileResponse(
            path,
            media_type="application/octet-stream",
            filename=path.name,
            content_disposition_type="attachment",
        )

    def begun(response: Response) -> BuildOut:
        record = builder.start()
        response.headers["Location"] = f"/index/builds/{record.id}"
        return BuildOut.of(record)

    @writing.post(
        "/documents",
        status_code=202,
        response_model=BuildOut,
        responses=problems(*refused, 408, 409, 413, 422, 503),
    )
    async def upload(
        response: Response,
        file: UploadFile,
        title: Annotated[str, Form(max_length=300)] = "",
        language: Annotated[str, Form(pattern="^([a-z]{2,3})?$")] = "",
    ) -> BuildOut:
        """Put a file into the corpus, in place of the one of its name, and build.

        It is read first, and refused as a build would refuse it. Once it is accepted it stays in
        the corpus: if the build fails, whatever the reason, the next one reads it.
        """
        content = await file.read()

        def keep() -> BuildOut:
            source = safe_name(file.filename or "")
            sidecar = keeping.sidecar_for(corpus_dir, source, title, language)
            document = read_upload(source, content, settings.max_file_bytes, sidecar)
            if live.is_open:
                _check_id(document, live.pipeline.store)
            keeping.keep(corpus_dir, source, content, sidecar)
            return begun(response)

        return await uploads.run(keep)

    @writing.delete(
        "/documents/{document_id}",
        status_code=202,
        response_model=BuildOut,
        responses=problems(*refused, 404, 503),
    )
    def remove(document_id: str, response: Response) -> BuildOut:
        """Take a document out of the corpus and, at once, out of all answers; then build."""
        document = live.pipeline.store.document(document_id)
        keeping.discard(corpus_dir, document.source)
        delete(index_dir, document_id)
        return begun(response)

    @writing.post(
        "/index/builds",
        status_code=202,
        response_model=BuildOut,
        responses=problems(*refused, 503),
    )
    def start(response: Response) -> BuildOut:
        """Build the index of the corpus as it is now."""
        return begun(response)

    @writing.post(
        "/index/rollback",
        response_model=IndexOut,
        responses=problems(*refused, 409, 413, 422, 503),
    )
    def rollback(body: RollbackRequest, request: Request) -> IndexOut:
        """Serve an earlier Snapshot again, verified first; what was deleted stays deleted."""
        try:
            history.rollback(index_dir, body.snapshot, live.manifest.encoder_fingerprint)
        except SnapshotError as error:
            raise ConflictError(str(error)) from error
        live.refresh()
        return index(request)

    router.include_router(writing)
    return router


def _check_id(document: Document, store: Store) -> None:
    """Refuse an upload whose id is another file's: a build would leave it out."""
    try:
        other = store.document(document.id)
    except UnknownDocumentError:
        return
    if other.source != document.source:
        raise ConflictError(
            f"The id {document.id!r} is taken by {other.source!r}. Send the file under another "
            f"name or with another id, or delete that document first."
        )
