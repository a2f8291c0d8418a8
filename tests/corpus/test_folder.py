import os
from pathlib import Path

import pytest
from toys import write_files

from corpus.samples import prose, toy_pdf
from qa_service.corpus import read_folder
from qa_service.errors import CorpusError, DocumentError
from qa_service.schema import Document


def read(folder: Path, max_bytes: int = 1000) -> tuple[list[Document], list[str]]:
    """The Documents, and what is wrong with the other files."""
    items = list(read_folder(folder, max_bytes))
    documents = [item for item in items if isinstance(item, Document)]
    return documents, [str(item) for item in items if isinstance(item, DocumentError)]


def test_each_file_is_read_by_its_kind_in_the_order_of_its_path(tmp_path: Path) -> None:
    write_files(tmp_path, {"b.TXT": "# Plain", "a.md": "# Title\n\nText.", "c.markdown": "Text."})
    documents, errors = read(tmp_path)
    assert [(d.id, d.title) for d in documents] == [("a", "Title"), ("b", "b"), ("c", "c")]
    assert errors == []


def test_ids_of_nested_files_hold_their_path(tmp_path: Path) -> None:
    write_files(tmp_path, {"notes/On Baku (1).md": "Text.", "notes/gendžē.v2.txt": "Text."})
    documents, _ = read(tmp_path)
    assert [d.id for d in documents] == ["notes--On-Baku-1-", "notes--gendžē.v2"]


def test_the_text_is_kept_exactly(tmp_path: Path) -> None:
    text = "\ufeffOne.\r\nTwo\u2028İ e\u0301 😀.\r"
    write_files(tmp_path, {"a.txt": text})
    assert read(tmp_path)[0][0].text == text


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    write_files(tmp_path, {".git/a.md": "Text.", ".DS_Store": b"\0", "dir/.b.md": "x", "c.md": "x"})
    documents, errors = read(tmp_path)
    assert [d.id for d in documents] == ["c"]
    assert errors == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bad.md", b"caf\xe9", "byte 3 is not UTF-8"),
        ("bad.md", "a\0b", "NUL"),
        ("bad.md", "x" * 1001, "1,001 bytes are more than the 1,000"),
        ("bad.md", "", "holds no text"),
        ("bad.txt", " \n\u2028", "holds no text"),
        ("bad.txt", "\ufeff", "holds no text"),
        ("bad.md", "---\ntitle: x\n---\n", "holds no text"),
        ("bad.md", "---\n- x\n---\nText.", "front matter"),
        ("bad.pdf", "x", "is named .pdf and looks like text"),
        ("bad.xlsx", "x", "'.xlsx' cannot be read"),
        ("bad", "x", "'(none)' cannot be read"),
    ],
)
def test_a_bad_file_is_named_and_the_others_are_read(
    tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    write_files(tmp_path, {name: content, "good.md": "Text."})
    documents, errors = read(tmp_path)
    assert [d.id for d in documents] == ["good"]
    assert len(errors) == 1
    assert errors[0].startswith(f"{name}: ")
    assert reason in errors[0]


def test_two_files_of_one_id_are_both_named(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": "One.", "b.md": "---\nid: a\n---\nTwo.", "c/d.md": "Three."})
    write_files(tmp_path, {"c--d.txt": "Four."})
    documents, errors = read(tmp_path)
    assert [d.id for d in documents] == ["a", "c--d"]
    assert "b.md: the id 'a' is taken by a.md" in errors[0]
    assert "c--d.txt: the id 'c--d' is taken by c/d.md" in errors[1]


def test_links_that_lead_nowhere_or_out_are_errors(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "corpus", {"real.md": "Text."})
    secret = write_files(tmp_path, {"secret.md": "Secret."}) / "secret.md"
    (corpus / "circle.md").symlink_to("circle.md")
    (corpus / "dangling.md").symlink_to("absent.md")
    (corpus / "out.md").symlink_to(secret)
    (corpus / "within.md").symlink_to("real.md")
    documents, errors = read(corpus)
    assert [d.id for d in documents] == ["real", "within"]
    assert len(errors) == 3
    assert errors[0].startswith("circle.md: cannot be opened")
    assert errors[1].startswith("dangling.md: cannot be opened")
    assert errors[2].startswith("out.md: the link leads out")


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": "Text."})
    os.mkfifo(tmp_path / "pipe.md")
    documents, errors = read(tmp_path)
    assert [d.id for d in documents] == ["a"]
    assert errors == ["pipe.md: is no regular file. Move it out of the corpus."]


def test_an_absent_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="absent"):
        read(tmp_path / "absent")


def test_a_sidecar_says_of_a_file_what_front_matter_would(tmp_path: Path) -> None:
    said = "id: yearbook\ntitle: Gadagrāmata\nlanguage: lv\ndate: 2026-11-22\n"
    write_files(
        tmp_path,
        {
            "a.pdf": toy_pdf([prose(["Text."])]),
            "a.pdf.yaml": said,
            "b.md": "---\ntitle: Old\ntags: [x]\n---\nText.",
            "b.md.yaml": "title: New",
        },
    )
    documents, errors = read(tmp_path, 10_000)
    assert errors == []
    assert [(d.id, d.title, d.metadata) for d in documents] == [
        ("yearbook", "Gadagrāmata", {"date": "2026-11-22"}),
        ("b", "New", {"tags": ["x"]}),
    ]
    assert documents[0].language == "lv"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.pdf.yaml": "title: x"}, "a.pdf.yaml: is a sidecar without its file"),
        ({"a.yaml": "title: x"}, "a.yaml: files of the kind '.yaml' cannot be read"),
        ({"a.md.yaml": "- x", "a.md": "Text."}, "a.md: its sidecar a.md.yaml is no list of"),
        ({"a.md.yaml": "id: ../x", "a.md": "Text."}, "in its sidecar a.md.yaml must be a text"),
        ({"a.md.yaml": b"\xff", "a.md": "Text."}, "its sidecar a.md.yaml cannot be read: byte 0"),
        ({"a.md.yaml": "x" * 1001, "a.md": "Text."}, "its sidecar a.md.yaml: 1,001 bytes"),
    ],
)
def test_a_bad_sidecar_is_named(tmp_path: Path, files: dict[str, str | bytes], reason: str) -> None:
    documents, errors = read(write_files(tmp_path, files))
    assert documents == []
    assert len(errors) == 1
    assert reason in errors[0]


def test_a_sidecar_may_not_lead_out(tmp_path: Path) -> None:
    corpus = write_files(tmp_path / "corpus", {"a.md": "Text."})
    write_files(tmp_path, {"secret.yaml": "title: Secret"})
    (corpus / "a.md.yaml").symlink_to(tmp_path / "secret.yaml")
    documents, errors = read(corpus)
    assert documents == []
    assert "its sidecar a.md.yaml: the link leads out" in errors[0]
