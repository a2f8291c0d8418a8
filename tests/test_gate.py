from collections.abc import Callable
from pathlib import Path

import pytest
from toy_rows import NOTHING, toy_outcome, toy_pipeline_of, toy_row, toy_rows
from toys import ToyEncoder, write_files

from qa_service.errors import MismatchError, RowError, WorseSnapshotError
from qa_service.evaluation import Report
from qa_service.gate import Gate, Loss, losses
from qa_service.indexing import Build, build
from qa_service.rows import Row
from qa_service.schema import Question, Span
from qa_service.snapshot import Snapshot, current_id, open_current
from qa_service.stores.local import LocalStore


class ToyGate:
    """A gate before the index of a toy corpus, and what it said."""

    def __init__(self, index_dir: Path, rows: list[Row], margin: float = 0.02) -> None:
        self.said: list[str] = []
        self.steps: list[tuple[int, int]] = []
        self._index_dir = index_dir
        self._gate = Gate(rows, margin, self._served, toy_pipeline_of, self.said.append)

    def rebuild(self, encoder: ToyEncoder | None = None) -> Build:
        self._encoder = encoder or ToyEncoder()
        corpus = self._index_dir.parent / "corpus"
        return build(corpus, self._index_dir, self._encoder, accept=self._accept)

    def _accept(self, snapshot: Snapshot) -> None:
        self._gate.check(snapshot, lambda done, total: self.steps.append((done, total)))

    def _served(self) -> Snapshot:
        return open_current(self._index_dir, self._encoder.fingerprint)


@pytest.fixture
def index_dir(toy_build: Build) -> Path:
    return toy_build.snapshot.folder.parent


def folders(index_dir: Path) -> list[str]:
    return sorted(path.name for path in index_dir.iterdir() if path.is_dir())


def change(corpus: Path, name: str, *parts: tuple[str, str]) -> None:
    path = corpus / name
    text = path.read_text()
    for old, new in parts:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def test_a_corpus_that_answers_as_well_is_published(
    index_dir: Path, toy_corpus: Path, toy_store: LocalStore
) -> None:
    change(toy_corpus, "ganja.md", ("The government left it", "The government went away"))
    gate = ToyGate(index_dir, toy_rows(toy_store))
    rebuilt = gate.rebuild()
    assert rebuilt.snapshot.manifest.id == current_id(index_dir)
    assert gate.said == ["The gate lets this pass: on 7 rows nothing got worse by more than 0.02."]
    assert gate.steps == [(n, 14) for n in range(1, 15)]


def test_a_corpus_that_answers_worse_is_not_published(
    index_dir: Path, toy_build: Build, toy_corpus: Path, toy_store: LocalStore
) -> None:
    change(toy_corpus, "baku.md", ("in 1846", "long ago"))
    gate = ToyGate(index_dir, toy_rows(toy_store))
    with pytest.raises(WorseSnapshotError) as raised:
        gate.rebuild()
    served = toy_build.snapshot.manifest.id
    assert str(raised.value).splitlines() == [
        f"Nothing was published: the Snapshot built answers worse than {served}, which goes on "
        "being served. On 7 rows these got worse by more than 0.02:",
        # Both texts are eight letters long: the right passage still holds the place.
        "  overall: F1 0.560 before, 0.000 now",
        "  overall: cited right 0.600 before, 0.000 now",
        "  overall: refused wrongly 0.200 before, 0.800 now",
        "Mend the corpus or the rows, allow a larger --margin, or leave --gate out.",
    ]
    assert open_current(index_dir, ToyEncoder().fingerprint) == toy_build.snapshot
    assert folders(index_dir) == [served]
    assert gate.said == []


def test_the_margin_is_what_a_share_may_lose(
    index_dir: Path, toy_corpus: Path, toy_store: LocalStore
) -> None:
    change(toy_corpus, "baku.md", ("in 1846", "long ago"))
    gate = ToyGate(index_dir, toy_rows(toy_store), margin=0.6)  # cited right loses 0.6
    gate.rebuild()
    assert "more than 0.6." in gate.said[0]


def test_a_refused_build_can_be_made_again(
    index_dir: Path, toy_build: Build, toy_corpus: Path, toy_store: LocalStore
) -> None:
    change(toy_corpus, "baku.md", ("in 1846", "long ago"))
    gate = ToyGate(index_dir, toy_rows(toy_store))
    with pytest.raises(WorseSnapshotError):
        gate.rebuild()
    change(toy_corpus, "baku.md", ("long ago", "in 1846"))
    change(toy_corpus, "ganja.md", ("The government left it", "The government went away"))
    again = gate.rebuild()
    assert again.reused == 3
    assert folders(index_dir) == [toy_build.snapshot.manifest.id, again.snapshot.manifest.id]


def test_what_is_served_already_is_not_asked_again(
    index_dir: Path, toy_build: Build, toy_store: LocalStore
) -> None:
    gate = ToyGate(index_dir, toy_rows(toy_store))
    assert gate.rebuild().unchanged
    assert (gate.said, gate.steps) == ([], [])


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_whatever_stops_the_asking_leaves_no_folder(
    index_dir: Path, toy_build: Build, toy_corpus: Path, error: type[BaseException]
) -> None:
    change(toy_corpus, "baku.md", ("in 1846", "long ago"))

    def accept(snapshot: Snapshot) -> None:
        assert snapshot.folder.is_dir()
        assert current_id(index_dir) != snapshot.manifest.id
        raise error

    with pytest.raises(error):
        build(toy_corpus, index_dir, ToyEncoder(), accept=accept)
    assert folders(index_dir) == [toy_build.snapshot.manifest.id] == [current_id(index_dir)]


