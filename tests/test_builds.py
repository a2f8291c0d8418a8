import json
import os
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL

import pytest

from qa_service.builds import Record, Recording, latest, read, recording, waiting
from qa_service.errors import QAError, UnknownBuildError


def test_a_record_tells_a_build_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    with recording(tmp_path) as made:
        build_id = made.record.id
        assert read(tmp_path, build_id) == Record(build_id)
        made.run()
        now = read(tmp_path, build_id)
        assert (now.state, now.started is not None, now.ended) == ("running", True, None)
        made.progress("reading", 1, 3)
        now = read(tmp_path, build_id)
        assert (now.stage, now.done, now.total) == ("reading", 1, 3)
        made.end("published", "Done.", ["a.md: holds no text."], "snapshot")
    ended = read(tmp_path, build_id)
    assert (ended.state, ended.stage, ended.message) == ("published", None, "Done.")
    assert (ended.report, ended.snapshot) == (("a.md: holds no text.",), "snapshot")
    assert ended.ended is not None
    assert [path.name for path in (tmp_path / "builds").iterdir()] == [f"{build_id}.json"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (QAError("The corpus is empty. Fill it."), "The corpus is empty. Fill it."),
        (RuntimeError("bang"), "RuntimeError: bang. The log has the details."),
        (KeyboardInterrupt(), "KeyboardInterrupt: . The log has the details."),
    ],
)
def test_what_is_raised_is_the_failure(tmp_path: Path, error: BaseException, told: str) -> None:
    with pytest.raises(type(error)), recording(tmp_path):
        raise error
    [failed] = latest(tmp_path, 1)
    assert (failed.state, failed.message) == ("failed", told)
    assert failed.ended


def test_a_record_let_go_of_before_its_end_is_of_a_killed_build(tmp_path: Path) -> None:
    made = Recording(tmp_path)
    made.run()
    made.close()
    killed = read(tmp_path, made.record.id)
    assert (killed.state, killed.stage) == ("failed", None)
    assert "killed" in str(killed.message)


_BUILD = """
import sys, time
from pathlib import Path
from qa_service.builds import Recording
made = Recording(Path(sys.argv[1]), sys.argv[2])
made.run()
print(flush=True)
time.sleep(600)
"""


def test_another_process_takes_a_record_over_and_its_death_is_seen(tmp_path: Path) -> None:
    begun = Recording(tmp_path)
    build_id, descriptor = begun.record.id, begun.descriptor
    assert descriptor is not None
    command = [sys.executable, "-c", _BUILD, str(tmp_path), build_id]
    with subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=[descriptor]) as process:
        begun.close()
        assert read(tmp_path, build_id).state in ("waiting", "running")  # it holds the lock
        assert process.stdout
        process.stdout.readline()
        assert read(tmp_path, build_id).state == "running"
        process.kill()
    assert process.returncode == -SIGKILL
    assert read(tmp_path, build_id).state == "failed"


def test_the_last_builds_come_newest_first_and_old_ones_go(tmp_path: Path) -> None:
    made = []
    for _ in range(23):
        with recording(tmp_path) as one:
            one.end("published", "Done.")
        made.append(one.record.id)
    assert [record.id for record in latest(tmp_path, 3)] == made[:-4:-1]
    assert [record.id for record in latest(tmp_path, 99)] == made[:2:-1]
    with pytest.raises(UnknownBuildError):
        read(tmp_path, made[0])
    assert latest(tmp_path / "nowhere", 3) == []


def test_what_waits_is_found_and_what_runs_is_not(tmp_path: Path) -> None:
    assert waiting(tmp_path) is None
    with recording(tmp_path) as made:
        assert waiting(tmp_path) == made.record
        made.run()
        assert waiting(tmp_path) is None
        made.end("published", "Done.")


@pytest.mark.parametrize("build_id", ["", "x", "../current", "20261130T000000000000Z", "\0"])
def test_an_unknown_build_is_named(tmp_path: Path, build_id: str) -> None:
    with pytest.raises(UnknownBuildError, match="GET /index"):
        read(tmp_path, build_id)


def test_progress_is_not_written_each_time(tmp_path: Path) -> None:
    with recording(tmp_path) as made:
        for done in range(100):
            made.progress("reading", done, 100)
        assert read(tmp_path, made.record.id).done < 99
        made.progress("checking", 1, 7)
        assert read(tmp_path, made.record.id).total == 7
        made.end("published", "Done.")
    assert (read(tmp_path, made.record.id).done, read(tmp_path, made.record.id).total) == (1, 7)


def test_names_that_are_no_text_and_long_reports_are_bounded(tmp_path: Path) -> None:
    with recording(tmp_path) as made:
        made.end("failed", os.fsdecode(b"\xff.md"), [os.fsdecode(b"\xfe")] * 150)
    record = read(tmp_path, made.record.id)
    assert record.message == "?.md"
    assert record.report[:2] == ("?", "?")
    assert record.report[100:] == ("50 more; the log of the build has them all.",)
    json.dumps(record.report).encode()


def test_a_record_that_cannot_be_written_stops_no_build(tmp_path: Path) -> None:
    with recording(tmp_path) as made:
        made.run()
        (tmp_path / "builds" / f"{made.record.id}.new").mkdir()  # nothing can be written there
        made.progress("reading", 1, 2)
        made.end("published", "Done.")
    assert read(tmp_path, made.record.id).state == "failed"
