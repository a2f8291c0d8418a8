"""What a stranger's request may cost, in bytes, seconds and places in the queue."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa_service.web.problems import BusyError, problem_response

T = TypeVar("T")
_BODY_SECONDS = 10.0


class BodyLimit:
    """Refuses bodies that are too large (413) or do not arrive in time (408)."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                more = True
                while more:
                    message = await receive()
                    body += message.get("body", b"")
                    more = message["type"] == "http.request" and message.get("more_body", False)
                    if len(body) > self._max_bytes:
                        detail = f"The body is larger than {self._max_bytes:,} bytes. Send less."
                        await problem_response(413, detail)(scope, receive, send)
                        return
        except TimeoutError:
            detail = f"The body did not arrive within {_BODY_SECONDS:.0f} s. Send it at once."
            await problem_response(408, detail)(scope, receive, send)
            return
        await self._app(scope, _replay(bytes(body), receive), send)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body as one message, and after it whatever comes (the client going away)."""
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


class Queue:
    """Runs one piece of model work at a time, each with all threads, beside the event loop.

    Two runs at once on few cores are each far more than twice as slow.
    """

    def __init__(self, max_waiting: int) -> None:
        self._max_waiting = max_waiting
        self._limiter = CapacityLimiter(1)

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work`. Raises BusyError when too many wait already."""
        if self._limiter.statistics().tasks_waiting >= self._max_waiting:
            raise BusyError(
                f"{self._max_waiting} questions are waiting already. Try again in some seconds."
            )
        return await to_thread.run_sync(work, limiter=self._limiter)
