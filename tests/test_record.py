import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from toy_rows import EVIDENCE, toy_conditions, toy_outcome, toy_record, toy_report

from qa_service.errors import RowError
from qa_service.record import Comparison, Quoted, Record, Told, load_record, rows_sha256
from qa_service.schema import Question, Turn
from qa_service.stores.local import LocalStore


def save(record: Record, path: Path) -> Path:
    path.write_text(record.to_json(), encoding="utf-8")
    return path


def test_a_record_tells_what_became_of_a_row() -> None:
    question = Question("When?", (Turn("Where?", "here"),))
    record = toy_record(toy_outcome("1846", 0.4, rank=2, question=question, type="date"))
    assert record.rows == (
        Told(
            id="q",
            question="When?",
            history=(Turn("Where?", "here"),),
            language="en",
            direction="follow-up",
            kind="same-language",
            style="",
            type="date",
            expected=("1846",),
            evidence=EVIDENCE,
            document_id="baku",
            document_language="en",
            quoted=Quoted("1846", 0.4, "So: 1846.", 4, 8, "baku", "Baku", "en", "Oil", None),
            verdict="refused wrongly",
            cited_right=False,
            rank=3,
            ms=10.0,
        ),
    )


def test_nothing_found_is_told_as_nothing() -> None:
    [row] = toy_record(toy_outcome("", accepted=(), rank=None)).rows
    assert (row.quoted, row.rank, row.document_id, row.good) == (None, None, None, True)


def test_misses_are_what_was_not_done_right() -> None:
    record = toy_record(
        toy_outcome(id="right"),
        toy_outcome("1847", id="wrong"),
        toy_outcome("1846", 0.1, id="withheld"),
        toy_outcome(id="invented", accepted=()),
        toy_outcome("", id="abstained", accepted=()),
    )
    assert [row.id for row in record.misses] == ["wrong", "withheld", "invented"]


def test_what_is_saved_is_what_is_read(toy_store: LocalStore, tmp_path: Path) -> None:
    record = Record.of(toy_report(toy_store), toy_conditions(rows_file="Ģ\u2028.jsonl"))
    assert load_record(save(record, tmp_path / "saved.json")) == record
    fields = json.loads(record.to_json())
    assert list(fields) == [
        "schema",
        "conditions",
        "whole",
        "figures",
        "slices",
        "curve",
        "bins",
        "rows",
    ]
    assert (fields["schema"], len(fields["curve"]), len(fields["rows"])) == (1, 6, 7)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        (b"", "is no saved evaluation"),
        (b"\xff\xfe", "is no saved evaluation"),
        (b"[]", "is no saved evaluation"),
        (b"null", "is no saved evaluation"),
        (b'{"id": "q1", "question": "Who?"}\n', "is no saved evaluation (KeyError: 'schema')"),
        (b'{"schema": 1}', "is no saved evaluation (conditions: "),
        (b'{"schema": 2}', "was saved in form 2, but this version reads form 1"),
        (b'{"schema": "x"}', "was saved in form 'x'"),
        (b"[" * 100_000, "is no saved evaluation"),
    ],
)
def test_a_file_that_holds_no_record_is_named(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "saved.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RowError) as raised:
        load_record(path)
    assert str(path) in str(raised.value)
    assert told in str(raised.value)


def test_a_damaged_record_is_named_with_the_place(tmp_path: Path) -> None:
    path = save(toy_record(toy_outcome()), tmp_path / "saved.json")
    whole = path.read_text()
    path.write_text(whole[:-20])
    with pytest.raises(RowError, match="is no saved evaluation"):
        load_record(path)
    path.write_text(whole.replace('"verdict": "right"', '"verdict": "fine"'))
    with pytest.raises(RowError, match=r"rows\.0\.verdict"):
        load_record(path)


def test_rows_are_known_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"{}\n")
    assert rows_sha256(path) == sha256(b"{}\n").hexdigest()


def test_two_evaluations_are_set_side_by_side() -> None:
    earlier = toy_record(
        toy_outcome("1847", id="mended"),
        toy_outcome("1846", id="broken"),
        toy_outcome("1846", id="kept"),
        toy_outcome("1846", id="asked otherwise", question=Question("Then?")),
        toy_outcome("1846", id="gone", language="lv"),
    )
    later = toy_record(
        toy_outcome("1846", id="mended"),
        toy_outcome("1846", 0.1, id="broken"),
        toy_outcome("in 1846", id="kept"),
        toy_outcome("1847", id="asked otherwise"),
        toy_outcome("1847", id="new", type="date"),
    )
    found = Comparison(earlier, later)
    assert [after.id for _, after in found.newly_right] == ["mended"]
    [(before, after)] = found.newly_wrong
    assert (before.id, before.verdict, after.verdict) == ("broken", "right", "refused wrongly")
    sides = [(after.name, before.exact, after.exact) for before, after in found.figures]
    assert sides == [
        ("en->en", 3 / 4, 1 / 5),
        ("all answerable", 4 / 5, 1 / 5),
        ("same-language", 4 / 5, 1 / 5),
    ]
    assert found.same_rows
    other = replace(later, conditions=toy_conditions(rows_sha256="4567"))
    assert not Comparison(earlier, other).same_rows
