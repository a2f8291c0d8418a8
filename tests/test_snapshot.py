import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from toy_snapshots import toy_snapshot
from toys import write_files

from qa_service import snapshot as snapshots
from qa_service.errors import (
    BuildRunningError,
    DamagedSnapshotError,
    MismatchError,
    NoSnapshotError,
)
from qa_service.indexing import Build
from qa_service.snapshot import (
    Snapshot,
    build_lock,
    current_id,
    new_folder,
    open_current,
    open_folder,
    publish,
    published_folders,
    remove,
    serve,
    unpublished_folders,
)


def test_a_published_snapshot_opens_as_it_was_sealed(tmp_path: Path) -> None:
    sealed = toy_snapshot(tmp_path)
    publish(tmp_path, sealed, keep=3)
    assert open_current(tmp_path) == sealed
    assert open_current(tmp_path, "0123456789abcdef") == sealed
    assert sealed.manifest.files.keys() == {"a.bin", "dir/b.txt"}


def test_nothing_built_says_what_to_run(tmp_path: Path) -> None:
    assert current_id(tmp_path) is None
    assert current_id(tmp_path / "absent") is None
    with pytest.raises(NoSnapshotError, match="qa-service build"):
        open_current(tmp_path)


def test_a_sealed_snapshot_is_not_served_before_it_is_published(tmp_path: Path) -> None:
    first = toy_snapshot(tmp_path)
    publish(tmp_path, first, keep=3)
    second = toy_snapshot(tmp_path)
    assert open_current(tmp_path) == first
    publish(tmp_path, second, keep=3)
    assert open_current(tmp_path) == second


