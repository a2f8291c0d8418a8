import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import nasty_texts

from qa_service.corpus.extract import Block, Extract, clean, clean_lines, document_of
from qa_service.errors import DocumentError

_BLOCKS = st.builds(
    Block,
    text=nasty_texts.map(clean_lines),
    level=st.integers(0, 6),
    gap=st.sampled_from(["\n\n", "\n", " "]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_BLOCKS, st.integers(0, 2)), max_size=12), st.integers(0, 2))
def test_sections_and_pages_lie_in_order_within_the_text(
    steps: list[tuple[Block, int]], more_pages: int
) -> None:
    page = 1
    blocks = []
    for block, turned in steps:
        page += turned
        blocks.append(Block(block.text, block.level, page, block.gap))
    document = document_of(Extract.of(blocks, pages=page + more_pages), "toy")
    for spans in ([s.span for s in document.sections], [p.span for p in document.pages]):
        ends = [0, *(span.end for span in spans)]
        assert all(span.start >= end for span, end in zip(spans, ends, strict=False))
        assert ends[-1] <= len(document.text)
    assert [p.number for p in document.pages] == list(range(1, page + more_pages + 1))
    assert "".join(p.span.of(document.text) for p in document.pages) == document.text
    for block in (block for block in blocks if block.text):
        start = document.pages[block.page - 1].span.start
        assert block.text in document.text[start:]


def test_the_title_is_the_files_else_the_first_top_heading_else_the_name() -> None:
    blocks = (Block("Low", 2), Block("Top", 1), Block("Text."))
    assert document_of(Extract.of(blocks, "Own"), "name").title == "Own"
    assert document_of(Extract.of(blocks), "name").title == "Top"
    assert document_of(Extract.of(blocks[:1]), "name").title == "Low"
    assert document_of(Extract.of(blocks[2:]), "name").title == "name"


@pytest.mark.parametrize(
    "title",
    [
        *("", " ", "Untitled", "untitled document", "Microsoft Word - a.doc", "(anonymous)"),
        *("a.INDD", "Document2", "12.03.", "PowerPoint Presentation", "Dokuments1"),
        "Bez nosaukuma",
    ],
)
def test_titles_that_programs_write_are_none(title: str) -> None:
    assert Extract.of((), title).title == ""


@pytest.mark.parametrize("title", ["Documentation", "1918. gads", "Untied", "The .docx format"])
def test_other_titles_stay(title: str) -> None:
    assert Extract.of((), title).title == title


def test_a_heading_as_long_as_a_page_is_text() -> None:
    document = document_of(Extract.of([Block("Long " * 100, 1)]), "toy")
    assert [(s.title, s.level) for s in document.sections] == [("", 0)]


def test_clean_text_has_composed_accents_and_no_marks_of_layout() -> None:
    assert clean(" a\u00adb\u200b  g\u0327\ufeff\x07\ud800\ufffe\n") == "ab ģ"
    assert clean_lines("one\ntwo\u2028 \u2028three") == "one two\nthree"


def test_more_text_than_any_document_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa_service.corpus.extract.MAX_CHARACTERS", 10)
    with pytest.raises(DocumentError, match="more than the 10 characters"):
        Extract.of([Block("12345"), Block("12345")])
