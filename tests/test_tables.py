from rich.console import Console
from toy_rows import toy_outcome, toy_record

from qa_service import tables
from qa_service.record import Comparison, Record

EARLIER = toy_record(
    toy_outcome("1847", id="mended", cited_at=10),
    toy_outcome("1846", 0.1, id="withheld"),
    toy_outcome(id="invented", accepted=()),
)
LATER = toy_record(
    toy_outcome("1846", 0.75, id="mended", rank=1, milliseconds=30),
    toy_outcome("1846", 0.1, id="withheld"),
    toy_outcome(id="invented", accepted=()),
)


def printed(record: Record, comparison: Comparison | None = None, width: int = 200) -> list[str]:
    console = Console(width=width, soft_wrap=True)
    with console.capture() as capture:
        console.print(tables.table(record, comparison))
    return [" ".join(line.split()) for line in capture.get().splitlines()]


def test_the_table_shows_the_directions() -> None:
    assert printed(LATER) == [
        "direction rows R@1 right passage in first 5 R@10 MRR EM F1 F1 without abstaining "
        "cited right refused",
        "en->en 2 0.50 1.00 1.00 0.75 0.50 0.50 1.00 0.50 0.50",
        "unanswerable 1 0.00",
        "all answerable 2 0.50 1.00 1.00 0.75 0.50 0.50 1.00 0.50 0.50",
    ]


def test_the_last_lines_show_what_changed() -> None:
    assert printed(LATER, Comparison(EARLIER, LATER))[4:] == [
        "± en->en 2 -0.50 +0.00 +0.00 -0.25 +0.50 +0.50 +0.50 +0.50 +0.00",
        "± unanswerable 1 +0.00",
        "± all answerable 2 -0.50 +0.00 +0.00 -0.25 +0.50 +0.50 +0.50 +0.50 +0.00",
    ]


def test_the_table_stays_under_120_columns() -> None:
    console = Console(width=400)
    drawn = tables.table(LATER, Comparison(EARLIER, LATER))
    assert console.measure(drawn).maximum < 120


def test_the_whole_file_is_told_in_a_few_lines() -> None:
    assert tables.lines(LATER) == [
        # sure and wrong, less sure and right, unsure and right
        "Area under risk-coverage 0.611; 0 is best.",
        "Calibration error 0.683.",
        "Latency 10 ms a question (p50), 30 ms (p95), on 1 thread(s).",
        "Threshold 0.50: 1 wrong answers given and 1 wrong refusals in 3 rows.",
    ]


def test_a_comparison_names_the_rows_that_changed() -> None:
    assert tables.lines(LATER, Comparison(EARLIER, LATER))[4:] == [
        "Against 2026-01-02T03:04:05+00:00, Snapshot toy, threshold 0.50: area 0.889 -> 0.611, "
        "calibration error 0.900 -> 0.683, p50 10 -> 10 ms. Changes are marked with ±.",
        "Newly right: mended.",
        "Newly wrong: none.",
    ]
    other = toy_record(toy_outcome(), rows_sha256="4567")
    assert tables.lines(other, Comparison(EARLIER, other))[-1].startswith("The rows files differ")
