from collections.abc import Sequence
from pathlib import Path

import pytest
from toys import ToyEncoder, write_files

from qa_service.builds import recording
from qa_service.deletions import delete
from qa_service.doctor import (
    Corpus,
    Finding,
    check_corpus,
    check_encoder,
    check_index,
    open_served,
)
from qa_service.encoder import Encoder, Vectors
from qa_service.indexing import Build, build


def documents(corpus: Path, index_dir: Path | None = None) -> tuple[list[Finding], Corpus]:
    """What is found in the corpus folder, compared with what is served where that is named."""
    found = Corpus(passage_words=80)
    served = open_served(index_dir) if index_dir else None
    findings = list(check_corpus(corpus, served, 100_000, found, lambda done, total: None))
    if served:
        served.close()
    return findings, found


def messages(findings: list[Finding], severity: str = "warning") -> list[str]:
    assert {finding.severity for finding in findings} <= {severity}
    return [finding.message for finding in findings]


def test_a_corpus_as_it_was_built_has_nothing_to_mend(
    tmp_path: Path, toy_build: Build, toy_corpus: Path
) -> None:
    findings, found = documents(toy_corpus, tmp_path / "index")
    assert findings == []
    assert found.ids == {"baku", "ganja", "gendze"}
    assert list(check_index(tmp_path / "index", ToyEncoder())) == []


def test_new_changed_and_missing_documents_are_told(
    tmp_path: Path, toy_build: Build, toy_corpus: Path
) -> None:
    write_files(toy_corpus, {f"new-{n}.md": f"{n} {'word ' * 20}" for n in range(7)})
    write_files(toy_corpus, {"baku.md.yaml": "title: Another"})
    (toy_corpus / "ganja.md").unlink()
    new, changed, missing = messages(documents(toy_corpus, tmp_path / "index")[0])
    assert new == (
        "Not in the index yet: new-0, new-1, new-2, new-3, new-4 and 2 more. "
        "Run `qa-service build`."
    )
    assert changed == "Changed since the index was built: baku. Run `qa-service build`."
    assert missing.startswith("In the index and no longer in the corpus: ganja.")


def test_a_deleted_document_is_not_missed(
    tmp_path: Path, toy_build: Build, toy_corpus: Path
) -> None:
    (toy_corpus / "ganja.md").unlink()
    delete(tmp_path / "index", "ganja")
    assert documents(toy_corpus, tmp_path / "index")[0] == []


def test_each_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": b"\xff", "b.exe": b"x", "c.md": "word " * 20})
    first, second = messages(documents(tmp_path)[0], "error")
    assert first.startswith("a.md: byte 0 is not UTF-8")
    assert second.startswith("b.exe: files of the kind")
    [absent] = messages(documents(tmp_path / "nowhere")[0], "error")
    assert "does not exist. Create it" in absent


def test_double_and_nearly_empty_documents_are_told(tmp_path: Path) -> None:
    text = "word " * 20
    write_files(tmp_path, {"a.md": text, "b.md": text, "c.md": "Scanned."})
    double, short = messages(documents(tmp_path)[0])
    assert double == "The very same text is in a, b. Remove all but one."
    assert short.startswith("Fewer than 10 words are in c. ")


def test_an_index_that_cannot_be_served_is_an_error(tmp_path: Path, toy_build: Build) -> None:
    index_dir = tmp_path / "index"
    [nothing] = messages(list(check_index(tmp_path / "nowhere", None)), "error")
    assert "Nothing was built" in nothing
    [other] = messages(list(check_index(index_dir, ToyEncoder("other"))), "error")
    assert "QA_ENCODER" in other
    (toy_build.snapshot.folder / "vectors.npy").write_bytes(b"harmed")
    [damaged] = messages(list(check_index(index_dir, ToyEncoder())), "error")
    assert "vectors.npy' is damaged" in damaged
    assert open_served(index_dir) is None


def test_a_damaged_earlier_snapshot_and_a_failed_build_are_told(
    tmp_path: Path, toy_build: Build, toy_corpus: Path
) -> None:
    index_dir = tmp_path / "index"
    write_files(toy_corpus, {"new.md": "New."})
    build(toy_corpus, index_dir, ToyEncoder())
    (toy_build.snapshot.folder / "vectors.npy").write_bytes(b"harmed")
    with recording(index_dir) as recorded:
        recorded.end("failed", "The disk is full.")
    earlier, failed = messages(list(check_index(index_dir, ToyEncoder())))
    assert f"{toy_build.snapshot.manifest.id} cannot be rolled back to" in earlier
    assert "`qa-service index prune`" in earlier
    assert failed == "The last build failed: The disk is full. Run `qa-service build` again."


class ToyForgetfulEncoder(ToyEncoder):
    """Reads so many words of a text only, and words of Latin letters only."""

    dimension = 4096

    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = words

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return super().encode_passages([self._read(text) for text in texts])

    def _read(self, text: str) -> str:
        words = text.split()[: self.words]
        return " ".join(word if word.isascii() else "unknown" for word in words)


def numbered(words: int) -> str:
    return " ".join(f"w{n}" for n in range(words))


@pytest.mark.parametrize(
    ("read", "told"),
    [(81, []), (79, ["c, b"]), (59, ["c, b, a"]), (500, [])],
)
def test_passages_longer_than_the_encoder_reads_are_counted(
    tmp_path: Path, read: int, told: list[str]
) -> None:
    write_files(tmp_path, {"a.md": numbered(59), "b.md": numbered(79), "c.md": numbered(80)})
    findings = check_encoder(ToyForgetfulEncoder(read), documents(tmp_path)[1])
    assert [message.split("in ")[1].split(":")[0] for message in messages(list(findings))] == told


GEORGIAN = "ა ბ გ დ ე ვ ზ თ ი კ ლ მ ნ ო პ ჟ რ ს ტ უ ფ ქ ღ ყ".split()  # noqa: SIM905


@pytest.mark.parametrize(("known", "told"), [(0, True), (150, False)])
def test_a_language_whose_words_look_alike_to_the_encoder_is_told(
    tmp_path: Path, known: int, told: bool
) -> None:
    unknown = " ".join(f"{letter}{letter}ა{letter}" for letter in GEORGIAN)
    latin = " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(known))
    write_files(tmp_path, {"a.md": f"---\nlanguage: ka\n---\n{unknown} {latin}"})
    corpus = documents(tmp_path)[1]
    corpus.words["ka"] = dict.fromkeys(f"{unknown} {latin}".split())
    found = messages(list(check_encoder(ToyForgetfulEncoder(500), corpus)))
    assert bool(found) == told
    assert all("words of the language 'ka'" in message for message in found)


def test_the_shipped_encoder_reads_both_languages(shipped_encoder: Encoder, tmp_path: Path) -> None:
    corpus = documents(Path(__file__).parents[1] / "corpus")[1]
    corpus.longest = [entry for entry in corpus.longest if entry[0] < 500][:16]
    assert list(check_encoder(shipped_encoder, corpus)) == []
    assert min(len(corpus.words[language]) for language in ("en", "lv")) > 200
