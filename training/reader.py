"""Train the span reader on several passages a question, their scores normalised together.

    python -m training.reader --from FOLDER --out FOLDER [--third-party FOLDER] [--steps N]

A span's score counts from its passage's own "no answer" logit; the loss is a softmax over all
tokens of all passages of a question and one "no answer" (shared normalisation, Clark and
Gardner, 2018), plus the usual softmax within each passage.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from transformers import AutoModelForQuestionAnswering, PreTrainedTokenizerFast

from qa_service.encoder import load_encoder
from qa_service.metrics import f1
from qa_service.reader.model import SpanReader, load_reader
from qa_service.schema import Hit, Passage, Span
from qa_service.settings import WEIGHTS
from training import loop
from training.bilingual import read_paragraphs
from training.export import export
from training.loop import DEVICE, MasterWeights, save_weights
from training.options import (
    READING,
    common_options,
    float_folder,
    seeded,
    third_party_file,
    tokenizer_in,
)
from training.reading_examples import (
    Batches,
    Choice,
    Example,
    bilingual_examples,
    english_examples,
)

ENGLISH = {"squad": 3_400, "squad2-none": 800, "qed": 1_800, "fairytale": 700}  # questions
PAIRS = 32  # of a question and a passage, a step
PASSAGES_READ = 8  # a question, in evaluation: what the service reads
LENGTH = 256  # tokens of question and passage
RATES = {"word_embeddings": 0.5, "qa_": 3.0}  # by part of a name, in those of all others
DECAY = 0.01
SEEN, MISSED = 0.6, 0.06  # see Choice


def main() -> None:
    parser = common_options(__doc__, WEIGHTS / "reader", 3_500, READING)
    parser.add_argument("--encoder", type=Path, default=WEIGHTS / "encoder")
    parser.add_argument("--passages", type=int, default=4, help="a question; 1: the right one")
    parser.add_argument("--bilingual", type=int, default=9_000, help="questions")
    parser.add_argument("--english", type=float, default=1.0, help="share of ENGLISH used")
    parser.add_argument(
        "--favour", nargs="*", default=[], metavar="FILE", help="of the bilingual set: asked more"
    )
    parser.add_argument("--check", type=int, default=160, help="held-out questions")
    options = parser.parse_args()
    rng = seeded(options)
    options.start = float_folder(options.start, options.out)
    reading = third_party_file(options.third_party, READING)

    encoder = load_encoder(str(options.encoder), options.threads)
    held_out = bilingual_examples(
        read_paragraphs(held_out=True)[: options.paragraphs],
        encoder,
        options.check,
        Choice(PASSAGES_READ, rng),
        rng,
    )
    choose = Choice(options.passages, rng, SEEN, MISSED)
    paragraphs = read_paragraphs(held_out=False)[: options.paragraphs]
    examples = bilingual_examples(
        paragraphs, encoder, options.bilingual, choose, rng, options.favour
    )
    if reading:
        counts = {name: int(count * options.english) for name, count in ENGLISH.items()}
        examples += english_examples(reading, counts, encoder, choose, rng)
    print(f"{len(examples)} questions, {len(held_out)} held out", flush=True)
    train(options, examples, held_out)


def train(
    options: argparse.Namespace, examples: Sequence[Example], held_out: Sequence[Example]
) -> None:
    """Train for `options.steps`, the weights so far kept in `options.out`."""
    tokenizer = tokenizer_in(options.start)
    # Dropout stays off: it doubles a step's time here, and few questions are seen twice.
    network = AutoModelForQuestionAnswering.from_pretrained(
        options.start,
        dtype=torch.bfloat16,
        attn_implementation="eager",  # its backward pass is the faster one on a CPU
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    ).to(DEVICE)
    loop.freeze(network, options.freeze)
    run = torch.compile(network, dynamic=True) if options.compile else network
    course = Batches(examples, PAIRS // options.passages, options.seed)
    masters = MasterWeights(network, lambda name: options.rate * _rate(name), DECAY)

    def keep(when: str) -> None:
        save_weights(options.start, options.out, masters.weights())
        shipped = options.out.with_name(f"{options.out.name}.int8")
        export(options.out, shipped)
        figures = measure(load_reader(str(shipped), options.threads), held_out)
        print(when, json.dumps(figures), flush=True)

    loop.train(
        masters,
        lambda step: _loss(run, tokenizer, course[step]),
        keep,
        options.out / "checkpoint.pt",
        options.steps,
        options.keep_every,
    )


def _rate(name: str) -> float:
    return next((rate for part, rate in RATES.items() if part in name), 1.0)


def _loss(
    network: Callable[..., Any], tokenizer: PreTrainedTokenizerFast, batch: Sequence[Example]
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
    output = network(**encoding.to(DEVICE))
    inside = torch.tensor([[s == 1 for s in encoding.sequence_ids(i)] for i in range(len(pairs))])
    gold = [_tokens(offsets[i], inside[i].numpy(), spans[i]) for i in range(len(pairs))]
    sizes = [len(example.passages) for example in batch]
    loss = torch.zeros(())
    for side, logits in enumerate((output.start_logits, output.end_logits)):
        logits = logits.float().cpu()
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


def measure(reader: SpanReader, examples: Sequence[Example]) -> dict[str, float]:
    """F1 of the best span over all passages by direction, and how well scores tell "none"."""
    found = best_answers(reader, examples)
    scores: dict[str, list[float]] = defaultdict(list)
    for example, (_, text) in zip(examples, found, strict=True):
        if example.accepted:
            scores[example.direction].append(f1(text, example.accepted))
    figures = {direction: round(mean(values), 3) for direction, values in sorted(scores.items())}
    kept = [s for e, (s, _) in zip(examples, found, strict=True) if e.accepted]
    lost = [s for e, (s, _) in zip(examples, found, strict=True) if not e.accepted]
    above = [one > other for one in kept for other in lost]
    overall = mean(figures.values()) if figures else 0.0
    return {
        **figures,
        "answerable above unanswerable": round(mean(above), 3) if above else 0.0,
        "mean": round(overall, 4),
    }


def best_answers(reader: SpanReader, examples: Sequence[Example]) -> list[tuple[float, str]]:
    """For each question the score and the text of the best span over its passages."""
    pairs, owners = [], []
    for number, example in enumerate(examples):
        for text in example.passages:
            passage = Passage("", "", "en", "", None, Span(0, len(text)), text)
            pairs.append((example.question, Hit(passage, 0.0, 0.0)))
            owners.append(number)
    best = [(-1e9, "")] * len(examples)
    for number, candidate in zip(owners, reader.read(pairs), strict=True):
        if candidate and candidate.score > best[number][0]:
            best[number] = (candidate.score, candidate.text)
    return best


if __name__ == "__main__":
    main()
