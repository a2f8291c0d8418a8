import asyncio
import logging
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from starlette.testclient import TestClient

from qa_service.deletions import delete
from qa_service.errors import DamagedSnapshotError, NoSnapshotError
from qa_service.settings import load_settings
from qa_service.snapshot import Snapshot, current_id
from qa_service.web.app import create_app
from web.toy_service import (
    TOY_ENGLISH,
    TOY_LATVIAN,
    ToyBlockingReader,
    toy_live,
    toy_snapshot,
)

QUESTION = {"question": 'Was it on "28 May 1918"?'}
NEWS = "# News\n\nThe newest news is here.\n"


def damaged(snapshot: Snapshot) -> Snapshot:
    with (snapshot.folder / "vectors.npy").open("ab") as file:
        file.write(b"!")
    return snapshot


def listed(client: TestClient) -> list[str]:
    return [document["id"] for document in client.get("/documents").json()["documents"]]


def wait_for_snapshot(client: TestClient, wanted: str) -> None:
    deadline = time.monotonic() + 20
    while client.get("/readyz").json()["snapshot"] != wanted:
        assert time.monotonic() < deadline, "the new Snapshot was not picked up"
        time.sleep(0.05)


def test_without_a_snapshot_there_is_no_pipeline(tmp_path: Path) -> None:
    live = toy_live(tmp_path)
    with pytest.raises(NoSnapshotError, match="qa-service build"):
        _ = live.pipeline
    with pytest.raises(NoSnapshotError, match="Nothing was built"):
        live.refresh()


def test_refreshing_opens_nothing_when_nothing_changed(tmp_path: Path) -> None:
    toy_snapshot(tmp_path, {"en.md": TOY_ENGLISH})
    live = toy_live(tmp_path / "index")
    live.refresh()
    pipeline = live.pipeline
    live.refresh()
    assert live.pipeline is pipeline


def test_the_server_picks_up_a_new_snapshot_by_itself(tmp_path: Path) -> None:
    toy_snapshot(tmp_path, {"en.md": TOY_ENGLISH})
    live = toy_live(tmp_path / "index")
    live.refresh()
    with TestClient(create_app(live, load_settings())) as client:
        assert listed(client) == ["toy-en"]
        newer = toy_snapshot(tmp_path, {"lv.md": TOY_LATVIAN})
        wait_for_snapshot(client, newer.manifest.id)
        assert listed(client) == ["toy-en", "toy-lv"]
        assert client.post("/ask", json=QUESTION).json()["snapshot"] == newer.manifest.id


def test_a_server_started_before_the_first_build_becomes_ready(tmp_path: Path) -> None:
    live = toy_live(tmp_path / "index")
    client = TestClient(create_app(live, load_settings()))
    assert client.get("/readyz").status_code == 503
    first = toy_snapshot(tmp_path, {"en.md": TOY_ENGLISH})
    live.refresh()
    assert client.get("/readyz").json()["snapshot"] == first.manifest.id


def test_a_damaged_snapshot_is_passed_over_and_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = toy_snapshot(tmp_path, {"en.md": TOY_ENGLISH})
    live = toy_live(tmp_path / "index")
    live.refresh()
    bad = damaged(toy_snapshot(tmp_path, {"news.md": NEWS}))
    assert current_id(tmp_path / "index") == bad.manifest.id

    async def follow_for_a_while() -> None:
        following = asyncio.create_task(live.follow(seconds=0.01))
        await asyncio.sleep(0.5)
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following

    with caplog.at_level(logging.ERROR):
        asyncio.run(follow_for_a_while())
    assert len(caplog.records) == 1
    assert "the old one serves on" in caplog.messages[0]
    assert "damaged" in caplog.text
    client = TestClient(create_app(live, load_settings()))
    assert client.get("/readyz").json()["snapshot"] == good.manifest.id
    assert client.post("/ask", json=QUESTION).json()["answered"] is True

    mended = toy_snapshot(tmp_path, {"news.md": NEWS})
    live.refresh()
    assert client.get("/readyz").json()["snapshot"] == mended.manifest.id


def test_a_damaged_snapshot_is_named_when_nothing_else_is_open(tmp_path: Path) -> None:
    damaged(toy_snapshot(tmp_path, {"en.md": TOY_ENGLISH}))
    with pytest.raises(DamagedSnapshotError, match=r"vectors\.npy"):
        toy_live(tmp_path / "index").refresh()


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_request_stays_with_the_snapshot_it_began_with(tmp_path: Path, accept: str) -> None:
    old = toy_snapshot(tmp_path, {"en.md": TOY_ENGLISH})
    reader = ToyBlockingReader()
    live = toy_live(tmp_path / "index", reader)
    live.refresh()
    replies: list[Any] = []
    with TestClient(create_app(live, load_settings())) as client:

        def ask() -> None:
            replies.append(client.post("/ask", json=QUESTION, headers={"Accept": accept}))

        running = Thread(target=ask)
        running.start()
        assert reader.began.wait(20)
        # The new Snapshot lacks the document, and the old one's files are gone.
        (tmp_path / "corpus" / "en.md").unlink()
        for number in range(3):
            newer = toy_snapshot(tmp_path, {"lv.md": TOY_LATVIAN + f"\nUn vēl {number}.\n"})
        assert not old.folder.exists()
        live.refresh()
        assert listed(client) == ["toy-lv"]
        reader.may_go_on.set()
        running.join(20)
        [reply] = replies
        assert f'"snapshot":"{old.manifest.id}"' in reply.text
        assert '"quotation":"28 May 1918"' in reply.text
        now = client.post("/ask", json=QUESTION).json()
        assert (now["snapshot"], now["answered"]) == (newer.manifest.id, False)


def test_what_was_deleted_is_gone_before_the_next_snapshot(tmp_path: Path) -> None:
    index_dir = toy_snapshot(tmp_path, {"en.md": TOY_ENGLISH, "lv.md": TOY_LATVIAN}).folder.parent
    live = toy_live(index_dir)
    live.refresh()
    client = TestClient(create_app(live, load_settings()))
    cited = client.post("/ask", json=QUESTION).json()["answers"][0]["citations"]
    delete(index_dir, "toy-en")  # as any other process may
    assert listed(client) == ["toy-lv"]
    assert client.get("/documents/toy-en").status_code == 404
    reply = client.post("/ask", json=QUESTION).json()
    assert not reply["answered"]
    assert {passage["document_id"] for passage in reply["passages"]} == {"toy-lv"}
    [verdict] = client.post("/verify", json={"citations": cited}).json()
    assert verdict["status"] == "gone"
    newer = toy_snapshot(tmp_path, {"news.md": NEWS})  # where the file was left in the corpus
    live.refresh()
    assert client.get("/readyz").json()["snapshot"] == newer.manifest.id
    assert listed(client) == ["news", "toy-en", "toy-lv"]


def test_a_request_under_way_ends_with_the_documents_it_began_with(tmp_path: Path) -> None:
    index_dir = toy_snapshot(tmp_path, {"en.md": TOY_ENGLISH, "lv.md": TOY_LATVIAN}).folder.parent
    reader = ToyBlockingReader()
    live = toy_live(index_dir, reader)
    live.refresh()
    replies: list[Any] = []
    with TestClient(create_app(live, load_settings())) as client:
        running = Thread(target=lambda: replies.append(client.post("/ask", json=QUESTION)))
        running.start()
        assert reader.began.wait(20)
        delete(index_dir, "toy-en")
        assert listed(client) == ["toy-lv"]
        reader.may_go_on.set()
        running.join(20)
    assert replies[0].json()["answers"][0]["text"] == "28 May 1918"
