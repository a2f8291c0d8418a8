import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from toy_snapshots import toy_snapshot
from toys import ToyEncoder, write_files

from qa_service.deletions import delete, deleted, forget, visible
from qa_service.errors import DamagedSnapshotError, UnknownDocumentError
from qa_service.indexing import Build, build
from qa_service.snapshot import Snapshot, id_at, new_folder, publish
from qa_service.stores.local import LocalStore


def published(index_dir: Path) -> Snapshot:
    snapshot = toy_snapshot(index_dir)
    publish(index_dir, snapshot, keep=9)
    return snapshot


def hidden(snapshot: Snapshot) -> set[str]:
    return set(deleted(snapshot.folder.parent, snapshot.manifest.id))


def test_nothing_is_deleted_at_first(tmp_path: Path) -> None:
    assert hidden(published(tmp_path)) == set()


def test_it_is_gone_from_what_was_built_before_and_not_from_what_is_built_later(
    tmp_path: Path,
) -> None:
    first, second = published(tmp_path), published(tmp_path)
    delete(tmp_path, "gendžē")
    third = published(tmp_path)
    delete(tmp_path, "baku")
    assert hidden(first) == hidden(second) == {"gendžē", "baku"}
    assert hidden(third) == {"baku"}


def test_a_build_that_runs_may_have_read_it_before(tmp_path: Path) -> None:
    published(tmp_path)
    running = new_folder(tmp_path)
    delete(tmp_path, "baku")
    assert deleted(tmp_path, running.name) == {"baku"}


def test_a_clock_that_was_set_back_changes_nothing(tmp_path: Path) -> None:
    ahead = tmp_path / id_at(datetime.now(UTC) + timedelta(hours=1))
    ahead.mkdir()
    delete(tmp_path, "baku")
    assert deleted(tmp_path, ahead.name) == {"baku"}


def test_what_no_snapshot_can_hold_is_forgotten_after_a_day(tmp_path: Path) -> None:
    old = published(tmp_path)
    delete(tmp_path, "new")
    path = tmp_path / "deleted.json"
    ages = {"older": timedelta(days=3), "recent": timedelta(hours=3)}
    known = {name: id_at(datetime.now(UTC) - age) for name, age in ages.items()}
    path.write_text(json.dumps({**json.loads(path.read_text()), **known}))
    forget(tmp_path)
    assert set(json.loads(path.read_text())) == {"new", "recent"}
    assert hidden(old) == {"new"}


def test_what_a_kept_snapshot_may_hold_is_not_forgotten(tmp_path: Path) -> None:
    kept = toy_snapshot(tmp_path)
    old = kept.folder.rename(tmp_path / id_at(datetime.now(UTC) - timedelta(days=9)))
    (old / "published").touch()
    path = tmp_path / "deleted.json"
    path.write_text(json.dumps({"baku": id_at(datetime.now(UTC) - timedelta(days=8))}))
    forget(tmp_path)
    assert deleted(tmp_path, old.name) == {"baku"}


@pytest.mark.parametrize("content", ["", "[1]", "3", "{", "null"])
def test_a_damaged_list_is_told_rather_than_passed_over(tmp_path: Path, content: str) -> None:
    snapshot = published(tmp_path)
    (tmp_path / "deleted.json").write_text(content)
    with pytest.raises(DamagedSnapshotError, match=r"deleted\.json"):
        hidden(snapshot)


def test_a_document_put_back_unchanged_is_built_again(
    tmp_path: Path, toy_build: Build, toy_corpus: Path
) -> None:
    delete(tmp_path / "index", "ganja")
    again = build(toy_corpus, tmp_path / "index", ToyEncoder())
    assert (again.unchanged, again.encoded) == (False, 0)
    assert hidden(again.snapshot) == set()


def test_the_store_of_a_snapshot_is_seen_without_it(tmp_path: Path, toy_build: Build) -> None:
    folder = toy_build.snapshot.folder
    store = LocalStore(folder)
    assert visible(store, folder.parent, folder.name) is store
    delete(tmp_path / "index", "ganja")
    seen = visible(store, folder.parent, folder.name)
    assert [summary.id for summary in seen.documents()] == ["baku", "gendze"]
    with pytest.raises(UnknownDocumentError, match="'ganja' was deleted"):
        seen.document("ganja")
    seen.close()


def test_a_rebuild_without_it_forgets_nothing_that_is_still_needed(
    tmp_path: Path, toy_build: Build, toy_corpus: Path
) -> None:
    (toy_corpus / "ganja.md").unlink()
    delete(tmp_path / "index", "ganja")
    write_files(toy_corpus, {"new.md": "New."})
    again = build(toy_corpus, tmp_path / "index", ToyEncoder())
    assert hidden(again.snapshot) == set()
    assert hidden(toy_build.snapshot) == {"ganja"}
