"""Rows of questions with known answers -> Candidates known to be right or wrong."""

from collections.abc import Callable, Iterator, Sequence

from qa_service.metrics import RIGHT, f1
from qa_service.pipeline import Pipeline
from qa_service.reader.calibration import Asked
from qa_service.reader.fitting import Judged
from qa_service.rows import Row, check_held


def judge(
    rows: Sequence[Row],
    pipeline: Pipeline,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Judged]:
    """Ask every row by itself and tell its Candidates' right words from wrong ones.

    `progress` is called with the rows done and the number there are. Raises RowError when a row
    is about a Document that the Snapshot does not hold: what is right would be called wrong.
    """
    check_held(rows, {entry.id for entry in pipeline.store.documents()})
    return list(_judged(rows, pipeline, progress))


def _judged(
    rows: Sequence[Row],
    pipeline: Pipeline,
    progress: Callable[[int, int], None],
) -> Iterator[Judged]:
    for done, row in enumerate(rows, 1):
        (found,) = pipeline.retrieve([row.question])
        candidates = tuple(pipeline.candidates([found])[0])
        # The words alone decide, as in an evaluation: the same fact may stand in many places.
        right = tuple(f1(c.text, row.accepted, folded=True) >= RIGHT for c in candidates)
        yield Judged(Asked.of(found), candidates, right, answerable=bool(row.answers))
        progress(done, len(rows))
