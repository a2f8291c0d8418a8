"""The networks behind Encoder and Reader: the shipped ones, and any from a hub."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Floats = npt.NDArray[np.float32]


def unit_rows(vectors: Floats) -> Floats:
    """Rows `(n, dimension)` at length 1; a row of zeros stays one."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


class Tokens(NamedTuple):
    """What a network sees of a text or a pair: `(tokens,)` each."""

    ids: Sequence[int]
    types: Sequence[int]
    """0 for the first text of a pair, 1 for the second."""


class SpanNetwork(Protocol):
    """What scores each token as the start and the end of an answer."""

    tokenizer: Tokenizer
    fingerprint: str

    def logits(self, windows: Sequence[Tokens]) -> list[Floats]:
        """`(tokens, 2)` for each window: its starts and ends."""
        ...
