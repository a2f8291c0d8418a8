import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from qa_service.schema import Candidate, Hit, Span
from qa_service.settings import load_settings
from qa_service.web import examples
from qa_service.web.app import create_app
from qa_service.web.verification import VerdictOut, VerifyRequest
from web.conftest import MakeApp
from web.test_problems import JSON, problem_of
from web.test_routes import CITATION, ask, assert_shape, events
from web.toy_service import (
    TOY_ENGLISH,
    TOY_LATVIAN,
    ToyQuotingReader,
    toy_live,
    toy_snapshot,
)

QUOTED = ("28 May 1918", "İstanbul", "Re\u0301my O\u0308zal 👩‍🚀", "twelve guns", "lielgabali")
ITEM = {"document_id": "toy-en", "start": 0, "end": 4, "quotation": "café"}

Rebuild = Callable[[Mapping[str, str]], None]


@pytest.fixture
def living(tmp_path: Path) -> tuple[TestClient, Rebuild]:
    """A service, and what makes other files its corpus."""
    toy_snapshot(tmp_path, {"en.md": TOY_ENGLISH, "lv.md": TOY_LATVIAN})
    live = toy_live(tmp_path / "index")
    live.refresh()

    def rebuild(files: Mapping[str, str]) -> None:
        for path in (tmp_path / "corpus").iterdir():
            path.unlink()
        toy_snapshot(tmp_path, files)
        live.refresh()

    return TestClient(create_app(live, load_settings())), rebuild


def verify(client: TestClient, body: object) -> Any:
    response = client.post("/verify", json=body)
    assert response.status_code == 200, response.text
    for verdict in response.json():
        assert list(verdict) == ["status", "citation", "reason"]
        if verdict["status"] == "gone":
            assert verdict["citation"] is None
        else:
            assert_shape(verdict["citation"], CITATION)
    return response.json()


def asked(client: TestClient, words: str, **more: object) -> Any:
    """The only citation of the answer `words`."""
    [answer] = ask(client, f'Say "{words}"', **more)["answers"]
    [citation] = answer["citations"]
    return citation


@pytest.mark.parametrize("words", QUOTED)
def test_what_was_just_asked_is_verified_as_it_was_given(client: TestClient, words: str) -> None:
    citation = asked(client, words)
    [verdict] = verify(client, {"citations": [citation]})
    assert (verdict["status"], verdict["citation"]) == ("verified", citation)


def test_a_saved_reply_is_verified_as_it_is(client: TestClient) -> None:
    reply = ask(client, 'Which flag is "the blue flag"?')
    citations = reply["answers"][0]["citations"]
    assert len(citations) == 2
    verdicts = verify(client, reply)
    assert [verdict["citation"] for verdict in verdicts] == citations
    headers = {"Accept": "text/event-stream"}
    stream = client.post("/ask", json={"question": 'Is it "the blue flag"?'}, headers=headers)
    assert verify(client, dict(events(stream))["answer"]) == verdicts


@pytest.mark.parametrize("body", [{"citations": []}, {"answers": []}])
def test_no_citations_get_no_verdicts(client: TestClient, body: object) -> None:
    assert verify(client, body) == []
    assert verify(client, ask(client, 'Do "penguins" swim?')) == []


def test_verdicts_come_in_order(client: TestClient) -> None:
    citations = [asked(client, words) for words in QUOTED]
    citations[2] |= {"quotation": "Nobody"}
    statuses = [verdict["status"] for verdict in verify(client, {"citations": citations})]
    assert statuses == ["verified", "verified", "gone", "verified", "verified"]


def test_the_fields_that_find_a_place_are_enough(client: TestClient) -> None:
    citation = asked(client, "28 May 1918")
    bare = {name: citation[name] for name in ("document_id", "start", "end", "quotation")}
    assert verify(client, {"citations": [bare]})[0]["citation"] == citation
    by_utf16 = bare | {"start": citation["start_utf16"], "end": citation["end_utf16"]}
    assert verify(client, {"citations": [by_utf16]})[0]["citation"] == citation


