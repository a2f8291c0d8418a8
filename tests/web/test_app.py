import json
from urllib.request import urlopen

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from web.conftest import MakeApp, Serve
from web.toy_service import ToyFailingReader

QUESTION = {"question": 'Was it on "28 May 1918"?'}


def assert_secure(response: Response) -> None:
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/static/style.css", 200),
        ("GET", "/static/nowhere.css", 404),
        ("GET", "/documents", 200),
        ("GET", "/documents/", 307),
        ("GET", "/documents/toy-lv", 200),
        ("GET", "/documents/gone", 404),
        ("GET", "/openapi.json", 200),
        ("GET", "/healthz", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/ask", 405),
        ("POST", "/ask", 422),
    ],
)
def test_every_response_carries_the_security_headers(
    client: TestClient, method: str, path: str, status: int
) -> None:
    response = client.request(method, path, follow_redirects=False)
    assert response.status_code == status
    assert_secure(response)


def test_replies_streams_and_refused_bodies_carry_them_too(make_app: MakeApp) -> None:
    client = TestClient(make_app(max_body_bytes=1_000))
    assert_secure(client.post("/ask", json=QUESTION))
    assert_secure(client.post("/ask", json=QUESTION, headers={"Accept": "text/event-stream"}))
    refused = client.post("/ask", content=b" " * 2_000)
    assert refused.status_code == 413
    assert_secure(refused)


def test_even_an_unforeseen_error_carries_them(make_app: MakeApp) -> None:
    client = TestClient(make_app(ToyFailingReader()), raise_server_exceptions=False)
    response = client.post("/ask", json=QUESTION)
    assert response.status_code == 500
    assert_secure(response)


@pytest.mark.parametrize("path", ["/", "/static/js/main.js", "/documents/toy-en"])
def test_two_versions_of_the_page_never_mix(client: TestClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "text/html"})
    assert response.headers["cache-control"] == "no-cache"


def test_what_is_large_is_sent_compressed_and_events_at_once(client: TestClient) -> None:
    zipped = client.get("/static/js/main.js", headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in zipped.headers["vary"]
    plain = client.get("/static/js/main.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == zipped.text
    stream = {"Accept": "text/event-stream", "Accept-Encoding": "gzip"}
    assert "content-encoding" not in client.post("/ask", json=QUESTION, headers=stream).headers


def test_the_pages_that_load_scripts_from_elsewhere_are_off(client: TestClient) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


def test_a_real_server_answers(make_app: MakeApp, serve: Serve) -> None:
    port = serve(make_app())
    with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=20) as response:
        assert json.load(response)["status"] == "ready"
    with urlopen(f"http://127.0.0.1:{port}/documents/toy-en", timeout=20) as response:
        document = json.load(response)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "28 May 1918" in document["text"]
