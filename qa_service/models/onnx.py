"""The shipped networks: int8 graphs, run by ONNX Runtime.

A folder of `model.onnx` and `tokenizer.json`, written by `training/export.py`. Each text is run
by itself, several at a time on threads of their own: the rounding to 8 bits follows the largest
number of a run, so in a batch a text's result would depend on its neighbours, and no padding is
computed.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer

from qa_service.models import Floats, Tokens, unit_rows

_GRAPH = "model.onnx"
_INPUTS = {"input_ids", "token_type_ids"}
_TEXT_TOKENS = 384  # of a text to encode; the longest Passage has some 200, in Cyrillic 340


class OnnxGraph:
    """A graph from tokens to one row of floats a token, and the tokenizer that goes with it."""

    def __init__(self, folder: Path, output: str, threads: int) -> None:
        """Raises ValueError, or what the libraries raise, for a folder that is not whole."""
        graph = folder / _GRAPH
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # The fused operator is several times slower on CPUs than the two it stands for.
        self._session = InferenceSession(
            graph,
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["SkipLayerNormFusion"],
        )
        inputs = {node.name for node in self._session.get_inputs()}
        outputs = [node.name for node in self._session.get_outputs()]
        if inputs != _INPUTS or outputs != [output]:
            raise ValueError(
                f"{graph.name} takes {sorted(inputs)} and gives {outputs}, "
                f"not {sorted(_INPUTS)} and {[output]}"
            )
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="onnx")
        self.fingerprint = _digest(graph, folder / "tokenizer.json")

    def run(self, texts: Sequence[Tokens]) -> list[Floats]:
        """The graph's output `(tokens, width)` for each text."""
        # The longest first, so that no thread is left with one at the end.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i].ids))
        results = self._pool.map(self._run, [texts[i] for i in order])
        found = dict(zip(order, results, strict=True))
        return [found[i] for i in range(len(texts))]

    def _run(self, text: Tokens) -> Floats:
        inputs = {
            "input_ids": np.array([text.ids], dtype=np.int64),
            "token_type_ids": np.array([text.types], dtype=np.int64),
        }
        (output,) = self._session.run(None, inputs)
        return np.asarray(output[0], dtype=np.float32)


class OnnxEncoder:
    """The shipped Encoder: the mean of a text's token vectors, at unit length."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.name = folder.name
        self._graph = OnnxGraph(folder, "last_hidden_state", threads)
        self._graph.tokenizer.enable_truncation(_TEXT_TOKENS)
        self.fingerprint = self._graph.fingerprint
        self.dimension = len(self.encode_questions(["?"])[0])

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        encoded = self._graph.tokenizer.encode_batch(list(texts))
        states = self._graph.run([Tokens(e.ids, e.type_ids) for e in encoded])
        if not states:
            return np.empty((0, self.dimension), dtype=np.float32)
        return unit_rows(np.stack([rows.mean(axis=0) for rows in states]))

    encode_questions = encode_passages


class OnnxSpans:
    """The shipped SpanNetwork."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._graph = OnnxGraph(folder, "span_logits", threads)
        self.tokenizer, self.fingerprint = self._graph.tokenizer, self._graph.fingerprint

    def logits(self, windows: Sequence[Tokens]) -> list[Floats]:
        return self._graph.run(windows)


def is_shipped(model: str) -> bool:
    """Whether the name is a folder in the shipped format."""
    return (Path(model) / _GRAPH).is_file()


def _digest(*paths: Path) -> str:
    digest = sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
