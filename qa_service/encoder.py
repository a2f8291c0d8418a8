"""Texts -> unit vectors, by the shipped encoder or any sentence-transformers model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from qa_service.errors import ModelError
from qa_service.models.onnx import OnnxEncoder, is_shipped

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    """What turns texts into unit float32 vectors `(n, dimension)`."""

    name: str
    """Short name for people: the folder's or the hub's."""
    dimension: int

    @property
    def fingerprint(self) -> str:
        """Equal for two encoders only if they give the same vectors."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors: ...

    def encode_questions(self, texts: Sequence[str]) -> Vectors: ...


def load_encoder(model: str, threads: int = 1) -> Encoder:
    """Load a folder in the shipped format, any sentence-transformers folder, or a hub name.

    Raises ModelError when the model cannot be loaded.
    """
    try:
        if is_shipped(model):
            return OnnxEncoder(Path(model), threads)
        from qa_service.models.torch import SentenceEncoder  # takes seconds to import

        return SentenceEncoder(model, threads)
    except Exception as error:  # the libraries raise a dozen kinds
        reason = " ".join(str(error).split())[:300]
        raise ModelError(
            f"The encoder {model!r} cannot be loaded ({reason}). QA_ENCODER must name a "
            "sentence-transformers folder, or a hub model that can be downloaded."
        ) from error