def test_publishing_is_one_atomic_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`current` is read before and after everything that publishing does to the disk."""
    first = toy_snapshot(tmp_path)
    publish(tmp_path, first, keep=3)
    second = toy_snapshot(tmp_path)
    seen: list[str | None] = []

    def watched(step: Callable[..., object]) -> Callable[..., object]:
        def run(*args: object, **kwargs: object) -> object:
            seen.append(current_id(tmp_path))
            result = step(*args, **kwargs)
            seen.append(current_id(tmp_path))
            return result

        return run

    for owner, name in ((Path, "write_text"), (os, "fsync"), (Path, "replace")):
        monkeypatch.setattr(owner, name, watched(getattr(owner, name)))
    publish(tmp_path, second, keep=3)
    ids = [first.manifest.id, second.manifest.id]
    assert [ids.index(str(name)) for name in seen] == sorted(ids.index(str(name)) for name in seen)
    assert set(seen) == set(ids)


def test_a_draft_of_current_left_by_a_kill_changes_nothing(tmp_path: Path) -> None:
    first = toy_snapshot(tmp_path)
    publish(tmp_path, first, keep=3)
    write_files(tmp_path, {".current.new": "2099"})
    assert open_current(tmp_path) == first
    second = toy_snapshot(tmp_path)
    publish(tmp_path, second, keep=3)
    assert open_current(tmp_path) == second


BUILT_FILES = [
    "manifest.json",
    "texts.sqlite",
    "vectors.npy",
    "lexical/meta.json",
    "lexical/parts.json",
    "lexical/*.fast",
    "lexical/*.fieldnorm",
    "lexical/*.idx",
    "lexical/*.pos",
    "lexical/*.store",
    "lexical/*.term",
]


def test_the_damage_tests_cover_every_file(toy_build: Build) -> None:
    folder = toy_build.snapshot.folder
    covered = {path for pattern in BUILT_FILES for path in folder.glob(pattern)}
    there = {path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}
    there.remove(folder / "published")  # empty of meaning but for being there
    assert covered == there
    assert len(there) == len(toy_build.snapshot.manifest.files) + 1  # the manifest itself


@pytest.mark.parametrize("harm", ["missing", "cut", "emptied", "overwritten"])
@pytest.mark.parametrize("pattern", BUILT_FILES)
def test_any_damaged_file_is_named(
    tmp_path: Path, toy_build: Build, pattern: str, harm: str
) -> None:
    (path,) = toy_build.snapshot.folder.glob(pattern)
    content = path.read_bytes()
    path.unlink()
    if harm != "missing":
        harmed = {"cut": content[:-1], "emptied": b"", "overwritten": b"\xff" + content[1:]}
        path.write_bytes(harmed[harm])
    with pytest.raises(DamagedSnapshotError) as raised:
        open_current(tmp_path / "index")
    assert str(path) in str(raised.value)
    assert "qa-service build" in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        *("[]", "null", "{}", '"text"'),
        f'{{"format": {snapshots.FORMAT}}}',
        f'{{"format": {snapshots.FORMAT}, "files": null}}',
    ],
)
def test_what_is_no_manifest_is_damage(tmp_path: Path, content: str) -> None:
    sealed = toy_snapshot(tmp_path)
    publish(tmp_path, sealed, keep=3)
    (sealed.folder / "manifest.json").write_text(content)
    with pytest.raises(DamagedSnapshotError, match=r"manifest\.json"):
        open_current(tmp_path)


@pytest.mark.parametrize("files", [None, [1], 3])
def test_a_manifest_without_hashes_is_damage(tmp_path: Path, files: object) -> None:
    sealed = toy_snapshot(tmp_path)
    publish(tmp_path, sealed, keep=3)
    manifest = sealed.folder / "manifest.json"
    fields = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**fields, "files": files}))
    with pytest.raises(DamagedSnapshotError, match=r"manifest\.json"):
        open_current(tmp_path)


@pytest.mark.parametrize("content", [b"20990101T000000000000Z\n", b"\xff\xfe", b"\0"])
def test_a_current_that_names_nothing_is_damage(tmp_path: Path, content: bytes) -> None:
    write_files(tmp_path, {"current": content})
    with pytest.raises(DamagedSnapshotError, match=r"manifest\.json"):
        open_current(tmp_path)


def test_another_format_is_a_mismatch(tmp_path: Path) -> None:
    sealed = toy_snapshot(tmp_path)
    publish(tmp_path, sealed, keep=3)
    manifest = sealed.folder / "manifest.json"
    fields = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**fields, "format": 99, "more": True}))
    with pytest.raises(MismatchError, match=f"99, but .+ reads format {snapshots.FORMAT}"):
        open_current(tmp_path)


def test_another_encoder_is_a_mismatch_that_names_both(tmp_path: Path) -> None:
    publish(tmp_path, toy_snapshot(tmp_path), keep=3)
    with pytest.raises(MismatchError) as raised:
        open_current(tmp_path, "fedcba9876543210")
    for named in ("'toy'", "0123456789ab", "fedcba987654", "qa-service build", "QA_ENCODER"):
        assert named in str(raised.value)


def published(index_dir: Path, keep: int = 9) -> Snapshot:
    snapshot = toy_snapshot(index_dir)
    publish(index_dir, snapshot, keep)
    return snapshot


def test_the_newest_are_kept_and_the_published_among_them(tmp_path: Path) -> None:
    made = [published(tmp_path) for _ in range(4)]
    newest = published(tmp_path, keep=2)
    assert [snapshot.folder.exists() for snapshot in made] == [False, False, False, True]
    only = published(tmp_path, keep=1)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [only.manifest.id]
    assert not newest.folder.exists()


def test_an_earlier_one_served_again_changes_nothing_else(tmp_path: Path) -> None:
    first, second = published(tmp_path), published(tmp_path)
    when = (first.folder / "published").read_text()
    serve(tmp_path, first)
    assert open_current(tmp_path) == first
    assert (first.folder / "published").read_text() == when
    assert published_folders(tmp_path) == [first.folder, second.folder]
    third = published(tmp_path)
    assert open_current(tmp_path) == third
    assert published_folders(tmp_path) == [first.folder, second.folder, third.folder]


def test_whatever_is_served_counts_as_published(tmp_path: Path) -> None:
    snapshot = published(tmp_path)
    (snapshot.folder / "published").unlink()  # copied without it, say
    new_folder(tmp_path)
    assert published_folders(tmp_path) == [snapshot.folder]
    assert open_current(tmp_path) == snapshot


def test_a_removal_that_was_killed_leaves_nothing_that_seems_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _served = published(tmp_path), published(tmp_path)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    remove(old.folder)
    assert old.folder in unpublished_folders(tmp_path)
    monkeypatch.undo()
    new_folder(tmp_path)
    assert not old.folder.exists()


def test_any_snapshot_can_be_verified_in_its_folder(tmp_path: Path) -> None:
    first, second = published(tmp_path), published(tmp_path)
    assert [open_folder(s.folder) for s in (first, second)] == [first, second]
    (first.folder / "a.bin").write_bytes(b"\0")
    with pytest.raises(DamagedSnapshotError, match=r"a\.bin"):
        open_folder(first.folder)
    with pytest.raises(MismatchError, match="QA_ENCODER"):
        open_folder(second.folder, "fedcba9876543210")
    assert open_current(tmp_path) == second


def test_what_a_killed_build_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    sealed = published(tmp_path)
    left = new_folder(tmp_path)
    write_files(left, {"texts.sqlite": "half"})
    write_files(tmp_path, {"photos/1.jpg": "mine", "site/manifest.json": "{}", "README.md": "x"})
    whole = toy_snapshot(tmp_path)  # killed between its manifest and its publication
    assert not left.exists()
    assert unpublished_folders(tmp_path) == [whole.folder]
    fresh = new_folder(tmp_path)
    assert not whole.folder.exists()
    assert sorted(fresh.iterdir()) == []
    publish(tmp_path, sealed, keep=1)
    assert (tmp_path / "photos/1.jpg").exists()
    assert (tmp_path / "site/manifest.json").exists()
    assert (tmp_path / "README.md").exists()
    assert sealed.folder.exists()


def test_a_second_build_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    index_dir = tmp_path / "new" / "index"
    with build_lock(index_dir):
        with pytest.raises(BuildRunningError, match="Another build"), build_lock(index_dir):
            pytest.fail("two builds held the folder")
        assert snapshots.current_id(index_dir) is None
    with build_lock(index_dir):
        assert index_dir.is_dir()


def test_the_lock_is_freed_when_a_build_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="toy"), build_lock(tmp_path):
        raise ValueError("toy")
    with build_lock(tmp_path):
        assert tmp_path.is_dir()
