from collections.abc import Callable

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from corpus.samples import saved, with_parts
from qa_service.corpus.docx import extract_docx
from qa_service.corpus.extract import document_of
from qa_service.errors import DocumentError
from qa_service.schema import Document


def read(document: WordDocument) -> Document:
    return document_of(extract_docx(saved(document)), "file")


def add(document: WordDocument, xml: str) -> None:
    """Puts XML at the end of the body."""
    element = parse_xml(xml.replace(">", f" {nsdecls('w')}>", 1))
    document.element.body.insert(len(document.element.body) - 1, element)


@pytest.fixture
def word() -> WordDocument:
    document = docx.Document()
    document.core_properties.title = ""
    return document


def test_headings_become_sections_with_their_levels(word: WordDocument) -> None:
    word.add_heading("Virsraksts", 0)
    word.add_paragraph("Ēka, šķūnis, ģerbonis.")
    word.add_heading("Zemāk", 2)
    word.add_paragraph("Otrais.")
    document = read(word)
    found = [(s.title, s.level, s.span.of(document.text).strip()) for s in document.sections]
    assert found == [("Virsraksts", 1, "Ēka, šķūnis, ģerbonis."), ("Zemāk", 2, "Otrais.")]
    assert document.title == "Virsraksts"
    assert document.language == "lv"


def test_a_style_based_on_a_heading_and_an_outline_level_are_headings(word: WordDocument) -> None:
    style = word.styles.add_style("Nodaļa", 1)
    style.base_style = word.styles["Heading 3"]
    word.add_paragraph("By style", style)
    add(word, "<w:p><w:pPr><w:outlineLvl w:val='1'/></w:pPr><w:r><w:t>By level</w:t></w:r></w:p>")
    word.add_paragraph("Text.")
    assert [(s.title, s.level) for s in read(word).sections] == [("By style", 3), ("By level", 2)]


def test_the_title_of_the_properties_comes_first(word: WordDocument) -> None:
    word.add_heading("Heading", 1)
    word.add_paragraph("Text.")
    word.core_properties.title = "Pārskats"
    assert read(word).title == "Pārskats"
    word.core_properties.title = "Microsoft Word - vecais.doc"
    assert read(word).title == "Heading"


def test_lists_have_one_item_on_a_line_with_its_number(word: WordDocument) -> None:
    word.add_paragraph("Before")
    for item in ("one", "two"):
        word.add_paragraph(item, "List Bullet")
    for item in ("first", "second"):
        word.add_paragraph(item, "List Number")
    assert read(word).text == "Before\n\n- one\n- two\n1. first\n2. second"


def test_a_table_has_one_row_on_a_line(word: WordDocument) -> None:
    table = word.add_table(2, 2)
    for cell, text in zip((c for row in table.rows for c in row.cells), "abcd", strict=True):
        cell.text = text
    table.cell(1, 1).add_paragraph("e")
    frame = word.add_table(1, 1)
    frame.cell(0, 0).text = "framed"
    frame.cell(0, 0).add_paragraph("text")
    assert read(word).text == "a | b\nc | d e\n\nframed\n\ntext"


def test_text_in_content_controls_and_insertions_is_read_and_deleted_text_is_not(
    word: WordDocument,
) -> None:
    run = "<w:r><w:t xml:space='preserve'>{} </w:t></w:r>"
    add(word, f"<w:sdt><w:sdtContent><w:p>{run.format('control')}</w:p></w:sdtContent></w:sdt>")
    add(
        word,
        f"<w:p><w:ins>{run.format('inserted')}</w:ins>"
        "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>"
        f"<w:hyperlink>{run.format('linked')}</w:hyperlink>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        "<w:r><w:instrText>TOC</w:instrText><w:br/><w:t>below</w:t></w:r></w:p>",
    )
    assert read(word).text == "control\n\ninserted linked\nbelow"


def test_a_table_of_contents_is_left_out(word: WordDocument) -> None:
    word.styles.add_style("toc 1", 1)
    word.add_paragraph("Ievads 3", "toc 1")
    word.add_paragraph("Text.")
    assert read(word).text == "Text."


def test_footnotes_follow_their_paragraph(word: WordDocument) -> None:
    add(word, "<w:p><w:r><w:t>Fact.</w:t><w:footnoteReference w:id='2'/></w:r></w:p>")
    word.add_paragraph("Next.")
    notes = (
        f"<w:footnotes {nsdecls('w')}><w:footnote w:type='separator' w:id='0'/>"
        "<w:footnote w:id='2'><w:p><w:r><w:t>The source.</w:t></w:r></w:p></w:footnote>"
        "</w:footnotes>"
    )
    content = with_parts(saved(word), {"word/footnotes.xml": notes.encode()})
    assert document_of(extract_docx(content), "x").text == "Fact.\n\nThe source.\n\nNext."


def _without(name: str) -> Callable[[bytes], bytes]:
    return lambda content: with_parts(content, {name: None})


def _strict(content: bytes) -> bytes:
    xml = b'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"/>'
    return with_parts(content, {"word/document.xml": xml})


def _declaring(content: bytes) -> bytes:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><w:document>&a;</w:document>'
    return with_parts(content, {"word/document.xml": bomb})


def _declaring_in_utf16(content: bytes) -> bytes:
    bomb = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'
    return with_parts(content, {"word/document.xml": bomb.encode("utf-16")})


def _ratio_bomb(content: bytes) -> bytes:
    return with_parts(content, {"word/media/image1.png": bytes(60_000_000)})


def _many_entries(content: bytes) -> bytes:
    return with_parts(content, {f"word/media/{number}": b"" for number in range(5_001)})


def _password(content: bytes) -> bytes:
    changed = bytearray(content)
    start = content.index(b"PK\x01\x02")
    changed[start + 8] |= 1
    return bytes(changed)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda content: content[: len(content) // 2], "is a damaged DOCX"),
        (lambda content: b"PK\x03\x04 word/document", "is a damaged DOCX"),
        (_without("word/document.xml"), "word/document.xml is missing"),
        (_without("_rels/.rels"), "_rels/.rels is missing"),
        (lambda c: with_parts(c, {"word/document.xml": b"<w:p>"}), "is a damaged DOCX"),
        (_strict, "Strict Open XML"),
        (_declaring, "declares a document type"),
        (_declaring_in_utf16, "declares a document type"),
        (_ratio_bomb, "times its size"),
        (_many_entries, r"at most 5,000"),
        (_password, "protected by a password"),
    ],
)
def test_a_bad_archive_is_refused_with_a_reason(
    word: WordDocument, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    word.add_paragraph("Text.")
    with pytest.raises(DocumentError, match=reason):
        extract_docx(spoil(saved(word)))


def test_an_archive_that_lies_about_its_sizes_is_refused(word: WordDocument) -> None:
    content = with_parts(saved(word), {"word/document.xml": b" " * 2_000_000})
    directory = content.index(b"PK\x01\x02")
    size = (2_000_000).to_bytes(4, "little")
    at = content.index(size, directory)
    changed = content[:at] + (100).to_bytes(4, "little") + content[at + 4 :]
    with pytest.raises(DocumentError, match="is a damaged DOCX"):
        extract_docx(changed)
