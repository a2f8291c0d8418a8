"""The command line, run as people run it."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from qa_service.cli import app

ENGLISH = """---
id: lighthouse
title: The lighthouse of Kolka
language: en
---

# The lighthouse of Kolka

The lighthouse was lit for the first time on 13 June 1884. It stands on an artificial island.
Its keeper in 1901 was Karl Bergmann, who kept a diary.
"""
LATVIAN = """---
id: tirgus
title: Rīgas Centrāltirgus
language: lv
---

# Rīgas Centrāltirgus

Rīgas Centrāltirgu atklāja 1930. gada 2. novembrī. Tirgū ir pieci paviljoni.
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "lighthouse.md").write_text(ENGLISH, encoding="utf-8")
    (folder / "tirgus.md").write_text(LATVIAN, encoding="utf-8")
    return folder


@pytest.fixture
def index(corpus: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    assert run("build", "--corpus", corpus, "--index", folder).exit_code == 0
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_build_says_what_was_built_and_reuses_what_did_not_change(
    corpus: Path, tmp_path: Path
) -> None:
    first = run("build", "--corpus", corpus, "--index", tmp_path / "index")
    assert "2 documents, 2 passages (2 encoded, 0 reused)" in first.stderr
    (corpus / "tirgus.md").write_text(LATVIAN.replace("pieci", "5"), encoding="utf-8")
    second = run("build", "--corpus", corpus, "--index", tmp_path / "index")
    assert "2 documents, 2 passages (1 encoded, 1 reused)" in second.stderr


def test_ask_prints_the_answer_its_sentence_and_its_source(index: Path) -> None:
    result = run(
        "ask", "When was the lighthouse of Kolka lit for the first time?", "--index", index
    )
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


def test_evaluate_prints_a_table_by_direction(corpus: Path, tmp_path: Path) -> None:
    answer = "1930. gada 2. novembrī"
    row = {
        "id": "1",
        "question": "When was the Riga Central Market opened?",
        "question_lang": "en",
        "doc": "tirgus",
        "answers": [answer],
        "answer_start": LATVIAN.index(answer),
        "kind": "cross-language",
    }
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(row) + "\n", encoding="utf-8")
    table = run("evaluate", rows, "--corpus", corpus)
    assert re.search(r"en->lv\s+1\s+1\.00", table.stdout)
    [line, _all] = json.loads(run("evaluate", rows, "--corpus", corpus, "--json").stdout)
    assert (line["direction"], line["rows"], line["right_passage"]) == ("en->lv", 1, 1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", "Who?", "--index", "nowhere"], "Run `qa-service build`"),
        (["ask", "  "], "The question is empty"),
        (["ask", "x" * 10_000], "10,000 characters; at most 1,000"),
        (["build", "--corpus", "nowhere"], "corpus folder 'nowhere' does not exist"),
        (["evaluate", "nowhere.jsonl"], "'nowhere.jsonl' cannot be read"),
        (["serve", "--port", "99999"], "QA_PORT is 99999"),
    ],
)
def test_bad_input_is_told_in_one_message(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.output


def test_an_unreadable_file_stops_the_build_unless_it_is_left_out(
    corpus: Path, tmp_path: Path
) -> None:
    (corpus / "old.txt").write_bytes("Rīga".encode("windows-1257"))
    places = ("--corpus", corpus, "--index", tmp_path / "index")
    refused = run("build", *places)
    assert refused.exit_code == 1
    assert "old.txt: byte 1 is not UTF-8" in refused.stderr
    assert "--skip-unreadable" in refused.stderr
    accepted = run("build", *places, "--skip-unreadable")
    assert accepted.exit_code == 0
    assert "left out: old.txt" in accepted.stderr
    assert "2 documents" in accepted.stderr


def test_a_damaged_snapshot_is_named_with_its_mend(index: Path) -> None:
    [vectors] = index.glob("*/vectors.faiss")
    vectors.write_bytes(vectors.read_bytes()[:-1] + b"x")
    result = run("ask", "Who kept a diary?", "--index", index)
    assert result.exit_code == 1
    assert "vectors.faiss" in result.stderr
    assert "qa-service build" in result.stderr


def test_every_command_is_explained_and_documented() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        assert command.callback is not None
        assert command.callback.__doc__
        assert f"qa-service {command.callback.__name__}" in readme
