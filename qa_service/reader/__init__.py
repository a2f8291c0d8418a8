"""Question + Passages -> Candidates: the network, the choice of a Span, its probability."""

from collections.abc import Sequence
from typing import Protocol

from qa_service.schema import Candidate, Hit


class Reader(Protocol):
    """What finds the Spans that may answer a question."""

    name: str

    @property
    def fingerprint(self) -> str: ...

    def read(self, pairs: Sequence[tuple[str, Hit]]) -> list[Candidate | None]:
        """The best Span of each (question, Hit), None where no legal one exists."""
        ...
