import shutil
from pathlib import Path

import numpy as np
import pytest

from qa_service.encoder import load_encoder
from qa_service.errors import ModelError
from qa_service.models import Tokens
from qa_service.models.onnx import OnnxEncoder, OnnxSpans, is_shipped
from qa_service.reader.model import load_reader
from qa_service.settings import WEIGHTS


def test_the_shipped_weights_are_in_its_format() -> None:
    assert is_shipped(str(WEIGHTS / "encoder"))
    assert is_shipped(str(WEIGHTS / "reader"))
    assert not is_shipped("all-MiniLM-L6-v2")


def test_a_text_gets_the_same_floats_whatever_stands_beside_it() -> None:
    spans = OnnxSpans(WEIGHTS / "reader", threads=2)
    lengths = (4, 90, 23, 7, 150)
    windows = [Tokens([101, *range(2000, 1998 + n), 102], [0] * n) for n in lengths]
    together = spans.logits(windows)
    assert [rows.shape for rows in together] == [(len(w.ids), 2) for w in windows]
    for window, rows in zip(windows, together, strict=True):
        (alone,) = spans.logits([window])
        np.testing.assert_array_equal(rows, alone)


def test_threads_do_not_change_the_result() -> None:
    texts = [f"Sentence number {n} about Baku. " * n for n in range(1, 8)]
    encoders = [OnnxEncoder(WEIGHTS / "encoder", threads) for threads in (1, 2)]
    one, two = (encoder.encode_passages(texts) for encoder in encoders)
    np.testing.assert_array_equal(one, two)


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A folder of the shipped encoder, to be damaged."""
    return Path(shutil.copytree(WEIGHTS / "encoder", tmp_path / "encoder"))


def test_a_cut_graph_is_an_error(damaged: Path) -> None:
    graph = damaged / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:1_000_000])
    with pytest.raises(ModelError, match=r"encoder' cannot be loaded"):
        load_encoder(str(damaged))


def test_a_missing_tokenizer_is_an_error(damaged: Path) -> None:
    (damaged / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder(str(damaged))


def test_an_encoder_is_no_reader(damaged: Path) -> None:
    with pytest.raises(ModelError, match=r"gives \['last_hidden_state'\]"):
        load_reader(str(damaged))


def test_the_fingerprint_is_of_graph_and_tokenizer(damaged: Path) -> None:
    shipped = load_encoder(str(WEIGHTS / "encoder"))
    assert shipped.name == "encoder"
    assert load_encoder(str(damaged)).fingerprint == shipped.fingerprint
    tokenizer = damaged / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert load_encoder(str(damaged)).fingerprint != shipped.fingerprint
