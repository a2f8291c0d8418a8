import math
import random

import pytest
from toys import toy_candidate

from qa_service.errors import RowError
from qa_service.metrics import calibration_error
from qa_service.reader.calibration import FEATURES, Asked, Calibration
from qa_service.reader.fitting import Judged, fit, worth

ASKED = Asked("When was it?", "en")
LOGISTIC = Calibration({"score": 1.0}, bias=0.0, threshold=0.5)


def toy_judged(questions: int, seed: int = 0, slope: float = 1.0) -> list[Judged]:
    """Two Candidates a question, right with the logistic of `slope` times their scores."""
    rng = random.Random(seed)
    made = []
    for _ in range(questions):
        scores = (rng.uniform(-4, 4), rng.uniform(-4, 4))
        chances = [1 / (1 + math.exp(-slope * score)) for score in scores]
        right = tuple(chance > rng.random() for chance in chances)
        made.append(Judged(ASKED, tuple(toy_candidate("text", score) for score in scores), right))
    return made


def one_each(scores: list[tuple[float, bool]]) -> list[Judged]:
    return [Judged(ASKED, (toy_candidate("text", score),), (right,)) for score, right in scores]


def test_the_fit_finds_what_the_right_ones_came_from() -> None:
    calibration = fit(toy_judged(4000, slope=0.5), {}).calibration
    weights = calibration.weights
    assert tuple(weights) == FEATURES
    assert weights["score"] + weights["lead"] == pytest.approx(0.5, abs=0.05)
    assert weights["lead"] == pytest.approx(0.0, abs=0.05)
    # These never differ here.
    assert (weights["similarity"], weights["fused"], weights["below"]) == (0, 0, 0)
    assert calibration.bias == pytest.approx(0.0, abs=0.1)


def test_a_confidence_that_was_far_off_is_mended() -> None:
    asked = toy_judged(600, slope=0.3)
    fitted = fit(asked, {})
    assert worth(LOGISTIC, asked).calibration_error > 0.15
    assert fitted.worth.calibration_error < 0.08
    # New questions of the same kind agree with what cross-validation promised.
    new = worth(fitted.calibration, toy_judged(600, seed=1, slope=0.3))
    assert new.calibration_error == pytest.approx(fitted.worth.calibration_error, abs=0.06)
    assert new.area == pytest.approx(fitted.worth.area, abs=0.06)


def test_the_threshold_parts_right_from_wrong() -> None:
    asked = one_each([(4.0 + n / 10, True) for n in range(30)] + [(-4.0, False)] * 30)
    fitted = fit(asked, {})
    found = worth(fitted.calibration, asked)
    assert (found.wrong, found.wrong_given, found.right, found.right_withheld) == (30, 0, 30, 0)
    assert fitted.worth.wrong_given == fitted.worth.right_withheld == 0


def test_the_threshold_costs_shares_not_counts() -> None:
    # 40 right at 3; of the wrong, 30 at 1 and 10 at 3. Counted, refusing costs 40 right ones
    # and saves 10 wrong; as shares nothing above 1 is gained by refusing either.
    asked = one_each([(3.0, True)] * 40 + [(1.0, False)] * 30 + [(3.0, False)] * 10)
    calibration = fit(asked, {}).calibration
    low, high = (
        calibration.confidences(one_each([(s, True)])[0].candidates, ASKED)[0] for s in (1, 3)
    )
    assert low < calibration.threshold <= high
    found = worth(calibration, asked)
    assert (found.wrong, found.wrong_given, found.right, found.right_withheld) == (40, 10, 40, 0)


def test_worth_is_not_measured_on_the_rows_of_the_fit() -> None:
    # Chance alone decides, so a fit on so few rows flatters itself.
    rng = random.Random(3)
    asked = [
        Judged(
            ASKED,
            tuple(toy_candidate("text", rng.uniform(-9, 9), rng.random()) for _ in range(3)),
            tuple(rng.random() < 0.4 for _ in range(3)),
        )
        for _ in range(25)
    ]
    fitted = fit(asked, {})
    assert fitted.worth.area > worth(fitted.calibration, asked).area


