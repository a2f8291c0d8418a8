from pathlib import Path

from cli.command_line import LIT, run, told


def _saved(index: Path, folder: Path) -> Path:
    reply = folder / "reply.json"
    reply.write_text(run("ask", LIT, "--json", "--index", index).stdout, encoding="utf-8")
    return reply


def test_a_saved_reply_is_verified(index: Path, tmp_path: Path) -> None:
    result = run("verify", _saved(index, tmp_path), "--index", index)
    assert result.exit_code == 0
    assert "verified: '13 June 1884' /documents/lighthouse#char=" in result.stdout
    as_json = run("verify", _saved(index, tmp_path), "--json", "--index", index)
    assert '"status": "verified"' in as_json.stdout


def test_a_citation_of_another_collection_is_gone(index: Path, tmp_path: Path) -> None:
    reply = _saved(index, tmp_path)
    corpus = tmp_path / "other"
    corpus.mkdir()
    (corpus / "other.md").write_text("# Other\n\nNothing of this kind.\n", encoding="utf-8")
    other = tmp_path / "other_index"
    assert run("build", "--corpus", corpus, "--index", other).exit_code == 0
    result = run("verify", reply, "--index", other)
    assert result.exit_code == 1
    assert result.stdout.startswith("gone: '13 June 1884'")


def test_what_is_no_reply_is_named(index: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"answers": 3}', encoding="utf-8")
    result = run("verify", tmp_path / "x.json", "--index", index)
    assert result.exit_code == 1
    assert "x.json' is no saved reply (answers: " in told(result)
    assert run("verify", tmp_path / "absent.json", "--index", index).exit_code == 1


def test_the_benchmark_prints_times_with_their_conditions(index: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        '{"id": "1", "question": "When was it lit?", "question_lang": "en", "doc": null, '
        '"answers": [], "kind": "unanswerable"}\n'
    )
    result = run("benchmark", rows, "--repeat", "3", "--index", index)
    assert result.exit_code == 0
    for shown in ("encode one question", "read 8 passages", "passages encoded a second", "cores:"):
        assert shown in result.stdout
