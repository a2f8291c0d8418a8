import json
import re
from pathlib import Path

import pytest

from cli.command_line import ENGLISH, LIT, run, told
from qa_service.reader.calibration import load_calibration, read_calibration
from qa_service.record import load_record, rows_sha256
from qa_service.settings import WEIGHTS
from qa_service.snapshot import current_id
from qa_service.styles import STYLES


def test_evaluate_prints_a_table_by_direction(corpus: Path, rows: Path) -> None:
    result = run("evaluate", rows, "--corpus", corpus)
    # The passage in the question's own language comes first, the right one second.
    assert re.search(r"en->lv\s+1\s+0\.00\s+1\.00\s+1\.00\s+0\.50", result.stdout)
    for line in ("Area under risk-coverage", "Calibration error", "(p95)", "in 2 rows"):
        assert line in result.stdout


def test_an_evaluation_is_saved_shown_and_compared(index: Path, rows: Path, tmp_path: Path) -> None:
    saved, page = tmp_path / "saved.json", tmp_path / "page.html"
    first = run("evaluate", rows, "--index", index, "--save", saved, "--json")
    assert first.exit_code == 0
    assert json.loads(first.stdout) == json.loads(saved.read_text("utf-8"))
    record = load_record(saved)
    assert record.conditions.rows_file == "rows.jsonl"
    assert record.conditions.snapshot == current_id(index)
    assert [(line.name, line.rows, line.right_passage) for line in record.figures] == [
        ("en->lv", 1, 1.0),
        ("unanswerable", 1, None),
        ("all answerable", 1, 1.0),
    ]
    [opened, _none] = record.rows
    assert opened.quoted is not None
    assert (opened.id, opened.rank, opened.quoted.document_id) == ("opened", 2, "tirgus")
    again = run("evaluate", rows, "--index", index, "--against", saved, "--report", page)
    assert re.search(r"± en->lv\s+1\s+\+0\.00", again.stdout)
    assert "Newly wrong: none." in again.stdout
    assert "Against an earlier evaluation" in page.read_text("utf-8")


def test_questions_are_asked_again_as_people_type_them(index: Path, rows: Path) -> None:
    told_of = run("evaluate", rows, "--index", index, "--retype").stdout
    assert re.search(r"as asked\s+1\s", told_of)
    assert re.search(r"upper case\s+1\s", told_of)
    retyped = json.loads(run("evaluate", rows, "--index", index, "--retype", "--json").stdout)
    lines = [line["name"] for line in retyped["slices"] if line["by"] == "retyped"]
    assert lines == list(STYLES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--against", "nowhere.json"], "'nowhere.json' cannot be read"),
        (["--against", "ROWS"], "is no saved evaluation"),
        (["--save", "no/where.json"], "'no/where.json' cannot be written: make its folder first"),
        (["--report", "no/where.html"], "'no/where.html' cannot be written"),
    ],
)
def test_what_would_fail_after_minutes_is_told_at_once(
    rows: Path, options: list[str], message: str
) -> None:
    given = [str(rows) if option == "ROWS" else option for option in options]
    result = run("evaluate", rows, "--corpus", "absent", *given)
    assert result.exit_code == 1
    assert message in told(result)


@pytest.fixture
def many(rows: Path, tmp_path: Path) -> Path:
    """Twenty questions that are answered and twenty that nothing answers."""
    unanswerable = json.loads(rows.read_text("utf-8").splitlines()[1])
    start = ENGLISH.index("13 June 1884")
    answerable = {
        "question": LIT,
        "doc": "lighthouse",
        "answers": ["13 June 1884"],
        "answer_start": start,
        "kind": "same-language",
    }
    made = [
        {**unanswerable, **fields, "id": f"{n}"} for fields in (answerable, {}) for n in range(20)
    ]
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(map(json.dumps, made)), encoding="utf-8")
    return path


