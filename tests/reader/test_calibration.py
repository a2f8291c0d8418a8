from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import toy_candidate

from qa_service.errors import ModelError
from qa_service.reader.calibration import (
    FEATURES,
    Asked,
    Calibration,
    features,
    load_calibration,
    read_calibration,
)
from qa_service.schema import Span
from qa_service.settings import WEIGHTS

ASKED = Asked("When was it?", "en")

scores = st.floats(allow_nan=False)
unit = st.floats(0, 1)


def confidence(calibration: Calibration, score: float, fused: float = 0.5) -> float:
    (candidate,) = calibration.calibrated([toy_candidate("text", score, fused)], ASKED)
    return candidate.confidence


@given(scores, scores, unit)
def test_the_shipped_confidence_never_falls_as_the_score_rises(
    one: float, other: float, fused: float
) -> None:
    calibration = load_calibration(WEIGHTS / "reader")
    low, high = sorted((one, other))
    assert 0 <= confidence(calibration, low, fused) <= confidence(calibration, high, fused) <= 1


@given(unit, unit)
def test_the_shipped_confidence_never_falls_as_the_passage_gets_nearer(
    one: float, two: float
) -> None:
    calibration = load_calibration(WEIGHTS / "reader")
    low, high = sorted((one, two))
    assert confidence(calibration, 5.0, low) <= confidence(calibration, 5.0, high)


def test_the_shipped_threshold_is_a_probability() -> None:
    assert 0 < load_calibration(WEIGHTS / "reader").threshold < 1


def test_the_best_comes_first() -> None:
    candidates = [toy_candidate("a", 1.0), toy_candidate("b", 9.0), toy_candidate("c", 4.0)]
    rated = Calibration({"score": 1.0}, 0.0, 0.5).calibrated(candidates, ASKED)
    assert [candidate.text for candidate in rated] == ["b", "c", "a"]
    assert [c.confidence for c in rated] == sorted((c.confidence for c in rated), reverse=True)
    assert Calibration({"score": 1.0}, 0.0, 0.5).calibrated([], ASKED) == []


def test_features_compare_a_candidate_with_the_others() -> None:
    rows = features([toy_candidate("a", 3.0, 0.75), toy_candidate("b", 5.0, 0.5)], ASKED)
    assert [list(row.values())[:5] for row in rows] == [
        [3.0, -2.0, 0.75, 0.75, 0.0],
        [5.0, 2.0, 0.5, 0.5, 0.25],
    ]
    assert tuple(rows[0]) == FEATURES


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Who led Ganja in 1918?", "en", (0, 1, 1, 0)),
        ("Kas vadīja Gendži un Tbilisi 1918. un 1919. gadā?", "lv", (1, 0.5, 0.5, 0)),
        ("Was it Nuri Pasha?", "en", (0, 1, 1, 1)),
        ("WHO LED TBILISI THEN?", "en", (0, 1, 1, 0)),
        ("Who led Tbilisi then?", "en", (0, 0, 1, 0)),
    ],
)
def test_features_tell_what_of_the_question_the_passage_has(
    question: str, language: str, expected: tuple[float, ...]
) -> None:
    (candidate,) = [toy_candidate("Nuri Pasha", 1.0)]
    text = "In 1918 Ganja was led by Nuri Pasha."
    hit = replace(candidate.hit, passage=replace(candidate.hit.passage, text=text))
    whole = replace(candidate, hit=hit, span=Span(25, 35))
    (row,) = features([whole], Asked(question, language))
    assert tuple(row[name] for name in ("across", "names", "numbers", "echo")) == expected


def test_scores_beyond_what_was_seen_are_clipped() -> None:
    (low,), (high,) = (features([toy_candidate("a", score)], ASKED) for score in (-99, 99))
    assert (low["score"], high["score"]) == (-15, 20)


@pytest.mark.parametrize(("bias", "expected"), [(-1e9, 0.0), (1e9, 1.0), (0.0, 0.5)])
def test_extreme_weights_do_not_overflow(bias: float, expected: float) -> None:
    assert confidence(Calibration({"score": 1.0}, bias, 0.5), 0.0) == pytest.approx(expected)


def test_saving_and_loading_gives_the_same(tmp_path: Path) -> None:
    calibration = Calibration({"score": 0.1, "lead": 2.0}, -1.25, 0.35, {"fitted": "ā", "n": 3})
    calibration.save(tmp_path)
    assert load_calibration(tmp_path) == calibration


def test_a_file_of_any_name_holds_one(tmp_path: Path) -> None:
    calibration = Calibration({"below": -1.5}, 0.5, 0.25, {"file": "jautājumi.jsonl"})
    calibration.save(tmp_path / "own.json")
    assert read_calibration(tmp_path / "own.json") == calibration
    assert load_calibration(tmp_path) != calibration


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_a_file_that_was_named_must_be_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=r"cannot be read .+ QA_CALIBRATION must name a file"):
        read_calibration(tmp_path / name)


def test_confidences_keep_the_order_of_the_candidates() -> None:
    candidates = [toy_candidate("a", 1.0), toy_candidate("b", 9.0), toy_candidate("c", 4.0)]
    calibration = Calibration({"score": 1.0}, 0.0, 0.5)
    known = {c.text: c.confidence for c in calibration.calibrated(candidates, ASKED)}
    assert calibration.confidences(candidates, ASKED) == [known["a"], known["b"], known["c"]]


def test_without_a_file_confidence_is_the_logistic_of_the_score(tmp_path: Path) -> None:
    calibration = load_calibration(tmp_path)
    assert confidence(calibration, 0.0) == 0.5
    assert confidence(calibration, 3.0) == pytest.approx(0.9526, abs=1e-4)
    assert calibration.threshold == 0.5


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        b"\xff",
        "{}",
        '{"weights": {}, "bias": 0}',
        '{"weights": null, "bias": 0, "threshold": 0.5}',
        '{"weights": [1], "bias": 0, "threshold": 0.5}',
        '{"weights": {"score": "high"}, "bias": 0, "threshold": 0.5}',
        '{"weights": {"colour": 1}, "bias": 0, "threshold": 0.5}',
        '{"weights": {}, "bias": null, "threshold": 0.5}',
        '{"weights": {}, "bias": 0, "threshold": "half"}',
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "calibration.json").write_bytes(data)
    with pytest.raises(ModelError, match=r"calibration\.json' is no calibration"):
        load_calibration(tmp_path)
