from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from signal import SIGKILL
from time import sleep

import pytest
from toys import ToyEncoder, write_files

from qa_service import snapshot as snapshots
from qa_service.encoder import Vectors
from qa_service.errors import BuildRunningError, CorpusError, UnknownDocumentError
from qa_service.indexing import Build, build
from qa_service.snapshot import build_lock, current_id, open_current
from qa_service.stores.local import LocalStore
from qa_service.stores.writing import LocalWriter


def rebuild(
    toy_build: Build, encoder: ToyEncoder | None = None, skip_unreadable: bool = False
) -> Build:
    index_dir = toy_build.snapshot.folder.parent
    return build(
        index_dir.parent / "corpus",
        index_dir,
        encoder or ToyEncoder(),
        skip_unreadable=skip_unreadable,
    )


def test_a_build_publishes_what_it_counts(
    tmp_path: Path, toy_build: Build, toy_encoder: ToyEncoder
) -> None:
    manifest = toy_build.snapshot.manifest
    assert (manifest.documents, manifest.passages, manifest.dimension) == (3, 4, 256)
    assert (manifest.encoder, manifest.encoder_fingerprint) == ("toy", toy_encoder.fingerprint)
    assert (toy_build.encoded, toy_build.reused, toy_build.left_out) == (4, 0, ())
    assert open_current(tmp_path / "index", toy_encoder.fingerprint) == toy_build.snapshot


def test_an_unchanged_corpus_is_not_published_again(tmp_path: Path, toy_build: Build) -> None:
    encoder = ToyEncoder()
    again = rebuild(toy_build, encoder)
    assert again == Build(toy_build.snapshot, 0, 4, (), unchanged=True)
    assert encoder.encoded == []
    assert folders(tmp_path / "index") == [toy_build.snapshot.manifest.id]


def test_an_unchanged_corpus_removes_old_snapshots(toy_build: Build, toy_corpus: Path) -> None:
    """The build that published the newest may have been killed before it removed them."""
    index_dir = toy_build.snapshot.folder.parent
    write_files(toy_corpus, {"ganja.md": "# Ganja\n\nAnother text."})
    newest = rebuild(toy_build).snapshot.manifest.id
    assert folders(index_dir) == [toy_build.snapshot.manifest.id, newest]
    assert build(toy_corpus, index_dir, ToyEncoder(), snapshots_kept=1).unchanged
    assert folders(index_dir) == [newest]


@pytest.mark.parametrize("name", ["title", "language", "mood"])
def test_whatever_is_said_of_a_document_is_a_change(
    toy_build: Build, toy_corpus: Path, name: str
) -> None:
    write_files(toy_corpus, {"ganja.md.yaml": f"{name}: xx"})
    again = rebuild(toy_build)
    assert not again.unchanged
    assert again.snapshot.manifest.id > toy_build.snapshot.manifest.id


def test_the_same_text_in_another_file_is_a_change(toy_build: Build, toy_corpus: Path) -> None:
    (toy_corpus / "ganja.md").rename(toy_corpus / "moved.md")
    write_files(toy_corpus, {"moved.md.yaml": "id: ganja"})
    store = LocalStore(rebuild(toy_build).snapshot.folder)
    assert store.document("ganja").source == "moved.md"
    store.close()


def folders(index_dir: Path) -> list[str]:
    return sorted(path.name for path in index_dir.iterdir() if path.is_dir())


def test_a_new_document_costs_that_document(toy_build: Build, toy_corpus: Path) -> None:
    write_files(toy_corpus, {"a-new.md": "# New\n\nA text that was not there."})
    encoder = ToyEncoder()
    again = rebuild(toy_build, encoder)
    assert (again.encoded, again.reused) == (1, 4)
    assert encoder.encoded == ["New\nA text that was not there."]


