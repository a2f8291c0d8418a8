"""The weights of several trainings of one network, averaged.

    python -m training.average OUT FOLDER=SHARE FOLDER=SHARE ...

The mean of weights that one training left at several stages often answers better than any of them
(Wortsman and others, "Model soups", 2022). `OUT` gets the other files of the first folder.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file

from training.loop import save_weights


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("parts", nargs="+", metavar="FOLDER=SHARE", help="shares add up to 1")
    options = parser.parse_args()
    parts = []
    for part in options.parts:
        folder, _, share = part.rpartition("=")
        try:
            parts.append((Path(folder), float(share)))
        except ValueError:
            parser.error(f"{part!r} is not FOLDER=SHARE, such as build/reader=0.7")
    if abs(sum(share for _, share in parts) - 1) > 1e-6:
        parser.error(f"The shares of {', '.join(options.parts)} do not add up to 1.")
    average(options.out, parts)


def average(out: Path, parts: Sequence[tuple[Path, float]]) -> None:
    """Write the weighted mean, in float16. Raises ValueError for networks that differ."""
    loaded = [(load_file(folder / "model.safetensors"), share) for folder, share in parts]
    shapes = [{name: tensor.shape for name, tensor in weights.items()} for weights, _ in loaded]
    if any(other != shapes[0] for other in shapes):
        raise ValueError(f"{', '.join(str(f) for f, _ in parts)} do not hold the same network.")
    mean = {
        name: torch.stack([share * weights[name].float() for weights, share in loaded]).sum(0)
        for name in shapes[0]
    }
    save_weights(parts[0][0], out, mean)


if __name__ == "__main__":
    main()
