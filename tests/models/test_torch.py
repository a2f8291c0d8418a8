"""Models of other makers, as small ones with random weights in their libraries' own formats."""

import json
from pathlib import Path

import numpy as np
import pytest
from toys import toy_hit, write_files
from transformers import BertConfig, BertForQuestionAnswering, BertModel, set_seed

from qa_service.encoder import load_encoder
from qa_service.errors import ModelError
from qa_service.models.torch import SentenceEncoder, TransformersSpans
from qa_service.reader.model import load_reader
from qa_service.settings import WEIGHTS

_SMALL = BertConfig(
    vocab_size=48_100,
    hidden_size=16,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=32,
)


def _tokenizer(folder: Path) -> None:
    write_files(
        folder,
        {
            "tokenizer.json": (WEIGHTS / "encoder" / "tokenizer.json").read_bytes(),
            "tokenizer_config.json": json.dumps({"tokenizer_class": "BertTokenizer"}),
        },
    )


@pytest.fixture(scope="module")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small_encoder")
    set_seed(0)
    BertModel(_SMALL, add_pooling_layer=False).save_pretrained(folder)
    _tokenizer(folder)
    modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
    listed = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(modules)
    ]
    write_files(
        folder,
        {
            "modules.json": json.dumps(listed),
            "1_Pooling/config.json": json.dumps(
                {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True}
            ),
            "config_sentence_transformers.json": json.dumps(
                {"prompts": {"query": "query: ", "document": "passage: "}}
            ),
        },
    )
    return folder


@pytest.fixture(scope="module")
def reader_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small_reader")
    set_seed(0)
    BertForQuestionAnswering(_SMALL).save_pretrained(folder)
    _tokenizer(folder)
    return folder


def test_a_sentence_transformers_folder_gives_unit_rows(encoder_folder: Path) -> None:
    encoder = load_encoder(str(encoder_folder), threads=1)
    assert isinstance(encoder, SentenceEncoder)
    vectors = encoder.encode_passages(["Baku", "Kad tika pasludināta republika?", "😀"])
    assert vectors.shape == (3, encoder.dimension) == (3, 16)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert encoder.encode_passages([]).shape == (0, 16)


def test_its_prompts_for_questions_and_passages_are_used(encoder_folder: Path) -> None:
    encoder = load_encoder(str(encoder_folder))
    asked, passage = encoder.encode_questions(["Baku"]), encoder.encode_passages(["Baku"])
    assert not np.allclose(asked, passage, atol=1e-4)
    plain = SentenceEncoder(str(encoder_folder), threads=1)
    plain._model.prompts = {"query": "", "document": "query: "}
    np.testing.assert_allclose(plain.encode_passages(["Baku"]), asked, atol=1e-6)


def test_the_encoders_fingerprint_is_of_every_file(encoder_folder: Path) -> None:
    first = load_encoder(str(encoder_folder)).fingerprint
    assert first == load_encoder(str(encoder_folder)).fingerprint
    (encoder_folder / "note.txt").write_text("x")
    assert load_encoder(str(encoder_folder)).fingerprint != first


def test_a_question_answering_folder_reads(reader_folder: Path) -> None:
    reader = load_reader(str(reader_folder), threads=1)
    texts = ["Baku lies on the Caspian Sea.", "Short.", "Gendže bija galvaspilsēta. " * 80, ""]
    pairs = [("When was it?", toy_hit(text)) for text in texts]
    together = reader.read(pairs)
    assert [c is not None for c in together] == [True, True, True, False]
    for pair, candidate in zip(pairs, together, strict=True):
        (alone,) = reader.read([pair])
        assert (alone and alone.text) == (candidate and candidate.text)
        assert (alone and alone.score) == (candidate and pytest.approx(candidate.score, abs=1e-4))


def test_its_logits_are_those_of_the_library(reader_folder: Path) -> None:
    import torch

    from qa_service.models import Tokens

    network = TransformersSpans(str(reader_folder), threads=1)
    model = BertForQuestionAnswering.from_pretrained(reader_folder).eval()
    ids = [101, 2054, 102, 2023, 2003, 102]
    types = [0, 0, 0, 1, 1, 1]
    with torch.inference_mode():
        wanted = model(
            input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types])
        ).start_logits[0]
    long = Tokens([101, *range(2000, 2040), 102], [0] * 42)
    (_, found) = network.logits([long, Tokens(ids, types)])
    np.testing.assert_allclose(found[:, 0], wanted.numpy(), atol=1e-5)


def test_a_damaged_model_is_an_error(tmp_path: Path) -> None:
    write_files(tmp_path, {"modules.json": "{", "config.json": "{", "model.safetensors": b"\0"})
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder(str(tmp_path))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_reader(str(tmp_path))
