import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.samples import prose, toy_pdf
from qa_service.corpus import read_upload
from qa_service.corpus.upload import safe_name
from qa_service.errors import DocumentError


def test_an_upload_is_read_by_its_kind() -> None:
    document = read_upload("Gada pārskats.pdf", toy_pdf([prose(["Text."])]), 10_000)
    assert (document.id, document.text) == ("Gada-pārskats", "Text.")
    assert document.source == "Gada pārskats.pdf"


def test_what_is_said_of_it_goes_with_it() -> None:
    document = read_upload("a.txt", b"Text.", 100, sidecar=b"title: Teksts\nlanguage: lv")
    assert (document.title, document.language) == ("Teksts", "lv")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/report.pdf", "report.pdf"),
        ("C:\\files\\report.pdf", "report.pdf"),
        ("/report.pdf", "report.pdf"),
        (".hidden.md", "hidden.md"),
        ("a\0b\r\nc\x1b[31m\u202efdp.txt", "ab c[31mfdp.txt"),
        ("On\u00a0 Baku .md", "On Baku.md"),
        ("e\u0301.md", "é.md"),
        ("x" * 197 + ".md", "x" * 197 + ".md"),
    ],
)
def test_a_name_becomes_one_bounded_printable_part(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["x" * 198 + ".md", "ā" * 99 + ".md", "x." + "y" * 200])
def test_a_long_name_is_refused_rather_than_cut(name: str) -> None:
    with pytest.raises(DocumentError, match="longer than 200 bytes"):
        safe_name(name)


@pytest.mark.parametrize("name", ["", "/", "..", "\0", "a/", " .pdf ", "---.md"])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(DocumentError):
        read_upload(name, b"Text.", 100)


@given(st.text(max_size=40))
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    try:
        safe = safe_name(name + ".md")
    except DocumentError:
        return
    assert "/" not in safe
    assert "\\" not in safe
    assert not safe.startswith(".")
    assert safe.isprintable()
    assert len(safe.encode()) <= 200


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("../a.xlsx", b"x", r"^a\.xlsx: files of the kind"),
        ("a.md", b"x" * 101, r"^a\.md: 101 bytes are more than the 100"),
        ("a.pdf", b"x", r"^a\.pdf: is named .pdf and looks like text"),
        ("a.md", b"", r"^a\.md: holds no text"),
    ],
)
def test_an_upload_is_refused_as_a_file_would_be(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_upload(name, content, 100)
