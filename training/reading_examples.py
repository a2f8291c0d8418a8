"""Questions with several real passages each: what the reader learns from."""

import gzip
import json
import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qa_service.chunking import passages
from qa_service.encoder import SentenceEncoder
from qa_service.retriever import understand
from qa_service.schema import Document, Passage, Question, Section, Span, Turn
from training.bilingual import LANGUAGES, Asked, Paragraph

_WORDS = 80  # a passage, as the service cuts it


@dataclass(frozen=True, slots=True)
class Example:
    """One question over several passage texts; `answers` has the answer's Span in each or None."""

    question: str
    passages: tuple[str, ...]
    answers: tuple[Span | None, ...]
    direction: str


@dataclass(frozen=True, slots=True)
class Want:
    """A question before passages were found for it."""

    question: str
    language: int
    paragraph: Paragraph
    asked: Asked
    passage_language: int

    @property
    def gold(self) -> Span | None:
        if self.asked.answers is None:
            return None
        return self.paragraph.find(self.asked.answers[self.passage_language], self.passage_language)


def bilingual_examples(
    paragraphs: Sequence[Paragraph],
    encoder: SentenceEncoder,
    count: int,
    per_question: int,
    rng: random.Random,
    *,
    varied: bool = True,
) -> list[Example]:
    """`count` questions in the four directions, each with the passages retrieved nearest to it.

    Passages of the same paragraph in the other language are left out: they would answer too.
    """
    pieces = pieces_of(paragraphs)
    vectors = encoder.encode_passages([piece.headed_text for piece in pieces])
    owners = np.array([piece.document_id for piece in pieces])
    languages = np.array([LANGUAGES.index(piece.language) for piece in pieces])
    wants = wants_of(paragraphs, rng)[:count]
    asked = encoder.encode_questions([want.question for want in wants])
    examples = []
    for want, vector in zip(wants, asked, strict=True):
        own = owners == want.paragraph.id
        usable = ~(own & (languages != want.passage_language))
        gold = want.gold
        order = np.argsort(-(vectors @ vector) - 10.0 * (own & usable & (gold is not None)))
        near = [int(i) for i in order if usable[i]][: 4 * per_question]
        examples.append(_example(want, [pieces[i] for i in near], gold, per_question, rng, varied))
    return examples


def _example(
    want: Want,
    near: Sequence[Passage],
    gold: Span | None,
    per_question: int,
    rng: random.Random,
    varied: bool,
) -> Example:
    """The paragraph's own passages and the nearest others, some of them skipped at random."""
    own = [piece for piece in near if piece.document_id == want.paragraph.id]
    holds = [p for p in own if gold is not None and p.span.contains(gold)]
    other = [p for p in near if p not in holds]
    kept = holds[:2] + [p for p in other if not varied or rng.random() < 0.6]
    chosen = kept[:per_question]
    spans = [
        gold.shifted(-p.span.start) if gold is not None and p in holds else None for p in chosen
    ]
    question = variant(want.question, rng) if varied else want.question
    direction = f"{LANGUAGES[want.language]}->{LANGUAGES[want.passage_language]}"
    return Example(
        question,
        tuple(p.text for p in chosen),
        tuple(spans),
        direction if gold is not None else "none",
    )


def wants_of(paragraphs: Iterable[Paragraph], rng: random.Random) -> list[Want]:
    wants = [
        Want(_asked_as(asked, language), language, paragraph, asked, passage_language)
        for paragraph in paragraphs
        for asked in paragraph.asked
        for language in (0, 1)
        for passage_language in (0, 1)
    ]
    rng.shuffle(wants)
    return wants


def _asked_as(asked: Asked, language: int) -> str:
    """The question as the service would understand it, after the one before."""
    if asked.after is None or asked.after.answers is None:
        return asked.questions[language]
    turn = Turn(asked.after.questions[language], asked.after.answers[language])
    return understand(Question(asked.questions[language], (turn,)))


def pieces_of(paragraphs: Iterable[Paragraph]) -> list[Passage]:
    """Both renderings of the paragraphs, cut as the service cuts Documents."""
    return [
        piece
        for paragraph in paragraphs
        for language in (0, 1)
        for piece in passages(_document(paragraph, language), _WORDS)
    ]


def _document(paragraph: Paragraph, language: int) -> Document:
    text = paragraph.text(language)
    section = Section("", 0, Span(0, len(text)))
    return Document(paragraph.id, paragraph.titles[language], LANGUAGES[language], text, (section,))


def english_examples(
    path: Path, sets: Iterable[str], count: int, per_question: int, rng: random.Random
) -> list[Example]:
    """Rows of an English reading set, with other contexts of the same article beside their own."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["set"] in set(sets)]
    contexts: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["context"] not in contexts[row["title"]]:
            contexts[row["title"]].append(row["context"])
    rng.shuffle(rows)
    return [
        _english_example(row, contexts[row["title"]], per_question, rng)
        for row in rows
        if len(row["context"]) <= 1500
    ][:count]


def _english_example(
    row: dict[str, object], contexts: list[str], per_question: int, rng: random.Random
) -> Example:
    context, answers = str(row["context"]), row["answers"]
    assert isinstance(answers, list)
    gold = (
        Span(answers[0]["start"], answers[0]["start"] + len(answers[0]["text"]))
        if answers
        else None
    )
    word = answers[0]["text"].casefold() if answers else None
    others = [
        text
        for text in contexts
        if text != context and len(text) <= 1500 and (word is None or word not in text.casefold())
    ]
    chosen = rng.sample(others, min(per_question - 1, len(others)))
    question = variant(str(row["question"]), rng)
    return Example(
        question, (context, *chosen), (gold, *[None] * len(chosen)), "squad" if gold else "none"
    )


def variant(question: str, rng: random.Random) -> str:
    """The question as people type it: now and then without marks, capitals, or with a typo."""
    chance = rng.random()
    if chance < 0.12:
        question = "".join(
            c for c in unicodedata.normalize("NFD", question) if not unicodedata.combining(c)
        )
    if rng.random() < 0.15:
        question = question.lower().rstrip("?")
    if rng.random() < 0.06 and len(question) > 12:
        place = rng.randrange(1, len(question) - 2)
        pair = question[place] + question[place + 1]
        swapped = rng.choice([pair[::-1], pair[0], pair[0] + pair[0] + pair[1]])
        question = question[:place] + swapped + question[place + 2 :]
    if rng.random() < 0.05:
        question = _keywords(question)
    return question


_SMALL = re.compile(
    r"\b(what|which|who|when|where|how|did|does|do|was|were|is|are|the|a|an|of|in|on|to|by|"
    r"kas|kad|kur|kurš|kura|kurā|ko|kā|cik|vai|bija|ir|tika|un|par|ar|no|pie)\b",
    re.IGNORECASE,
)


def _keywords(question: str) -> str:
    words = _SMALL.sub(" ", question.rstrip("?")).split()
    return " ".join(words).lower() if len(words) >= 2 else question


def batches(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """All examples once, in random batches of like length."""
    order = list(examples)
    rng.shuffle(order)
    pools = [order[i : i + 20 * size] for i in range(0, len(order), 20 * size)]
    made = [
        pool[i : i + size]
        for pool in (sorted(p, key=lambda e: max(map(len, e.passages))) for p in pools)
        for i in range(0, len(pool), size)
    ]
    rng.shuffle(made)
    yield from made