def test_the_confidence_is_fitted_on_ones_own_rows(
    index: Path, many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = (WEIGHTS / "reader" / "calibration.json").read_bytes()
    result = run("calibrate", many, "--index", index, "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    for line in (
        r"40 rows, 20 right candidates and 60 wrong ones\.",
        r"Area under risk-coverage; 0 is best +0\.\d{3} +0\.\d{3}",
        r"Calibration error +0\.\d{3} +0\.0\d\d",
        r"Wrong answers given +\d+ of 20 +0 of 20",
        r"Right answers withheld +\d+ of 20 +0 of 20",
    ):
        assert re.search(line, result.stdout)
    written = tmp_path / "calibration.json"
    assert f"Set QA_CALIBRATION={written} to use it." in result.stdout
    fitted = read_calibration(written)
    assert f"{fitted.threshold:.2f}" in result.stdout
    provenance = dict(fitted.provenance)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", provenance.pop("fitted"))
    models = [provenance.pop(name) for name in ("encoder", "reader")]
    assert provenance == {"file": "many.jsonl", "sha256": rows_sha256(many), "rows": 40}
    manifest = json.loads((index / str(current_id(index)) / "manifest.json").read_text())
    assert manifest["encoder_fingerprint"].startswith(models[0])
    assert len(models[1]) == 12
    assert (WEIGHTS / "reader" / "calibration.json").read_bytes() == shipped

    monkeypatch.setenv("QA_CALIBRATION", str(written))
    again = run("calibrate", many, "--index", index)
    assert "Before: it was fitted on these very rows" in again.stdout
    assert "A running server reads it" in again.stdout
    assert read_calibration(written).weights == fitted.weights


def test_a_readers_folder_is_where_it_goes_by_itself(
    corpus: Path, many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = tmp_path / "reader"
    reader.mkdir()
    for path in (WEIGHTS / "reader").iterdir():
        if path.name != "calibration.json":
            (reader / path.name).symlink_to(path)
    monkeypatch.setenv("QA_READER", str(reader))
    monkeypatch.setenv("QA_THRESHOLD", "0.25")
    result = run("calibrate", many, "--corpus", corpus)
    assert result.exit_code == 0, result.stderr
    assert load_calibration(reader).provenance["rows"] == 40
    assert re.search(r"Threshold +0\.25 +0\.\d\d", result.stdout)
    assert "QA_THRESHOLD is set: 0.25 goes on taking its place." in result.stdout


def test_a_calibration_may_be_the_first_at_its_place(
    corpus: Path, many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "own.json"
    monkeypatch.setenv("QA_CALIBRATION", str(place))
    result = run("calibrate", many, "--corpus", corpus)
    assert result.exit_code == 0, result.stderr
    assert f"Written to {place}.\nA running server" in result.stdout
    assert read_calibration(place).provenance["file"] == "many.jsonl"


def test_too_few_rows_are_refused(corpus: Path, rows: Path, tmp_path: Path) -> None:
    result = run("calibrate", rows, "--corpus", corpus, "--out", tmp_path)
    assert result.exit_code == 1
    assert re.search(r"1 are right and \d wrong, at least 20 of each are needed", told(result))
    assert not (tmp_path / "calibration.json").exists()


def test_rows_on_other_documents_are_refused(corpus: Path, many: Path, tmp_path: Path) -> None:
    (corpus / "lighthouse.md").unlink()
    result = run("calibrate", many, "--corpus", corpus, "--out", tmp_path)
    assert result.exit_code == 1
    assert "'lighthouse', which the index does not hold" in told(result)


@pytest.mark.parametrize(
    ("variable", "value", "options", "message"),
    [
        ("QA_READER", "someone/a-model", [], "Name a folder with --out, then set QA_CALIBRATION"),
        ("QA_CALIBRATION", "no/own.json", [], "to 'no/own.json'. Make the folder"),
        ("QA_CALIBRATION", "/", [], "cannot be written to '/'"),
        ("QA_PORT", "1", ["--out", "no/where"], "'no/where/calibration.json'. Make the folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_told_at_once(
    rows: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    options: list[str],
    message: str,
) -> None:
    monkeypatch.setenv(variable, value)
    result = run("calibrate", rows, "--corpus", "absent", *options)
    assert result.exit_code == 1
    assert message in told(result)
