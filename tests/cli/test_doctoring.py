import json
from pathlib import Path

import pytest

from cli.command_line import run
from qa_service.snapshot import current_id


def test_a_sound_installation_has_nothing_to_mend(corpus: Path, index: Path) -> None:
    result = run("doctor", "--corpus", corpus, "--index", index)
    assert (result.stdout, result.exit_code) == ("Nothing to mend.\n", 0)


def test_warnings_are_told_and_let_scripts_go_on(corpus: Path, index: Path) -> None:
    (corpus / "new.md").write_text("A new text of more than ten words is here to be read.\n")
    result = run("doctor", "--corpus", corpus, "--index", index)
    assert result.stdout == "warning: Not in the index yet: new. Run `qa-service build`.\n"
    assert result.exit_code == 0


def test_errors_stop_scripts(corpus: Path, index: Path) -> None:
    (corpus / "bad.md").write_bytes(b"\xff")
    (index / str(current_id(index)) / "texts.sqlite").write_bytes(b"x")
    result = run("doctor", "--corpus", corpus, "--index", index, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["errors"], told["warnings"]) == (2, 0)
    damaged, bad = told["findings"]
    assert (damaged["about"], damaged["severity"]) == ("index", "error")
    assert "texts.sqlite' is damaged" in damaged["message"]
    assert bad["message"].startswith("bad.md: byte 0 is not UTF-8")


def test_settings_and_weights_are_checked(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_READER", "/nowhere/reader")
    monkeypatch.setenv("QA_ENCODER", "/nowhere/encoder")
    result = run("doctor", "--corpus", corpus, "--index", index)
    assert result.exit_code == 1
    assert [line.split("(")[0] for line in result.stdout.splitlines()][:2] == [
        "error: The encoder '/nowhere/encoder' cannot be loaded ",
        "error: The reader '/nowhere/reader' cannot be loaded ",
    ]
    monkeypatch.setenv("QA_PORT", "http")
    result = run("doctor", "--corpus", corpus, "--index", index, "--json")
    assert [f["about"] for f in json.loads(result.stdout)["findings"]] == ["settings"]
