from pathlib import Path

import numpy as np
import pytest
from toys import ToyEncoder, toy_document, toy_passage

from qa_service.errors import UnknownDocumentError
from qa_service.stores import writing
from qa_service.stores.local import LocalStore
from qa_service.stores.writing import LocalWriter

TEXTS = {"baku": "Baku lies at the sea.", "ganja": "Ganja was the first capital.", "oil": "Oil."}


def add(writer: LocalWriter, name: str, text: str) -> None:
    passage = toy_passage(text, document_id=name)
    vectors = ToyEncoder().encode_passages([passage.headed_text])
    writer.add(toy_document(text, name), [passage], vectors, name.encode())


def write(folder: Path, texts: dict[str, str], gone: str = "", before: Path | None = None) -> str:
    """What the Store in the folder then holds, as one hash."""
    folder.mkdir()
    writer = LocalWriter(folder, ToyEncoder.dimension, before)
    for name, text in texts.items():
        add(writer, name, text)
    if gone:
        writer.remove(gone)
    content = writer.content
    writer.finish()
    writer.close()
    return content


def parts(folder: Path) -> set[str]:
    """The files of the segments of the lexical index."""
    return {path.name for path in (folder / "lexical").glob("*.term")}


@pytest.mark.parametrize("order", [("baku", "ganja", "oil"), ("oil", "ganja", "baku")])
def test_the_content_is_the_same_in_whatever_order_it_came(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    expected = write(tmp_path / "expected", TEXTS)
    assert write(tmp_path / "new", {name: TEXTS[name] for name in order}) == expected
    first = {"oil": "Old.", "more": "More."}
    assert write(tmp_path / "old", first) != expected
    assert write(tmp_path / "after", TEXTS, gone="more", before=tmp_path / "old") == expected


def test_what_it_begins_with_stays_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "before", TEXTS)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    write(tmp_path / "after", {"baku": "Another text."}, "oil", tmp_path / "before")
    assert all(path.read_bytes() == content for path, content in files.items())
    store = LocalStore(tmp_path / "after")
    assert store.document("baku").text == "Another text."
    assert store.document("ganja").text == TEXTS["ganja"]
    with pytest.raises(UnknownDocumentError):
        store.document("oil")
    store.close()


def test_it_knows_what_documents_were_read_from(tmp_path: Path) -> None:
    write(tmp_path / "before", TEXTS)
    (tmp_path / "after").mkdir()
    writer = LocalWriter(tmp_path / "after", ToyEncoder.dimension, tmp_path / "before")
    assert writer.read_from() == {name.encode(): (name, 1) for name in TEXTS}
    assert writer.counts == (3, 3)
    writer.close()


def test_numbers_of_removed_passages_are_taken_again(tmp_path: Path) -> None:
    write(tmp_path / "before", TEXTS)
    write(tmp_path / "less", {}, "baku", tmp_path / "before")
    assert len(np.load(tmp_path / "less" / "vectors.npy")) == 3
    write(tmp_path / "more", {"x": "Ten.", "y": "Eleven."}, before=tmp_path / "less")
    vectors = np.load(tmp_path / "more" / "vectors.npy")
    assert len(vectors) == 4
    assert vectors.any(axis=1).all()


def test_full_parts_of_the_lexical_index_are_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_PART", 2)
    write(tmp_path / "before", {name: name for name in "abcd"})
    write(tmp_path / "after", {"a": "other", "e": "e"}, before=tmp_path / "before")
    assert len(parts(tmp_path / "before")) == 2
    assert len(parts(tmp_path / "after") & parts(tmp_path / "before")) == 1
    assert len(parts(tmp_path / "after")) == 3
