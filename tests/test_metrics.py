import pytest

from qa_service.metrics import exact_match, f1, normalize


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
