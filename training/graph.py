"""BERT's weights -> an ONNX graph over one text, `(1, tokens)`, written node by node.

Written out rather than traced, so that weights keep the names they have in training and can be
read back; attention and GELU are ONNX Runtime's fused operators.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Weights = Mapping[str, npt.NDArray[np.float32]]

TABLE = "embeddings.word_embeddings.weight"
QKV = ("query", "key", "value")
_OPSET, _IR = 17, 9
_RUNTIME = "com.microsoft"


@dataclass
class Graph:
    """Nodes and constants so far; `model` writes them all."""

    weights: Weights
    config: Mapping[str, int | float]
    table_scale: npt.NDArray[np.float32] | None = None
    """`(pieces,)`: the word table is stored in 8 bits, each piece with its scale."""
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def model(self) -> onnx.ModelProto:
        """From `input_ids` and `token_type_ids` to `span_logits`, or without a span head to
        `last_hidden_state`.
        """
        states = self._embeddings()
        for layer in range(int(self.config["num_hidden_layers"])):
            states = self._layer(f"encoder.layer.{layer}.", states)
        output, width = "last_hidden_state", int(self.config["hidden_size"])
        if "qa_outputs.weight" in self.weights:
            output, width = "span_logits", 2
            states = self._linear("qa_outputs", states)
        self._node("Identity", [states], output)
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, [1, "tokens"])
            for name in ("input_ids", "token_type_ids")
        ]
        outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, "tokens", width])]
        graph = helper.make_graph(
            self.nodes, "bert", inputs, outputs, list(self.constants.values())
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR)

    def _embeddings(self) -> str:
        zero = self._constant("constant.zero", np.zeros(1, np.int64))
        width = self._node("Shape", ["input_ids"], "width", start=1, end=2)
        table = self._weight("embeddings.position_embeddings.weight")
        places = self._node("Slice", [table, zero, width, zero], "places")
        table = self._weight("embeddings.token_type_embeddings.weight")
        types = self._node("Gather", [table, "token_type_ids"], "types")
        total = self._node("Add", [self._words(), types], "words_and_types")
        total = self._node("Add", [total, places], "embedded")
        return self._normalised("embeddings.LayerNorm", total)

    def _words(self) -> str:
        if self.table_scale is None:
            return self._node("Gather", [self._weight(TABLE), "input_ids"], "words")
        rounded = np.rint(self.weights[TABLE] / self.table_scale[:, None]).astype(np.int8)
        table = self._constant(f"{TABLE}_quantized", rounded)
        scale = self._constant(f"{TABLE}_scale", self.table_scale[:, None])
        pieces = self._node("Gather", [table, "input_ids"], "pieces")
        floats = self._node("Cast", [pieces], "piece_floats", to=TensorProto.FLOAT)
        scales = self._node("Gather", [scale, "input_ids"], "piece_scales")
        return self._node("Mul", [floats, scales], "words")

    def _layer(self, prefix: str, states: str) -> str:
        attended = self._added(f"{prefix}attention.output", self._mixed(prefix, states), states)
        inner = self._product(f"{prefix}intermediate.dense", attended)
        bias = self._weight(f"{prefix}intermediate.dense.bias")
        active = self._node("BiasGelu", [inner, bias], f"{prefix}gelu", domain=_RUNTIME)
        return self._added(f"{prefix}output", active, attended)

    def _mixed(self, prefix: str, states: str) -> str:
        parts = [self._product(f"{prefix}attention.self.{name}", states) for name in QKV]
        name = f"{prefix}attention.self.qkv.bias"
        biases = [self.weights[name.replace("qkv", part)] for part in QKV]
        return self._node(
            "MultiHeadAttention",
            [*parts, self._constant(name, np.concatenate(biases))],
            f"{prefix}mixed",
            domain=_RUNTIME,
            num_heads=int(self.config["num_attention_heads"]),
        )

    def _added(self, name: str, states: str, skipped: str) -> str:
        """A dense layer, then its sum with what was skipped, normalised."""
        total = self._node("Add", [self._linear(f"{name}.dense", states), skipped], f"{name}.sum")
        return self._normalised(f"{name}.LayerNorm", total)

    def _normalised(self, name: str, states: str) -> str:
        return self._node(
            "LayerNormalization",
            [states, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")],
            f"{name}.output",
            axis=-1,
            epsilon=float(self.config["layer_norm_eps"]),
        )

    def _linear(self, name: str, states: str) -> str:
        product = self._product(name, states)
        return self._node("Add", [product, self._weight(f"{name}.bias")], f"{name}.output")

    def _product(self, name: str, states: str) -> str:
        matrix = self._constant(f"{name}.weight", self.weights[f"{name}.weight"].T)
        return self._node("MatMul", [states, matrix], f"{name}.product")

    def _weight(self, name: str) -> str:
        return self._constant(name, self.weights[name])

    def _constant(self, name: str, array: npt.NDArray[np.generic]) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def _node(self, operator: str, inputs: list[str], output: str, **settings: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **settings))
        return output
