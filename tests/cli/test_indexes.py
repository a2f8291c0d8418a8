import re
from pathlib import Path

import pytest
from toy_snapshots import toy_snapshot

from cli.command_line import ANSWER, LATVIAN, LIT, run, told
from qa_service.builds import latest
from qa_service.snapshot import build_lock, current_id, published_folders, unpublished_folders


def test_build_says_what_was_built_and_reuses_what_did_not_change(
    corpus: Path, tmp_path: Path
) -> None:
    first = run("build", "--corpus", corpus, "--index", tmp_path / "index")
    assert "2 documents, 2 passages (2 encoded, 0 reused)" in first.stderr
    (corpus / "tirgus.md").write_text(LATVIAN.replace("pieci", "5"), encoding="utf-8")
    second = run("build", "--corpus", corpus, "--index", tmp_path / "index")
    assert "2 documents, 2 passages (1 encoded, 1 reused)" in second.stderr
    third = run("build", "--corpus", corpus, "--index", tmp_path / "index")
    assert "Nothing changed: Snapshot" in third.stderr
    records = latest(tmp_path / "index", 3)
    assert [record.state for record in records] == ["unchanged", "published", "published"]
    assert records[0].snapshot == records[1].snapshot == current_id(tmp_path / "index")
    assert (records[1].done, records[1].total) == (2, 2)


def test_an_unreadable_file_stops_the_build_unless_it_is_left_out(
    corpus: Path, tmp_path: Path
) -> None:
    (corpus / "old.md").write_bytes("Rīga".encode("windows-1257"))
    places = ("--corpus", corpus, "--index", tmp_path / "index")
    refused = run("build", *places)
    assert refused.exit_code == 1
    assert "old.md: byte 1 is not UTF-8" in refused.stderr
    assert "--skip-unreadable" in refused.stderr
    [failed] = latest(tmp_path / "index", 1)
    assert failed.state == "failed"
    assert "old.md: byte 1 is not UTF-8" in str(failed.message)
    accepted = run("build", *places, "--skip-unreadable")
    assert accepted.exit_code == 0
    assert "left out: old.md" in accepted.stderr
    assert latest(tmp_path / "index", 1)[0].report[0].startswith("old.md: byte 1")
    assert "2 documents" in accepted.stderr


def test_the_gate_keeps_a_worse_corpus_from_being_served(
    index: Path, corpus: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_THRESHOLD", "0")  # how sure the weights are is not the matter here
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


@pytest.fixture
def two(index: Path, corpus: Path) -> list[str]:
    """The ids of two Snapshots, the earlier first; only the later one has five pavilions."""
    first = current_id(index)
    (corpus / "tirgus.md").write_text(LATVIAN.replace("pieci", "5"), encoding="utf-8")
    assert run("build", "--corpus", corpus, "--index", index).exit_code == 0
    return [str(first), str(current_id(index))]


def test_the_list_tells_each_snapshot_and_which_is_served(index: Path, two: list[str]) -> None:
    left = toy_snapshot(index)
    result = run("index", "list", "--index", index)
    assert result.exit_code == 0
    heading, *lines = (re.split(r" {2,}", line.strip()) for line in result.stdout.splitlines())
    assert heading == ["id", "created", "documents", "passages", "encoder", "MB", "state"]
    assert [(line[0], line[-1]) for line in lines] == [
        (left.manifest.id, "never published"),
        (two[1], "served"),
        (two[0], "published"),
    ]
    created, documents, passages, encoder, size = lines[1][1:-1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", created)
    assert (documents, passages, encoder) == ("2", "2", "encoder")
    assert 0 < float(size) < 10


def test_a_list_is_as_wide_as_it_must_be(tmp_path: Path) -> None:
    name = "an-encoder/with-a-name-as-long-as-those-of-the-hub-may-be-and-then-some-more-letters"
    left = toy_snapshot(tmp_path / "index", encoder=name, documents=1_234_567)
    [_heading, line] = run("index", "list", "--index", tmp_path / "index").stdout.splitlines()
    for shown in (left.manifest.id, name, "1,234,567", "never published"):
        assert shown in line


def test_rolling_back_changes_what_is_answered(index: Path, two: list[str]) -> None:
    question = ("ask", "Cik paviljonu ir Rīgas Centrāltirgū?", "--index", index, "--json")
    assert "Tirgū ir 5 paviljoni" in run(*question).stdout
    back = run("index", "rollback", "--index", index)
    assert back.exit_code == 0
    assert re.search(f"Serving Snapshot {two[0]} of .+: 2 documents, 2 passages", told(back))
    assert "Tirgū ir pieci paviljoni" in run(*question).stdout
    assert run("index", "rollback", two[1], "--index", index).exit_code == 0
    assert current_id(index) == two[1]


def test_what_cannot_be_rolled_back_to_is_told(index: Path, two: list[str]) -> None:
    unknown = run("index", "rollback", "yesterday", "--index", index)
    assert unknown.exit_code == 1
    assert f"'yesterday' does not exist. Roll back to another. The others are {two[0]}." in told(
        unknown
    )
    (index / two[0] / "vectors.npy").write_bytes(b"x")
    damaged = run("index", "rollback", "--index", index)
    assert damaged.exit_code == 1
    assert "vectors.npy' is damaged" in told(damaged)
    assert current_id(index) == two[1]


def test_pruning_says_what_it_removed(index: Path, two: list[str]) -> None:
    nothing = run("index", "prune", "--index", index)  # QA_SNAPSHOTS_KEPT is more than two
    assert told(nothing) == "There is nothing to remove."
    left = toy_snapshot(index)
    removed = run("index", "prune", "--keep", 1, "--index", index)
    assert told(removed) == f"Removed {two[0]}, {left.manifest.id}."
    assert [path.name for path in published_folders(index)] == [two[1]]
    assert unpublished_folders(index) == []
    assert "[13 June 1884]" in run("ask", LIT, "--index", index).stdout


def test_one_snapshot_alone_cannot_be_rolled_back_from(index: Path) -> None:
    result = run("index", "rollback", "--index", index)
    assert result.exit_code == 1
    assert f"{current_id(index)} is the only Snapshot" in told(result)


@pytest.mark.parametrize("command", ["list", "rollback", "prune"])
def test_an_index_that_is_not_there_is_told(tmp_path: Path, command: str) -> None:
    result = run("index", command, "--index", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "nowhere' yet. Run `qa-service build`" in told(result)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("command", ["rollback", "prune"])
def test_a_running_build_is_waited_for(index: Path, two: list[str], command: str) -> None:
    with build_lock(index):
        result = run("index", command, "--index", index)
    assert result.exit_code == 1
    assert "Another build is writing" in told(result)
    assert current_id(index) == two[1]
