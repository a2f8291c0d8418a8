"""What both trainings take from the command line."""

import argparse
import random
from pathlib import Path

import torch


def common_options(
    description: str | None, start: Path, minutes: float, third_party: str
) -> argparse.ArgumentParser:
    """`start` is the folder trained from by default, `third_party` the file looked for."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--from", dest="start", type=Path, default=start)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--third-party", type=Path, help=f"folder of {third_party}")
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def seeded(options: argparse.Namespace) -> random.Random:
    """The source of chance of a run, torch's own set with it."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    return random.Random(options.seed)
