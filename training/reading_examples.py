"""Questions with several real passages each: what the reader learns from."""

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from qa_service.chunking import passages
from qa_service.encoder import Encoder
from qa_service.retriever import understand
from qa_service.schema import Document, Passage, Question, Section, Span, Turn
from qa_service.styles import as_keywords, with_typo, without_marks
from training.bilingual import LANGUAGES, Asked, Paragraph

_WORDS = 80  # a passage, as the service cuts it
_FAVOUR = 4


@dataclass(frozen=True, slots=True)
class Example:
    """One question over several passage texts; `answers` has the answer's Span in each or None."""

    question: str
    passages: tuple[str, ...]
    answers: tuple[Span | None, ...]
    direction: str

    @property
    def accepted(self) -> list[str]:
        """The answer's words as its passages write them; empty where none holds it."""
        return [s.of(p) for s, p in zip(self.answers, self.passages, strict=True) if s]


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
    encoder: Encoder,
    count: int,
    choose: "Choice",
    rng: random.Random,
    favoured: Sequence[str] = (),
) -> list[Example]:
    """`count` questions in the four directions, each with passages retrieved nearest to it.

    Those of the files that are `favoured` are taken `_FAVOUR` times as often as others. Passages
    of the same paragraph in the other language are left out: they would answer too.
    """
    pieces = pieces_of(paragraphs)
    wants = wants_of(paragraphs, rng)
    if favoured:
        early = set(favoured)
        wants.sort(key=lambda w: rng.random() / (_FAVOUR if w.paragraph.file in early else 1))
    wants = wants[:count]
    nearest = choose.nearest(encoder, pieces, [want.question for want in wants])
    own: dict[str, list[Passage]] = defaultdict(list)
    for piece in pieces:
        own[piece.document_id].append(piece)
    examples = []
    for want, found in zip(wants, nearest, strict=True):
        language = LANGUAGES[want.passage_language]
        direction = f"{LANGUAGES[want.language]}->{language}"
        near = [piece for piece in found if piece.document_id != want.paragraph.id]
        here = [piece for piece in own[want.paragraph.id] if piece.language == language]
        examples.append(choose(want.question, direction, want.gold, here, near))
    return examples


@dataclass(frozen=True, slots=True)
class Choice:
    """Which passages go with a question: those that hold the answer, then others near to it."""

    passages: int  # a question
    rng: random.Random
    seen: float = 1.0  # share of the other passages that is used, so that not only the nearest are
    missed: float = 0.0  # share of questions whose answer was not found by the retrieval

    def nearest(
        self, encoder: Encoder, pieces: Sequence[Passage], questions: Sequence[str]
    ) -> list[list[Passage]]:
        """For each question more of the nearest pieces than it needs; none if it needs one only."""
        if self.passages == 1:
            return [[] for _ in questions]
        vectors = encoder.encode_passages([piece.headed_text for piece in pieces])
        asked = encoder.encode_questions(questions)
        orders = (np.argsort(-(vectors @ vector))[: 8 * self.passages] for vector in asked)
        return [[pieces[int(i)] for i in order] for order in orders]

    def __call__(
        self,
        question: str,
        direction: str,
        gold: Span | None,
        own: Sequence[Passage],
        near: Sequence[Passage],
    ) -> Example:
        """`gold` is where a passage of `own` has the answer; `near` are nearest first."""
        holds = [p for p in own if gold is not None and p.span.contains(gold)]
        beside = [p for p in own if p not in holds]
        if near and self.rng.random() < self.missed:
            holds, beside = [], []
        others = [p for p in near if self.rng.random() < self.seen] or list(near[:1])
        chosen = (holds[:2] + beside[:1] + others)[: self.passages]
        spans = [
            gold.shifted(-p.span.start) if gold is not None and p in holds else None for p in chosen
        ]
        texts = tuple(p.text for p in chosen)
        return Example(question, texts, tuple(spans), direction if any(spans) else "none")


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
        for piece in passages(
            _document(
                paragraph.id,
                paragraph.titles[language],
                LANGUAGES[language],
                paragraph.text(language),
            ),
            _WORDS,
        )
    ]


def _document(name: str, title: str, language: str, text: str) -> Document:
    return Document(name, title, language, text, (Section("", 0, Span(0, len(text))),))


# Articles that no training reads, for measuring English reading: every sixth of SQuAD's.
KEPT_OUT = (
    *("Amazon_rainforest", "Apollo_program", "Force"),
    *("Fresno,_California", "Scottish_Parliament", "Steam_engine"),
)


