"""Train the span reader on several passages a question, their scores normalised together.

    python -m training.reader --from FOLDER --out FOLDER [--third-party FOLDER] [--minutes N]

A span's score counts from its passage's own "no answer" logit; the loss is a softmax over all
tokens of all passages of a question and one "no answer" (shared normalisation, Clark and
Gardner, 2018), plus the usual softmax within each passage.
"""

import json
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import numpy as np
import torch
import torch.nn.functional as F
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, PreTrainedModel

from qa_service.encoder import SentenceEncoder
from qa_service.metrics import f1
from qa_service.reader.model import SpanReader
from qa_service.schema import Hit, Passage, Span
from qa_service.settings import WEIGHTS
from training.bilingual import read_paragraphs
from training.options import common_options, seeded
from training.reading_examples import Example, batches, bilingual_examples, english_examples

_READING = "reading.en.jsonl.gz"
BATCH = 8  # questions
PASSAGES = 4  # a question, in training
PASSAGES_READ = 8  # a question, in evaluation: what the service reads
LENGTH = 256  # tokens of question and passage
LEARNING_RATE = 1e-4  # of the body; the embeddings take half, the head three times as much
WARM_UP = 50  # steps
CHECK_MINUTES = 10


def main() -> None:
    parser = common_options(__doc__, WEIGHTS / "reader", 60, _READING)
    parser.add_argument("--encoder", type=Path, default=WEIGHTS / "encoder")
    parser.add_argument("--bilingual", type=int, default=9_000, help="questions")
    parser.add_argument("--english", type=int, default=4_000, help="questions")
    parser.add_argument("--check", type=int, default=160, help="held-out questions")
    options = parser.parse_args()
    rng = seeded(options)

    encoder = SentenceEncoder(str(options.encoder))
    held_out = bilingual_examples(
        read_paragraphs(held_out=True), encoder, options.check, PASSAGES_READ, rng, varied=False
    )
    examples = bilingual_examples(
        read_paragraphs(held_out=False), encoder, options.bilingual, PASSAGES, rng
    )
    if options.third_party:
        rows = options.third_party / _READING
        sets = ("squad", "squad2-none")
        examples += english_examples(rows, sets, options.english, PASSAGES, rng)
    print(f"{len(examples)} questions, {len(held_out)} held out", flush=True)
    train(options.start, options.out, examples, held_out, options.minutes, rng)


