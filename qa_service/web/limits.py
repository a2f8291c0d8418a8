"""What a stranger's request may cost, in bytes, seconds and places in the queue."""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa_service.web.problems import BusyError, problem_response

T = TypeVar("T")


class Bounds(NamedTuple):
    """How large a body may be, and how long it may take to arrive."""

    max_bytes: int
    seconds: float = 10.0


class BodyLimit:
    """Refuses bodies that are too large (413) or do not arrive in time (408)."""

    def __init__(
        self, app: ASGIApp, bounds: Bounds, others: Mapping[str, Bounds] | None = None
    ) -> None:
        """`others` has the bounds of the paths that take other bodies than most do."""
        self._app = app
        self._bounds = bounds
        self._others = others or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        max_bytes, seconds = self._others.get(scope["path"], self._bounds)
        try:
            async with asyncio.timeout(seconds):
                body = await _read(receive, max_bytes)
        except TimeoutError:
            detail = f"The body did not arrive within {seconds:g} s. Send it at once."
            # What is still to come must not be taken for another request.
            await problem_response(408, detail, {"Connection": "close"})(scope, receive, send)
            return
        if body is None:
            return
        if len(body) > max_bytes:
            detail = f"The body is larger than {max_bytes:,} bytes. Send less."
            await problem_response(413, detail)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


async def _read(receive: Receive, max_bytes: int) -> bytes | None:
    """The body, read no further than past the limit; None when the client went away."""
    body = bytearray()
    more = True
    while more and len(body) <= max_bytes:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


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
    """Runs one piece of work at a time, each with all threads, beside the event loop.

    Two runs of a model at once on few cores are each far more than twice as slow.
    """

    def __init__(self, max_waiting: int, what: str = "questions") -> None:
        self._max_waiting = max_waiting
        self._what = what
        self._inside = 0  # counted here: the limiter learns of a waiting task a little later
        self._limiter = CapacityLimiter(1)

    async def run(self, work: Callable[[], T], *, admitted: bool = False) -> T:
        """The result of `work`. Raises BusyError when too many wait already.

        A request that was `admitted` for its first work is not turned away from its second.
        """
        if not admitted and self._inside > self._max_waiting:  # one of them runs
            raise BusyError(
                f"{self._max_waiting} {self._what} are waiting already. Try again in some seconds."
            )
        self._inside += 1
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._inside -= 1
