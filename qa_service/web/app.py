"""The ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa_service import __version__
from qa_service.feedback import FeedbackFile
from qa_service.settings import Settings
from qa_service.web import problems
from qa_service.web.access import Access, WriteGuard
from qa_service.web.builder import Builder
from qa_service.web.feedback import create_feedback_router
from qa_service.web.limits import BodyLimit, Bounds, Queue
from qa_service.web.live import LivePipeline
from qa_service.web.routes import PAGE, UNMIXED, create_router
from qa_service.web.watching import watch as watch_corpus
from qa_service.web.writing import create_writing_router

# The largest reply over the project's own corpus, 50 passages of 80 words and 50 citations, has
# 103 kB in JSON that is indented and escapes accents; passages may have 300 words. A question's
# body may have 64 kB.
_REPLY_BODIES = 16
_FORM_BYTES = 10_000  # of an upload beside the file
_UPLOAD_SECONDS = 120.0  # the largest file of the default size at 1.4 Mbit/s
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class PageFiles(StaticFiles):
    """The files that the page loads."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(UNMIXED)
        return response


class SecurityHeaders:
    """Adds the headers that keep a page of documents from running or loading anything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)  # a route may shut in what it sends further
            await send(message)

        await self._app(scope, receive, send_with_headers)


def create_app(
    live: LivePipeline,
    settings: Settings,
    builder: Builder | None = None,
    watch: bool = False,
) -> FastAPI:
    """The service over the Pipeline that `live` holds, which follows the published Snapshot.

    `builder` starts the builds that clients ask for; None: as the command line would. With
    `watch` it builds whenever the corpus changes.
    """
    access = Access(settings.api_keys)
    builder = builder or Builder.of(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        running = [asyncio.create_task(live.follow())]
        if watch:
            running.append(asyncio.create_task(watch_corpus(settings.corpus_dir, builder)))
        yield
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    app = FastAPI(
        title="qa_service",
        version=__version__,
        summary="Verbatim, cited answers from your own documents.",
        lifespan=lifespan,
        # The usual documentation pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    app.include_router(create_router(live, Queue(settings.max_waiting), settings.examples_path))
    app.include_router(create_writing_router(live, settings, access, builder))
    file = FeedbackFile(settings.feedback_path, settings.feedback_kept)
    app.include_router(create_feedback_router(file))
    app.mount("/static", PageFiles(directory=PAGE), name="static")
    app.add_middleware(
        BodyLimit,
        bounds=Bounds(settings.max_body_bytes),
        others={
            "/verify": Bounds(_REPLY_BODIES * settings.max_body_bytes),
            "/documents": Bounds(settings.max_file_bytes + _FORM_BYTES, _UPLOAD_SECONDS),
        },
    )
    app.add_middleware(WriteGuard, access=access)  # around the limit: it needs no body
    # A third of the bytes for the page and for documents; streams of events pass as they are.
    app.add_middleware(GZipMiddleware, compresslevel=6)
    # Around the whole stack: what `add_middleware` adds does not see unforeseen errors answered.
    app.middleware_stack = SecurityHeaders(app.build_middleware_stack())
    return app
