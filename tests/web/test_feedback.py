from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from qa_service.feedback import FeedbackFile
from qa_service.web import examples
from web.conftest import MakeApp

FEEDBACK: dict[str, Any] = dict(examples.FEEDBACK)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback.sqlite"


@pytest.fixture
def client(make_app: MakeApp, path: Path) -> TestClient:
    return TestClient(make_app(feedback_file=path, feedback_kept=2), raise_server_exceptions=False)


def test_an_opinion_is_kept(client: TestClient, path: Path) -> None:
    response = client.post("/feedback", json=FEEDBACK)
    assert (response.status_code, response.json()) == (200, {"status": "kept"})
    [row] = FeedbackFile(path, 2).rows()
    assert {name: row[name] for name in FEEDBACK} == FEEDBACK


def test_an_abstention_can_be_judged(client: TestClient, path: Path) -> None:
    abstained = {**FEEDBACK, "verdict": "up", "reason": None, "answer": None}
    assert client.post("/feedback", json=abstained).status_code == 200
    [row] = FeedbackFile(path, 2).rows()
    assert row["answer"] is None


def test_no_more_are_kept_than_the_setting_says(client: TestClient, path: Path) -> None:
    for number in range(4):
        client.post("/feedback", json={**FEEDBACK, "id": f"turn-00{number}"})
    assert [row["id"] for row in FeedbackFile(path, 2).rows()] == ["turn-002", "turn-003"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "short"),
        ("id", "<script>alert()</script>"),
        ("verdict", "sideways"),
        ("reason", "because"),
        ("comment", "x" * 1_001),
        ("question", ""),
        ("question_language", "English"),
        ("answer", {**FEEDBACK["answer"], "start": -1}),
        ("answer", {**FEEDBACK["answer"], "confidence": 2}),
        ("colour", "green"),
    ],
)
def test_what_is_no_opinion_is_refused(
    client: TestClient, path: Path, name: str, value: object
) -> None:
    response = client.post("/feedback", json={**FEEDBACK, name: value})
    assert response.status_code == 422
    assert name in response.json()["detail"]
    assert not path.exists()


def test_opinions_can_be_read_by_no_one(client: TestClient) -> None:
    client.post("/feedback", json=FEEDBACK)
    assert client.get("/feedback").status_code == 405


def test_a_file_that_cannot_be_written_is_named(make_app: MakeApp, tmp_path: Path) -> None:
    client = TestClient(make_app(feedback_file=tmp_path), raise_server_exceptions=False)
    response = client.post("/feedback", json=FEEDBACK)
    assert response.status_code == 503
    assert "QA_FEEDBACK_FILE" in response.json()["detail"]
