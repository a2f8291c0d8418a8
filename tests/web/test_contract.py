from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from starlette.testclient import TestClient

from qa_service.schema import Question, Turn
from qa_service.web import examples
from qa_service.web.contract import AskRequest, AskResponse, Problem
from qa_service.web.indexes import BuildOut


@pytest.fixture
def description(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def operations(description: Any) -> list[tuple[str, Any]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def test_a_request_has_the_documented_defaults() -> None:
    request = AskRequest(question="When?")
    assert request.model_dump() == {
        "question": "When?",
        "history": [],
        "k": 8,
        "max_answers": 3,
        "document_ids": None,
        "languages": None,
    }
    assert request.to_question() == Question("When?")


def test_a_request_becomes_the_question_it_says() -> None:
    request = AskRequest.model_validate(
        {
            "question": "And where?",
            "history": [{"question": "When?", "answer": "Then"}, {"question": "Who?"}],
            "k": 4,
            "max_answers": 2,
            "document_ids": ["a"],
            "languages": ["lv"],
        }
    )
    assert request.to_question() == Question(
        text="And where?",
        history=(Turn("When?", "Then"), Turn("Who?", "")),
        k=4,
        max_answers=2,
        document_ids=("a",),
        languages=("lv",),
    )


@pytest.mark.parametrize("example", examples.QUESTIONS)
def test_the_examples_of_questions_can_be_asked(example: dict[str, Any]) -> None:
    asked = AskRequest.model_validate(example).to_question()
    assert asked.text == example["question"]


def test_the_example_of_a_reply_is_one() -> None:
    reply = AskResponse.model_validate(examples.REPLY, strict=True)
    assert reply.model_dump() == examples.REPLY
    [citation] = reply.answers[0].citations
    assert len(citation.quotation) == citation.end - citation.start
    assert len(citation.sentence) == citation.sentence_end - citation.sentence_start
    at = citation.start - citation.sentence_start
    assert citation.sentence[at:].startswith(citation.quotation)


def test_the_example_of_a_problem_is_one() -> None:
    assert Problem.model_validate(examples.PROBLEM).model_dump() == examples.PROBLEM


def test_the_example_of_a_build_is_one() -> None:
    assert BuildOut.model_validate(examples.BUILD, strict=True).model_dump() == examples.BUILD


def test_the_description_tells_which_operations_need_a_key(description: Any) -> None:
    guarded = {name for name, operation in operations(description) if "security" in operation}
    assert guarded == {
        "POST /documents",
        "DELETE /documents/{document_id}",
        "POST /index/builds",
        "POST /index/rollback",
    }


def test_the_description_is_openapi(description: Any) -> None:
    assert OpenAPI.model_validate(description).openapi.startswith("3.")
    assert {name for name, _ in operations(description)} == {
        "POST /ask",
        "POST /verify",
        "POST /feedback",
        "GET /documents",
        "POST /documents",
        "GET /documents/{document_id}",
        "DELETE /documents/{document_id}",
        "GET /documents/{document_id}/original",
        "GET /index",
        "GET /report",
        "POST /index/builds",
        "GET /index/builds/{build_id}",
        "POST /index/rollback",
        "GET /healthz",
        "GET /readyz",
    }


def test_every_reference_of_the_description_leads_somewhere(description: Any) -> None:
    references: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            references.extend(value for key, value in node.items() if key == "$ref")
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(description)
    assert references
    for reference in references:
        _, kind, group, name = reference.split("/")
        assert name in description[kind][group]


def test_the_description_shows_the_examples(description: Any) -> None:
    schemas = description["components"]["schemas"]
    assert schemas["AskRequest"]["examples"] == examples.QUESTIONS
    assert schemas["AskResponse"]["examples"] == [examples.REPLY]
    problem = description["paths"]["/ask"]["post"]["responses"]["422"]
    assert problem["content"]["application/problem+json"]["schema"]["examples"] == [
        examples.PROBLEM
    ]


def test_the_description_says_that_a_question_is_not_empty(description: Any) -> None:
    question = description["components"]["schemas"]["AskRequest"]["properties"]["question"]
    assert (question["minLength"], question["maxLength"]) == (1, 1000)


def test_every_operation_describes_its_problems_and_nothing_else(description: Any) -> None:
    for name, operation in operations(description):
        assert operation["description"], name
        problems = {code: r for code, r in operation["responses"].items() if code[0] != "2"}
        assert "default" in problems, name
        for response in problems.values():
            assert list(response["content"]) == ["application/problem+json"], name


def test_asking_describes_both_forms_of_its_reply(description: Any) -> None:
    reply = description["paths"]["/ask"]["post"]["responses"]["200"]
    assert set(reply["content"]) == {"application/json", "text/event-stream"}
    codes = description["paths"]["/ask"]["post"]["responses"]
    assert {"404", "408", "413", "422", "503"} <= set(codes)
