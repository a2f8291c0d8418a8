"""The README is executed: its questions get the answers that it shows."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qa_service.cli import app
from qa_service.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
_TRANSCRIPT = re.compile(
    r"^\$ \.venv/bin/qa-service (ask \"(.+?)\")\n(.+?)(?=^\$ |^```)", re.M | re.S
)
TRANSCRIPTS = [(match[2], match[3]) for match in _TRANSCRIPT.finditer(README)]


@pytest.mark.parametrize(("question", "shown"), TRANSCRIPTS, ids=[q for q, _ in TRANSCRIPTS])
def test_a_question_of_the_readme_gets_the_answer_shown(
    question: str, shown: str, corpus_index: Path
) -> None:
    result = CliRunner().invoke(app, ["ask", question, "--index", str(corpus_index)])
    assert _lines(result.stdout) == _lines(shown)


def test_the_readme_shows_every_direction_and_an_abstention() -> None:
    directions = {
        ("lv" if re.search("[āčēģīķļņšūž]", question) else "en", language)
        for question, shown in TRANSCRIPTS
        for language in re.findall(r"^  -- .*, (en|lv)$", shown, re.M)[:1]
    }
    assert directions == {("en", "en"), ("lv", "lv"), ("en", "lv"), ("lv", "en")}
    assert any("hold no answer" in shown for _, shown in TRANSCRIPTS)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)\b", README))))
def test_a_make_target_of_the_readme_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.M)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_explained(name: str) -> None:
    description = Settings.model_fields[name].description
    assert re.search(
        rf"^\| `QA_{name.upper()}` \| .+ \| {re.escape(str(description))} \|$", README, re.M
    )


def _lines(text: str) -> list[str]:
    """The lines without the last digit of confidences, which processors round differently."""
    plain = re.sub(r"\((\d+)% sure\)", "(n% sure)", text)
    return [line.rstrip() for line in plain.strip().splitlines()]
