import pytest

from qa_service.corpus.text import read_text


@pytest.mark.parametrize("text", ["One.\r\nTwo.", "İ e\u0301 😀\u2028", "# no heading\n"])
def test_plain_text_is_one_section_kept_exactly(text: str) -> None:
    document = read_text(text, "notes")
    assert document.text == text
    assert [(s.title, s.span.of(text)) for s in document.sections] == [("", text)]
    assert (document.id, document.title) == ("notes", "notes")


def test_its_language_is_detected() -> None:
    assert (
        read_text("Republika tika pasludināta maijā, un tās valdība sanāca.", "a").language == "lv"
    )
    assert (
        read_text("The republic was proclaimed in May and its cabinet met.", "a").language == "en"
    )


def test_a_byte_order_mark_belongs_to_no_section() -> None:
    document = read_text("\ufeffText", "a")
    assert document.text == "\ufeffText"
    assert document.sections[0].span.of(document.text) == "Text"