def test_reused_vectors_are_those_that_encoding_gives(
    tmp_path: Path, toy_build: Build, toy_corpus: Path
) -> None:
    write_files(toy_corpus, {"a-new.md": "# New\n\nIt moves all numbers up by one."})
    reused = LocalStore(rebuild(toy_build).snapshot.folder)
    fresh = LocalStore(build(toy_corpus, tmp_path / "other", ToyEncoder()).snapshot.folder)
    question = ToyEncoder().encode_questions(["the capital on 17 September"])[0]
    for language in ("en", "lv"):
        assert reused.dense(question, 9, language) == fresh.dense(question, 9, language)
    reused.close()
    fresh.close()


def test_a_changed_title_is_encoded_again(toy_build: Build, toy_corpus: Path) -> None:
    path = toy_corpus / "ganja.md"
    path.write_text(path.read_text().replace("title: Ganja", "title: Gandzha"))
    again = rebuild(toy_build)
    assert (again.encoded, again.reused) == (1, 3)


def test_another_encoder_encodes_everything(toy_build: Build) -> None:
    again = rebuild(toy_build, ToyEncoder("other"))
    assert (again.encoded, again.reused, again.unchanged) == (4, 0, False)
    assert again.snapshot.manifest.encoder == "other"


def test_a_damaged_snapshot_is_not_reused(toy_build: Build) -> None:
    (toy_build.snapshot.folder / "vectors.npy").write_bytes(b"harmed")
    again = rebuild(toy_build)
    assert (again.encoded, again.unchanged) == (4, False)


def test_a_removed_document_is_gone(toy_build: Build, toy_corpus: Path) -> None:
    (toy_corpus / "ganja.md").unlink()
    store = LocalStore(rebuild(toy_build).snapshot.folder)
    assert [summary.id for summary in store.documents()] == ["baku", "gendze"]
    with pytest.raises(UnknownDocumentError):
        store.document("ganja")
    question = ToyEncoder().encode_questions(["Ganja was the first capital"])[0]
    found = store.dense(question, 9, "en") + store.lexical("Ganja", question, 9, "en")
    assert {hit.passage.document_id for hit in found} == {"baku"}
    store.close()


def test_files_that_cannot_be_read_fail_the_build_and_are_all_named(
    toy_build: Build, toy_corpus: Path
) -> None:
    write_files(toy_corpus, {"bad.md": b"\xff", "worse.pptx": "x"})
    with pytest.raises(CorpusError) as raised:
        rebuild(toy_build)
    for named in ("bad.md", "worse.pptx", "2 file(s)", "--skip-unreadable"):
        assert named in str(raised.value)
    index_dir = toy_build.snapshot.folder.parent
    assert current_id(index_dir) == toy_build.snapshot.manifest.id
    assert folders(index_dir) == [toy_build.snapshot.manifest.id]


def test_files_that_cannot_be_read_can_be_left_out(toy_build: Build, toy_corpus: Path) -> None:
    write_files(toy_corpus, {"bad.md": b"\xff", "worse.pptx": "x"})
    again = rebuild(toy_build, skip_unreadable=True)
    assert [str(error).split(":")[0] for error in again.left_out] == ["bad.md", "worse.pptx"]
    assert again.snapshot.manifest.documents == 3


