"""Latvian word pieces for all-MiniLM-L6-v2, each with the meaning of the English it stands for.

    python -m training.vocabulary --out FOLDER [--third-party FOLDER] [--pieces N]

A WordPiece vocabulary is made of the Latvian side of the sentence pairs, and what is new in it
joins the model's own. A new piece's embedding is the mean of the English ones that it is aligned
with most often, weighted by how often: IBM model 1 (Brown and others, 1993) by expectation
maximisation. No training yet, and English questions find Latvian passages.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models, trainers

from training.bilingual import read_paragraphs
from training.graph import TABLE
from training.options import PARALLEL, minilm, third_party_file
from training.search_examples import Pair, own_pairs, parallel_pairs

ITERATIONS = 4
TOKENS = 45  # longer sentences align badly
LIKELY = 4  # English pieces that a Latvian one takes its meaning from
SEEN = 3  # times a piece must occur


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--third-party", type=Path, help=f"folder of {PARALLEL}")
    parser.add_argument("--pieces", type=int, default=24_000, help="of Latvian, old ones too")
    parser.add_argument("--paragraphs", type=int, help="only so many of the bilingual set")
    options = parser.parse_args()
    parallel = third_party_file(options.third_party, PARALLEL)
    pairs = own_pairs(read_paragraphs(held_out=False)[: options.paragraphs])
    if parallel:
        pairs += parallel_pairs(parallel)
    added, aligned = extend(minilm(), options.out, pairs, options.pieces)
    print(f"{added} pieces added from {len(pairs)} pairs, {aligned} of them aligned")


def extend(base: Path, out: Path, pairs: Sequence[Pair], pieces: int) -> tuple[int, int]:
    """Write the model with more pieces to `out`; how many were added and could be aligned."""
    out.mkdir(parents=True, exist_ok=True)
    english = Tokenizer.from_file(str(base / "tokenizer.json"))
    english.no_padding()
    english.no_truncation()
    known = english.get_vocab()
    new = [piece for piece in _latvian_pieces(english, pairs, pieces) if piece not in known]
    both = _joined(base / "tokenizer.json", new, out / "tokenizer.json")
    translations = align(
        [e.ids for e in both.encode_batch([lv for lv, _ in pairs], add_special_tokens=False)],
        [e.ids for e in english.encode_batch([en for _, en in pairs], add_special_tokens=False)],
    )
    weights = {n: w.astype(np.float32) for n, w in load_file(base / "model.safetensors").items()}
    table = weights[TABLE]
    ordinary = table[len(known) // 2 :].mean(axis=0)  # of a piece that nothing is known about
    rows = np.tile(ordinary, (len(new), 1))
    aligned = 0
    for place in range(len(new)):
        if found := translations.get(len(known) + place):
            ids, shares = zip(*found, strict=True)
            rows[place] = np.average(table[list(ids)], axis=0, weights=shares)
            aligned += 1
    weights[TABLE] = np.concatenate([table, rows.astype(np.float32)])
    kept = {name: weight for name, weight in weights.items() if not name.startswith("pooler.")}
    save_file(kept, out / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    config["vocab_size"] = len(weights[TABLE])
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    shutil.copyfile(base / "tokenizer_config.json", out / "tokenizer_config.json")
    return len(new), aligned


def _latvian_pieces(english: Tokenizer, pairs: Sequence[Pair], pieces: int) -> list[str]:
    """WordPiece of the Latvian sentences, most frequent first."""
    latvian = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    latvian.normalizer, latvian.pre_tokenizer = english.normalizer, english.pre_tokenizer
    trainer = trainers.WordPieceTrainer(
        vocab_size=pieces, min_frequency=SEEN, special_tokens=["[UNK]"], show_progress=False
    )
    latvian.train_from_iterator((lv for lv, _ in pairs), trainer)
    vocabulary = latvian.get_vocab()
    return sorted(vocabulary, key=lambda piece: vocabulary[piece])


def _joined(source: Path, new: Sequence[str], target: Path) -> Tokenizer:
    fields = json.loads(source.read_text(encoding="utf-8"))
    vocabulary = fields["model"]["vocab"]
    vocabulary.update({piece: len(vocabulary) + place for place, piece in enumerate(new)})
    fields["padding"] = fields["truncation"] = None
    target.write_text(json.dumps(fields, ensure_ascii=False), encoding="utf-8")
    return Tokenizer.from_file(str(target))


def align(
    latvian: Sequence[Sequence[int]], english: Sequence[Sequence[int]]
) -> dict[int, list[tuple[int, float]]]:
    """By Latvian piece: the English pieces it most likely stands for, with their probability.

    IBM model 1 over sets of pieces: every English piece of a pair comes from one of its Latvian
    pieces; `t(english | latvian)` is found by a few rounds of expectation maximisation.
    """
    lv_ids, en_ids, origins = _co_occurrences(latvian, english)
    width = int(en_ids.max(initial=0)) + 1
    keys, place = np.unique(lv_ids * width + en_ids, return_inverse=True)  # (kinds,), (cells,)
    lv_of, en_of = keys // width, keys % width
    likely = np.ones(len(keys))
    for _ in range(ITERATIONS):
        share = likely[place]
        share /= np.bincount(origins, share)[origins]  # over one English piece's candidates
        counts = np.bincount(place, share, minlength=len(keys))
        likely = counts / np.bincount(lv_of, counts)[lv_of]
    found: dict[int, list[tuple[int, float]]] = {}
    for i in np.lexsort((-likely, lv_of)):
        best = found.setdefault(int(lv_of[i]), [])
        if len(best) < LIKELY:
            best.append((int(en_of[i]), float(likely[i])))
    return found


def _co_occurrences(
    latvian: Sequence[Sequence[int]], english: Sequence[Sequence[int]]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Every Latvian with every English piece of its pair, and which English occurrence it is."""
    lefts, rights, origins = [], [], []
    seen = 0
    for one, other in zip(latvian, english, strict=True):
        lv, en = np.unique(one), np.unique(other)
        if 0 < len(lv) < TOKENS and 0 < len(en) < TOKENS:
            lefts.append(np.tile(lv, len(en)))
            rights.append(np.repeat(en, len(lv)))
            origins.append(np.repeat(np.arange(seen, seen + len(en)), len(lv)))
            seen += len(en)
    if not lefts:
        raise SystemExit("there are no sentence pairs to align: the bilingual set is missing")
    joined = (np.concatenate(part).astype(np.int64) for part in (lefts, rights, origins))
    first, second, third = joined
    return first, second, third


if __name__ == "__main__":
    main()
