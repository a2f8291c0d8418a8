import pytest

from corpus.samples import ENCRYPTED, Shown, prose, toy_pdf
from qa_service.corpus.extract import document_of
from qa_service.corpus.pdf import MAX_PAGES, extract_pdf
from qa_service.errors import DocumentError
from qa_service.schema import Document

_BODY = [
    "Latvijas Republika tika pasludināta 1918. gada 18. novembrī Rīgā,",
    "un tās pirmais ministru prezidents bija Kārlis Ulmanis.",
]


def read(content: bytes) -> Document:
    return document_of(extract_pdf(content), "file")


def test_latvian_letters_and_paragraphs_over_lines_come_through() -> None:
    document = read(toy_pdf([prose([*_BODY, "Otrā rindkopa."])]))
    assert document.text == " ".join(_BODY) + "\n\nOtrā rindkopa."
    assert document.language == "lv"
    assert document.title == "file"


def test_headings_are_known_by_size_and_weight() -> None:
    page = [
        Shown("Vēsture un laiks", 780, size=20),
        *prose(_BODY, 740),
        Shown("Satversme", 690, size=14),
        *prose(_BODY, 660),
        Shown("Treknraksts", 610, bold=True),
        *prose(_BODY, 590),
    ]
    document = read(toy_pdf([page]))
    assert [(s.title, s.level) for s in document.sections] == [
        ("Vēsture un laiks", 1),
        ("Satversme", 2),
        ("Treknraksts", 3),
    ]
    assert document.title == "Vēsture un laiks"
    text = " ".join(_BODY)
    assert all(s.span.of(document.text).strip() == text for s in document.sections)


def test_pages_hold_their_text_and_empty_ones_are_counted() -> None:
    document = read(toy_pdf([prose(["One."]), [], prose(["Three."]), []]))
    assert [(p.number, p.span.of(document.text).strip()) for p in document.pages] == [
        (1, "One."),
        (2, ""),
        (3, "Three."),
        (4, ""),
    ]
    assert document.page_at(document.text.index("Three")) == 3


def test_a_paragraph_goes_on_over_a_page_break() -> None:
    document = read(toy_pdf([prose(["The council then moved"]), prose(["to Ganja in June."])]))
    assert document.text == "The council then moved to Ganja in June."
    assert document.page_at(document.text.index("to Ganja")) == 2


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["The coun-", "cil met."], "The council met."),
        (["The coun\u00ad", "cil met."], "The council met."),
        (["A so\u00adft hyphen."], "A soft hyphen."),
        (["A well-known city, a well-", "known man."], "A well-known city, a well-known man."),
        (["The north-", "West of it."], "The north-West of it."),
    ],
)
def test_words_broken_at_line_ends_are_made_whole(lines: list[str], text: str) -> None:
    assert read(toy_pdf([prose(lines)])).text == text


def test_lists_have_one_item_on_a_line() -> None:
    document = read(toy_pdf([prose(["- one item", "- another item"])]))
    assert document.text == "- one item\n- another item"


def test_running_heads_and_page_numbers_are_left_out() -> None:
    pages = [
        [
            Shown("Gada pārskats", 800),
            *prose([f"Text of page {name}."], 700),
            Shown(f"{number} / 4", 40),
        ]
        for number, name in enumerate(("one", "two", "three", "four"), start=1)
    ]
    assert read(toy_pdf(pages)).text.split("\n\n") == [
        f"Text of page {name}." for name in ("one", "two", "three", "four")
    ]


def test_the_title_of_the_properties_is_taken_unless_it_is_junk() -> None:
    page = [prose(["Text."])]
    assert read(toy_pdf(page, about="/Title(The Report)")).title == "The Report"
    for junk in ("Microsoft Word - x.doc", "untitled", "report_final.docx", "Document1", "-"):
        assert read(toy_pdf(page, about=f"/Title({junk})")).title == "file"


def test_columns_are_not_torn_apart_at_every_line() -> None:
    left = [Shown(line, 700 - 14 * i, 72) for i, line in enumerate(_BODY)]
    right = [Shown("Otrajā slejā.", 700, 420)]
    assert " ".join(_BODY) in read(toy_pdf([[*left, *right]])).text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (toy_pdf([prose(["Secret."])], trailer=ENCRYPTED), "is encrypted"),
        (toy_pdf([[], []]), r"2 page\(s\) without any text.*OCR"),
        (toy_pdf([[]] * (MAX_PAGES + 1)), r"has 5,001 pages; at most 5,000"),
        (b"%PDF-1.4\nnothing else", "is a damaged PDF"),
        (toy_pdf([prose(["Text."])])[:300], "is a damaged PDF"),
        (toy_pdf([]), "OCR|damaged"),
    ],
)
def test_a_bad_pdf_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        extract_pdf(content)


def test_more_text_than_any_document_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa_service.corpus.pdf.MAX_CHARACTERS", 100)
    with pytest.raises(DocumentError, match="more than the 100 characters"):
        extract_pdf(toy_pdf([prose(_BODY * 3)]))
