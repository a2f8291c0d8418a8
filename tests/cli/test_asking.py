import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from cli.command_line import LATVIAN, LIT, run, told
from qa_service.reader.calibration import Calibration


def test_ask_prints_the_answer_its_sentence_and_its_source(index: Path) -> None:
    result = run("ask", LIT, "--index", index)
    assert result.exit_code == 0
    assert "[13 June 1884]" in result.stdout
    assert "The lighthouse of Kolka, en" in result.stdout
    assert "/documents/lighthouse#char=" in result.stdout


def test_ask_prints_the_object_of_the_http_interface(index: Path) -> None:
    result = run("ask", "Kad atklāja Rīgas Centrāltirgu?", "--json", "--index", index)
    reply = json.loads(result.stdout)
    assert reply["question_language"] == "lv"
    [citation] = reply["answers"][0]["citations"]
    assert citation["quotation"] == reply["answers"][0]["text"] == "1930. gada 2. novembrī"
    assert LATVIAN[citation["start"] : citation["end"]] == citation["quotation"]


def test_a_calibration_of_ones_own_is_used(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubtful = tmp_path / "doubtful.json"
    Calibration({"score": 0.0}, bias=-2.0, threshold=0.1).save(doubtful)
    monkeypatch.setenv("QA_CALIBRATION", str(doubtful))
    assert "13 June 1884 (12% sure)" in run("ask", LIT, "--index", index).stdout
    Calibration({"score": 0.0}, bias=-2.0, threshold=0.2).save(doubtful)
    assert "hold no answer" in run("ask", LIT, "--index", index).stdout
    monkeypatch.setenv("QA_CALIBRATION", str(tmp_path / "absent.json"))
    result = run("ask", LIT, "--index", index)
    assert result.exit_code == 1
    assert "absent.json' cannot be read (No such file or directory)" in told(result)


def test_a_damaged_snapshot_is_named_with_its_mend(index: Path) -> None:
    [vectors] = index.glob("*/vectors.npy")
    vectors.write_bytes(vectors.read_bytes()[:-1] + b"x")
    result = run("ask", "Who kept a diary?", "--index", index)
    assert result.exit_code == 1
    assert "vectors.npy" in result.stderr
    assert "qa-service build" in result.stderr


def test_serving_may_begin_with_an_empty_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[FastAPI] = []
    monkeypatch.setattr("uvicorn.run", lambda app, **_: served.append(app))
    corpus = tmp_path / "empty"
    result = run("serve", "--corpus", corpus, "--index", tmp_path / "index")
    assert "does not exist" in told(result)
    corpus.mkdir()
    result = run("serve", "--corpus", corpus, "--index", tmp_path / "index")
    assert result.exit_code == 0
    assert "is empty: add documents on the page or by POST /documents" in told(result)
    assert TestClient(served[0]).get("/index").json()["snapshot"] is None
