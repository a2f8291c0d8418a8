import os
import resource
from pathlib import Path

import pytest
from toys import write_files

from qa_service.corpus.keeping import discard, find, keep, sidecar_for
from qa_service.errors import CorpusError, DocumentError


def test_what_is_kept_is_found_and_discarded(tmp_path: Path) -> None:
    keep(tmp_path, "notes/a.txt", b"Text.", b"title: A")
    found = find(tmp_path, "notes/a.txt")
    assert found == tmp_path / "notes" / "a.txt"
    assert found.read_bytes() == b"Text."
    assert sorted(path.name for path in found.parent.iterdir()) == ["a.txt", "a.txt.yaml"]
    keep(tmp_path, "notes/a.txt", b"Other.", None)
    assert (found.read_bytes(), (tmp_path / "notes/a.txt.yaml").read_bytes()) == (
        b"Other.",
        b"title: A",
    )
    discard(tmp_path, "notes/a.txt")
    assert find(tmp_path, "notes/a.txt") is None
    assert list(found.parent.iterdir()) == []
    discard(tmp_path, "notes/a.txt")


def test_where_a_file_cannot_be_put_nothing_is_said_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(CorpusError, match="cannot be changed"):
        keep(tmp_path, "a.txt", b"Text.", b"title: A")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_where_there_is_no_room_for_both_nothing_is_changed(tmp_path: Path) -> None:
    keep(tmp_path, "a.txt", b"Text.", b"title: A")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(CorpusError, match="File too large"):
            keep(tmp_path, "a.txt", b"x" * 101, b"title: B")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert files == {"a.txt": b"Text.", "a.txt.yaml": b"title: A"}


@pytest.mark.parametrize("source", ["", "..", "../a.txt", "/etc/passwd", "a/../../b.txt", "out/a"])
def test_nothing_outside_the_folder_is_touched(tmp_path: Path, source: str) -> None:
    folder, outside = tmp_path / "corpus", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "out").symlink_to(outside)
    with pytest.raises(DocumentError, match="leads out of the corpus"):
        keep(folder, source, b"x", None)
    with pytest.raises(DocumentError, match="leads out of the corpus"):
        discard(folder, source)
    assert find(folder, source) is None
    assert list(outside.iterdir()) == []


def test_a_link_is_replaced_and_removed_itself(tmp_path: Path) -> None:
    write_files(tmp_path, {"outside.txt": "outside", "corpus/b.txt": "b"})
    folder = tmp_path / "corpus"
    for name in ("a.txt", "b.txt.yaml"):
        (folder / name).symlink_to(tmp_path / "outside.txt")
    assert find(folder, "a.txt") is None
    assert sidecar_for(folder, "b.txt", "", "") is None
    keep(folder, "a.txt", b"inside", None)
    discard(folder, "b.txt")
    assert (tmp_path / "outside.txt").read_text() == "outside"
    assert [path.name for path in folder.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    ("present", "title", "language", "sidecar"),
    [
        (None, "", "", None),
        (None, "Gads: 1919", "", "title: 'Gads: 1919'\n"),
        (None, "Ā", "lv", "title: Ā\nlanguage: lv\n"),
        ("title: Old\nid: a", "", "", "title: Old\nid: a\n"),
        ("title: Old\nid: a", "New", "lv", "title: New\nid: a\nlanguage: lv\n"),
        ("", "", "", "{}\n"),
    ],
)
def test_what_is_said_of_a_file_is_changed_and_the_rest_stays(
    tmp_path: Path, present: str | None, title: str, language: str, sidecar: str | None
) -> None:
    if present is not None:
        write_files(tmp_path, {"a.txt.yaml": present})
    made = sidecar_for(tmp_path, "a.txt", title, language)
    assert made == (None if sidecar is None else sidecar.encode())


@pytest.mark.parametrize("present", ["- a\n", "a: [", "x" * 200_001])
def test_a_sidecar_that_cannot_be_read_is_named(tmp_path: Path, present: str) -> None:
    write_files(tmp_path, {"a.txt.yaml": present})
    with pytest.raises(DocumentError, match=r"its sidecar a\.txt\.yaml"):
        sidecar_for(tmp_path, "a.txt", "Title", "")


def test_drafts_that_were_left_are_removed_and_new_ones_are_not(tmp_path: Path) -> None:
    write_files(tmp_path, {".upload-old": "x", ".upload-new": "x", ".hidden": "x"})
    os.utime(tmp_path / ".upload-old", (0, 0))
    os.utime(tmp_path / ".hidden", (0, 0))
    keep(tmp_path, "a.txt", b"Text.", None)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".hidden", ".upload-new", "a.txt"]


def test_what_cannot_be_written_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(CorpusError, match="cannot be changed"):
        keep(tmp_path, "a.txt", b"x", None)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
