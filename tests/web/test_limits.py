import asyncio
import json
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import anyio
import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from qa_service.web.limits import BodyLimit, Bounds, Queue
from qa_service.web.problems import BusyError
from web.conftest import MakeApp, Serve
from web.toy_service import ToyBlockingReader

QUESTION = {"question": 'Was it on "28 May 1918"?'}
STREAM = {"Accept": "text/event-stream"}
HTTP: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}


class ToyApp:
    """Keeps what it is given: the scopes, and the messages up to the end of a body."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.received: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        if scope["type"] == "http":
            self.received.append(await receive())
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"done"})
            self.received.append(await receive())


def talk(app: BodyLimit, *messages: Message, scope: Scope = HTTP) -> list[Message]:
    """What `app` sends to a client who sends `messages` and then nothing more."""
    sent: list[Message] = []
    coming = iter(messages)

    async def receive() -> Message:
        for message in coming:
            return message
        await asyncio.sleep(30)
        raise AssertionError("nothing limits the wait")

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def body(content: bytes, more: bool = False) -> Message:
    return {"type": "http.request", "body": content, "more_body": more}


GONE: Message = {"type": "http.disconnect"}


def test_a_body_in_pieces_arrives_whole_and_what_follows_is_passed_on() -> None:
    app = ToyApp()
    limit = BodyLimit(app, Bounds(10))
    sent = talk(limit, body(b"01234", more=True), body(b"", more=True), body(b"56789"), GONE)
    assert app.received == [body(b"0123456789"), GONE]
    assert sent[0]["status"] == 200


def test_a_request_without_a_body_passes() -> None:
    app = ToyApp()
    assert talk(BodyLimit(app, Bounds(10)), body(b""), GONE)[0]["status"] == 200
    assert app.received == [body(b""), GONE]
    assert app.scopes == [HTTP]


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_no_request_passes_untouched(kind: str) -> None:
    app = ToyApp()
    scope = {"type": kind}
    assert talk(BodyLimit(app, Bounds(10)), scope=scope) == []
    assert app.scopes == [scope]


@pytest.mark.parametrize(
    "pieces", [[body(b"0" * 11)], [body(b"0" * 6, more=True), body(b"0" * 5, more=True)]]
)
def test_a_body_over_the_limit_is_refused_as_soon_as_it_is(pieces: list[Message]) -> None:
    app = ToyApp()
    sent = talk(BodyLimit(app, Bounds(10)), *pieces)
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["detail"] == "The body is larger than 10 bytes. Send less."
    assert app.scopes == []


def test_a_path_may_take_larger_bodies_than_the_others() -> None:
    app = ToyApp()
    limit = BodyLimit(app, Bounds(10), {"/wide": Bounds(20)})
    wide: Scope = {**HTTP, "path": "/wide"}
    assert talk(limit, body(b"0" * 20), GONE, scope=wide)[0]["status"] == 200
    refused = talk(limit, body(b"0" * 21), scope=wide)
    assert (
        json.loads(refused[1]["body"])["detail"] == "The body is larger than 20 bytes. Send less."
    )
    assert talk(limit, body(b"0" * 20))[0]["status"] == 413


def test_a_body_that_does_not_come_is_refused() -> None:
    app = ToyApp()
    sent = talk(BodyLimit(app, Bounds(10, seconds=0.05)), body(b"0", more=True))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert "within 0.05 s" in json.loads(sent[1]["body"])["detail"]
    assert app.scopes == []


@pytest.mark.parametrize("before", [[], [body(b'{"question": "Wh', more=True)]])
def test_a_client_who_goes_away_leaves_no_request_behind(before: list[Message]) -> None:
    app = ToyApp()
    assert talk(BodyLimit(app, Bounds(100)), *before, GONE) == []
    assert app.scopes == []


def test_the_service_refuses_large_bodies(make_app: MakeApp) -> None:
    client = TestClient(make_app(max_body_bytes=1_000))
    fits = json.dumps(QUESTION).encode().ljust(1_000)

    def pieces() -> Iterator[bytes]:
        for _ in range(11):
            yield b" " * 100

    typed = {"Content-Type": "application/json"}
    assert client.post("/ask", content=fits, headers=typed).status_code == 200
    assert client.post("/ask", content=fits + b" ", headers=typed).status_code == 413
    chunked = client.post("/ask", content=pieces(), headers=typed)
    assert "content-length" not in chunked.request.headers
    assert chunked.status_code == 413
    assert chunked.headers["content-type"] == "application/problem+json"
    assert chunked.json()["detail"] == "The body is larger than 1,000 bytes. Send less."


@contextmanager
def connected(port: int, request: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        yield connection


def test_a_real_server_refuses_a_slow_body_and_hangs_up(make_app: MakeApp, serve: Serve) -> None:
    port = serve(BodyLimit(make_app(), Bounds(1_000, seconds=0.2)))
    head = b"POST /ask HTTP/1.1\r\nHost: toy\r\nContent-Length: 50\r\n\r\n{"
    with connected(port, head) as connection:
        answer = b"".join(iter(lambda: connection.recv(4096), b""))  # to the end
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer


def test_a_real_server_outlives_clients_who_leave_mid_body(
    make_app: MakeApp, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    port = serve(make_app())
    head = b"POST /ask HTTP/1.1\r\nHost: toy\r\nContent-Length: 50\r\n\r\n{"
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with connected(port, head):
                pass
        assert asked(port) == 200
    assert caplog.messages == []


def asked(port: int) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/ask", json.dumps(QUESTION), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def test_a_client_who_leaves_mid_stream_frees_the_place(
    make_app: MakeApp, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    reader = ToyBlockingReader()
    port = serve(make_app(reader, max_waiting=1))
    content = json.dumps(QUESTION).encode()
    head = (
        b"POST /ask HTTP/1.1\r\nHost: toy\r\nContent-Type: application/json\r\n"
        b"Accept: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(content)
    )
    with caplog.at_level(logging.WARNING):
        with connected(port, head + content) as connection:
            told = b""
            while b"event: passages" not in told:
                told += connection.recv(4096)
            assert reader.began.wait(20)
        reader.may_go_on.set()
        assert asked(port) == 200
    assert caplog.messages == []


Step = Callable[[httpx2.AsyncClient], Awaitable[None]]


def in_one_loop(app: FastAPI, step: Step) -> None:
    """Runs a step whose requests meet one another in one event loop."""

    async def run() -> None:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://toy") as client:
            await step(client)

    asyncio.run(run())


async def began(reader: ToyBlockingReader) -> None:
    assert await asyncio.to_thread(reader.began.wait, 20)


def test_a_full_queue_is_answered_with_when_to_come_again(make_app: MakeApp) -> None:
    reader = ToyBlockingReader()

    async def step(client: httpx2.AsyncClient) -> None:
        running = asyncio.create_task(client.post("/ask", json=QUESTION))
        await began(reader)
        others = [asyncio.create_task(client.post("/ask", json=QUESTION)) for _ in range(3)]
        done, waiting = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        [refused] = done
        response = refused.result()
        assert response.status_code == 503
        assert response.headers["retry-after"] == "2"
        assert response.headers["content-type"] == "application/problem+json"
        assert "2 questions are waiting already" in response.json()["detail"]
        streamed = await client.post("/ask", json=QUESTION, headers=STREAM)
        assert streamed.text.startswith("event: error")
        assert '"status":503' in streamed.text
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/documents/toy-en")).status_code == 200
        reader.may_go_on.set()
        assert [(await task).status_code for task in (running, *waiting)] == [200, 200, 200]

    in_one_loop(make_app(reader, max_waiting=2), step)


def test_a_stream_that_was_let_in_is_read_to_its_end(make_app: MakeApp) -> None:
    reader = ToyBlockingReader()
    app = make_app(reader, max_waiting=1)
    told = b""

    async def step(client: httpx2.AsyncClient) -> None:
        passages_told, may_read = asyncio.Event(), asyncio.Event()
        messages = iter([body(json.dumps(QUESTION).encode())])

        async def receive() -> Message:
            for message in messages:
                return message
            await asyncio.sleep(30)  # the client stays
            return GONE

        async def send(message: Message) -> None:
            nonlocal told
            told += message.get("body", b"")
            if message.get("body"):
                passages_told.set()
                await may_read.wait()

        headers = [(b"content-type", b"application/json"), (b"accept", b"text/event-stream")]
        scope = {**HTTP, "path": "/ask", "query_string": b"", "headers": headers}
        stream = asyncio.create_task(app(scope, receive, send))
        await passages_told.wait()
        # Between its passages and its answer the queue fills up.
        running = asyncio.create_task(client.post("/ask", json=QUESTION))
        await began(reader)
        others = [asyncio.create_task(client.post("/ask", json=QUESTION)) for _ in range(2)]
        [refused], [waiting] = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        assert refused.result().status_code == 503
        may_read.set()
        await asyncio.sleep(0.05)
        reader.may_go_on.set()
        await stream
        assert (await running).status_code == (await waiting).status_code == 200

    in_one_loop(app, step)
    assert b"event: done" in told
    assert b"event: error" not in told


def test_many_questions_at_once_are_answered_or_refused(make_app: MakeApp) -> None:
    async def step(client: httpx2.AsyncClient) -> None:
        replies = await asyncio.gather(*(client.post("/ask", json=QUESTION) for _ in range(40)))
        codes = [reply.status_code for reply in replies]
        assert set(codes) == {200, 503}
        assert codes.count(200) >= 8
        answers: list[Any] = [r.json()["answers"] for r in replies if r.status_code == 200]
        assert all(answer == answers[0] for answer in answers)
        assert answers[0][0]["text"] == "28 May 1918"

    in_one_loop(make_app(max_waiting=8), step)


def test_the_queue_runs_one_work_at_a_time() -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.005)
        with lock:
            running -= 1

    async def run() -> None:
        queue = Queue(max_waiting=10)
        await asyncio.gather(*(queue.run(work) for _ in range(8)))

    asyncio.run(run())
    assert most == 1


def test_a_queue_says_what_waits_in_it() -> None:
    may_end = threading.Event()

    async def run() -> None:
        queue = Queue(max_waiting=1, what="checks")
        works = [asyncio.create_task(queue.run(lambda: may_end.wait(20))) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(BusyError, match="1 checks are waiting already"):
            await queue.run(lambda: True)
        may_end.set()
        assert all([await work for work in works])

    asyncio.run(run())


def test_the_queue_keeps_its_place_until_cancelled_work_has_ended() -> None:
    may_end, ended = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait(20)
        ended.set()

    async def run() -> None:
        queue, scope = Queue(max_waiting=1), anyio.CancelScope()

        async def cancelled() -> None:
            with scope:  # as a stream's is cancelled when its client goes away
                await queue.run(work)

        first = asyncio.create_task(cancelled())
        await asyncio.sleep(0.05)
        scope.cancel()
        second = asyncio.create_task(queue.run(ended.is_set))
        await asyncio.sleep(0.05)
        with pytest.raises(BusyError, match="1 questions are waiting"):
            await queue.run(ended.is_set)
        may_end.set()
        assert await second
        await first

    asyncio.run(run())


def test_work_that_waits_can_be_cancelled() -> None:
    may_end = threading.Event()

    async def run() -> None:
        queue = Queue(max_waiting=1)
        first = asyncio.create_task(queue.run(lambda: may_end.wait(20)))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(queue.run(lambda: True))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        again = asyncio.create_task(queue.run(lambda: True))
        await asyncio.sleep(0)
        may_end.set()
        assert (await first, await again) == (True, True)

    asyncio.run(run())
