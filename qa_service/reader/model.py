"""The reading network: any transformers question-answering model, the shipped one by default."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from qa_service.errors import ModelError
from qa_service.reader.extract import Found, Logits, best_span
from qa_service.schema import Candidate, Hit
from qa_service.sentences import sentence_spans

_QUESTION_TOKENS = 96  # of a question; what comes before them is not read
_PAIR_TOKENS = 384  # of question and passage together
_STRIDE = 96  # tokens that two windows of an over-long passage share


@dataclass(frozen=True, slots=True)
class _Window:
    """What the network sees at once: one question with (a part of) one passage."""

    pair: int
    ids: list[int]
    types: list[int]
    first: int  # place of the first passage token in `ids`
    offsets: list[tuple[int, int]]  # of the passage tokens, in the passage


class SpanReader:
    """Reads (question, Hit) pairs in batches of like length, on the CPU."""

    def __init__(self, model: str, batch: int = 16) -> None:
        """Load a folder, or a hub name if no folder of that name exists.

        Raises ModelError when neither can be loaded.
        """
        self.name = Path(model).name if Path(model).is_dir() else model
        self._folder = Path(model)
        self._batch = batch
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(model)
            self._model = AutoModelForQuestionAnswering.from_pretrained(model, dtype=torch.float32)
        except Exception as error:  # the library raises a dozen kinds
            reason = " ".join(str(error).split())[:300]
            raise ModelError(
                f"The reader {model!r} cannot be loaded ({reason}). QA_READER must name a folder "
                "of an extractive question-answering model, or a hub model that can be downloaded."
            ) from error
        if not self._tokenizer.is_fast:
            raise ModelError(
                f"The reader {model!r} has no fast tokenizer, so its answers have no offsets. "
                "Set QA_READER to a model with a tokenizer.json."
            )
        self._model.eval()

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the weights file; of a hub model, of its name."""
        weights = self._folder / "model.safetensors"
        content = weights.read_bytes() if weights.is_file() else self.name.encode()
        return sha256(content).hexdigest()

    def read(self, pairs: Sequence[tuple[str, Hit]]) -> list[Candidate | None]:
        cut = {question: self._cut(question) for question in {question for question, _ in pairs}}
        windows = [
            window
            for number, (question, hit) in enumerate(pairs)
            for window in self._windows(number, cut[question], hit.passage.text)
        ]
        sentences = [sentence_spans(hit.passage.text, hit.passage.language) for _, hit in pairs]
        best: list[Candidate | None] = [None] * len(pairs)
        for window, start, end in self._logits(windows):
            hit, first = pairs[window.pair][1], window.first
            last = first + len(window.offsets)
            found = best_span(
                hit.passage.text,
                window.offsets,
                start[first:last],
                end[first:last],
                null=float(start[0] + end[0]),
                sentences=sentences[window.pair],
            )
            best[window.pair] = _better(best[window.pair], found, hit)
        return best

    def _windows(self, number: int, question: str, passage: str) -> Iterator[_Window]:
        encoding = self._tokenizer(
            question,
            passage,
            truncation="only_second",
            max_length=_PAIR_TOKENS,
            stride=_STRIDE,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            return_token_type_ids=True,
        )
        for part in range(len(encoding["input_ids"])):
            places = [i for i, s in enumerate(encoding.sequence_ids(part)) if s == 1]
            if places:
                offsets = encoding["offset_mapping"][part]
                yield _Window(
                    number,
                    encoding["input_ids"][part],
                    encoding["token_type_ids"][part],
                    places[0],
                    [offsets[i] for i in places],
                )

    def _cut(self, question: str) -> str:
        """The end of a long question: what leads up to it, or was asked before, comes first."""
        encoding = self._tokenizer(
            question, add_special_tokens=False, return_offsets_mapping=True, truncation=False
        )
        offsets = encoding["offset_mapping"]
        # Decoding would change the text, so it is cut at a token's offset.
        return (
            question[offsets[-_QUESTION_TOKENS][0] :]
            if len(offsets) > _QUESTION_TOKENS
            else question
        )

    def _logits(self, windows: Sequence[_Window]) -> Iterator[tuple[_Window, Logits, Logits]]:
        # Windows of like length go together: padding costs as much as text.
        ordered = sorted(windows, key=lambda window: len(window.ids))
        takes_types = "token_type_ids" in self._tokenizer.model_input_names
        for at in range(0, len(ordered), self._batch):
            batch = ordered[at : at + self._batch]
            width = len(batch[-1].ids)
            ids = np.full((len(batch), width), self._tokenizer.pad_token_id or 0, dtype=np.int64)
            mask, types = np.zeros_like(ids), np.zeros_like(ids)
            for row, window in enumerate(batch):
                length = len(window.ids)
                ids[row, :length], mask[row, :length] = window.ids, 1
                types[row, :length] = window.types
            inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
            if takes_types:
                inputs["token_type_ids"] = torch.from_numpy(types)
            with torch.inference_mode():
                output = self._model(**inputs)
            starts, ends = output.start_logits.numpy(), output.end_logits.numpy()
            yield from zip(batch, starts, ends, strict=True)


def _better(known: Candidate | None, found: Found | None, hit: Hit) -> Candidate | None:
    if found is None or (known is not None and known.score >= found.score):
        return known
    return Candidate(hit, found.span.shifted(hit.passage.span.start), found.score)
