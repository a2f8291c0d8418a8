import json
from pathlib import Path

from toy_opinions import OPINIONS

from cli.command_line import run, told
from qa_service.feedback import FeedbackFile


def test_readers_opinions_are_written_as_rows(tmp_path: Path) -> None:
    file = FeedbackFile(tmp_path / "feedback.sqlite", kept=10)
    for opinion in OPINIONS:
        file.add(opinion)
    out = tmp_path / "rows.jsonl"
    result = run("feedback", "export", "--index", tmp_path, "--out", out)
    assert result.exit_code == 0
    assert told(result) == "Wrote 4 rows."
    assert len([json.loads(line) for line in out.read_text().splitlines()]) == 4

    wrong = run("feedback", "export", "--index", tmp_path, "--wrong")
    assert [json.loads(line)["answers"] for line in wrong.stdout.splitlines()] == [None, None]
