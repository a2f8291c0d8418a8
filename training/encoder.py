"""Train the encoder further: questions near their passages, Latvian near its English.

    python -m training.encoder --from FOLDER --out FOLDER [--third-party FOLDER] [--steps N]

Each step adds two losses. Retrieval: a question against the passage that holds its answer, in
the four directions, among the batch's other passages and one hard negative a question, mined
anew each round. Distillation (Reimers and Gurevych, 2020): a Latvian sentence is drawn to the
vector that the teacher, which is what the encoder began as, gives its English rendering, and
English stays there. The teacher's vectors are counted from their mean: those of some models all
lie close together.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from transformers import AutoModel

from qa_service.encoder import load_encoder
from qa_service.settings import WEIGHTS
from training import loop
from training.bilingual import LANGUAGES, read_paragraphs
from training.loop import DEVICE, MasterWeights, save_weights
from training.options import (
    PARALLEL,
    common_options,
    float_folder,
    minilm,
    seeded,
    third_party_file,
    tokenizer_in,
)
from training.reading_examples import variant
from training.search_examples import Pair, Pool, Search, own_pairs, parallel_pairs

QUESTIONS = 32  # a step
PAIRS = 48  # a step, half of them in-domain when there are others
KEPT = 16  # of the pairs, those whose English is held in place too
ROUND = 9_600  # questions between two minings of hard negatives, which take minutes
NEAR, NEAR_ACROSS = 8, 2  # hard negatives mined in the passage's language and in the other
SAME_LANGUAGE = 0.5  # share of the same-language questions used: the others are harder
UNTITLED = 0.3  # share of passages shown without their title, so that the text must suffice
CENTRE = 512  # texts that a mean is taken over
TOGETHER = 16  # texts the network sees at once
TEMPERATURE = 0.05
DISTILLATION, CONTRAST = 2.0, 0.2  # weights beside retrieval's 1
DISTRACTORS = 1_200  # passages of the training set beside the held-out ones
TOKENS, TOKENS_SHORT = 192, 64  # of a passage (the longest has 154), of a question or sentence


class Encodes(Protocol):
    def encode_passages(self, texts: Sequence[str]) -> np.ndarray: ...

    def encode_questions(self, texts: Sequence[str]) -> np.ndarray: ...


class Model:
    """A BERT and its tokenizer; texts -> unit vectors `(texts, 384)`, gradients kept."""

    def __init__(self, folder: Path, *, compiled: bool = False) -> None:
        self.tokenizer = tokenizer_in(folder)
        # Dropout stays off: a pass over the data is barely finished, there is no overfitting.
        self.network = (
            AutoModel.from_pretrained(
                folder,
                dtype=torch.bfloat16,
                add_pooling_layer=False,
                attn_implementation="eager",  # its backward pass is the faster one on a CPU
            )
            .to(DEVICE)
            .eval()
        )
        self._run = torch.compile(self.network, dynamic=True) if compiled else self.network

    def __call__(self, texts: Sequence[str], tokens: int) -> torch.Tensor:
        return F.normalize(self._pooled(texts, tokens), dim=-1).cpu()

    @torch.no_grad()
    def centre(self, texts: Sequence[str]) -> None:
        """Count vectors from these texts' mean: the last bias that goes into them is changed."""
        self.network.encoder.layer[-1].output.LayerNorm.bias -= self._pooled(texts, TOKENS).mean(0)

    def _pooled(self, texts: Sequence[str], tokens: int) -> torch.Tensor:
        # Texts of like length go together: padding costs as much as text.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        parts = [order[at : at + TOGETHER] for at in range(0, len(order), TOGETHER)]
        vectors = torch.cat([self._together([texts[i] for i in part], tokens) for part in parts])
        return vectors[torch.tensor(order).argsort()]

    def _together(self, texts: Sequence[str], tokens: int) -> torch.Tensor:
        encoding = self.tokenizer(
            texts, padding=True, truncation=True, max_length=tokens, return_tensors="pt"
        ).to(DEVICE)
        states = self._run(**encoding).last_hidden_state.float()
        weights = encoding["attention_mask"].unsqueeze(-1)
        pooled: torch.Tensor = (states * weights).sum(1) / weights.sum(1)
        return pooled

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode(texts, TOKENS)

    def encode_questions(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode(texts, TOKENS_SHORT)

    @torch.no_grad()
    def _encode(self, texts: Sequence[str], tokens: int) -> np.ndarray:
        return self(texts, tokens).numpy()


class Teacher:
    """What the encoder began as: English sentences -> unit vectors counted from their mean."""

    def __init__(self, folder: Path, prompt: str, pairs: Sequence[Sequence[Pair]]) -> None:
        self._model, self._prompt = Model(folder), prompt
        english = [pair[1] for part in pairs for pair in part]
        sample = random.Random(0).sample(english, min(CENTRE, len(english)))
        self._mean = torch.from_numpy(self._vectors(sample).mean(axis=0))

    def __call__(self, sentences: Sequence[str]) -> torch.Tensor:
        return F.normalize(torch.from_numpy(self._vectors(sentences)) - self._mean, dim=-1)

    def _vectors(self, sentences: Sequence[str]) -> np.ndarray:
        return self._model.encode_questions([self._prompt + text for text in sentences])


def main() -> None:
    parser = common_options(__doc__, WEIGHTS / "encoder", 800, PARALLEL)
    parser.add_argument("--teacher", type=Path, help="folder; unset: all-MiniLM-L6-v2")
    parser.add_argument("--prompt", default="", help="put before what the teacher reads")
    parser.add_argument(
        "--mined-by", type=Path, help="encoder of hard negatives; unset: the one in training"
    )
    parser.add_argument(
        "--centre", action="store_true", help="begin with vectors counted from their mean"
    )
    options = parser.parse_args()
    seeded(options)
    options.start = float_folder(options.start, options.out)
    parallel = third_party_file(options.third_party, PARALLEL)

    paragraphs = read_paragraphs(held_out=False)[: options.paragraphs]
    pool = Pool.of(paragraphs)
    held_out = held_out_pool(pool, options.paragraphs)
    pairs = [own_pairs(paragraphs)]
    if parallel:
        pairs.append(parallel_pairs(parallel))
    counts = f"{len(pool.searches)} questions, {len(pool.pieces)} passages"
    print(f"{counts}, pairs {[len(p) for p in pairs]}", flush=True)
    train(options, pool, held_out, pairs)


def held_out_pool(trained: Pool, paragraphs: int | None = None) -> Pool:
    """The paragraphs kept out of training, among some passages of `trained`."""
    count = min(DISTRACTORS, len(trained.pieces))
    distractors = random.Random(0).sample(list(trained.pieces), count)
    return Pool.of(read_paragraphs(held_out=True)[:paragraphs], distractors)


def train(
    options: argparse.Namespace, pool: Pool, held_out: Pool, pairs: Sequence[Sequence[Pair]]
) -> None:
    """Train for `options.steps`, the weights so far kept in `options.out`."""
    model = Model(options.start, compiled=options.compile)
    loop.freeze(model.network, options.freeze)
    if options.centre:
        texts = [*pool.texts, *(search.question for search in pool.searches[: len(pool.texts)])]
        model.centre(random.Random(0).sample(texts, min(CENTRE, len(texts))))
    teacher = Teacher(options.teacher or minilm(), options.prompt, pairs)
    masters = MasterWeights(model.network, lambda name: options.rate, decay=0.0)
    miner = load_encoder(str(options.mined_by), options.threads) if options.mined_by else model
    batches: list[Batch] = []

    def loss_at(step: int) -> torch.Tensor:
        nonlocal batches
        rng = random.Random(f"{options.seed} {step}")
        if not batches:
            batches = _round(pool, miner, rng)
            if not batches:
                raise SystemExit(
                    f"too few questions for one step of {QUESTIONS}: use more paragraphs"
                )
        retrieval = _retrieval_loss(model, pool, batches.pop(), rng)
        sample = [pair for part in pairs for pair in rng.sample(part, PAIRS // len(pairs))]
        return retrieval + _distillation_loss(model, teacher, sample, rng)

    def keep(when: str) -> None:
        save_weights(options.start, options.out, masters.weights())
        print(when, json.dumps(measure(model, held_out)), flush=True)

    checkpoint = options.out / "checkpoint.pt"
    loop.train(masters, loss_at, keep, checkpoint, options.steps, options.keep_every)


Batch = list[tuple[Search, int]]  # with a hard negative each


def _round(pool: Pool, miner: Encodes, rng: random.Random) -> list[Batch]:
    """Batches of questions over passages of one language, as the service ranks them."""
    usable = [
        s
        for s in pool.searches
        if s.direction[:2] != s.direction[-2:] or rng.random() < SAME_LANGUAGE
    ]
    searches = rng.sample(usable, min(ROUND, len(usable)))
    vectors = miner.encode_passages(pool.texts)
    asked = miner.encode_questions([s.question for s in searches])
    batches: list[Batch] = []
    for code in LANGUAGES:
        here = pool.in_language(code)
        mined = [
            (search, rng.choice(_near(search, vectors @ vector, here)))
            for search, vector in zip(searches, asked, strict=True)
            if search.direction.endswith(code)
        ]
        last = len(mined) - QUESTIONS + 1
        batches += [mined[at : at + QUESTIONS] for at in range(0, last, QUESTIONS)]
    rng.shuffle(batches)
    return batches


def _near(search: Search, scores: np.ndarray, here: np.ndarray) -> list[int]:
    """The nearest passages that do not answer, most of them in the wanted language."""
    scores = scores.copy()
    scores[list(search.barred)] = -2.0
    same, across = np.where(here, scores, -2.0), np.where(here, -2.0, scores)
    return [*np.argsort(-same)[:NEAR].tolist(), *np.argsort(-across)[:NEAR_ACROSS].tolist()]


def _retrieval_loss(model: Model, pool: Pool, batch: Batch, rng: random.Random) -> torch.Tensor:
    """Cross entropy of questions over passages and of the right passages over questions."""
    shown = [rng.choice(search.answers) for search, _ in batch] + [hard for _, hard in batch]
    pieces = [pool.pieces[i] for i in shown]
    texts = [p.text if rng.random() < UNTITLED else p.headed_text for p in pieces]
    questions = model([variant(search.question, rng) for search, _ in batch], TOKENS_SHORT)
    scores = questions @ model(texts, TOKENS).T / TEMPERATURE  # (questions, right then hard)
    right = torch.arange(len(batch))
    barred = torch.tensor([[i in search.barred for i in shown] for search, _ in batch])
    barred[right, right] = False
    scores = scores.masked_fill(barred, -1e4)
    back = scores[:, : len(batch)].T
    return F.cross_entropy(scores, right) + 0.5 * F.cross_entropy(back, right)


def _distillation_loss(
    model: Model, teacher: Teacher, pairs: Sequence[Pair], rng: random.Random
) -> torch.Tensor:
    wanted = teacher([english for _, english in pairs])
    got = model([latvian for latvian, _ in pairs], TOKENS_SHORT)
    kept = rng.sample(range(len(pairs)), KEPT)
    english = model([pairs[i][1] for i in kept], TOKENS_SHORT)
    away = (1 - (got * wanted).sum(1)).mean() + (1 - (english * wanted[kept]).sum(1)).mean()
    contrast = F.cross_entropy(got @ wanted.T / TEMPERATURE, torch.arange(len(pairs)))
    return DISTILLATION * away + CONTRAST * contrast


def measure(model: Encodes, pool: Pool) -> dict[str, float]:
    """R@1 and R@5 by direction, among one language's passages and (`both`) the two languages'.

    A paragraph's own rendering in the other language is no candidate. `mean` averages the former.
    """
    vectors = model.encode_passages(pool.texts)
    asked = model.encode_questions([search.question for search in pool.searches])
    languages = {code: pool.in_language(code) for code in LANGUAGES}
    hits: dict[str, list[bool]] = defaultdict(list)
    for search, vector in zip(pool.searches, asked, strict=True):
        scores = vectors @ vector
        right = scores[list(search.answers)].max()
        scores[list(search.barred)] = -2.0
        better = scores > right
        among = (("", better & languages[search.direction[-2:]]), (" both", better))
        for k in (1, 5):
            for name, above in among:
                hits[f"{search.direction}{name} R@{k}"].append(int(above.sum()) < k)
    figures = {name: round(mean(values), 3) for name, values in sorted(hits.items())}
    overall = mean(value for name, value in figures.items() if "both" not in name)
    return {**figures, "mean": round(overall, 4)}


if __name__ == "__main__":
    main()
