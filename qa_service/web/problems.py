"""Errors as `application/problem+json` (RFC 9457), and never a traceback."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from qa_service.errors import (
    NoSnapshotError,
    QAError,
    QuestionError,
    SnapshotError,
    UnknownDocumentError,
)
from qa_service.web.contract import Problem

_log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[QAError], HTTPStatus], ...] = (
    (QuestionError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnknownDocumentError, HTTPStatus.NOT_FOUND),
    (NoSnapshotError, HTTPStatus.SERVICE_UNAVAILABLE),
    (SnapshotError, HTTPStatus.SERVICE_UNAVAILABLE),
)


class BusyError(QAError):
    """More questions are waiting than the service takes."""


def problem_of(error: Exception) -> Problem:
    """What a caller is told of an error raised while answering."""
    if isinstance(error, BusyError):
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return _problem(status, str(error))
    _log.error("Unforeseen error", exc_info=error)
    return _problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The service met an error of its own; its log has the details. Try again later.",
    )


def problem_response(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return _response(_problem(HTTPStatus(status), detail), headers)


def install(app: FastAPI) -> None:
    """Have every error of `app` answered as a Problem."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return _response(
            _problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "; ".join(f"{_field(e['loc'])}: {e['msg']}" for e in error.errors()[:5]),
                [
                    {"field": _field(e["loc"]), "message": e["msg"]}
                    for e in error.errors()[:20]  # a long list of wrong items helps nobody
                ],
            )
        )

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        return problem_response(error.status_code, str(error.detail), error.headers)

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


def _field(place: Sequence[int | str]) -> str:
    """`("body", "history", 0, "question")` -> `history.0.question`."""
    return ".".join(str(part) for part in place if part != "body") or "body"
