import json
from pathlib import Path

import pytest

from cli.command_line import ANSWER, ENGLISH, LATVIAN, run


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
