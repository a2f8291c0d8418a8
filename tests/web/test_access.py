import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient
from starlette.types import Message, Scope

from qa_service.web.access import Access
from web.living import KEY, Living
from web.test_problems import problem_of

HOST = {"host": "127.0.0.1:8000"}
BEARER = {"Authorization": f"Bearer {KEY}"}


def request(client: str | None = "127.0.0.1", **headers: str) -> HTTPConnection:
    """With `Host` for the loopback address unless another is given."""
    named = {**HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in named.items()]
    where = None if client is None else (client, 50000)
    return HTTPConnection({"type": "http", "headers": raw, "client": where})


def refused(access: Access, made: HTTPConnection) -> int | None:
    refusal = access.refusal(made)
    return refusal.status if refusal else None


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, None),
        ("127.8.9.1", {"host": "localhost"}, None),
        ("::1", {"host": "[::1]:8000"}, None),
        ("::ffff:127.0.0.1", {}, None),
        ("192.168.1.4", {}, 403),
        ("::ffff:192.168.1.4", {}, 403),
        ("testclient", {}, 403),
        (None, {}, 403),
        # A proxy on this machine passes on what comes from elsewhere.
        ("127.0.0.1", {"x_forwarded_for": "127.0.0.1"}, 403),
        ("127.0.0.1", {"forwarded": "for=1.2.3.4"}, 403),
        ("127.0.0.1", {"via": "1.1 proxy"}, 403),
        # A name that somebody made to lead here.
        ("127.0.0.1", {"host": "rebound.example:8000"}, 403),
        ("127.0.0.1", {"host": ""}, 403),
        ("127.0.0.1", {"host": "[::1"}, 403),
        ("127.0.0.1", {"host": "127.0.0.1.example"}, 403),
    ],
)
def test_without_keys_this_machine_alone_may_write(
    client: str | None, headers: Mapping[str, str], status: int | None
) -> None:
    assert refused(Access(()), request(client, **headers)) == status


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {KEY}", None),
        (f"bearer  {KEY} ", None),
        ("Bearer another-key-there-is", None),
        (f"Basic {KEY}", 401),
        (KEY, 401),
        (f"Bearer {KEY}x", 401),
        (f"Bearer {KEY[:-1]}", 401),
        ("Bearer ", 401),
        ("Bearer \xff", 401),
        ("", 401),
    ],
)
def test_with_keys_one_of_them_is_needed_wherever_from(
    authorization: str, status: int | None
) -> None:
    access = Access([KEY, "another-key-there-is"])
    for client in ("127.0.0.1", "192.168.1.4"):
        assert refused(access, request(client, authorization=authorization)) == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://127.0.0.1:8000"}, None),
        ({"origin": "https://127.0.0.1:8000"}, None),  # TLS taken off by a proxy
        ({"origin": "http://127.0.0.1:8001"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[::1"}, 403),
        ({"sec_fetch_site": "same-origin"}, None),
        ({"sec_fetch_site": "none"}, None),
        ({"sec_fetch_site": "same-site", "origin": "http://127.0.0.1:8000"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "cross-site", "authorization": f"Bearer {KEY}"}, 403),
    ],
)
@pytest.mark.parametrize("keys", [(), (KEY,)])
def test_a_page_of_another_origin_may_not_write(
    headers: dict[str, str], status: int | None, keys: tuple[str, ...]
) -> None:
    with_key = {"authorization": f"Bearer {KEY}", **headers}
    assert refused(Access(keys), request(**with_key)) == status


WRITING = [
    ("POST", "/documents"),
    ("DELETE", "/documents/toy-en"),
    ("POST", "/index/builds"),
    ("POST", "/index/rollback"),
]


@pytest.mark.parametrize(("method", "path"), WRITING)
def test_every_writing_route_is_guarded(tmp_path: Path, method: str, path: str) -> None:
    living = Living(tmp_path)
    stranger = living.client_of(living.app, "192.168.1.4")
    assert "QA_API_KEYS" in problem_of(stranger.request(method, path), 403)["detail"]
    page = {"Origin": "http://evil.example"}
    detail = problem_of(living.client.request(method, path, headers=page), 403)["detail"]
    assert "another site (its origin: 'http://evil.example')" in detail
    assert living.listed() == ["toy-en", "toy-lv"]
    assert living.client.get("/index").json()["builds"] == []
    assert stranger.get("/index").json()["writable"] is False


def test_a_key_opens_them_from_anywhere(tmp_path: Path) -> None:
    living = Living(tmp_path, api_keys=KEY)
    stranger: TestClient = living.client_of(living.app, "192.168.1.4")
    for client in (living.client, stranger):
        response = client.delete("/documents/toy-en")
        assert "Authorization: Bearer KEY" in problem_of(response, 401)["detail"]
        assert response.headers["www-authenticate"] == "Bearer"
        assert client.get("/index").json()["writable"] is False
        assert client.get("/index", headers=BEARER).json()["writable"] is True
    accepted = stranger.delete("/documents/toy-en", headers=BEARER)
    assert living.ended(accepted)["state"] == "published"


def test_reading_and_asking_need_no_key(tmp_path: Path) -> None:
    living = Living(tmp_path, api_keys=KEY)
    for path in ("/", "/documents", "/documents/toy-en", "/documents/toy-en/original", "/index"):
        assert living.client.get(path).status_code == 200
    assert living.client.post("/ask", json={"question": "When?"}).status_code == 200
    assert living.client.post("/verify", json={"citations": []}).status_code == 200


def test_a_body_of_a_stranger_is_refused_before_it_is_read(tmp_path: Path) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("the body is read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/documents",
        "headers": [(b"host", b"127.0.0.1:8000")],
        "client": ("192.168.1.4", 50000),
    }
    asyncio.run(Living(tmp_path).app(scope, receive, send))
    assert sent[0]["status"] == 403
    assert (b"connection", b"close") in sent[0]["headers"]
