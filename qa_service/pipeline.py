"""The product: retrieve -> read -> cite -> answer, or say that the documents hold no answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from time import perf_counter

from qa_service.agreement import Key, key
from qa_service.citations import cite
from qa_service.reader import Reader
from qa_service.reader.calibration import Asked, Calibration
from qa_service.retriever import Retriever
from qa_service.schema import Answer, Candidate, Question, Reply, Retrieved
from qa_service.stores import Store

_MAX_CITATIONS = 5  # of one Answer


class Pipeline:
    """Answers questions from one Snapshot; safe to call from several threads."""

    def __init__(
        self,
        retriever: Retriever,
        reader: Reader,
        calibration: Calibration,
        store: Store,
        snapshot: str,
        threshold: float | None = None,
    ) -> None:
        """`threshold` is the confidence under which it abstains; None takes the calibration's."""
        self.store = store
        self.snapshot = snapshot
        self.threshold = calibration.threshold if threshold is None else threshold
        self._retriever = retriever
        self._reader = reader
        self._calibration = calibration

    def with_threshold(self, threshold: float) -> "Pipeline":
        """The same Pipeline, abstaining under another confidence."""
        return Pipeline(
            self._retriever,
            self._reader,
            self._calibration,
            self.store,
            self.snapshot,
            threshold,
        )

    def ask(self, question: Question) -> Reply:
        return self.ask_all([question])[0]

    def ask_all(self, questions: Sequence[Question]) -> list[Reply]:
        return self.read(self.retrieve(questions))

    def retrieve(self, questions: Sequence[Question]) -> list[Retrieved]:
        return self._retriever.retrieve(questions)

    def read(self, retrieved: Sequence[Retrieved]) -> list[Reply]:
        """A Reply to each question, from what was retrieved for it."""
        began = perf_counter()
        replies = []
        for found, candidates in zip(retrieved, self.candidates(retrieved), strict=True):
            rated = self._calibration.calibrated(candidates, Asked.of(found))
            answers = self._answers(found.question, rated)
            replies.append(Reply(found, answers, self.snapshot, found.timings_ms))
        read_ms = (perf_counter() - began) * 1000 / max(1, len(replies))
        return [replace(reply, timings_ms=_with_read(reply, read_ms)) for reply in replies]

    def candidates(self, retrieved: Sequence[Retrieved]) -> list[list[Candidate]]:
        """What the Reader finds in the Hits of each, before it is told how sure that is."""
        read = iter(
            self._reader.read([(r.understood_as, hit) for r in retrieved for hit in r.hits])
        )
        return [[c for c in islice(read, len(r.hits)) if c is not None] for r in retrieved]

    def _answers(self, question: Question, candidates: Iterable[Candidate]) -> tuple[Answer, ...]:
        """The Candidates worth showing, the best first, those that say the same together.

        A second Answer stands beside the first only if another Document gives it: sources may
        contradict each other, but one Document's runners-up are noise.
        """
        groups: list[_Group] = []
        seen: list[Candidate] = []
        for candidate in candidates:
            if candidate.confidence < self.threshold:
                break
            if any(_same_place(candidate, other) for other in seen):
                continue
            said = key(candidate.text, candidate.hit.passage.language)
            group = next((group for group in groups if group.agrees(said)), None)
            if group is None:
                if any(_same_document(candidate, other) for other in seen):
                    continue
                group = _Group()
                groups.append(group)
            seen.append(candidate)
            group.add(candidate, said)
        return tuple(self._answer(g.candidates) for g in groups[: question.max_answers])

    def _answer(self, group: Sequence[Candidate]) -> Answer:
        citations = (
            cite(self.store.document(c.hit.passage.document_id), c.hit.passage, c.span)
            for c in islice(group, _MAX_CITATIONS)
        )
        return Answer(group[0].text, group[0].confidence, tuple(citations))


@dataclass(frozen=True, slots=True)
class _Group:
    """Candidates that all say the same, the best first."""

    candidates: list[Candidate] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)

    def add(self, candidate: Candidate, said: Key) -> None:
        self.candidates.append(candidate)
        self.keys.append(said)

    def agrees(self, said: Key) -> bool:
        # With all, not with the best alone: "Gambarov" must not join Isa and Ali Gambarov.
        return all(said.agrees(other) for other in self.keys)


def _same_document(one: Candidate, other: Candidate) -> bool:
    return one.hit.passage.document_id == other.hit.passage.document_id


def _same_place(one: Candidate, other: Candidate) -> bool:
    return _same_document(one, other) and one.span.overlaps(other.span)


def _with_read(reply: Reply, read_ms: float) -> dict[str, float]:
    timings = {**reply.timings_ms, "read": read_ms}
    return {**timings, "total": sum(timings.values())}
