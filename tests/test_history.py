from pathlib import Path

import pytest
from toy_snapshots import toy_snapshot
from toys import write_files

from qa_service.errors import (
    BuildRunningError,
    DamagedSnapshotError,
    MismatchError,
    NoSnapshotError,
    SnapshotError,
)
from qa_service.history import entries, prune, rollback
from qa_service.snapshot import (
    Snapshot,
    build_lock,
    current_id,
    new_folder,
    open_current,
    publish,
)


def published(index_dir: Path, count: int) -> list[Snapshot]:
    """So many Snapshots, oldest first, the last one served."""
    made = []
    for _ in range(count):
        made.append(toy_snapshot(index_dir))
        publish(index_dir, made[-1], keep=99)
    return made


def ids(*snapshots: Snapshot) -> list[str]:
    return [snapshot.manifest.id for snapshot in snapshots]


def folders(index_dir: Path) -> list[str]:
    return sorted(path.name for path in index_dir.iterdir() if path.is_dir())


def states(index_dir: Path) -> list[tuple[str, str]]:
    return [(entry.id, entry.state) for entry in entries(index_dir)]


def test_the_list_is_newest_first_with_what_each_is(tmp_path: Path) -> None:
    one, two, three = published(tmp_path, 3)
    rollback(tmp_path)
    left = toy_snapshot(tmp_path)
    assert states(tmp_path) == [
        (left.manifest.id, "never published"),
        (three.manifest.id, "published"),
        (two.manifest.id, "served"),
        (one.manifest.id, "published"),
    ]
    listed = entries(tmp_path)[2]
    assert listed.manifest == two.manifest
    assert listed.size == sum(p.stat().st_size for p in two.folder.rglob("*") if p.is_file()) > 3


def test_what_cannot_be_read_is_still_listed(tmp_path: Path) -> None:
    one, two = published(tmp_path, 2)
    write_files(one.folder, {"manifest.json": "{"})
    unfinished = new_folder(tmp_path)
    assert states(tmp_path) == [
        (unfinished.name, "never published"),
        (two.manifest.id, "served"),
        (one.manifest.id, "unreadable"),
    ]
    assert [entry.manifest for entry in entries(tmp_path)] == [None, two.manifest, None]


def test_nothing_built_says_what_to_run_and_makes_nothing(tmp_path: Path) -> None:
    absent = tmp_path / "absent"
    for step in (entries, rollback, lambda index_dir: prune(index_dir, 1)):
        with pytest.raises(NoSnapshotError, match="qa-service build"):
            step(absent)
    assert not absent.exists()
    with pytest.raises(NoSnapshotError, match="qa-service build"):
        rollback(tmp_path)  # there, but empty


def test_rolling_back_serves_the_one_before_step_by_step(tmp_path: Path) -> None:
    one, two, three = published(tmp_path, 3)
    assert rollback(tmp_path) == two == open_current(tmp_path)
    assert rollback(tmp_path) == one == open_current(tmp_path)
    with pytest.raises(SnapshotError, match="is the oldest one") as raised:
        rollback(tmp_path)
    for other in ids(two, three):
        assert other in str(raised.value)
    assert current_id(tmp_path) == one.manifest.id
    assert rollback(tmp_path, three.manifest.id) == three == open_current(tmp_path)
    assert folders(tmp_path) == ids(one, two, three)


def test_one_snapshot_alone_cannot_be_rolled_back_from(tmp_path: Path) -> None:
    (one,) = published(tmp_path, 1)
    toy_snapshot(tmp_path)
    for wanted in (None, one.manifest.id, "20200101T000000000000Z"):
        with pytest.raises(SnapshotError, match=f"{one.manifest.id} is the only Snapshot"):
            rollback(tmp_path, wanted)


@pytest.mark.parametrize(
    "wanted", ["20200101T000000000000Z", "", ".", "..", "../index", "README.md"]
)
def test_an_unknown_id_is_told_with_those_there_are(tmp_path: Path, wanted: str) -> None:
    index_dir = tmp_path / "index"
    one, two, three = published(index_dir, 3)
    write_files(index_dir, {"README.md": "x"})
    with pytest.raises(SnapshotError, match="does not exist") as raised:
        rollback(index_dir, wanted)
    assert f"{wanted!r} does not exist" in str(raised.value)
    assert str(raised.value).endswith(f"The others are {', '.join(ids(one, two))}.")
    assert open_current(index_dir) == three


