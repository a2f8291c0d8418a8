import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from toys import ToyReader

from web.conftest import MakeApp
from web.toy_service import TOY_ENGLISH, ToyFailingReader

PROCLAIMED = 'When was it proclaimed: "28 May 1918"?'
NONE = type(None)

CITATION: Mapping[str, type | tuple[type, ...]] = {
    "document_id": str,
    "title": str,
    "language": str,
    "section": (str, NONE),
    "page": (int, NONE),
    "start": int,
    "end": int,
    "start_utf16": int,
    "end_utf16": int,
    "quotation": str,
    "prefix": str,
    "suffix": str,
    "sentence": str,
    "sentence_start": int,
    "sentence_end": int,
    "text_sha256": str,
    "url": str,
}
ANSWER = {"text": str, "confidence": float, "citations": list}
PASSAGE = {
    "passage_id": str,
    "document_id": str,
    "start": int,
    "end": int,
    "text": str,
    "score": float,
}
REPLY = {
    "question": str,
    "understood_as": str,
    "question_language": str,
    "answered": bool,
    "answers": list,
    "passages": list,
    "snapshot": str,
    "timings_ms": dict,
}


def ask(client: TestClient, question: str, **more: object) -> Any:
    response = client.post("/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    return response.json()


def events(response: Response) -> list[tuple[str, Any]]:
    """The (event, data) pairs of an event stream."""
    parts = response.text.replace("\r\n", "\n").strip().split("\n\n")
    pairs = (dict(line.split(": ", 1) for line in part.split("\n")) for part in parts)
    return [(pair["event"], json.loads(pair["data"])) for pair in pairs]


def stream(client: TestClient, question: str, **more: object) -> list[tuple[str, Any]]:
    response = client.post(
        "/ask",
        json={"question": question, **more},
        headers={"Accept": "text/event-stream"},
    )
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    return events(response)


def assert_shape(value: Any, shape: Mapping[str, type | tuple[type, ...]]) -> None:
    assert list(value) == list(shape)
    for key, kind in shape.items():
        assert isinstance(value[key], kind), (key, value[key])


def without_timings(reply: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in reply.items() if key != "timings_ms"}


def utf16_slice(text: str, start: int, end: int) -> str:
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def test_a_reply_has_the_documented_keys_and_types(client: TestClient) -> None:
    reply = ask(client, PROCLAIMED)
    assert_shape(reply, REPLY)
    assert reply["question"] == PROCLAIMED
    assert reply["question_language"] == "en"
    assert reply["answered"] is True
    [answer] = reply["answers"]
    assert_shape(answer, ANSWER)
    assert answer["text"] == "28 May 1918"
    assert answer["confidence"] == pytest.approx(0.9526)  # sigmoid(3)
    [citation] = answer["citations"]
    assert_shape(citation, CITATION)
    for passage in reply["passages"]:
        assert_shape(passage, PASSAGE)
    assert set(reply["timings_ms"]) == {"encode", "retrieve", "read", "total"}


@pytest.mark.parametrize(
    ("wanted", "document_id"),
    [
        ("28 May 1918", "toy-en"),
        ("İstanbul", "toy-en"),
        ("Re\u0301my O\u0308zal 👩‍🚀", "toy-en"),
        ("twelve guns", "toy-en"),
        ("28. maija\u0304 Tbilisi", "toy-lv"),
        ("lielgabali", "toy-lv"),
    ],
)
def test_every_citation_checks_out_against_the_document(
    client: TestClient, wanted: str, document_id: str
) -> None:
    reply = ask(client, f'Say "{wanted}"')
    [answer] = reply["answers"]
    [citation] = answer["citations"]
    document = client.get(f"/documents/{document_id}").json()
    text = document["text"]
    start, end = citation["start"], citation["end"]
    assert citation["document_id"] == document_id
    assert citation["title"] == document["title"]
    assert answer["text"] == citation["quotation"] == wanted == text[start:end]
    assert utf16_slice(text, citation["start_utf16"], citation["end_utf16"]) == wanted
    assert citation["text_sha256"] == sha256(text.encode()).hexdigest() == document["text_sha256"]
    assert text[:start].endswith(citation["prefix"])
    assert text[end:].startswith(citation["suffix"])
    sentence = text[citation["sentence_start"] : citation["sentence_end"]]
    assert sentence == citation["sentence"]
    assert wanted in sentence
    assert citation["url"] == f"/documents/{document_id}#char={start},{end}"
    assert citation["section"] in {section["title"] for section in document["sections"]}
    for passage in reply["passages"]:
        of = client.get(f"/documents/{passage['document_id']}").json()["text"]
        assert of[passage["start"] : passage["end"]] == passage["text"]


def test_utf16_offsets_differ_from_code_points_after_an_emoji(client: TestClient) -> None:
    [answer] = ask(client, PROCLAIMED)["answers"]
    [citation] = answer["citations"]
    before = TOY_ENGLISH[: citation["start"]]
    emoji = sum(char > "\uffff" for char in before)
    assert emoji == 3
    assert citation["start_utf16"] == citation["start"] + emoji


def test_a_crlf_document_arrives_unchanged(client: TestClient) -> None:
    assert client.get("/documents/toy-en").json()["text"] == TOY_ENGLISH


def test_sources_that_agree_stand_together(client: TestClient) -> None:
    [answer] = ask(client, 'Which flag is "the blue flag"?')["answers"]
    assert {c["document_id"] for c in answer["citations"]} == {"toy-en", "toy-lv"}


def test_history_is_taken_into_account(client: TestClient) -> None:
    history = [{"question": 'Who said "twelve guns"?', "answer": "twelve guns"}]
    assert ask(client, "And there?")["answered"] is False
    [answer] = ask(client, "And there?", history=history)["answers"]
    assert answer["text"] == "twelve guns"


def test_a_turn_without_an_answer_may_have_none(client: TestClient) -> None:
    history = [{"question": 'Is "Tbilisi" named?', "answer": None}, {"question": "Why?"}]
    assert ask(client, "And it?", history=history)["answered"] is True


def test_max_answers_bounds_the_answers(make_app: MakeApp) -> None:
    question = "Which arms were there?"
    reader = ToyReader({question: {"twelve guns": 3.0, "zils karogs": 2.0}})
    client = TestClient(make_app(reader))
    both = [answer["text"] for answer in ask(client, question)["answers"]]
    assert both == ["twelve guns", "zils karogs"]
    first = [answer["text"] for answer in ask(client, question, max_answers=1)["answers"]]
    assert first == both[:1]


def test_a_reply_tells_how_the_question_was_understood(client: TestClient) -> None:
    assert ask(client, PROCLAIMED)["understood_as"] == PROCLAIMED
    history = [{"question": "Who was the envoy of the toy republic?", "answer": "Özal"}]
    reply = ask(client, "And when was it proclaimed?", history=history)
    assert reply["question"] == "And when was it proclaimed?"
    assert reply["understood_as"] == (
        "Who was the envoy of the toy republic? Özal And when was it proclaimed?"
    )


@pytest.mark.parametrize("k", [1, 2, 3])
def test_k_bounds_the_passages(client: TestClient, k: int) -> None:
    assert len(ask(client, PROCLAIMED, k=k)["passages"]) == k


@pytest.mark.parametrize("document_id", ["toy-en", "toy-lv"])
def test_document_ids_limit_where_answers_come_from(client: TestClient, document_id: str) -> None:
    reply = ask(client, 'Which flag is "the blue flag"?', document_ids=[document_id])
    assert {passage["document_id"] for passage in reply["passages"]} == {document_id}
    assert [c["document_id"] for c in reply["answers"][0]["citations"]] == [document_id]


def test_languages_limit_where_answers_come_from(client: TestClient) -> None:
    reply = ask(client, 'Which flag is "the blue flag"?', languages=["lv"])
    assert {passage["document_id"] for passage in reply["passages"]} == {"toy-lv"}


def test_limits_that_exclude_each_other_leave_nothing_to_read(client: TestClient) -> None:
    reply = ask(client, PROCLAIMED, document_ids=["toy-en"], languages=["lv"])
    assert (reply["answered"], reply["answers"], reply["passages"]) == (False, [], [])


def test_abstaining_keeps_the_passages(client: TestClient) -> None:
    reply = ask(client, 'Do "penguins" swim?')
    assert_shape(reply, REPLY)
    assert (reply["answered"], reply["answers"]) == (False, [])
    assert len(reply["passages"]) > 2


def test_a_latvian_question_is_known_as_latvian(client: TestClient) -> None:
    assert ask(client, "Kad republiku proklamēja?")["question_language"] == "lv"


def test_the_stream_says_the_same_as_the_json_reply(client: TestClient) -> None:
    told = stream(client, PROCLAIMED)
    assert [name for name, _ in told] == ["passages", "answer", "done"]
    passages, answer, done = (data for _, data in told)
    reply = ask(client, PROCLAIMED)
    assert without_timings(answer) == without_timings(reply)
    assert passages == {key: reply[key] for key in ("question_language", "passages", "snapshot")}
    assert done == {"timings_ms": answer["timings_ms"]}
    assert set(answer["timings_ms"]) == set(reply["timings_ms"])


def test_the_stream_abstains_too(client: TestClient) -> None:
    told = dict(stream(client, 'Do "penguins" swim?'))
    assert told["answer"]["answered"] is False
    assert told["answer"]["passages"] == told["passages"]["passages"]


def test_an_error_before_the_passages_is_an_event(client: TestClient) -> None:
    [(name, problem)] = stream(client, PROCLAIMED, document_ids=["nowhere"])
    assert name == "error"
    assert problem["status"] == 404
    assert "nowhere" in problem["detail"]


def test_an_error_after_the_passages_is_an_event_without_its_text(make_app: MakeApp) -> None:
    client = TestClient(make_app(ToyFailingReader()))
    told = stream(client, PROCLAIMED)
    assert [name for name, _ in told] == ["passages", "error"]
    assert told[1][1]["status"] == 500
    assert "secret" not in str(told[1])


def test_a_body_that_is_wrong_is_refused_before_a_stream_begins(client: TestClient) -> None:
    response = client.post("/ask", json={}, headers={"Accept": "text/event-stream"})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_the_list_of_documents(client: TestClient) -> None:
    listed = client.get("/documents").json()
    assert list(listed) == ["documents", "snapshot", "examples"]
    english, latvian = listed["documents"]
    assert (english["id"], latvian["id"]) == ("toy-en", "toy-lv")
    assert english == {
        "id": "toy-en",
        "title": "The toy republic 🌍",
        "language": "en",
        "length": len(TOY_ENGLISH),
        "passages": english["passages"],
        "metadata": {"date": "2026-11-22"},
    }
    assert english["passages"] >= 2
    assert listed["snapshot"] == ask(client, PROCLAIMED)["snapshot"]


def test_a_document_with_its_sections(client: TestClient) -> None:
    document = client.get("/documents/toy-en").json()
    assert list(document) == [
        "id",
        "title",
        "language",
        "text",
        "text_sha256",
        "sections",
        "pages",
        "metadata",
    ]
    first, second = document["sections"]
    assert (first["title"], first["level"]) == ("The toy republic 🌍", 1)
    assert (second["title"], second["level"]) == ("The army 🛡️", 2)
    body = document["text"][second["start"] : second["end"]]
    assert body.strip() == "The army had twelve guns and the blue flag."
    assert document["pages"] == []


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
    ],
)
def test_a_document_is_json_or_the_page_by_accept(
    client: TestClient, accept: str, kind: str
) -> None:
    response = client.get("/documents/toy-en", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == kind
    assert "Accept" in response.headers["vary"].split(", ")


def test_the_page_is_served_for_a_document_that_is_gone(client: TestClient) -> None:
    page = client.get("/documents/gone", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert page.text == client.get("/").text


def test_health_and_readiness(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    snapshot = client.get("/documents").json()["snapshot"]
    ready = client.get("/readyz").json()
    assert ready == {"status": "ready", "snapshot": snapshot, "documents": 2}


def test_the_page_and_what_it_loads(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for path, kind in {
        "/static/js/main.js": "text/javascript",
        "/static/style.css": "text/css",
        "/static/favicon.svg": "image/svg+xml",
    }.items():
        assert path in page.text
        response = client.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(kind)
