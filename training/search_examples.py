"""Questions over passages and Latvian with its English: what the encoder learns from."""

import gzip
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qa_service.schema import Passage
from training.bilingual import DATA, LANGUAGES, Paragraph
from training.reading_examples import Want, pieces_of, wants_of

Pair = tuple[str, str]  # Latvian, English

# Short labels and interface texts teach little about passages.
SKIPPED = {"EU procurement terms", "software UI", "software docs"}


@dataclass(frozen=True, slots=True)
class Search:
    """A question, the passages that answer it, and those that are no negatives for it."""

    question: str
    direction: str
    answers: tuple[int, ...]
    barred: frozenset[int]


@dataclass(frozen=True, slots=True)
class Pool:
    """Passages of both languages and the questions asked over them."""

    pieces: Sequence[Passage]
    searches: Sequence[Search]

    @classmethod
    def of(cls, paragraphs: Sequence[Paragraph], others: Sequence[Passage] = ()) -> "Pool":
        pieces = pieces_of(paragraphs)
        owned: dict[str, list[int]] = defaultdict(list)
        for number, piece in enumerate(pieces):
            owned[piece.document_id].append(number)
        wants = wants_of(paragraphs, random.Random(0))
        searches = [_search(want, pieces, owned[want.paragraph.id]) for want in wants]
        return cls([*pieces, *others], [s for s in searches if s.answers])

    @property
    def texts(self) -> list[str]:
        return [piece.headed_text for piece in self.pieces]

    def in_language(self, code: str) -> np.ndarray:
        return np.array([piece.language == code for piece in self.pieces])


def _search(want: Want, pieces: Sequence[Passage], own: Sequence[int]) -> Search:
    language, gold = LANGUAGES[want.passage_language], want.gold
    direction = f"{LANGUAGES[want.language]}->{language}"
    here = [i for i in own if pieces[i].language == language]
    answers = tuple(i for i in here if gold is not None and pieces[i].span.contains(gold))
    barred = frozenset(own) - frozenset(here) | frozenset(answers)
    return Search(want.question, direction, answers, barred)


def own_pairs(paragraphs: Sequence[Paragraph]) -> list[Pair]:
    """Aligned sentences and questions of the bilingual set, its glossaries and names."""
    pairs = [
        (latvian, english)
        for paragraph in paragraphs
        for english, latvian in zip(*paragraph.sentences, strict=True)
    ]
    pairs += [(a.questions[1], a.questions[0]) for p in paragraphs for a in p.asked if not a.after]
    for path in sorted(DATA.glob("*.tsv")):
        lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
        pairs += [(line[0], line[1]) for line in lines if len(line) >= 2]
    return pairs


def parallel_pairs(path: Path) -> list[Pair]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    return [(r[0], r[1]) for r in rows if r[2] not in SKIPPED and 20 <= len(r[0]) <= 240]