def train(
    start: Path,
    out: Path,
    examples: Sequence[Example],
    held_out: Sequence[Example],
    minutes: float,
    rng: random.Random,
) -> None:
    """Train for `minutes`, the rate falling to zero; the best checkpoint on `held_out` stays."""
    tokenizer = AutoTokenizer.from_pretrained(start)
    model = AutoModelForQuestionAnswering.from_pretrained(start, dtype=torch.float32)
    optimizer = torch.optim.AdamW(_groups(model), weight_decay=0.01)
    rates = [group["lr"] for group in optimizer.param_groups]
    best, step, began = -1.0, 0, time.monotonic()
    checked = began - CHECK_MINUTES * 60  # the starting point is checked too
    while (spent := (time.monotonic() - began) / 60) < minutes:
        for batch in batches(examples, BATCH, rng):
            spent = (time.monotonic() - began) / 60
            if spent >= minutes:
                break
            if time.monotonic() - checked > CHECK_MINUTES * 60:
                checked = time.monotonic()
                best = _check(model, tokenizer, out, held_out, best, f"step {step}")
            share = min(1.0, (step + 1) / WARM_UP) * max(0.01, 1 - spent / minutes)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * share
            model.train()
            loss = _loss(model, tokenizer, batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            if step % 25 == 0:
                seen = step * BATCH / len(examples)
                print(
                    f"{spent:.1f} min, step {step}, epoch {seen:.2f}, loss {loss:.3f}", flush=True
                )
    _check(model, tokenizer, out, held_out, best, "end")


def _groups(model: torch.nn.Module) -> list[dict[str, object]]:
    parts: dict[str, list[torch.nn.Parameter]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        kind = "embeddings" if "word_embeddings" in name else "head" if "qa_" in name else "body"
        parts[kind].append(parameter)
    rates = {"body": 1.0, "embeddings": 0.5, "head": 3.0}
    return [{"params": parts[kind], "lr": LEARNING_RATE * rates[kind]} for kind in rates]


def _loss(
    model: torch.nn.Module, tokenizer: AutoTokenizer, batch: Sequence[Example]
) -> torch.Tensor:
    pairs = [(e.question, text) for e in batch for text in e.passages]
    spans = [span for e in batch for span in e.answers]
    encoding = tokenizer(
        [q for q, _ in pairs],
        [p for _, p in pairs],
        truncation="only_second",
        max_length=LENGTH,
        padding=True,
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    offsets = encoding.pop("offset_mapping").numpy()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = model(**encoding)
    inside = torch.tensor([[s == 1 for s in encoding.sequence_ids(i)] for i in range(len(pairs))])
    gold = [_tokens(offsets[i], inside[i].numpy(), spans[i]) for i in range(len(pairs))]
    sizes = [len(example.passages) for example in batch]
    loss = torch.zeros(())
    for side, logits in enumerate((output.start_logits.float(), output.end_logits.float())):
        relative = (logits - logits[:, :1]).masked_fill(~inside, -1e4)
        target = torch.tensor([g[side] if g else 0 for g in gold])
        alone = relative.clone()
        alone[:, 0] = 0.0  # "no answer in this passage"
        loss = loss + 0.5 * F.cross_entropy(alone, target)
        loss = loss + _shared(relative, target, sizes)
    return loss / 2


def _shared(relative: torch.Tensor, target: torch.Tensor, sizes: Sequence[int]) -> torch.Tensor:
    """Cross entropy over all passages of each question together, `(passages, tokens)`."""
    losses, at = [], 0
    for size in sizes:
        scores, wanted = relative[at : at + size], target[at : at + size]
        total = torch.logsumexp(torch.cat([scores.flatten(), torch.zeros(1)]), 0)
        places = [scores[i, wanted[i]] for i in range(size) if wanted[i] > 0]
        right = torch.logsumexp(torch.stack(places), 0) if places else torch.zeros(())
        losses.append(total - right)
        at += size
    return torch.stack(losses).mean()


def _tokens(offsets: np.ndarray, inside: np.ndarray, span: Span | None) -> tuple[int, int] | None:
    """First and last token of a span, None where there is none or it was cut off."""
    if span is None:
        return None
    held = np.flatnonzero(inside & (offsets[:, 1] > span.start) & (offsets[:, 0] < span.end))
    return (int(held[0]), int(held[-1])) if len(held) else None


def _check(
    model: PreTrainedModel,
    tokenizer: AutoTokenizer,
    out: Path,
    held_out: Sequence[Example],
    best: float,
    when: str,
) -> float:
    """Save the model if it reads the held-out questions better than `best`; the better figure."""
    model.eval()
    draft = out.with_name(out.name + ".new")
    model.half().save_pretrained(draft)
    model.float()
    tokenizer.save_pretrained(draft)
    figures = measure(SpanReader(str(draft)), held_out)
    print(when, json.dumps(figures), flush=True)
    if figures["mean"] > best:
        out.mkdir(parents=True, exist_ok=True)
        for path in draft.iterdir():
            path.replace(out / path.name)
    return max(best, figures["mean"])


def measure(reader: SpanReader, examples: Sequence[Example]) -> dict[str, float]:
    """F1 of the best span over all passages by direction, and how well scores tell "none"."""
    pairs, owners = [], []
    for number, example in enumerate(examples):
        for text in example.passages:
            passage = Passage("", "", "en", "", None, Span(0, len(text)), text)
            pairs.append((example.question, Hit(passage, 0.0, 0.0)))
            owners.append(number)
    best: dict[int, tuple[float, str]] = {}
    for number, candidate in zip(owners, reader.read(pairs), strict=True):
        if candidate and candidate.score > best.get(number, (-1e9, ""))[0]:
            best[number] = (candidate.score, candidate.text)
    scores: dict[str, list[float]] = defaultdict(list)
    kept: dict[bool, list[float]] = {True: [], False: []}
    for number, example in enumerate(examples):
        score, text = best[number]
        gold = [s.of(p) for s, p in zip(example.answers, example.passages, strict=True) if s]
        kept[bool(gold)].append(score)
        if example.direction != "none":
            scores[example.direction].append(f1(text, gold) if gold else 0.0)
    figures = {direction: round(mean(values), 3) for direction, values in sorted(scores.items())}
    pairs_right = [a > b for a in kept[True] for b in kept[False]]
    auc = mean(pairs_right) if pairs_right else 0.0
    return {**figures, "auc_none": round(auc, 3), "mean": round(mean(figures.values()), 4)}


if __name__ == "__main__":
    main()
