import json
import logging
from typing import Any

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from qa_service.settings import load_settings
from qa_service.web.app import create_app
from web.conftest import MakeApp
from web.toy_service import ToyFailingReader, toy_live

# Whatever JSON can say, lone surrogates too, which text may not hold.
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
BODY = st.fixed_dictionaries(
    {},
    optional={
        "question": st.text(max_size=50) | JSON,
        "history": st.lists(st.fixed_dictionaries({"question": JSON, "answer": JSON})) | JSON,
        "k": st.integers(-1, 60) | JSON,
        "max_answers": JSON,
        "document_ids": st.lists(st.just("toy-en")) | JSON,
        "languages": st.lists(st.sampled_from(["lv", "en", "xx"])) | JSON,
    },
)


def post(client: TestClient, body: str | bytes, content_type: str = "application/json") -> Response:
    return client.post("/ask", content=body, headers={"Content-Type": content_type})


def problem_of(response: Response, status: int) -> Any:
    """The problem that a response holds, its fixed parts asserted."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert list(problem) == ["type", "title", "status", "detail", "errors"]
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"]
    assert "Traceback" not in response.text
    return problem


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        ({"question": "x" * 10_000}, "question", "at most 1000 characters"),
        ({"question": None}, "question", "valid string"),
        ({"question": 7}, "question", "valid string"),
        ({}, "question", "required"),
        ([], "body", "valid dictionary"),
        ("When?", "body", "valid dictionary"),
        ({"question": "When?", "k": "many"}, "k", "valid integer"),
        ({"question": "When?", "k": 0}, "k", "greater than or equal to 1"),
        ({"question": "When?", "k": 51}, "k", "less than or equal to 50"),
        ({"question": "When?", "max_answers": 11}, "max_answers", "less than or equal to 10"),
        ({"question": "When?", "mood": "curious"}, "mood", "not permitted"),
        ({"question": "When?", "history": {}}, "history", "valid list"),
        ({"question": "When?", "history": [{}]}, "history.0.question", "required"),
        ({"question": "When?", "history": [{"question": "a"}] * 21}, "history", "at most 20"),
        ({"question": "When?", "document_ids": []}, "document_ids", "at least 1"),
        ({"question": "When?", "languages": ["english"]}, "languages.0", "pattern"),
    ],
)
def test_a_body_that_does_not_fit_is_answered_with_what_is_wrong(
    client: TestClient, body: object, field: str, detail: str
) -> None:
    problem = problem_of(client.post("/ask", json=body), 422)
    assert field in [error["field"] for error in problem["errors"]]
    assert field in problem["detail"]
    assert detail in problem["detail"]


@pytest.mark.parametrize("question", ["", " ", "\n\t", "\u2003\x1c"])
def test_an_empty_question_is_refused_in_words(client: TestClient, question: str) -> None:
    problem = problem_of(client.post("/ask", json={"question": question}), 422)
    assert problem["detail"] == "The question is empty. Ask something in a few words."


def test_unknown_document_ids_are_not_found(client: TestClient) -> None:
    response = client.post("/ask", json={"question": "When?", "document_ids": ["toy-en", "gone"]})
    detail = problem_of(response, 404)["detail"]
    assert "'gone'" in detail
    assert "GET /documents" in detail


@pytest.mark.parametrize("document_id", ["gone", "toy-en%00", "%F0%9F%A6%85", "%ED%A0%80"])
def test_an_unknown_document_is_not_found(client: TestClient, document_id: str) -> None:
    detail = problem_of(client.get(f"/documents/{document_id}"), 404)["detail"]
    assert "GET /documents lists those there are" in detail


def test_a_language_of_no_document_is_refused_with_those_there_are(client: TestClient) -> None:
    response = client.post("/ask", json={"question": "When?", "languages": ["az"]})
    detail = problem_of(response, 422)["detail"]
    assert detail == "No document is in az. The documents' languages are en, lv."


def test_what_is_no_json_is_refused_with_the_place(client: TestClient) -> None:
    problem = problem_of(post(client, '{"question": When?}'), 422)
    assert problem["detail"] == "body: this is no JSON (Expecting value, character 13)"
    assert problem["errors"][0]["field"] == "body"


@pytest.mark.parametrize(
    "body",
    [
        "[" * 50_000,
        '{"question":' * 4_000,
        b'{"question": "\xff"}',
        '{"question": "When?", "k": ' + "9" * 5_000 + "}",
    ],
)
def test_what_cannot_be_read_as_json_is_refused(client: TestClient, body: str | bytes) -> None:
    assert "JSON" in problem_of(post(client, body), 400)["detail"]


def test_deep_json_that_can_be_read_is_refused(client: TestClient) -> None:
    body = '{"question": ' + "[" * 400 + "]" * 400 + "}"
    assert "question" in problem_of(post(client, body), 422)["detail"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_told_which_to_use(client: TestClient, content_type: str) -> None:
    problem = problem_of(post(client, '{"question": "When?"}', content_type), 422)
    assert "`Content-Type: application/json`" in problem["detail"]


@pytest.mark.parametrize(
    "body",
    [
        r'{"question": "\ud800"}',
        r'{"question": "When?", "\udfff": 1}',
        r'{"question": "When?", "document_ids": ["\ud83e"]}',
        r'{"question": "When?", "history": [{"question": "\ud800", "answer": "\udc00"}]}',
    ],
)
def test_lone_surrogates_are_refused(client: TestClient, body: str) -> None:
    problem_of(post(client, body), 422)


def test_a_long_key_is_not_sent_back_whole(client: TestClient) -> None:
    response = client.post("/ask", json={"question": "When?", "k" * 50_000: 1})
    problem_of(response, 422)
    assert len(response.content) < 1_000


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(BODY)
def test_no_json_makes_the_service_fail(client: TestClient, body: dict[str, Any]) -> None:
    response = post(client, json.dumps(body))
    if response.status_code == 200:
        assert response.json()["question"] == body["question"]
    else:
        assert response.status_code in (404, 422)
        problem_of(response, response.status_code)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nowhere"), ("POST", "/nowhere"), ("GET", "/static/nowhere.js"), ("GET", "/docs")],
)
def test_an_unknown_path_is_not_found(client: TestClient, method: str, path: str) -> None:
    detail = problem_of(client.request(method, path), 404)["detail"]
    assert detail == f"Nothing is served at {path}. GET /openapi.json lists what is."


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/ask", "POST"), ("POST", "/healthz", "GET"), ("PUT", "/", "GET")],
)
def test_a_wrong_method_is_refused_with_the_right_one(
    client: TestClient, method: str, path: str, allowed: str
) -> None:
    response = client.request(method, path)
    assert path in problem_of(response, 405)["detail"]
    assert response.headers["allow"] == allowed


def test_the_folder_above_the_static_files_is_out_of_reach(client: TestClient) -> None:
    problem_of(client.get("/static/%2e%2e/app.py"), 404)


def test_an_unforeseen_error_is_logged_and_not_told(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    client = TestClient(make_app(ToyFailingReader()), raise_server_exceptions=False)
    with caplog.at_level(logging.ERROR):
        response = client.post("/ask", json={"question": 'Is "it" there?'})
    detail = problem_of(response, 500)["detail"]
    assert "its log has the details" in detail
    assert "secret" not in response.text
    assert "the secret of the toy reader" in caplog.text


@pytest.mark.parametrize("path", ["/readyz", "/documents/toy-en"])
def test_before_a_snapshot_is_open_the_service_is_unavailable(
    tmp_path_factory: pytest.TempPathFactory, path: str
) -> None:
    live = toy_live(tmp_path_factory.mktemp("empty"))
    client = TestClient(create_app(live, load_settings()))
    response = client.get(path)
    assert "qa-service build" in problem_of(response, 503)["detail"]
    assert response.headers["retry-after"] == "2"
    assert client.get("/healthz").status_code == 200
    problem_of(client.post("/ask", json={"question": "When?"}), 503)
