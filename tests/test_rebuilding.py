"""A build that goes on from the Snapshot served comes to what a build from nothing comes to."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
from toys import ToyEncoder, write_files

from qa_service.corpus.readers import read_content
from qa_service.indexing import Build, build
from qa_service.schema import Hit
from qa_service.stores import writing
from qa_service.stores.local import LocalStore

STEPS = 12
_WORDS = (
    *("Baku", "Ganja", "Gendže", "capital", "republika", "oil", "naftas"),
    *("army", "1918", "1990", "jūra", "gada", "law", "likums"),
)
_QUESTIONS = ("Baku oil 1918", "Gendžes likums", "the army of the republic")


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the lexical index of a toy corpus has several."""
    monkeypatch.setattr(writing, "_PART", 12)


class ToyChanges:
    """Changes a corpus folder at random."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._random = Random(seed)
        self._made = 0

    def step(self) -> None:
        """One to four changes."""
        for _ in range(self._random.randint(1, 4)):
            files = sorted(self._folder.glob("*.md"))
            change = self._random.choice(("add", "add", "replace", "remove", "rename", "describe"))
            if change == "add" or len(files) < 3:
                self._made += 1
                write_files(
                    self._folder, {f"{self._random.randint(0, 99)}-{self._made}.md": self._text()}
                )
                continue
            path = self._random.choice(files)
            if change == "replace":
                path.write_text(self._text())
            elif change == "remove":
                path.unlink()
                path.with_suffix(".md.yaml").unlink(missing_ok=True)
            elif change == "rename":
                self._made += 1
                path.rename(path.with_name(f"{self._random.randint(0, 99)}-moved-{self._made}.md"))
                path.with_suffix(".md.yaml").unlink(missing_ok=True)
            else:  # two may come to claim one id: the later file is left out
                said = self._random.choice(
                    ("title: Other", f"id: same-{self._random.randint(1, 2)}")
                )
                path.with_suffix(".md.yaml").write_text(said)

    def _text(self) -> str:
        language = self._random.choice(("en", "lv"))
        parts = [f"---\nlanguage: {language}\n---\n"]
        for part in range(self._random.randint(1, 5)):
            words = self._random.choices(_WORDS, k=self._random.randint(3, 30))
            parts.append(f"## Part {part}\n\n{' '.join(words).capitalize()}.\n")
        return "\n".join(parts)


def told(hits: list[Hit]) -> dict[tuple[str, int, int], tuple[float, float]]:
    """What the Hits are, with their scores."""
    spans = ((hit.passage.document_id, hit.passage.span, hit) for hit in hits)
    return {(name, span.start, span.end): (h.score, h.similarity) for name, span, h in spans}


def assert_same_hits(hits: list[Hit], others: list[Hit]) -> None:
    """Their scores are as near as sums of floats in another order are."""
    one, other = told(hits), told(others)
    assert one.keys() == other.keys()
    for key, scores in one.items():
        assert scores == pytest.approx(other[key], rel=1e-5, abs=1e-6)


def assert_same(one: Build, other: Build) -> None:
    """Both Snapshots hold and find the same."""
    first, second = one.snapshot.manifest, other.snapshot.manifest
    assert (first.content, first.documents, first.passages) == (
        second.content,
        second.documents,
        second.passages,
    )
    assert list(map(str, one.left_out)) == list(map(str, other.left_out))
    a, b = LocalStore(one.snapshot.folder), LocalStore(other.snapshot.folder)
    assert (a.languages, a.documents()) == (b.languages, b.documents())
    ids = [summary.id for summary in a.documents()]
    assert list(map(a.document, ids)) == list(map(b.document, ids))
    for question in _QUESTIONS:
        vector = ToyEncoder().encode_questions([question])[0]
        for language in a.languages:
            for limits in [None, ids[:2]]:
                searches = [
                    (
                        store.dense(vector, 999, language, limits),
                        store.lexical(question, vector, 999, language, limits),
                        store.named(question, "en", vector, 999, language, limits),
                    )
                    for store in (a, b)
                ]
                for hits, others in zip(*searches, strict=True):
                    assert_same_hits(hits, others)
            best = [[hit.score for hit in s.lexical(question, vector, 3, language)] for s in (a, b)]
            assert best[0] == pytest.approx(best[1], rel=1e-5)
    a.close()
    b.close()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changes_it_is_as_if_built_from_nothing(tmp_path: Path, seed: int) -> None:
    corpus, changes = tmp_path / "corpus", ToyChanges(tmp_path / "corpus", seed)
    write_files(corpus, {"first.md": "---\nlanguage: en\n---\nBaku lies at the sea."})
    for step in range(STEPS):
        changes.step()
        rebuilt = build(corpus, tmp_path / "index", ToyEncoder(), skip_unreadable=True)
        fresh = build(corpus, tmp_path / f"fresh-{step}", ToyEncoder(), skip_unreadable=True)
        assert_same(rebuilt, fresh)
        assert rebuilt.encoded + rebuilt.reused == fresh.encoded + fresh.reused


def test_a_file_that_did_not_change_is_not_parsed(
    toy_build: Build, toy_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(toy_corpus, {"new.md": "# New\n\nA text that was not there."})
    parsed = []

    def watching(content: bytes, path: Path, sidecar: bytes | None) -> object:
        parsed.append(path.name)
        return read_content(content, path, sidecar)

    monkeypatch.setattr("qa_service.corpus.folder.read_content", watching)
    build(toy_corpus, toy_build.snapshot.folder.parent, ToyEncoder())
    assert parsed == ["new.md"]


def test_nothing_of_a_removed_document_is_left(toy_build: Build, toy_corpus: Path) -> None:
    write_files(toy_corpus, {"secret.md": "---\nlanguage: en\n---\nThe password is xyzzyplugh."})
    index_dir = toy_build.snapshot.folder.parent
    held = build(toy_corpus, index_dir, ToyEncoder()).snapshot.folder
    (toy_corpus / "secret.md").unlink()
    folder = build(toy_corpus, index_dir, ToyEncoder()).snapshot.folder
    assert b"xyzzyplugh" in (held / "texts.sqlite").read_bytes()
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"xyzz" not in path.read_bytes(), path
    rows = np.load(folder / "vectors.npy")
    assert np.count_nonzero(rows.any(axis=1)) == 4
    assert len(rows) == 5
    write_files(toy_corpus, {"other.md": "---\nlanguage: en\n---\nIt takes the place."})
    again = build(toy_corpus, index_dir, ToyEncoder()).snapshot.folder
    assert np.load(again / "vectors.npy").any(axis=1).all()


@pytest.mark.parametrize("words", [20, 80])
def test_where_files_would_be_read_otherwise_all_are_read_again(
    toy_build: Build, toy_corpus: Path, words: int
) -> None:
    encoder = ToyEncoder()
    text = "---\nlanguage: en\n---\n" + " ".join(f"This is sentence {n}." for n in range(30))
    write_files(toy_corpus, {"long.md": text})
    index_dir = toy_build.snapshot.folder.parent
    build(toy_corpus, index_dir, ToyEncoder(), passage_words=80)
    again = build(toy_corpus, index_dir, encoder, passage_words=words)
    assert again.unchanged == (words == 80)
    assert bool(encoder.encoded) == (words == 20)