@pytest.mark.parametrize("words", QUOTED[:3])
@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("twelve guns", "twenty guns and twelve 🐎", "verified"),  # after it
        ("The eagle", "Long ago 😀 the great eagle", "moved"),  # before it
        ("# The toy republic 🌍\r\n\r\n", "# The toy republic 🌍\r\n\r\n\r\n", "moved"),
    ],
)
def test_an_edit_beside_it_verifies_or_moves_it(
    living: tuple[TestClient, Rebuild], words: str, old: str, new: str, status: str
) -> None:
    client, rebuild = living
    citation = asked(client, words)
    edited = TOY_ENGLISH.replace(old, new)
    assert edited != TOY_ENGLISH
    rebuild({"en.md": edited, "lv.md": TOY_LATVIAN})
    [verdict] = verify(client, {"citations": [citation]})
    assert verdict["status"] == status
    now = verdict["citation"]
    assert edited[now["start"] : now["end"]] == now["quotation"] == words
    assert now == asked(client, words)
    assert now["text_sha256"] != citation["text_sha256"]


@pytest.mark.parametrize(("old", "new"), [("28 May 1918", "28 June 1918"), ("28 May", "28 \u2028")])
def test_an_edit_inside_it_makes_it_gone(
    living: tuple[TestClient, Rebuild], old: str, new: str
) -> None:
    client, rebuild = living
    citation = asked(client, "28 May 1918")
    rebuild({"en.md": TOY_ENGLISH.replace(old, new), "lv.md": TOY_LATVIAN})
    [verdict] = verify(client, {"citations": [citation]})
    assert verdict["status"] == "gone"
    assert "no longer holds it" in verdict["reason"]


def test_another_typography_is_reported_as_it_stands(living: tuple[TestClient, Rebuild]) -> None:
    client, rebuild = living
    citation = asked(client, "28 May 1918")
    rebuild({"en.md": TOY_ENGLISH.replace("28 May 1918", "28\u00a0May\r\n1918")})
    [verdict] = verify(client, {"citations": [citation]})
    assert (verdict["status"], verdict["citation"]["quotation"]) == ("moved", "28\u00a0May\r\n1918")
    assert "typography" in verdict["reason"]


def test_a_renamed_document_is_found(living: tuple[TestClient, Rebuild]) -> None:
    client, rebuild = living
    citation = asked(client, "28 May 1918")
    renamed = TOY_ENGLISH.replace("id: toy-en", "id: the-toys")
    rebuild({"name.md": renamed, "lv.md": TOY_LATVIAN})
    [verdict] = verify(client, {"citations": [citation]})
    assert verdict["status"] == "moved"
    assert verdict["citation"] == asked(client, "28 May 1918")
    assert verdict["citation"]["url"].startswith("/documents/the-toys#")
    assert verdict["reason"] == "Its document is gone; it stands in another one."


def test_a_deleted_document_takes_its_citations_along(living: tuple[TestClient, Rebuild]) -> None:
    client, rebuild = living
    flags = ask(client, 'Which flag is "the blue flag"?')
    rebuild({"lv.md": TOY_LATVIAN})
    names = [citation["document_id"] for citation in flags["answers"][0]["citations"]]
    of = dict(zip(names, verify(client, flags), strict=True))
    assert of["toy-lv"]["status"] == "verified"
    assert of["toy-en"]["status"] == "gone"
    assert of["toy-en"]["reason"].startswith("Its document is gone")


class ToyCodeReader(ToyQuotingReader):
    """Answers with the first "code N" of each passage."""

    def read(self, pairs: Sequence[tuple[str, Hit]]) -> list[Candidate | None]:
        return [self._code(hit) for _, hit in pairs]

    def _code(self, hit: Hit) -> Candidate | None:
        found = re.search(r"code \d", hit.passage.text)
        if found is None:
            return None
        return Candidate(hit, Span(*found.span()).shifted(hit.passage.span.start), score=3.0)


def test_the_largest_reply_can_be_sent_back(tmp_path: Path) -> None:
    blob = "ā" * 30
    toy_snapshot(
        tmp_path,
        {
            f"{n}.md": f"---\nlanguage: lv\n---\nTas ir code {n % 10}. {f'{blob}{n} ' * 12}\n"
            for n in range(50)
        },
    )
    live = toy_live(tmp_path / "index", ToyCodeReader())
    live.refresh()
    client = TestClient(create_app(live, load_settings()))
    reply = ask(client, "Kas tas ir?", k=50, max_answers=10)
    assert [len(answer["citations"]) for answer in reply["answers"]] == [5] * 10
    body = json.dumps(reply)
    assert len(body) > 2 * load_settings().max_body_bytes
    typed = {"Content-Type": "application/json"}
    response = client.post("/verify", content=body, headers=typed)
    assert [verdict["status"] for verdict in response.json()] == ["verified"] * 50
    problem_of(client.post("/ask", content=body, headers=typed), 413)


