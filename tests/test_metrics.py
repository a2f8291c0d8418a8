import pytest
from toy_rows import near

from qa_service.metrics import (
    Bin,
    RiskPoint,
    calibration_error,
    exact_match,
    f1,
    normalize,
    percentile,
    reliability_bins,
    risk_coverage,
    risk_coverage_area,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Republic!", "republic"),
        ("a cat, an apple; the end.", "cat apple end"),
        ("theatre", "theatre"),
        ("1918. gada 28. maijā", "1918 gada 28 maijā"),
        ("„Baku”", "baku"),
        ("Gendz\u030ce", "gendže"),
        ("28%", "28%"),
        ("$5", "$5"),
        ("114\u00a0000", "114 000"),
        ("...", ""),
    ],
)
def test_normalising_keeps_what_counts(text: str, normal: str) -> None:
    assert normalize(text) == normal


def test_an_exact_match_is_one_of_the_accepted() -> None:
    assert exact_match("the Denver Broncos.", ["Carolina Panthers", "Denver Broncos"]) == 1
    assert exact_match("Broncos", ["Denver Broncos"]) == 0
    assert exact_match("Gendže", ["Gendze"]) == 0
    assert exact_match("anything", []) == 0


@pytest.mark.parametrize(
    ("answer", "accepted", "expected"),
    [
        ("Denver Broncos", ["Denver Broncos"], 1),
        ("Broncos", ["Denver Broncos"], 2 / 3),
        ("the Denver Broncos team", ["Denver Broncos"], 4 / 5),
        ("Denver", ["Carolina Panthers", "Denver Broncos"], 2 / 3),
        ("very very good", ["very good"], 4 / 5),
        ("1918. gada maijā", ["1918. gada 28. maijā"], 6 / 7),
        ("", ["Denver"], 0),
        ("Denver", [], 0),
    ],
)
def test_f1_is_the_best_overlap_of_words(answer: str, accepted: list[str], expected: float) -> None:
    assert f1(answer, accepted) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("1918. gada 28. maijā", "1918 gada 28 maija"),
        ("Gendz\u030ce", "gendze"),
        ("ĀČĒĢĪĶĻŅŠŪŽ", "acegiklnsuz"),
        ("Ā", "a"),  # no English article
        ("the Café", "cafe"),
    ],
)
def test_folding_takes_diacritics_off(text: str, folded: str) -> None:
    assert normalize(text, folded=True) == folded
    assert normalize(text) != folded


def test_an_answer_is_not_wrong_for_a_macron_when_folded() -> None:
    assert exact_match("Gendze", ["Gendže"]) == 0
    assert exact_match("Gendze", ["Gendže"], folded=True) == 1
    assert f1("28. maija", ["28. maijā"]) == pytest.approx(1 / 2)
    assert f1("28. maija", ["28. maijā"], folded=True) == 1


def test_risk_and_coverage_are_reckoned_from_the_surest_down() -> None:
    confidences, right = [0.8, 0.9, 0.1, 0.8], [True, True, False, False]
    assert risk_coverage(confidences, right, asked=8) == [
        RiskPoint(0.9, 1 / 8, 0),
        RiskPoint(0.8, 2 / 8, 1 / 2),  # of equals, the wrong one first
        RiskPoint(0.8, 3 / 8, 1 / 3),
        RiskPoint(0.1, 4 / 8, 2 / 4),
    ]
    assert risk_coverage(confidences, right)[-1].coverage == 1
    assert risk_coverage_area(confidences, right) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


@pytest.mark.parametrize(
    ("confidences", "right", "area"),
    [
        ([], [], 0),
        ([0.9, 0.1], [True, True], 0),
        ([0.9, 0.1], [False, False], 1),
        ([0.9, 0.1], [True, False], 1 / 4),
        ([0.9, 0.1], [False, True], 3 / 4),
        ([0.5, 0.5], [True, False], 3 / 4),
    ],
)
def test_the_area_is_the_mean_risk(
    confidences: list[float], right: list[bool], area: float
) -> None:
    assert risk_coverage_area(confidences, right) == pytest.approx(area)


def test_reliability_is_counted_in_bins() -> None:
    confidences, right = [0.0, 0.06, 0.25, 1.0, 0.96], [False, True, True, True, False]
    assert reliability_bins(confidences, right) == [
        Bin(0.0, 0.1, 2, near(0.03), 1 / 2),
        Bin(0.2, 0.3, 1, 0.25, 1),
        Bin(0.9, 1.0, 2, near(0.98), 1 / 2),
    ]
    error = (2 * (0.5 - 0.03) + 0.75 + 2 * (0.98 - 0.5)) / 5
    assert calibration_error(confidences, right) == pytest.approx(error)
    assert calibration_error(confidences, right, bins=1) == pytest.approx(3 / 5 - 2.27 / 5)


def test_calibration_is_perfect_when_confidence_is_the_share_right() -> None:
    assert calibration_error([0.75] * 4, [True, True, False, True]) == 0
    assert calibration_error([], []) == 0


@pytest.mark.parametrize(("share", "expected"), [(0.01, 1), (0.5, 2), (0.51, 3), (0.95, 4), (1, 4)])
def test_a_percentile_is_one_of_the_values(share: float, expected: float) -> None:
    assert percentile([4, 1, 3, 2], share) == expected


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.1)])
def test_a_percentile_of_nothing_is_refused(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, share)
