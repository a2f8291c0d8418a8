"""The words of the project, as plain frozen values that cross every border.

All offsets are half-open and count code points of the Document's text, so that
`document.text[span.start:span.end] == quotation` holds for every Citation.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from qa_service.errors import QuestionError

MAX_QUESTION = 1_000  # characters
MAX_HISTORY = 20  # turns
MAX_HITS = 50
MAX_ANSWERS = 10


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open `[start, end)` in code points of a Document's text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a Span needs 0 <= start <= end, got {self.start}..{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        return text[self.start : self.end]

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end

    def shifted(self, by: int) -> "Span":
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Section:
    """The text between one heading and the next; text before any heading has the title ""."""

    title: str
    level: int
    span: Span


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a paged source, such as a PDF; a Document has them in order."""

    number: int
    span: Span


@dataclass(frozen=True, slots=True)
class Document:
    """A source text, kept exactly, with what is known about it."""

    id: str
    title: str
    language: str
    text: str
    sections: tuple[Section, ...]
    pages: tuple[Page, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    """The path of its file in the corpus folder; "" where it has none."""

    @property
    def text_sha256(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    def page_at(self, offset: int) -> int | None:
        index = bisect_right(self.pages, offset, key=lambda page: page.span.start) - 1
        if index < 0 or offset >= self.pages[index].span.end:
            return None
        return self.pages[index].number


@dataclass(frozen=True, slots=True)
class Summary:
    """A Document without its text, as lists show it; `length` counts code points."""

    id: str
    title: str
    language: str
    length: int
    passages: int
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Passage:
    """A contiguous piece of one Document: `document.text[span.start:span.end] == text`."""

    document_id: str
    title: str
    language: str
    section: str
    page: int | None
    span: Span
    text: str

    @property
    def id(self) -> str:
        return f"{self.document_id}:{self.span.start}-{self.span.end}"

    @property
    def headed_text(self) -> str:
        """The text under its title and section: what is encoded and indexed."""
        heads = dict.fromkeys(head for head in (self.title, self.section) if head)
        return "\n".join((*heads, self.text))


@dataclass(frozen=True, slots=True)
class Hit:
    """A Passage that was retrieved; `score` is higher for better ones.

    `similarity` is the cosine of question and Passage.
    """

    passage: Passage
    score: float
    similarity: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Span that may answer the question.

    `score` is the reader's logit of the Span above its logit of "no answer here";
    `confidence` the calibrated probability that the Span is right.
    """

    hit: Hit
    span: Span
    score: float
    confidence: float = 0.0

    @property
    def text(self) -> str:
        passage = self.hit.passage
        return self.span.shifted(-passage.span.start).of(passage.text)


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quotation was copied from, in terms that a program can check."""

    document_id: str
    title: str
    language: str
    section: str | None
    page: int | None
    span: Span
    span_utf16: Span
    quotation: str
    prefix: str
    suffix: str
    sentence: str
    sentence_span: Span
    text_sha256: str
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A verbatim text with the places it stands at, best first."""

    text: str
    confidence: float
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and the answer it got ("" for none)."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, with the conversation so far and the limits they set."""

    text: str
    history: tuple[Turn, ...] = ()
    k: int = 8
    max_answers: int = 3
    document_ids: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        length = len(self.text)
        if not self.text.strip():
            raise QuestionError("The question is empty. Ask something in a few words.")
        if length > MAX_QUESTION:
            raise QuestionError(
                f"The question has {length:,} characters; at most {MAX_QUESTION:,} are read. "
                "Shorten it to what you want to know."
            )
        said = "".join((self.text, *(turn.question + turn.answer for turn in self.history)))
        if any("\ud800" <= char <= "\udfff" for char in said):
            raise QuestionError(
                "The question or its history holds half a surrogate pair, which is no character. "
                "Send it as valid UTF-8."
            )


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The Hits of a Question, best first, before anything was read."""

    question: Question
    language: str
    understood_as: str
    hits: tuple[Hit, ...]
    timings_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service says to a Question: Answers, or none when it abstains."""

    retrieved: Retrieved
    answers: tuple[Answer, ...]
    snapshot: str
    timings_ms: Mapping[str, float]

    @property
    def answered(self) -> bool:
        return bool(self.answers)

    @property
    def hits(self) -> Sequence[Hit]:
        return self.retrieved.hits