def test_a_body_larger_than_any_reply_is_refused(make_app: MakeApp) -> None:
    client = TestClient(make_app(max_body_bytes=1_000))
    fits = json.dumps({"citations": []}).encode().ljust(16_000)
    typed = {"Content-Type": "application/json"}
    assert client.post("/verify", content=fits, headers=typed).status_code == 200
    detail = problem_of(client.post("/verify", content=fits + b" ", headers=typed), 413)["detail"]
    assert detail == "The body is larger than 16,000 bytes. Send less."


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        ({}, "body", 'send either "citations" or'),
        ({"citations": [], "answers": []}, "body", "send either"),
        ([], "body", "valid dictionary"),
        ({"citations": [ITEM] * 21}, "citations", "at most 20"),
        ({"answers": [{"citations": []}] * 11}, "answers", "at most 10"),
        ({"answers": [{"citations": [ITEM] * 6}]}, "answers.0.citations", "at most 5"),
        ({"answers": [{}]}, "answers.0.citations", "required"),
        ({"citations": [{}]}, "citations.0.quotation", "required"),
        ({"citations": [ITEM | {"quotation": ""}]}, "citations.0.quotation", "at least 1"),
        (
            {"citations": [ITEM | {"quotation": "x" * 12_301}]},
            "citations.0.quotation",
            "at most 12300",
        ),
        ({"citations": [ITEM | {"prefix": "x" * 41}]}, "citations.0.prefix", "at most 40"),
        ({"citations": [ITEM | {"suffix": "x" * 41}]}, "citations.0.suffix", "at most 40"),
        ({"citations": [ITEM | {"start": -1}]}, "citations.0.start", "greater than or equal"),
        ({"citations": [ITEM | {"end": 10**20}]}, "citations.0.end", "less than or equal"),
        ({"citations": [ITEM | {"start": 5}]}, "citations.0", "end (4) is before start (5)"),
        ({"citations": [ITEM | {"document_id": ""}]}, "citations.0.document_id", "at least 1"),
    ],
)
def test_a_body_that_does_not_fit_is_answered_with_what_is_wrong(
    client: TestClient, body: object, field: str, detail: str
) -> None:
    problem = problem_of(client.post("/verify", json=body), 422)
    assert field in [error["field"] for error in problem["errors"]]
    assert detail in problem["detail"]


@pytest.mark.parametrize("name", ["document_id", "quotation", "prefix", "text_sha256"])
def test_lone_surrogates_are_refused(client: TestClient, name: str) -> None:
    body = json.dumps({"citations": [ITEM | {name: "\ud800"}]})
    typed = {"Content-Type": "application/json"}
    problem_of(client.post("/verify", content=body, headers=typed), 422)


@pytest.mark.parametrize("document_id", ["a\x00b", "../..", "🦅", "x" * 4_096])
def test_any_id_may_be_asked_for(client: TestClient, document_id: str) -> None:
    [verdict] = verify(client, {"citations": [ITEM | {"document_id": document_id}]})
    assert verdict["citation"] is None or verdict["citation"]["document_id"] == "toy-en"
    assert "Its document is gone" in verdict["reason"]


NEAR = st.sampled_from(["toy-en", "toy-lv", "gone", "café", "the", " ", "28 May 1918", "\r\n"])
CITED = st.fixed_dictionaries(
    {
        "document_id": NEAR | JSON,
        "start": st.integers(-1, 400) | JSON,
        "end": st.integers(-1, 400) | JSON,
        "quotation": NEAR | JSON,
    },
    optional={"prefix": NEAR | JSON, "suffix": NEAR | JSON, "title": NEAR | JSON},
)


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(CITED, max_size=3))
def test_no_json_makes_the_service_fail(client: TestClient, citations: list[Any]) -> None:
    response = client.post(
        "/verify",
        content=json.dumps({"citations": citations}),
        headers={"Content-Type": "application/json"},
    )
    if response.status_code == 200:
        assert len(response.json()) == len(citations)
    else:
        problem_of(response, 422)


def test_before_a_snapshot_is_open_nothing_can_be_verified(tmp_path: Path) -> None:
    client = TestClient(create_app(toy_live(tmp_path), load_settings()))
    problem = problem_of(client.post("/verify", json={"citations": []}), 503)
    assert "qa-service build" in problem["detail"]


def test_the_examples_can_be_sent_and_answered() -> None:
    [citation] = VerifyRequest.model_validate(examples.REPLY).all_citations
    assert citation.quotation == "28 May 1918"
    verdict = VerdictOut.model_validate(examples.VERDICT, strict=True)
    assert verdict.model_dump() == examples.VERDICT
