"""The command line, run as people run it."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from qa_service.cli import app
from qa_service.record import load_record
from qa_service.snapshot import current_id

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


ANSWER = "1930. gada 2. novembrī"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """One question across languages, and one that nothing answers."""
    opened = {
        "id": "opened",
        "question": "When was the Riga Central Market opened?",
        "question_lang": "en",
        "doc": "tirgus",
        "answers": [ANSWER],
        "answer_start": LATVIAN.index(ANSWER),
        "evidence": f"Rīgas Centrāltirgu atklāja {ANSWER}.",
        "type": "date",
        "kind": "cross-language",
    }
    unanswerable: dict[str, object] = {
        "id": "unanswerable",
        "question": "Who was the first to swim from Kolka to Sweden?",
        "question_lang": "en",
        "doc": None,
        "answers": [],
        "kind": "unanswerable",
    }
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{json.dumps(opened)}\n{json.dumps(unanswerable)}\n", encoding="utf-8")
    return path


def test_evaluate_prints_a_table_by_direction(corpus: Path, rows: Path) -> None:
    result = run("evaluate", rows, "--corpus", corpus)
    # The passage in the question's own language comes first, the right one second.
    assert re.search(r"en->lv\s+1\s+0\.00\s+1\.00\s+1\.00\s+0\.50", result.stdout)
    for told in ("Area under risk-coverage", "Calibration error", "(p95)", "in 2 rows"):
        assert told in result.stdout


def test_an_evaluation_is_saved_shown_and_compared(index: Path, rows: Path, tmp_path: Path) -> None:
    saved, page = tmp_path / "saved.json", tmp_path / "page.html"
    first = run("evaluate", rows, "--index", index, "--save", saved, "--json")
    assert first.exit_code == 0
    assert json.loads(first.stdout) == json.loads(saved.read_text("utf-8"))
    record = load_record(saved)
    assert record.conditions.rows_file == "rows.jsonl"
    assert record.conditions.snapshot == current_id(index)
    assert [(line.name, line.rows, line.right_passage) for line in record.figures] == [
        ("en->lv", 1, 1.0),
        ("unanswerable", 1, None),
        ("all answerable", 1, 1.0),
    ]
    [opened, _none] = record.rows
    assert opened.quoted is not None
    assert (opened.id, opened.rank, opened.quoted.document_id) == ("opened", 2, "tirgus")
    again = run("evaluate", rows, "--index", index, "--against", saved, "--report", page)
    assert re.search(r"± en->lv\s+1\s+\+0\.00", again.stdout)
    assert "Newly wrong: none." in again.stdout
    assert "Against an earlier evaluation" in page.read_text("utf-8")


def test_the_gate_keeps_a_worse_corpus_from_being_served(
    index: Path, corpus: Path, rows: Path
) -> None:
    places = ("--corpus", corpus, "--index", index, "--gate", rows)
    served = current_id(index)
    source = corpus / "tirgus.md"
    source.write_text(LATVIAN.replace(ANSWER, "sen, rudens beigās"), encoding="utf-8")
    refused = run("build", *places)
    assert refused.exit_code == 1
    assert f"answers worse than {served}" in refused.stderr
    assert "overall: F1 1.000 before, 0.000 now" in refused.stderr
    assert current_id(index) == served
    assert run("build", *places, "--margin", "1").exit_code == 0
    assert current_id(index) != served


def test_the_first_build_has_nothing_to_pass_the_gate_against(
    corpus: Path, rows: Path, tmp_path: Path
) -> None:
    result = run("build", "--corpus", corpus, "--index", tmp_path / "index", "--gate", rows)
    assert result.exit_code == 0
    assert "nothing to compare with" in result.stderr
    assert "Published Snapshot" in result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--against", "nowhere.json"], "'nowhere.json' cannot be read"),
        (["--against", "ROWS"], "is no saved evaluation"),
        (["--save", "no/where.json"], "'no/where.json' cannot be written: make its folder first"),
        (["--report", "no/where.html"], "'no/where.html' cannot be written"),
    ],
)
def test_what_would_fail_after_minutes_is_told_at_once(
    rows: Path, options: list[str], message: str
) -> None:
    given = [str(rows) if option == "ROWS" else option for option in options]
    result = run("evaluate", rows, "--corpus", "absent", *given)
    assert result.exit_code == 1
    assert message in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", "Who?", "--index", "nowhere"], "Run `qa-service build`"),
        (["ask", "  "], "The question is empty"),
        (["ask", "x" * 10_000], "10,000 characters; at most 1,000"),
        (["build", "--corpus", "nowhere"], "corpus folder 'nowhere' does not exist"),
        (["evaluate", "nowhere.jsonl"], "'nowhere.jsonl' cannot be read"),
        (["build", "--gate", "nowhere.jsonl"], "'nowhere.jsonl' cannot be read"),
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
    (corpus / "old.md").write_bytes("Rīga".encode("windows-1257"))
    places = ("--corpus", corpus, "--index", tmp_path / "index")
    refused = run("build", *places)
    assert refused.exit_code == 1
    assert "old.md: byte 1 is not UTF-8" in refused.stderr
    assert "--skip-unreadable" in refused.stderr
    accepted = run("build", *places, "--skip-unreadable")
    assert accepted.exit_code == 0
    assert "left out: old.md" in accepted.stderr
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