def test_the_one_served_is_no_way_back(tmp_path: Path) -> None:
    one, two = published(tmp_path, 2)
    with pytest.raises(SnapshotError, match="is the one served") as raised:
        rollback(tmp_path, two.manifest.id)
    assert one.manifest.id in str(raised.value)


def test_what_was_never_published_is_not_served_by_mistake(tmp_path: Path) -> None:
    one, two = published(tmp_path, 2)
    left = toy_snapshot(tmp_path)  # whole, newer than what is served
    assert open_current(tmp_path) == two
    with pytest.raises(SnapshotError, match="was never published"):
        rollback(tmp_path, left.manifest.id)
    assert rollback(tmp_path) == one


def test_a_damaged_one_is_refused_and_the_served_stays(tmp_path: Path) -> None:
    one, two, three = published(tmp_path, 3)
    (two.folder / "dir" / "b.txt").write_text("tixt")
    for wanted in (None, two.manifest.id):
        with pytest.raises(DamagedSnapshotError, match=r"b\.txt"):
            rollback(tmp_path, wanted)
        assert open_current(tmp_path) == three
    assert rollback(tmp_path, one.manifest.id) == one


def test_another_encoders_is_refused(tmp_path: Path) -> None:
    published(tmp_path, 1)
    other = toy_snapshot(tmp_path, encoder="other", encoder_fingerprint="fedcba9876543210")
    publish(tmp_path, other, keep=9)
    with pytest.raises(MismatchError, match="QA_ENCODER"):
        rollback(tmp_path, encoder_fingerprint="fedcba9876543210")
    assert open_current(tmp_path) == other


def test_a_served_folder_that_is_gone_can_be_rolled_back_from(tmp_path: Path) -> None:
    one, two = published(tmp_path, 2)
    two.folder.rename(tmp_path / "elsewhere")
    assert rollback(tmp_path, one.manifest.id) == one


def test_nothing_is_written_while_a_build_runs(tmp_path: Path) -> None:
    _, two, three = published(tmp_path, 3)
    with build_lock(tmp_path):
        with pytest.raises(BuildRunningError):
            rollback(tmp_path)
        with pytest.raises(BuildRunningError):
            prune(tmp_path, 1)
        assert len(entries(tmp_path)) == 3
    assert open_current(tmp_path) == three
    assert rollback(tmp_path) == two


def test_pruning_keeps_the_newest_and_the_served(tmp_path: Path) -> None:
    one, two, three, four, five = published(tmp_path, 5)
    rollback(tmp_path, two.manifest.id)
    assert prune(tmp_path, 2) == ids(one, three)
    assert folders(tmp_path) == ids(two, four, five)
    assert prune(tmp_path, 2) == []
    assert prune(tmp_path, 1) == ids(four)
    assert open_current(tmp_path) == two


def test_the_served_is_one_of_the_newest_kept(tmp_path: Path) -> None:
    made = published(tmp_path, 3)
    assert prune(tmp_path, 2) == ids(made[0])


def test_what_killed_builds_left_goes_and_does_not_count(tmp_path: Path) -> None:
    one, two = published(tmp_path, 2)
    left = toy_snapshot(tmp_path)
    write_files(tmp_path, {"photos/1.jpg": "mine", "site/manifest.json": "{}"})
    assert prune(tmp_path, 2) == ids(left)
    assert folders(tmp_path) == [*ids(one, two), "photos", "site"]
    unfinished = new_folder(tmp_path)
    assert prune(tmp_path, 2) == [unfinished.name]
    assert open_current(tmp_path) == two


def test_a_build_after_a_rollback_is_served_and_keeps_its_number(tmp_path: Path) -> None:
    one, two, three = published(tmp_path, 3)
    rollback(tmp_path, one.manifest.id)
    new = toy_snapshot(tmp_path)
    publish(tmp_path, new, keep=2)
    assert open_current(tmp_path) == new
    assert folders(tmp_path) == ids(three, new)
    assert not two.folder.exists()
