"""A trained folder -> the int8 graph that is shipped, and back.

    python -m training.export FOLDER OUT

Matrices are rounded to 8 bits by onnxruntime's dynamic quantisation, a scale for each column;
the word table with a scale for each piece. What enters a matrix is rounded too, by its largest
number, and a few channels of the first token are ten times larger than all others: before the
rounding such channels are made smaller and their rows in the matrix larger (as Xiao and others
do, "SmoothQuant", 2023), by what the float graph shows on texts of the bilingual set.
"""

import argparse
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from training.bilingual import read_paragraphs
from training.graph import QKV, TABLE, Graph

Arrays = dict[str, npt.NDArray[np.float32]]

PARAGRAPHS = 40  # looked at, with a question each
ORDINARY, STRENGTH = 3.0, 0.7  # channels above the first are shrunk by (largest / first) ** second
_FACTOR = ".shrunk_by"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="of model.safetensors and config.json")
    parser.add_argument("out", type=Path)
    parser.add_argument("--float", action="store_true", help="round nothing, for comparison")
    options = parser.parse_args()
    path = export(options.folder, options.out, int8=not options.float)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def export(folder: Path, out: Path, *, int8: bool = True) -> Path:
    """Write `out/model.onnx` and, beside it, the other files of `folder`; the graph's path."""
    stored = load_file(folder / "model.safetensors")
    weights = {n.removeprefix("bert."): w.astype(np.float32) for n, w in stored.items()}
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(folder / name, out / name)
    with TemporaryDirectory() as scratch:
        draft = Path(scratch, "float.onnx")
        onnx.save(Graph(weights, config).model(), draft)
        if int8:
            largest = _largest_inputs(draft, Tokenizer.from_file(str(out / "tokenizer.json")))
            scale = np.maximum(np.abs(weights[TABLE]).max(axis=1), 1e-8) / 127
            model = Graph(weights, config, scale.astype(np.float32)).model()
            _shrink(model, largest)
            onnx.save(model, draft)
            _quantize(draft, Path(scratch, "int8.onnx"))
            draft = Path(scratch, "int8.onnx")
        shutil.copyfile(draft, out / "model.onnx")
    return out / "model.onnx"


def restore(folder: Path, out: Path) -> Path:
    """The folder that a training can start from, of a shipped one: `out`."""
    out.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(folder / name, out / name)
    weights = read_weights(folder / "model.onnx")
    prefix = "bert." if "qa_outputs.weight" in weights else ""
    named = {n if n.startswith("qa_") else f"{prefix}{n}": w for n, w in weights.items()}
    save_file(named, out / "model.safetensors", metadata={"format": "pt"})
    return out


def read_weights(path: Path) -> Arrays:
    """The float32 weights that a graph was rounded from, by their names in training."""
    graph = onnx.load(path).graph
    stored = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    shrunk = _shrunk_by(graph, stored)
    weights: Arrays = {}
    for name, array in stored.items():
        if name.endswith(("_scale", "_zero_point", _FACTOR)) or name.startswith("constant."):
            continue
        base = name.removesuffix("_quantized")
        if base != name:
            array = array.astype(np.float32) * stored[f"{base}_scale"]
        if name in shrunk:
            array = array / shrunk[name][:, None]
        if base.endswith("qkv.bias"):
            parts = zip(QKV, np.split(array, len(QKV)), strict=True)
            weights.update({base.replace("qkv", part): biases for part, biases in parts})
        elif any(node.op_type.startswith("MatMul") and name in node.input for node in graph.node):
            weights[base] = array.T
        else:
            weights[base] = array
    return {name: np.ascontiguousarray(array, np.float32) for name, array in weights.items()}


def _largest_inputs(graph: Path, tokenizer: Tokenizer) -> Arrays:
    """The largest magnitude of each channel of what enters a matrix, by the input's name."""
    model = onnx.load(graph)
    inputs = list(dict.fromkeys(n.input[0] for n in model.graph.node if n.op_type == "MatMul"))
    del model.graph.output[:]
    for name in inputs:
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    session = InferenceSession(model.SerializeToString())
    largest: Arrays = {}
    for question, text in _samples():
        encoding = tokenizer.encode(question, text)
        feeds = {
            "input_ids": np.array([encoding.ids]),
            "token_type_ids": np.array([encoding.type_ids]),
        }
        for name, states in zip(inputs, session.run(inputs, feeds), strict=True):
            found = np.abs(states[0]).max(axis=0)
            largest[name] = np.maximum(largest.get(name, found), found)
    return largest


def _samples() -> Iterator[tuple[str, str]]:
    for number, paragraph in enumerate(read_paragraphs(held_out=False)[:PARAGRAPHS]):
        yield paragraph.asked[0].questions[number % 2], paragraph.text(number // 2 % 2)


def _shrink(model: onnx.ModelProto, largest: Mapping[str, npt.NDArray[np.float32]]) -> None:
    """Divide large channels before each matrix, and multiply the matrix' rows instead."""
    constants = {constant.name: constant for constant in model.graph.initializer}
    nodes: list[onnx.NodeProto] = []
    done: set[str] = set()
    for node in model.graph.node:
        if node.op_type == "MatMul":
            states, matrix = node.input
            factor = np.maximum(1, (largest[states] / ORDINARY) ** STRENGTH).astype(np.float32)
            if states not in done:
                done.add(states)
                name = states + _FACTOR
                model.graph.initializer.append(numpy_helper.from_array(1 / factor, name))
                small = f"{states}.small"
                nodes.append(helper.make_node("Mul", [states, name], [small], name=small))
            rows = numpy_helper.to_array(constants[matrix]) * factor[:, None]
            constants[matrix].CopyFrom(numpy_helper.from_array(rows, matrix))
            node.input[0] = f"{states}.small"
        nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _shrunk_by(
    graph: onnx.GraphProto, stored: Mapping[str, npt.NDArray[np.float32]]
) -> dict[str, npt.NDArray[np.float32]]:
    """By matrix: what its rows were multiplied by. Undoes `_shrink`."""
    factors: dict[str, npt.NDArray[np.float32]] = {}
    for node in graph.node:
        if node.op_type == "Mul" and node.input[1].endswith(_FACTOR):
            factors[node.output[0]] = np.float32(1) / stored[node.input[1]]
        elif node.op_type == "DynamicQuantizeLinear" and node.input[0] in factors:
            factors[node.output[0]] = factors[node.input[0]]
        elif node.op_type == "MatMulInteger" and node.input[0] in factors:
            factors[node.input[1]] = factors[node.input[0]]
    return factors


def _quantize(source: Path, target: Path) -> None:
    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
    )


if __name__ == "__main__":
    main()