@pytest.mark.parametrize("files", [{}, {"bad.md": b"\xff"}, {".hidden.md": "Text."}])
def test_a_corpus_without_documents_is_no_corpus(tmp_path: Path, files: dict[str, str]) -> None:
    corpus = write_files(tmp_path / "corpus", files)
    corpus.mkdir(exist_ok=True)
    with pytest.raises(CorpusError, match="no document that can be read"):
        build(corpus, tmp_path / "index", ToyEncoder(), skip_unreadable=True)
    assert current_id(tmp_path / "index") is None


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    files = {f"{n}.txt": f"Sentence number {n}. " * 900 for n in range(3)}
    steps: list[tuple[int, int]] = []
    result = build(
        write_files(tmp_path / "corpus", files),
        tmp_path / "index",
        ToyEncoder(),
        passage_words=20,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert result.snapshot.manifest.passages > 256  # several batches
    assert steps == [(1, 3), (2, 3), (3, 3)]


class ToyWatchfulEncoder(ToyEncoder):
    """Keeps how many files had been read when it was asked to encode."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0
        self.read_before: list[int] = []

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.read_before.append(self.read)
        return super().encode_passages(texts)


def test_a_document_is_encoded_before_the_next_ones_are_read(tmp_path: Path) -> None:
    files = {f"{n}.txt": f"Sentence number {n}. " * 2000 for n in range(4)}
    encoder = ToyWatchfulEncoder()

    def progress(done: int, total: int) -> None:
        encoder.read = done

    corpus = write_files(tmp_path / "corpus", files)
    build(corpus, tmp_path / "index", encoder, passage_words=20, progress=progress)
    assert encoder.read_before == [0, 1, 2, 3]


def test_equal_passages_are_each_kept(tmp_path: Path) -> None:
    text = "---\ntitle: Same\n---\nThe very same text."
    corpus = write_files(tmp_path / "corpus", {"a.md": text, "b.md": text})
    store = LocalStore(build(corpus, tmp_path / "index", ToyEncoder()).snapshot.folder)
    hits = store.dense(ToyEncoder().encode_questions(["same"])[0], 9, "en")
    assert {hit.passage.document_id for hit in hits} == {"a", "b"}
    store.close()


def test_a_build_that_fails_half_way_leaves_the_old_snapshot(
    toy_build: Build, toy_corpus: Path
) -> None:
    index_dir = toy_build.snapshot.folder.parent
    write_files(toy_corpus, {f"new-{n}.txt": f"Text {n}. " * 9000 for n in range(4)})
    with pytest.raises(RuntimeError, match="the toy fails"):
        rebuild(toy_build, ToyEncoder(fails_after=500))
    assert open_current(index_dir, ToyEncoder().fingerprint) == toy_build.snapshot
    assert folders(index_dir) == [toy_build.snapshot.manifest.id]
    again = rebuild(toy_build)
    assert again.reused == 4
    assert folders(index_dir) == [toy_build.snapshot.manifest.id, again.snapshot.manifest.id]


def test_a_second_build_is_refused(toy_build: Build) -> None:
    index_dir = toy_build.snapshot.folder.parent
    with build_lock(index_dir), pytest.raises(BuildRunningError):
        rebuild(toy_build)
    assert open_current(index_dir) == toy_build.snapshot


# One server that has imported everything forks all the builds to be killed.
_processes = get_context("forkserver")
_processes.set_forkserver_preload(["toys", "qa_service.indexing"])

MOMENTS: dict[str, tuple[object, str]] = {
    "encoding": (ToyEncoder, "encode_passages"),
    "writing": (LocalWriter, "finish"),
    "sealing": (snapshots, "seal"),
    "writing the manifest": (snapshots, "write_atomically"),
    "publishing": (snapshots, "publish"),
}


def _build_and_hang(moment: str, corpus: Path, index_dir: Path, reached: Connection) -> None:
    """A build that never gets past one moment."""

    def hang(*_: object, **__: object) -> None:
        reached.send(moment)
        sleep(600)

    setattr(*MOMENTS[moment], hang)
    build(corpus, index_dir, ToyEncoder())


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_build_leaves_the_old_snapshot_and_no_lock(
    toy_build: Build, toy_corpus: Path, moment: str
) -> None:
    index_dir = toy_build.snapshot.folder.parent
    write_files(toy_corpus, {"new.md": "# New\n\nA text that was not there."})
    here, there = _processes.Pipe()
    process = _processes.Process(
        target=_build_and_hang, args=(moment, toy_corpus, index_dir, there), daemon=True
    )
    process.start()
    assert here.poll(120)
    assert here.recv() == moment
    with pytest.raises(BuildRunningError):
        rebuild(toy_build)
    process.kill()
    process.join()
    assert process.exitcode == -SIGKILL
    assert open_current(index_dir, ToyEncoder().fingerprint) == toy_build.snapshot
    again = rebuild(toy_build)
    assert (again.encoded, again.reused) == (1, 4)
    assert open_current(index_dir) == again.snapshot
    folders = [path for path in index_dir.iterdir() if path.is_dir()]
    assert all((folder / "manifest.json").exists() for folder in folders)
