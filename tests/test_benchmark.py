import time

import pytest
from toys import ToyEncoder, ToyReader

from qa_service.benchmark import run
from qa_service.encoder import Encoder
from qa_service.pipeline import Pipeline
from qa_service.reader import Reader
from qa_service.reader.calibration import Calibration
from qa_service.retriever import Retriever
from qa_service.stores.local import LocalStore


class SlowReader(ToyReader):
    """Sleeps for 5 ms before it reads."""

    def read(self, pairs):  # type: ignore[no-untyped-def]
        time.sleep(0.005)
        return super().read(pairs)


@pytest.fixture
def questions() -> list[str]:
    return ["Where does Baku lie?", "What was Ganja?"]


def test_each_part_is_timed_and_a_question_holds_its_reading(
    toy_store: LocalStore, questions: list[str]
) -> None:
    def pipeline_of(encoder: Encoder, reader: Reader) -> Pipeline:
        calibration = Calibration({"score": 1.0}, 0.0, 0.5)
        return Pipeline(Retriever(encoder, toy_store), reader, calibration, toy_store, "toy", None)

    found = run(lambda: (ToyEncoder(), SlowReader({})), pipeline_of, questions, threads=1, repeat=4)
    by_name = {timing.name: timing for timing in found.timings}
    assert list(by_name) == [
        "load both models",
        "encode one question",
        "read 8 passages",
        "ask one question",
    ]
    assert by_name["ask one question"].median > by_name["read 8 passages"].median * 0.9
    assert by_name["read 8 passages"].median >= 5
    assert by_name["encode one question"].median < 5
    assert all(timing.p95 >= timing.median > 0 for timing in found.timings)
    assert by_name["ask one question"].runs == 4
    assert found.passages_per_second > 0
    assert found.conditions["index"] == "3 documents, 4 passages"
    assert found.conditions["questions"] == "2 different ones"
