"""Errors as `application/problem+json` (RFC 9457), and never a traceback."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from qa_service.errors import (
    CorpusError,
    DocumentError,
    FeedbackError,
    QAError,
    QuestionError,
    SnapshotError,
    UnknownBuildError,
    UnknownDocumentError,
)
from qa_service.web.contract import Problem

_log = logging.getLogger(__name__)


class BusyError(QAError):
    """More requests are waiting than the service takes."""


class ConflictError(QAError):
    """What is asked for cannot be done as things stand."""


class MissingError(QAError):
    """What is asked for was there once."""


_STATUS: tuple[tuple[type[QAError], HTTPStatus], ...] = (
    (BusyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ConflictError, HTTPStatus.CONFLICT),
    (MissingError, HTTPStatus.NOT_FOUND),
    (QuestionError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnknownDocumentError, HTTPStatus.NOT_FOUND),
    (UnknownBuildError, HTTPStatus.NOT_FOUND),
    (SnapshotError, HTTPStatus.SERVICE_UNAVAILABLE),
    (DocumentError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (CorpusError, HTTPStatus.SERVICE_UNAVAILABLE),
    (FeedbackError, HTTPStatus.SERVICE_UNAVAILABLE),
)

# The framework's own details ("Not Found") do not say what to do.
_REFUSALS = {
    400: "The body cannot be read. Send one JSON object in UTF-8, not nested deeply, or a file as "
    "multipart/form-data.",
    404: "Nothing is served at {path}. GET /openapi.json lists what is.",
    405: "{method} is not allowed at {path}. GET /openapi.json lists what is.",
}


def problem_of(error: Exception) -> Problem:
    """What a caller is told of an error raised while answering."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return _problem(status, str(error))
    _log.error("Unforeseen error", exc_info=error)
    return _problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The service met an error of its own; its log has the details. Try again later.",
    )


def problems(*statuses: int | str) -> dict[int | str, dict[str, Any]]:
    """How a route describes the problems it may answer with."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": "What is wrong", "content": content} for status in statuses}


def problem_response(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return _response(_problem(HTTPStatus(status), detail), headers)


def install(app: FastAPI) -> None:
    """Have every error of `app` answered as a Problem."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # A long list of wrong items helps nobody.
        errors = [_wrong_item(item, request) for item in error.errors()[:20]]
        detail = "; ".join(f"{e['field']}: {e['message']}" for e in errors[:5])
        return _response(_problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        known = _REFUSALS.get(error.status_code)
        where = {"method": request.method, "path": request.url.path[:200]}
        detail = known.format(**where) if known else str(error.detail)
        return problem_response(error.status_code, detail, error.headers)

    @app.exception_handler(QAError)
    async def foreseen(request: Request, error: QAError) -> JSONResponse:
        return _response(problem_of(error))

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        return _response(problem_of(error))


def _problem(status: HTTPStatus, detail: str, errors: Sequence[dict[str, str]] = ()) -> Problem:
    return Problem(title=status.phrase, status=status, detail=detail, errors=list(errors))


def _response(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    retry = {"Retry-After": "2"} if problem.status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return JSONResponse(
        problem.model_dump(),
        problem.status,
        headers={**retry, **(headers or {})},
        media_type="application/problem+json",
    )


def _wrong_item(item: Mapping[str, Any], request: Request) -> dict[str, str]:
    field, message = _field(item["loc"]), str(item["msg"])
    if item["type"] == "json_invalid":
        field, message = "body", f"this is no JSON ({item['ctx']['error']}, character {field})"
    elif field == "body" and "json" not in request.headers.get("content-type", ""):
        message = "must be a JSON object, sent with `Content-Type: application/json`"
    return {"field": field, "message": message}


def _field(place: Sequence[int | str]) -> str:
    """`("body", "history", 0, "question")` -> `history.0.question`."""
    # A key can be as long as the body, and hold lone surrogates, which no answer can.
    parts = [str(part)[:100].encode(errors="replace").decode() for part in place]
    return ".".join(part for part in parts if part != "body") or "body"
