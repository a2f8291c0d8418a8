import os
import subprocess
import sys

import numpy as np
import pytest

from qa_service.encoder import Encoder, load_encoder
from qa_service.errors import ModelError


def test_the_shipped_weights_load_without_a_network() -> None:
    code = (
        "import socket; socket.socket.connect = None\n"
        "from qa_service.encoder import load_encoder\n"
        "from qa_service.settings import Settings\n"
        "print(load_encoder(Settings().encoder).encode_questions(['Kad?']).shape)"
    )
    offline = {**os.environ, "HF_HUB_OFFLINE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=offline, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("(1, ")


def test_the_shipped_weights_need_no_torch() -> None:
    # Its import takes seconds, several times as long as everything else.
    code = "import qa_service.cli, sys; print({'torch', 'transformers'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_vectors_are_unit_float32_rows(shipped_encoder: Encoder) -> None:
    texts = ["Baku", "Kad tika pasludināta republika?", "word " * 2000, "😀"]
    for vectors in (
        shipped_encoder.encode_passages(texts),
        shipped_encoder.encode_questions(texts),
    ):
        assert vectors.shape == (4, shipped_encoder.dimension)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_have_no_vectors(shipped_encoder: Encoder) -> None:
    assert shipped_encoder.encode_passages([]).shape == (0, shipped_encoder.dimension)


def test_a_batch_gives_the_vectors_of_its_texts(shipped_encoder: Encoder) -> None:
    texts = ["Baku lies on the sea.", "Gendže bija pirmā galvaspilsēta, bet tikai dažus mēnešus."]
    together = shipped_encoder.encode_passages(texts)
    alone = np.vstack([shipped_encoder.encode_passages([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(
    "question", ["When was the republic proclaimed?", "Kad tika pasludināta republika?"]
)
def test_a_question_is_near_its_passage_in_either_language(
    shipped_encoder: Encoder, question: str
) -> None:
    latvian, english, unrelated, otherwise = shipped_encoder.encode_passages(
        [
            "Republika tika pasludināta 1918. gada 28. maijā Tbilisi.",
            "The republic was proclaimed on 28 May 1918 in Tbilisi.",
            "The recipe needs two eggs and a glass of milk.",
            "Receptei vajag divas olas un glāzi piena.",
        ]
    )
    asked = shipped_encoder.encode_questions([question])[0]
    assert min(asked @ latvian, asked @ english) > max(asked @ unrelated, asked @ otherwise) + 0.2


@pytest.mark.parametrize("model", ["/absent/model", "absent/model"])
def test_a_missing_model_names_itself_and_the_setting(model: str) -> None:
    with pytest.raises(ModelError) as raised:
        load_encoder(model)
    assert model in str(raised.value)
    assert "QA_ENCODER" in str(raised.value)
