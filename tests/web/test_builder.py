import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from toys import write_files

from qa_service.builds import Record, latest, read
from qa_service.settings import load_settings
from qa_service.snapshot import current_id
from qa_service.web.builder import Builder


def ended(index_dir: Path, record: Record) -> Record:
    deadline = time.monotonic() + 300  # on a very busy machine
    while not (now := read(index_dir, record.id)).message:
        assert time.monotonic() < deadline, now
        time.sleep(0.05)
    return now


def test_it_builds_as_the_command_line_does_and_leaves_out_what_cannot_be_read(
    tmp_path: Path,
) -> None:
    write_files(tmp_path / "corpus", {"a.md": "The comet was seen in 1919.", "b.md": b"\xff"})
    index_dir = tmp_path / "index"
    builder = Builder.of(load_settings(corpus_dir=tmp_path / "corpus", index_dir=index_dir))
    started = builder.start()
    assert started.state == "waiting"
    record = ended(index_dir, started)
    assert (record.state, record.snapshot) == ("published", current_id(index_dir))
    assert [line.split(":")[0] for line in record.report] == ["b.md"]
    (tmp_path / "corpus" / "a.md").unlink()
    record = ended(index_dir, builder.start())
    assert record.state == "failed"
    assert "holds no document that can be read" in str(record.message)


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "import os; os.kill(os.getpid(), 9)"])
def test_a_process_that_does_not_come_to_build_has_failed(tmp_path: Path, code: str) -> None:
    record = ended(tmp_path, Builder(tmp_path, [sys.executable, "-c", code]).start())
    assert record.state == "failed"
    assert "killed or could not start" in str(record.message)


def test_what_cannot_be_started_has_failed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Builder(tmp_path, [str(tmp_path / "nothing")]).start()
    assert [record.state for record in latest(tmp_path, 5)] == ["failed"]


def test_threads_that_ask_together_get_one_build(tmp_path: Path) -> None:
    builder = Builder(tmp_path, [sys.executable, "-c", "import time; time.sleep(3)"])
    found: list[str] = []
    threads = [Thread(target=lambda: found.append(builder.start().id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 8