def test_worth_counts_the_best_answer_of_each_question() -> None:
    pair = (toy_candidate("a", 2.0), toy_candidate("b", -2.0))
    found = worth(
        LOGISTIC,
        [
            Judged(ASKED, pair, (True, False)),  # right, given
            Judged(ASKED, pair, (False, True)),  # wrong, given
            Judged(ASKED, (toy_candidate("c", -1.0),), (True,)),  # right, withheld
            Judged(ASKED, (toy_candidate("d", -3.0),), (False,)),  # wrong, withheld
            Judged(ASKED, (), ()),  # nothing found: neither
        ],
    )
    assert (found.wrong, found.wrong_given, found.right, found.right_withheld) == (2, 1, 2, 1)
    sure = [1 / (1 + math.exp(-score)) for score in (2.0, 2.0, -1.0, -3.0)]
    right = [True, False, True, False]
    assert found.calibration_error == pytest.approx(calibration_error(sure, right))
    # Wrong first among equals: 1/1, 1/2, 1/3, 2/4.
    assert found.area == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_the_same_rows_give_the_same_fit() -> None:
    asked = toy_judged(80)
    assert fit(asked, {"rows": 80}) == fit(asked, {"rows": 80})


def test_the_threshold_refuses_three_quarters_of_the_unanswerable() -> None:
    # Unanswerable ones score -3.0, -2.9 ... 0.9; the answerable ones all score 4.
    unanswerable = [
        Judged(ASKED, (toy_candidate("text", -3 + n / 10),), (False,), answerable=False)
        for n in range(40)
    ]
    answered = [Judged(ASKED, (toy_candidate("text", 4.0),), (True,)) for _ in range(40)]
    calibration = fit([*unanswerable, *answered], {}).calibration
    sure = [calibration.confidences(case.candidates, ASKED)[0] for case in unanswerable]
    refused = [confidence < calibration.threshold for confidence in sure]
    assert 30 <= sum(refused) <= 32
    assert calibration.confidences(answered[0].candidates, ASKED)[0] > calibration.threshold


def test_what_was_fitted_on_is_kept() -> None:
    assert fit(toy_judged(80), {"file": "a.jsonl"}).calibration.provenance == {"file": "a.jsonl"}


def test_questions_that_nothing_was_found_for_change_nothing() -> None:
    asked = toy_judged(80)
    assert fit([*asked, *[Judged(ASKED, (), ())] * 40], {}) == fit(asked, {})


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([], "candidates found, 0 are right and 0 wrong"),
        (one_each([(1.0, True)] * 50), "50 are right and 0 wrong, at least 20"),
        (one_each([(1.0, True)] * 50 + [(0.0, False)] * 19), "that no document answers"),
        (one_each([(1.0, True)] * 19 + [(0.0, False)] * 50), "that the documents answer"),
        (
            [Judged(ASKED, (toy_candidate("a", 5.0), toy_candidate("b", -5.0)), (True, False))]
            * 40,
            "best answers found, 40 are right and 0 wrong, at least 5",
        ),
    ],
)
def test_too_few_of_either_kind_are_refused(asked: list[Judged], message: str) -> None:
    with pytest.raises(RowError, match=message):
        fit(asked, {})


def test_the_rare_kind_may_stand_in_any_order() -> None:
    """Each fit of the cross-validation sees both kinds, however the rows are sorted."""
    pair = (toy_candidate("a", 5.0), toy_candidate("b", -5.0))
    rare = [Judged(ASKED, (toy_candidate("c", 0.0),) * 4, (False,) * 4)] * 5
    common = [Judged(ASKED, (pair[0],), (True,))] * 60
    for asked in (rare + common, common + rare):
        assert fit(asked, {}).worth.wrong == 5
