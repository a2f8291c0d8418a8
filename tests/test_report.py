"""The page is parsed as a browser would, by the standard library's parser."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from toy_rows import EVIDENCE, toy_conditions, toy_outcome, toy_record, toy_report

from qa_service.record import Comparison, Record
from qa_service.report import marked_evidence, plot, render, x_of, y_of
from qa_service.schema import Question, Turn
from qa_service.stores.local import LocalStore

_VOID = {"meta"}
_SHAPES = {"line", "rect", "circle", "polyline"}
_LOADS = {"src", "href", "srcset", "data", "action", "poster", "background"}


class Page(HTMLParser):
    """A page taken apart; its tags must close in the order in which they open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _SHAPES
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    def of(self, tag: str, style: str | None = None) -> list[dict[str, str | None]]:
        found = [attributes for name, attributes in self.tags if name == tag]
        return [a for a in found if style is None or style in (a.get("class") or "").split()]

    @property
    def text(self) -> str:
        return " ".join(self.words)


@pytest.fixture
def record(toy_store: LocalStore) -> Record:
    return Record.of(toy_report(toy_store), toy_conditions())


def test_the_page_needs_nothing_but_itself(record: Record) -> None:
    text = render(record, Comparison(record, record))
    page = Page(text)
    assert text.startswith("<!doctype html>")
    assert "<script" not in text.lower()
    assert "@import" not in text
    assert "url(" not in text
    assert not {name for _, attributes in page.tags for name in attributes} & _LOADS
    assert not [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]
    assert page.of("link") == page.of("img") == page.of("iframe") == []
    assert page.of("html") == [{"lang": "en"}]
    assert "prefers-color-scheme: dark" in text


def test_conditions_and_figures_are_shown(record: Record) -> None:
    page = Page(render(record))
    for shown in (
        "questions toy.jsonl",
        "encoder toy (toy-encoder)",
        "threshold 0.50",
        "wrong answers given 2",
        "wrong refusals 1",
        "area under risk-coverage, 0 is best 0.650",
        "en->en 4",
        "all answerable 5",
        "cross-language 1",
        "typo 2",
        "date 4",
    ):
        assert shown in page.text
    assert len(page.of("table")) == 5  # bins, directions, kinds, styles and types


def test_plots_have_a_point_for_each_answer_and_bin(record: Record) -> None:
    page = Page(render(record))
    [curve] = page.of("polyline", "curve")
    points = [tuple(map(float, p.split(","))) for p in (curve["points"] or "").split()]
    assert len(points) == len(record.curve) == 6
    expected = [(x_of(point.coverage), y_of(point.risk)) for point in record.curve]
    assert points == [pytest.approx(pair, abs=0.005) for pair in expected]
    assert len(page.of("circle", "bin")) == len(record.bins) == 2
    # Five of seven are as sure as the threshold, two of these five wrong.
    [at] = page.of("circle", "at")
    assert float(at["cx"] or 0) == pytest.approx(x_of(5 / 7))
    assert float(at["cy"] or 0) == pytest.approx(y_of(2 / 5))


def test_shares_lie_within_the_frame() -> None:
    assert plot([(0, 0), (1, 1), (0.5, 0.5)]).points == (
        (44, 204),
        (308, 12),
        (176, 108),
    )
    assert plot([(0, 1)]).path == "44.00,12.00"


def test_a_file_without_any_answer_has_empty_plots() -> None:
    page = Page(render(toy_record(toy_outcome(""))))
    assert page.of("polyline", "curve") == [{"class": "curve", "points": ""}]
    assert page.of("circle", "bin") == []
    assert [float(at["cx"] or 0) for at in page.of("circle", "at")] == [x_of(0)]
    assert "Nothing was found." in page.text


def test_every_miss_is_shown_with_its_answer_and_source(record: Record) -> None:
    page = Page(render(record))
    assert len(page.of("article", "miss")) == len(record.misses) == 3
    for shown in (
        "Is it wrong? Is it wrong?, en->en, same-language, typo, date",
        "Its oil field was opened in 1846 .",
        "Baku lies on the Caspian Sea .",
        "Is this wrong? Is this wrong?, unanswerable",
        "No answer: the documents hold none.",
        "Withheld in 1846",
        "Baku (baku), confidence 0.12",
        "Missed, wrong answers given: 2",
        "Missed, wrong refusals: 1",
    ):
        assert shown in page.text
    assert "Is it partly?" not in page.text


