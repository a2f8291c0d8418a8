import pytest
from toy_rows import NOTHING, SURE, toy_row
from toys import ToyEncoder, ToyReader

from qa_service.errors import RowError
from qa_service.judging import judge
from qa_service.pipeline import Pipeline
from qa_service.reader import Reader
from qa_service.reader.calibration import Calibration
from qa_service.reader.fitting import Judged
from qa_service.retriever import Retriever
from qa_service.rows import Row
from qa_service.schema import Question, Turn
from qa_service.stores.local import LocalStore

READER = ToyReader(
    {
        "year?": {"1846": SURE, "17 September 1918": 1.0},
        "line?": {"opened in 1846": SURE},
        "made?": {"in 1846": SURE},
        "day?": {"1918. gada 17. septembrī": 0.5},
    }
)


def judged(store: LocalStore, rows: list[Row], reader: Reader = READER) -> list[Judged]:
    calibration = Calibration({"score": 1.0}, bias=0.0, threshold=0.5)
    pipeline = Pipeline(Retriever(ToyEncoder(), store), reader, calibration, store, "toy", 0.99)
    return judge(rows, pipeline)


def texts(case: Judged) -> list[tuple[str, bool]]:
    found = zip((c.text for c in case.candidates), case.right, strict=True)
    return sorted(found)


def test_every_candidate_is_told_right_from_wrong(toy_store: LocalStore) -> None:
    [case] = judged(toy_store, [toy_row(toy_store, "What year?")])
    assert texts(case) == [
        ("17 September 1918", False),  # Baku's
        ("17 September 1918", False),  # Ganja's
        ("1846", True),
    ]


def test_half_of_the_words_are_enough_and_diacritics_do_not_count(toy_store: LocalStore) -> None:
    half, macron = judged(
        toy_store,
        [
            toy_row(toy_store, "Which line?"),  # "opened in 1846" for "in 1846"
            toy_row(toy_store, "Kura day?", "lv", answers=("1918. gada 17. septembri",)),
        ],
    )
    assert texts(half) == [("opened in 1846", True)]
    assert texts(macron) == [("1918. gada 17. septembrī", True)]


def test_what_another_place_says_in_other_words_is_right_too(toy_store: LocalStore) -> None:
    row = toy_row(toy_store, "Kura day?", answers=("one autumn day",))
    elsewhere = toy_row(
        toy_store,
        "Kura day?",
        answers=("one autumn day",),
        elsewhere=("1918. gada 17. septembrī",),
    )
    plain, told = judged(toy_store, [row, elsewhere])
    assert texts(plain) == [("1918. gada 17. septembrī", False)]
    assert texts(told) == [("1918. gada 17. septembrī", True)]


def test_nothing_answers_an_unanswerable_question(toy_store: LocalStore) -> None:
    known, unknown = judged(
        toy_store,
        [
            toy_row(toy_store, "What year?", kind="unanswerable", **NOTHING),
            toy_row(toy_store, "Is it unknown?", kind="unanswerable", **NOTHING),
        ],
    )
    assert len(known.right) == 3
    assert not any(known.right)
    assert (unknown.candidates, unknown.right, unknown.answerable) == ((), (), False)
    assert not known.answerable


def test_a_follow_up_is_asked_with_its_history(toy_store: LocalStore) -> None:
    class ToyListener(ToyReader):
        heard: set[str] = set()  # noqa: RUF012

        def read(self, pairs):  # type: ignore[no-untyped-def]
            self.heard |= {question for question, _ in pairs}
            return super().read(pairs)

    reader = ToyListener({})
    asked = Question("When was it made?", (Turn("What lies on the Caspian Sea?", "Baku"),))
    judged(toy_store, [toy_row(toy_store, "follow-up", question=asked)], reader)
    assert reader.heard == {"What lies on the Caspian Sea? Baku When was it made?"}


def test_progress_counts_the_rows(toy_store: LocalStore) -> None:
    calibration = Calibration({"score": 1.0}, bias=0.0, threshold=0.5)
    retriever = Retriever(ToyEncoder(), toy_store)
    pipeline = Pipeline(retriever, READER, calibration, toy_store, "toy")
    done: list[tuple[int, int]] = []
    rows = [toy_row(toy_store, "What year?")] * 3
    judge(rows, pipeline, lambda *step: done.append(step))
    assert done == [(1, 3), (2, 3), (3, 3)]


def test_a_row_on_a_document_that_is_not_there_is_named(toy_store: LocalStore) -> None:
    row = toy_row(toy_store, "What year?", document_id="bridge")
    with pytest.raises(RowError, match=r"'bridge'.+--corpus"):
        judged(toy_store, [row])
