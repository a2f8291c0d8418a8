"""Texts -> unit vectors, by the shipped sentence-transformers model or any other."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from sentence_transformers import SentenceTransformer

from qa_service.errors import ModelError

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


class SentenceEncoder:
    """A sentence-transformers model on the CPU, with its question and passage prompts."""

    def __init__(self, model: str) -> None:
        """Load a folder, or a hub name if no folder of that name exists.

        Raises ModelError when neither can be loaded.
        """
        self.name = Path(model).name if Path(model).is_dir() else model
        self._folder = Path(model)
        try:
            # A model in half precision on disk is computed in single precision: bfloat16 and
            # float16 gain nothing on CPUs without their own instructions.
            self._model = SentenceTransformer(
                model, device="cpu", model_kwargs={"dtype": "float32"}, trust_remote_code=False
            )
        except Exception as error:  # the library raises a dozen kinds
            reason = " ".join(str(error).split())[:300]
            raise ModelError(
                f"The encoder {model!r} cannot be loaded ({reason}). QA_ENCODER must name a "
                "sentence-transformers folder, or a hub model that can be downloaded."
            ) from error
        self.dimension = self._model.get_embedding_dimension() or 0

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the folder's files; of a hub model, of its name and revision."""
        digest = sha256()
        if self._folder.is_dir():
            for path in sorted(self._folder.rglob("*")):
                if path.is_file():
                    digest.update(path.relative_to(self._folder).as_posix().encode())
                    digest.update(sha256(path.read_bytes()).digest())
        else:
            transformer: Any = self._model[0]
            revision = getattr(transformer.auto_model.config, "_commit_hash", None)
            digest.update(f"{self.name}@{revision}".encode())
        return digest.hexdigest()

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._unit(self._model.encode_document(list(texts), show_progress_bar=False))

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        return self._unit(self._model.encode_query(list(texts), show_progress_bar=False))

    def _unit(self, vectors: npt.NDArray[np.float32]) -> Vectors:
        rows = np.asarray(vectors, dtype=np.float32).reshape(-1, self.dimension)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.ascontiguousarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)