def english_rows(path: Path, name: str) -> list[dict[str, Any]]:
    """The rows of one English reading set, its text as people write it."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["set"] == name]
    if not name.startswith("qed"):
        return rows
    return [row for row in map(_detokenised, rows) if row]


def english_examples(
    path: Path, counts: Mapping[str, int], encoder: Encoder, choose: Choice, rng: random.Random
) -> list[Example]:
    """So many questions of each English reading set, each with the nearest of all its passages."""
    rows: list[dict[str, Any]] = []
    for name, count in counts.items():
        usable = [row for row in english_rows(path, name) if row["title"] not in KEPT_OUT]
        rows += rng.sample(usable, min(count, len(usable)))
    contexts = {
        row["context"]: list(
            passages(_document(row["context"], row["title"], "en", row["context"]), _WORDS)
        )
        for row in rows
    }
    pieces = [piece for own in contexts.values() for piece in own]
    nearest = choose.nearest(encoder, pieces, [row["question"] for row in rows])
    examples = []
    for row, found in zip(rows, nearest, strict=True):
        answer = row["answers"][0] if row["answers"] else None
        gold = answer and Span(answer["start"], answer["start"] + len(answer["text"]))
        # Another context that holds the same words may answer too: it is no passage without.
        near = [
            piece
            for piece in found
            if piece.document_id != row["context"]
            and not (answer and answer["text"].casefold() in piece.text.casefold())
        ]
        own = contexts[row["context"]]
        examples.append(choose(row["question"], row["set"], gold, own, near))
    return examples


_BEFORE = re.compile(r" +([,.;:!?)\]%]|'s\b|n't\b|'')")
_AFTER = re.compile(r"([(\[]|``) +")


def _detokenised(row: dict[str, Any]) -> dict[str, Any] | None:
    """A row of Natural Questions without its spaced-out marks; None if its answer is lost."""
    text, answers = _joined(row["context"]), []
    for answer in row["answers"]:
        words = _joined(answer["text"])
        if (start := text.find(words)) < 0:
            return None
        answers.append({"text": words, "start": start})
    return {**row, "context": text, "answers": answers}


def _joined(text: str) -> str:
    """A tokenised sentence as people write it."""
    text = _AFTER.sub(r"\1", _BEFORE.sub(r"\1", text)).replace(" - ", "-")
    return text.replace("``", '"').replace("''", '"')


# What people write before a question, other than in the evaluation's own way of typing at length.
_PREAMBLES = {
    "en": (
        "Hello!",
        "Hi there, quick question:",
        "Good morning. I hope that you can help me.",
        "Could you please tell me:",
        "My daughter has to write about this for school.",
        "I read something about it last week but forgot the details.",
        "Sorry to bother you again, one more thing:",
        "We are arguing about this at work, so settle it for us:",
        "Thanks for the last answer, it was useful. Now I would like to know:",
    ),
    "lv": (
        "Sveiki!",
        "Labdien, man ir īss jautājums:",
        "Labrīt! Ceru, ka varat palīdzēt.",
        "Lūdzu, pasakiet:",
        "Meitai par to jāraksta skolā.",
        "Pagājušajā nedēļā par to kaut ko lasīju, bet sīkumus aizmirsu.",
        "Atvainojiet, ka atkal traucēju, vēl viena lieta:",
        "Mēs darbā par to strīdamies, tāpēc izšķiriet:",
        "Paldies par iepriekšējo atbildi, tā noderēja. Tagad gribētu zināt:",
    ),
}
_LATVIAN_LETTER = re.compile(r"[āčēģīķļņšūž]", re.IGNORECASE)


def variant(question: str, rng: random.Random) -> str:
    """The question as people type it: now and then without marks, capitals, or with a typo."""
    if rng.random() < 0.06:
        language = "lv" if _LATVIAN_LETTER.search(question) else "en"
        question = f"{rng.choice(_PREAMBLES[language])} {question}"
    if rng.random() < 0.12:
        question = without_marks(question)
    if rng.random() < 0.15:
        question = question.lower().rstrip("?")
    elif rng.random() < 0.03:
        question = question.upper()
    if rng.random() < 0.08:
        question = with_typo(question, rng)
    if rng.random() < 0.08:
        question = as_keywords(question)
    return question


@dataclass(slots=True)
class Batches:
    """All examples once in an epoch, in random batches of like length, by the step's number."""

    examples: Sequence[Example]
    size: int
    seed: int
    _epoch: int = -1
    _made: Sequence[Sequence[Example]] = ()

    def __getitem__(self, step: int) -> list[Example]:
        epoch, place = divmod(step, -(-len(self.examples) // self.size))
        if epoch != self._epoch:
            self._epoch, self._made = epoch, self._cut(random.Random(self.seed + epoch))
        rng = random.Random(f"{self.seed} {step}")
        return [replace(e, question=variant(e.question, rng)) for e in self._made[place]]

    def _cut(self, rng: random.Random) -> list[list[Example]]:
        order = list(self.examples)
        rng.shuffle(order)
        pool = 20 * self.size
        made = []
        for at in range(0, len(order), pool):
            near = sorted(order[at : at + pool], key=lambda e: max(map(len, e.passages)))
            made += [near[i : i + self.size] for i in range(0, len(near), self.size)]
        rng.shuffle(made)
        return made
