"""The weights by themselves, several side by side, as a Markdown table.

    python -m training.evaluate NAME=ENCODER,READER ... [--third-party FOLDER]

Either folder may be left out (`NAME=ENCODER,`). Questions are those of the bilingual files that
no training sees; English reading is on Natural Questions passages (`qed-dev`) of articles that
the training sets do not touch, so it needs the third-party folder.
"""

import argparse
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

from qa_service.encoder import Encoder, load_encoder
from qa_service.metrics import exact_match, f1, risk_coverage_area
from qa_service.reader.model import SpanReader, load_reader
from qa_service.schema import Span
from qa_service.settings import WEIGHTS
from training.bilingual import read_paragraphs
from training.encoder import held_out_pool, measure
from training.options import third_party_file
from training.reader import PASSAGES_READ, READING, best_answers
from training.reading_examples import Choice, Example, bilingual_examples
from training.search_examples import Pool

DIRECTIONS = ("en->en", "lv->lv", "en->lv", "lv->en")
Column = dict[str, str]  # by row


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights", nargs="+", help="NAME=ENCODER,READER")
    parser.add_argument("--third-party", type=Path, help=f"folder of {READING}")
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--paragraphs", type=int, help="only so many of the bilingual set")
    parser.add_argument("--passages-by", type=Path, default=WEIGHTS / "encoder")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    reading = third_party_file(options.third_party, READING)

    pool = Pool.of(read_paragraphs(held_out=False)[: options.paragraphs])
    searched = held_out_pool(pool, options.paragraphs)
    examples: dict[int, list[Example]] = {}
    columns: dict[str, Column] = {}
    for name, folders in (entry.split("=", 1) for entry in options.weights):
        encoder_folder, reader_folder = folders.split(",")
        column: Column = {}
        if encoder_folder:
            encoder = load_encoder(encoder_folder, options.threads)
            found = measure(encoder, searched)
            for direction in DIRECTIONS:
                both = (found[f"{direction} R@{k}"] for k in (1, 5))
                column[f"retrieval {direction}, R@1 R@5"] = _cells(*both)
        if reader_folder:
            if not examples:  # the same passages for every reader
                examples = _examples(
                    load_encoder(str(options.passages_by), options.threads), options
                )
            reader = load_reader(reader_folder, options.threads)
            column |= _reading(reader, examples)
            if reading:
                column["reading English articles kept out, F1 EM"] = _scored(
                    reader, list(kept_out_english(reading))[: options.questions]
                )
        columns[name] = column
        print(f"{name}: {column}", flush=True)
    print(table(columns))


def _examples(encoder: Encoder, options: argparse.Namespace) -> dict[int, list[Example]]:
    """Held-out questions with the right passage alone, and with what the service would read."""
    made = {}
    for count in (1, PASSAGES_READ):
        rng = random.Random(0)
        made[count] = bilingual_examples(
            read_paragraphs(held_out=True)[: options.paragraphs],
            encoder,
            options.questions,
            Choice(count, rng),
            rng,
        )
    return made


def _reading(reader: SpanReader, examples: dict[int, list[Example]]) -> Column:
    column: Column = {}
    for count, title in ((1, "right passage given"), (PASSAGES_READ, f"best of {PASSAGES_READ}")):
        by_direction: dict[str, list[Example]] = defaultdict(list)
        for example in examples[count]:
            by_direction[example.direction].append(example)
        for direction in DIRECTIONS:
            row = f"reading {direction}, {title}, F1 EM"
            column[row] = _scored(reader, by_direction[direction])
    found = best_answers(reader, examples[PASSAGES_READ])
    right = [
        bool(e.accepted) and f1(text, e.accepted) >= 0.5
        for e, (_, text) in zip(examples[PASSAGES_READ], found, strict=True)
    ]
    area = risk_coverage_area([score for score, _ in found], right)
    column["area under risk-coverage (0 is best)"] = _cells(area)
    return column


def _scored(reader: SpanReader, examples: Sequence[Example]) -> str:
    found = best_answers(reader, examples)
    pairs = [(text, e.accepted) for e, (_, text) in zip(examples, found, strict=True)]
    return _cells(mean(f1(*pair) for pair in pairs), mean(exact_match(*pair) for pair in pairs))


def _cells(*figures: float) -> str:
    return " ".join(f"{figure:.2f}".removeprefix("0") for figure in figures)


def kept_out_english(path: Path) -> Iterator[Example]:
    """Questions of `qed-dev` on articles that no other set has, without its spaced-out marks."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    trained = {row["title"] for row in rows if row["set"] != "qed-dev"}
    for row in rows:
        if row["set"] == "qed-dev" and row["title"] not in trained and row["answers"]:
            text, answer = _joined(row["context"]), _joined(row["answers"][0]["text"])
            if (start := text.find(answer)) >= 0 and len(text) <= 1500:
                span = Span(start, start + len(answer))
                yield Example(f"{row['question']}?", (text,), (span,), "en->en")


_BEFORE = re.compile(r" +([,.;:!?)\]%]|'s\b|n't\b|'')")
_AFTER = re.compile(r"([(\[]|``) +")


def _joined(text: str) -> str:
    """A tokenised sentence as people write it."""
    text = _AFTER.sub(r"\1", _BEFORE.sub(r"\1", text)).replace(" - ", "-")
    return text.replace("``", '"').replace("''", '"')


def table(columns: dict[str, Column]) -> str:
    rows = list(dict.fromkeys(row for column in columns.values() for row in column))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for row in rows:
        cells = " | ".join(column.get(row, "") for column in columns.values())
        lines.append(f"| {row} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
