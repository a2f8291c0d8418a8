"""What holds for every command."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from cli.command_line import run, told
from qa_service import __version__
from qa_service.cli import app

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")


def commands(group: typer.Typer, *before: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The words of each command, and what is said of it."""
    for command in group.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        yield (*before, name), str(command.callback.__doc__)
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from commands(inner.typer_instance, *before, str(inner.name))


COMMANDS = dict(commands(app))


def test_these_are_all() -> None:
    names = "build serve ask verify doctor evaluate calibrate benchmark version"
    own = [(name,) for name in names.split()]
    of_index = [("index", "list"), ("index", "rollback"), ("index", "prune")]
    assert [*COMMANDS] == [*own, *of_index, ("feedback", "export")]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert COMMANDS[command].splitlines()[0].rstrip(".") in shown
    assert f"qa-service {' '.join(command)}" in shown or f"{' '.join(command)} [OPTIONS]" in shown


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_is_documented(command: tuple[str, ...]) -> None:
    assert f"qa-service {' '.join(command)}" in README


def test_the_version_is_printed() -> None:
    assert run("version").stdout == f"{__version__}\n"


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
        (
            ["feedback", "export", "--index", "nowhere"],
            "no feedback file 'nowhere/feedback.sqlite'",
        ),
    ],
)
def test_bad_input_is_told_in_one_message(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # even a build that fails leaves a record of itself
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in told(result)
    assert "Traceback" not in result.output
