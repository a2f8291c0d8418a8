from toy_rows import near, toy_outcome

from qa_service.figures import (
    HEADINGS,
    Figures,
    Whole,
    by_direction,
    by_slice,
    figures,
    rated,
    whole,
)


def test_ranks_are_counted_within_one_five_and_ten() -> None:
    outcomes = [toy_outcome(rank=rank) for rank in (0, 1, 4, 5, 9, 10, None, None)]
    line = figures("all", "all", outcomes)
    assert (line.right_first, line.right_passage, line.right_in_ten) == (1 / 8, 3 / 8, 5 / 8)
    reciprocal = 1 + 1 / 2 + 1 / 5 + 1 / 6 + 1 / 10
    assert line.reciprocal_rank == near(reciprocal / 8)


def test_only_the_first_ten_give_reciprocal_ranks() -> None:
    assert figures("all", "all", [toy_outcome(rank=10)]).reciprocal_rank == 0


def test_answerable_and_unanswerable_rows_are_counted_apart() -> None:
    outcomes = [
        toy_outcome("1846"),
        toy_outcome("in 1846"),  # P 1/2, R 1, F1 2/3
        toy_outcome("1846", 0.1),
        toy_outcome("1846", cited_at=10),
        toy_outcome("1846", accepted=()),
        toy_outcome("1846", 0.1, accepted=()),
    ]
    assert figures("type", "date", outcomes) == Figures(
        by="type",
        name="date",
        rows=6,
        right_first=1,
        right_passage=1,
        right_in_ten=1,
        reciprocal_rank=1,
        exact=2 / 4,
        f1=near((1 + 2 / 3 + 0 + 1) / 4),
        f1_unabstained=near((1 + 2 / 3 + 1 + 1) / 4),
        exact_folded=2 / 4,
        f1_folded=near((1 + 2 / 3 + 0 + 1) / 4),
        cited_right=2 / 4,
        refused_wrongly=1 / 4,
        refused_rightly=1 / 2,
    )


def test_refused_is_wrong_of_the_answerable_and_right_of_the_others() -> None:
    answerable = [toy_outcome("1846", 0.1), toy_outcome()]
    none = [toy_outcome("1846", 0.1, accepted=())]
    assert figures("all", "all", [*answerable, *none]).refused == 1 / 2
    assert figures("all", "all", none).refused == 1
    assert figures("all", "all", []).refused == 0


def test_directions_come_in_their_order_and_the_sum_last() -> None:
    outcomes = [
        toy_outcome(accepted=()),
        toy_outcome(language="lv"),
        toy_outcome(language="de"),
        toy_outcome(),
    ]
    lines = by_direction(outcomes)
    assert [(line.by, line.name) for line in lines] == [
        ("direction", "en->en"),
        ("direction", "lv->en"),
        ("direction", "de->en"),
        ("direction", "unanswerable"),
        ("all", "all answerable"),
    ]
    assert lines[-1].rows == 3
    assert [line.name for line in by_direction(outcomes[:1])] == ["unanswerable"]


def test_a_slice_that_no_row_names_is_none() -> None:
    lines = by_slice([toy_outcome(), toy_outcome(kind="cross-language", type="date")])
    assert [(line.by, line.name, line.rows) for line in lines] == [
        ("kind", "cross-language", 1),
        ("kind", "same-language", 1),
        ("type", "date", 1),
    ]


def test_every_share_has_a_heading() -> None:
    line = figures("all", "all", [toy_outcome(), toy_outcome(accepted=())])
    assert set(HEADINGS) == set(Figures.__slots__) - {"by", "name", "rows"}
    assert all(line.share(name) is not None for name in HEADINGS)


def test_the_whole_file() -> None:
    outcomes = [
        toy_outcome("1846", 0.95, milliseconds=40),
        toy_outcome("1846", 0.75, accepted=(), milliseconds=10),
        toy_outcome("1846", 0.25, milliseconds=20),
        toy_outcome("", milliseconds=30),
    ]
    assert rated(outcomes) == ([0.95, 0.75, 0.25], [True, False, True])
    assert whole(outcomes) == Whole(
        area=near((0 + 1 / 2 + 1 / 3) / 3),
        calibration_error=near((0.05 + 0.75 + 0.75) / 3),
        answered_wrongly=1,
        refused_wrongly=2,
        p50_ms=20,
        p95_ms=40,
    )