def test_a_file_without_misses_says_so() -> None:
    page = Page(render(toy_record(toy_outcome())))
    assert page.of("article") == []
    assert "No question was missed" in page.text


def test_the_rank_of_the_right_passage_is_told() -> None:
    text = Page(render(toy_record(toy_outcome("1847", rank=6)))).text
    assert "baku, the right passage comes in place 7" in text
    text = Page(render(toy_record(toy_outcome("1847", rank=None)))).text
    assert "is not among the first 10" in text


def test_quotations_say_their_language() -> None:
    history = (Turn("Kur?", "šeit"),)
    asked = toy_outcome("1847", language="lv", question=Question("Kad?", history))
    page = Page(render(toy_record(asked)))
    assert page.of("h3") == [{"lang": "lv", "dir": "auto"}]
    assert page.of("q") == [{"lang": "en", "dir": "auto"}] * 2
    assert len(page.of("mark")) == 2
    assert "Before: Kur? — šeit" in page.text


HOSTILE = '<img src=x onerror="alert(1)">\u202eevil\u2066 \x1b[31m</q><script>alert(1)</script>'
SHOWN = (
    '<img src=x onerror="alert(1)">[U+202E]evil[U+2066] [U+001B][31m</q><script>alert(1)</script>'
)


def test_hostile_text_stays_text() -> None:
    asked = toy_outcome(
        HOSTILE,
        id=HOSTILE,
        question=Question(HOSTILE, (Turn(HOSTILE, HOSTILE),)),
        language=HOSTILE,
        accepted=("1846", HOSTILE),
        evidence=HOSTILE,
        kind=HOSTILE,
        style=HOSTILE,
        type=HOSTILE,
        elsewhere=(HOSTILE,),
    )
    missed = replace(asked, threshold=0.99)
    record = toy_record(missed, rows_file=HOSTILE, snapshot=HOSTILE, encoder=HOSTILE)
    earlier = toy_record(asked, rows_sha256=HOSTILE, snapshot=HOSTILE)
    text = render(record, Comparison(earlier, record))
    page = Page(text)
    assert len(Comparison(earlier, record).newly_wrong) == 1
    assert page.of("img") == page.of("script") == []
    assert "<script" not in text.lower()
    assert not re.search("[\u202e\u2066\x1b]", text)
    assert page.text.count(SHOWN) >= 12


def test_an_earlier_evaluation_stands_side_by_side() -> None:
    earlier = toy_record(
        toy_outcome("1846", id="broken"),
        toy_outcome("1847", id="mended", question=Question("Then?")),
        toy_outcome("1846", 0.1, id="kept", question=Question("Still?")),
        snapshot="old",
    )
    later = toy_record(
        toy_outcome("1847", id="broken", rank=None),
        toy_outcome("1846", id="mended", question=Question("Then?")),
        toy_outcome("1846", 0.1, id="kept", question=Question("Still?")),
        rows_sha256="4567",
    )
    page = Page(render(later, Comparison(earlier, later)))
    for shown in (
        "Snapshot old",
        "The rows files differ",
        "Newly wrong: 1 When? broken, en->en",
        "Before: right 1846 So: 1846 .",
        "Now: wrong 1847 So: 1847 .",
        "Newly right: 1 Then? mended",
        "wrong answers given 1 1",
    ):
        assert shown in page.text
    assert "1.00 → 0.67" in page.text  # right passage in first 5
    changes = [cell["class"] for cell in page.of("td", "pair")]
    assert len(changes) == 3 * 12  # the direction, the sum and the kind
    assert changes.count("pair worse") == 3 * 4  # three within 1, 5 and 10, and their ranks
    assert "Against an earlier evaluation" not in Page(render(later)).text


def test_fewer_wrong_refusals_are_better() -> None:
    earlier, later = toy_record(toy_outcome("1846", 0.1)), toy_record(toy_outcome("1847"))
    page = Page(render(later, Comparison(earlier, later)))
    classes = [cell["class"] for cell in page.of("td", "pair")][:12]
    assert classes[10] == "pair better"  # refused wrongly
    assert classes[9] == "pair better"  # cited right: the place is right
    assert classes[6] == "pair worse"  # F1 without abstaining


def test_evidence_is_marked_where_it_holds_the_answer() -> None:
    [row] = toy_record(toy_outcome()).rows
    assert marked_evidence(row) == ("Its oil field was opened in ", "1846", ".")
    assert marked_evidence(replace(row, expected=("1900",))) == (EVIDENCE, "", "")
    assert marked_evidence(replace(row, expected=())) == (EVIDENCE, "", "")