def test_with_nothing_built_before_it_says_so_and_publishes(
    tmp_path: Path, toy_corpus: Path, toy_store: LocalStore
) -> None:
    gate = ToyGate(tmp_path / "other", toy_rows(toy_store))
    assert current_id(tmp_path / "other") is None
    assert gate.rebuild().snapshot.manifest.id == current_id(tmp_path / "other")
    [said] = gate.said
    assert said.startswith("The gate has nothing to compare with, so it lets this pass: Nothing ")


def test_another_encoder_cannot_be_compared(
    index_dir: Path, toy_corpus: Path, toy_store: LocalStore
) -> None:
    change(toy_corpus, "baku.md", ("in 1846", "long ago"))
    gate = ToyGate(index_dir, toy_rows(toy_store))
    gate.rebuild(ToyEncoder("other"))
    assert current_id(index_dir) == folders(index_dir)[-1]
    [said] = gate.said
    assert "was built with the encoder 'toy'" in said
    with pytest.raises(MismatchError):
        open_current(index_dir, ToyEncoder().fingerprint)


def test_rows_on_a_new_document_have_nothing_to_be_compared_with(
    index_dir: Path, toy_corpus: Path, toy_store: LocalStore
) -> None:
    text = "The bridge was built in 1900."
    write_files(toy_corpus, {"bridge.md": text})
    start = text.index("1900")
    new = toy_row(
        toy_store,
        "Is it unknown?",
        document_id="bridge",
        answers=("1900",),
        places=(("bridge", Span(start, start + 4)),),
    )
    gate = ToyGate(index_dir, [*toy_rows(toy_store), new])
    gate.rebuild()
    assert gate.said[0].endswith("0.02 (1 rows left out: their documents are new).")


def test_a_row_on_a_document_that_is_gone_stops_the_build(
    index_dir: Path, toy_build: Build, toy_corpus: Path, toy_store: LocalStore
) -> None:
    (toy_corpus / "baku.md").unlink()
    gate = ToyGate(index_dir, toy_rows(toy_store))
    with pytest.raises(RowError, match="'baku'"):
        gate.rebuild()
    assert folders(index_dir) == [toy_build.snapshot.manifest.id]


WORSE: dict[str, Callable[[], Report]] = {
    "right passage in first 5": lambda: report_of(rank=None),
    "F1": lambda: report_of(answer="in 1846"),
    "cited right": lambda: report_of(cited_at=10),
    "refused rightly": lambda: report_of(unanswerable=0.9),
}


def report_of(*, unanswerable: float = 0.1, **changes: object) -> Report:
    return Report(
        (toy_outcome(**changes), toy_outcome("1846", unanswerable, accepted=()))  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("figure", WORSE)
def test_each_guarded_figure_is_compared(figure: str) -> None:
    found = losses(report_of(), WORSE[figure](), margin=0.02)
    assert [(loss.group, loss.figure) for loss in found] == [("overall", figure)]
    assert losses(WORSE[figure](), report_of(), margin=0.0) == []  # better is no loss


def test_a_wrong_refusal_loses_what_the_answer_gave() -> None:
    found = losses(report_of(), report_of(confidence=0.1), margin=0.02)
    assert [loss.figure for loss in found] == ["F1", "cited right", "refused wrongly"]
    assert str(found[2]) == "overall: refused wrongly 0.000 before, 1.000 now"


@pytest.mark.parametrize(("rows", "named"), [(19, []), (20, ["lv->en"])])
def test_a_direction_counts_from_twenty_rows(rows: int, named: list[str]) -> None:
    many = [toy_outcome() for _ in range(1000)]
    before = Report((*many, *(toy_outcome(language="lv") for _ in range(rows))))
    worse = [toy_outcome(language="lv", rank=None), *(toy_outcome(language="lv"),) * (rows - 1)]
    found = losses(before, Report((*many, *worse)), margin=0.02)
    assert [loss.group for loss in found] == named


def test_exactly_the_margin_is_no_loss() -> None:
    before = Report(tuple(toy_outcome() for _ in range(10)))
    after = Report((*before.outcomes[1:], toy_outcome(rank=None)))
    assert losses(before, after, margin=0.1) == []  # 1 - 0.9 > 0.1 in floating point
    assert losses(before, after, margin=0.099) == [
        Loss("overall", "right passage in first 5", 1.0, 0.9),
    ]


def test_unanswerable_rows_alone_can_be_compared(
    index_dir: Path, toy_corpus: Path, toy_store: LocalStore
) -> None:
    change(toy_corpus, "baku.md", ("in 1846", "long ago"))
    asked = toy_row(toy_store, "q", question=Question("Is it unknown?"), **NOTHING)
    gate = ToyGate(index_dir, [asked])
    gate.rebuild()
    assert "on 1 rows" in gate.said[0]
