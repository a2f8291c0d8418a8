"""Any other networks: sentence-transformers and transformers models, run by torch.

Imported only when one is set: these libraries take seconds to import.
"""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from qa_service.models import Floats, Tokens, unit_rows

_BATCH = 16  # windows


class SentenceEncoder:
    """A sentence-transformers model on the CPU, with its question and passage prompts."""

    def __init__(self, model: str, threads: int) -> None:
        """Load a folder, or a hub name if no folder of that name exists.

        Raises what the library raises, a dozen kinds.
        """
        torch.set_num_threads(threads)
        self.name = Path(model).name if Path(model).is_dir() else model
        self._folder = Path(model)
        # A model in half precision on disk is computed in single precision: bfloat16 and
        # float16 gain nothing on CPUs without their own instructions.
        self._model = SentenceTransformer(
            model, device="cpu", model_kwargs={"dtype": "float32"}, trust_remote_code=False
        )
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

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        return self._unit(self._model.encode_document(list(texts), show_progress_bar=False))

    def encode_questions(self, texts: Sequence[str]) -> Floats:
        return self._unit(self._model.encode_query(list(texts), show_progress_bar=False))

    def _unit(self, vectors: Floats) -> Floats:
        return unit_rows(np.asarray(vectors, dtype=np.float32).reshape(-1, self.dimension))


class TransformersSpans:
    """A transformers question-answering model on the CPU, in batches of like length."""

    def __init__(self, model: str, threads: int) -> None:
        """Load a folder, or a hub name if no folder of that name exists.

        Raises ValueError for a model without a fast tokenizer, and what the library raises.
        """
        torch.set_num_threads(threads)
        known = AutoTokenizer.from_pretrained(model)
        if not known.is_fast:
            raise ValueError("it has no fast tokenizer, so its answers would have no offsets")
        self.tokenizer: Tokenizer = known.backend_tokenizer
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self._padding = known.pad_token_id or 0
        self._takes_types = "token_type_ids" in known.model_input_names
        self._model = AutoModelForQuestionAnswering.from_pretrained(model, dtype=torch.float32)
        self._model.eval()
        weights = Path(model) / "model.safetensors"
        content = weights.read_bytes() if weights.is_file() else model.encode()
        self.fingerprint = sha256(content).hexdigest()

    def logits(self, windows: Sequence[Tokens]) -> list[Floats]:
        # Windows of like length go together: padding costs as much as text.
        order = sorted(range(len(windows)), key=lambda i: len(windows[i].ids))
        found: dict[int, Floats] = {}
        for at in range(0, len(order), _BATCH):
            batch = order[at : at + _BATCH]
            width = len(windows[batch[-1]].ids)
            ids = np.full((len(batch), width), self._padding, dtype=np.int64)
            mask, types = np.zeros_like(ids), np.zeros_like(ids)
            for row, i in enumerate(batch):
                length = len(windows[i].ids)
                ids[row, :length], mask[row, :length] = windows[i].ids, 1
                types[row, :length] = windows[i].types
            inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
            if self._takes_types:
                inputs["token_type_ids"] = torch.from_numpy(types)
            with torch.inference_mode():
                output = self._model(**inputs)
            both = np.stack([output.start_logits.numpy(), output.end_logits.numpy()], axis=-1)
            for row, i in enumerate(batch):
                found[i] = both[row, : len(windows[i].ids)]
        return [found[i] for i in range(len(windows))]
