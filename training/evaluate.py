"""The weights by themselves, several side by side, as a Markdown table.

    python -m training.evaluate NAME=ENCODER,READER ... [--third-party FOLDER]

Either folder may be left out (`NAME=ENCODER,`). Questions are those of the bilingual files that
no training sees; English reading is on SQuAD articles and Natural Questions passages (`qed-dev`)
that the trainings do not read, so it needs the third-party folder.
"""

import argparse
import random
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
from training.options import READING, third_party_file
from training.reader import ENGLISH, PASSAGES_READ, best_answers
from training.reading_examples import (
    KEPT_OUT,
    Choice,
    Example,
    bilingual_examples,
    english_rows,
)
from training.search_examples import Pool

KEPT_OUT_SETS = {
    "squad": "English, SQuAD articles kept out",
    "qed-dev": "English in keywords, Natural Questions",
}
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
                for name_of_set, title in KEPT_OUT_SETS.items():
                    kept_out = list(kept_out_english(reading, name_of_set, options.questions))
                    column[f"reading {title}, F1 EM"] = _scored(reader, kept_out)
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


def kept_out_english(path: Path, name: str, count: int) -> Iterator[Example]:
    """`count` questions of a set on articles that no training reads, with their paragraphs."""
    rows = english_rows(path, name)
    if name == "squad":
        rows = [row for row in rows if row["title"] in KEPT_OUT]
    else:
        trained = {row["title"] for other in ENGLISH for row in english_rows(path, other)}
        rows = [row for row in rows if row["title"] not in trained]
    rows = [row for row in rows if row["answers"] and len(row["context"]) <= 1500]
    for row in random.Random(0).sample(rows, min(count, len(rows))):
        answer = row["answers"][0]
        span = Span(answer["start"], answer["start"] + len(answer["text"]))
        yield Example(row["question"], (row["context"],), (span,), "en->en")


def table(columns: dict[str, Column]) -> str:
    rows = list(dict.fromkeys(row for column in columns.values() for row in column))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for row in rows:
        cells = " | ".join(column.get(row, "") for column in columns.values())
        lines.append(f"| {row} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
