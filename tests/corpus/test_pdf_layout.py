import pytest

from qa_service.corpus.pdf_layout import HYPHEN, Line, blocks


def line(text: str, y: float, x: float = 72, *, size: float = 13, page: int = 1) -> Line:
    """A line whose characters are 5 points wide."""
    return Line(text, page, x, x + 5 * len(text), y, y, size)


def texts(*lines: Line) -> list[str]:
    return [block.text for block in blocks([lines])]


_LONG = "The council met in the palace of the viceroy and decided at once that"


def test_a_gap_ends_a_paragraph() -> None:
    upper = [line(_LONG, 700 - 14 * n) for n in range(3)]
    lower = [line(_LONG, 630 - 14 * n) for n in range(3)]
    assert texts(*upper, *lower) == [" ".join([_LONG] * 3)] * 2


def test_a_line_with_room_left_ends_a_paragraph() -> None:
    assert texts(line(_LONG, 700), line("It moved.", 686), line(_LONG, 672)) == [
        f"{_LONG} It moved.",
        _LONG,
    ]


def test_an_indented_line_starts_a_paragraph() -> None:
    whole = _LONG[:-5] + "then."
    assert texts(line(_LONG, 700), line(whole, 686), line(_LONG, 672, 90)) == [
        f"{_LONG} {whole}",
        _LONG,
    ]


def test_a_column_goes_on_at_the_top_of_the_next() -> None:
    assert texts(line(_LONG, 100), line("went north.", 700, 450)) == [f"{_LONG} went north."]
    assert len(texts(line(_LONG[:-5] + ".", 100), line("Later.", 700, 450))) == 2


def test_lines_of_contents_stay_lines() -> None:
    rows = [f"{n}. Chapter . . . . . . . . . . . . . . {n}" for n in range(1, 4)]
    assert texts(*(line(row, 700 - 14 * n) for n, row in enumerate(rows))) == rows


@pytest.mark.parametrize(
    ("broken", "elsewhere", "whole"),
    [
        (f"nati{HYPHEN}onal", "", "national"),
        (f"well{HYPHEN}known", "a well-known man", "well-known"),
        (f"re{HYPHEN}sign", "re-sign or resign", "resign"),
        (f"1918{HYPHEN}1920", "", "1918-1920"),
        (f"a{HYPHEN}b{HYPHEN}c", "", "ab-c"),
        (f"end{HYPHEN}", "", "end-"),
        ("ﬁrst ﬂoor", "", "first floor"),
    ],
)
def test_broken_words_are_mended_by_the_rest_of_the_document(
    broken: str, elsewhere: str, whole: str
) -> None:
    found = texts(line(f"The {broken}", 700), *([line(elsewhere, 500)] if elsewhere else []))
    assert found[0] == f"The {whole}"


def test_levels_follow_sizes_and_end_at_six() -> None:
    sizes = [round(20 * 1.2**step) for step in range(10, 0, -1)]
    heads = [line(f"Head {size}", 9000 - 100 * n, size=size) for n, size in enumerate(sizes)]
    found = list(blocks([[*heads, line(_LONG * 5, 100)]]))
    assert [block.level for block in found] == [1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 0]


def test_no_lines_no_blocks() -> None:
    assert list(blocks([[], []])) == []
