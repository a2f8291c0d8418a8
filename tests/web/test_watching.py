import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from starlette.testclient import TestClient
from toys import write_files

from qa_service.builds import Record
from qa_service.web.app import create_app
from qa_service.web.builder import Builder
from qa_service.web.watching import watch
from web.living import Living

NEWS = "# News\n\nThe comet was seen.\n"


class ToyBuilder(Builder):
    """Counts the builds it is asked for, and fails where it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.started = 0
        self._failures = failures

    def start(self) -> Record:
        self.started += 1
        if self.started <= self._failures:
            raise OSError("no process can be started")
        return Record("toy")


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300  # on a very busy machine
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def watched(folder: Path, builder: Builder) -> Iterator[None]:
    """The folder is watched in a thread of its own."""
    over = Event()

    async def run() -> None:
        watching = asyncio.create_task(watch(folder, builder, retry_seconds=0.05))
        await asyncio.to_thread(over.wait)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching

    thread = Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(20)
        assert not thread.is_alive()


def until_watched(folder: Path, builder: ToyBuilder) -> int:
    """The builds started until changes were seen, and all of them."""
    until(lambda: builder.started == 1)
    while builder.started == 1:
        write_files(folder, {"probe.md": str(time.monotonic())})
        time.sleep(0.8)  # longer than it waits for quiet
    time.sleep(1)
    return builder.started


def test_it_builds_at_first_and_then_for_changes_that_come_together(tmp_path: Path) -> None:
    builder = ToyBuilder()
    with watched(tmp_path, builder):
        before = until_watched(tmp_path, builder)
        write_files(tmp_path, {f"{n}.md": NEWS for n in range(50)})
        until(lambda: builder.started > before)
        time.sleep(1)
        together = builder.started
        assert together - before < 5  # one, on a machine that is not very busy
        (tmp_path / "3.md").unlink()
        until(lambda: builder.started > together)


def test_what_no_build_reads_is_no_change(tmp_path: Path) -> None:
    builder = ToyBuilder()
    with watched(tmp_path, builder):
        before = until_watched(tmp_path, builder)
        write_files(tmp_path, {".upload-x": NEWS, ".git/index": "x"})
        time.sleep(1.5)
        assert builder.started == before


def test_what_fails_is_tried_again(tmp_path: Path) -> None:
    builder = ToyBuilder(failures=2)
    with watched(tmp_path, builder):
        until(lambda: builder.started == 3)


def test_a_folder_that_is_not_there_yet_is_watched_once_it_is(tmp_path: Path) -> None:
    builder = ToyBuilder()
    with watched(tmp_path / "later", builder):
        until(lambda: builder.started > 1)
        (tmp_path / "later").mkdir()
        time.sleep(0.5)
        before = builder.started
        until(
            lambda: bool(write_files(tmp_path, {"later/a.md": NEWS})) and builder.started > before
        )


def test_a_server_that_watches_answers_from_new_files_by_itself(tmp_path: Path) -> None:
    living = Living(tmp_path)
    app = create_app(living.live, living.settings, living.builder, watch=True)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        until(lambda: [b["state"] for b in client.get("/index").json()["builds"]] == ["unchanged"])
        write_files(living.corpus, {"news.md": NEWS})
        until(lambda: client.get("/documents/news").status_code == 200)
        (living.corpus / "news.md").unlink()
        until(lambda: client.get("/documents/news").status_code == 404)
