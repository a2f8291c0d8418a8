import pytest

from qa_service.corpus.extract import Extract, document_of
from qa_service.corpus.html import extract_html
from qa_service.errors import DocumentError


def extract(page: str) -> Extract:
    return extract_html(page.encode())


def text(page: str) -> str:
    return document_of(extract(page), "page").text


def test_headings_become_sections_with_their_levels() -> None:
    page = "<body>Before.<h1>Top <em>one</em></h1><p>A.</p><div><h3>Low</h3>B.</div></body>"
    document = document_of(extract(page), "page")
    found = [(s.title, s.level, s.span.of(document.text).strip()) for s in document.sections]
    assert found == [("", 0, "Before."), ("Top one", 1, "A."), ("Low", 3, "B.")]


def test_title_and_language_are_the_pages_own() -> None:
    page = "<html lang='lv-LV'><title> Vēsture \n par </title><h1>Cits</h1><p>Text."
    assert (extract(page).title, extract(page).language) == ("Vēsture par", "lv")
    untitled = extract("<title>Untitled</title><h2>No</h2><h1>Yes</h1>")
    assert document_of(untitled, "page").title == "Yes"
    assert extract("<p>Text.").language == ""
    assert extract("<html lang='tlh-x!'><p>Text.").language == "tlh"


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>gone()</script>",
        "<style>.gone{}</style>",
        "<noscript>gone</noscript>",
        "<template><p>gone</p></template>",
        "<nav><ul><li>gone</ul></nav>",
        "<div role=navigation>gone</div>",
        "<p hidden>gone</p>",
        "<p style='color:red; Display : none'>gone</p>",
        "<p style=visibility:hidden>gone</p>",
        "<span aria-hidden=true>gone</span>",
        "<!-- gone -->",
        "<?gone?>",
        "<svg><text>gone</text></svg>",
        "<select><option>gone</select>",
        "<iframe src='file:///etc/passwd'>gone</iframe>",
    ],
)
def test_what_a_reader_does_not_see_is_left_out_and_what_follows_stays(hidden: str) -> None:
    assert text(f"<body><p>One {hidden} two</p></body>").split() == ["One", "two"]


def test_a_body_that_scripts_would_show_is_read() -> None:
    assert text("<body style='visibility:hidden'><p>Text.") == "Text."


def test_lists_have_one_item_on_a_line() -> None:
    page = "<p>Before</p><ul><li>one<li><p>two</p><ol><li>a</li><li>b</li></ol></li></ul><p>After"
    assert text(page) == "Before\n\n- one\n- two\n1. a\n2. b\n\nAfter"


def test_tables_have_one_row_on_a_line() -> None:
    page = (
        "<table><caption>Gadi</caption><tr><th>Gads<th>Kas<tr><td>1918<td>Valsts <b>d</b>zimst"
        "<br>Rīgā<tr><td><td></table>After"
    )
    assert text(page) == "Gadi\n\nGads | Kas\n1918 | Valsts dzimst Rīgā\n\nAfter"


def test_a_table_that_arranges_the_page_is_no_table() -> None:
    page = "<table><tr><td><h1>Top</h1><p>A.</p><td><table><tr><td>1<td>2</table></table>"
    assert text(page) == "Top\n\nA.\n\n1 | 2"


def test_white_space_is_single_but_where_the_page_breaks_lines() -> None:
    assert text("<p>one\n   two<br>three&nbsp;four so&shy;ft</p>") == "one two\nthree four soft"
    assert text("<pre>one\ntwo <b>x\ny</b></pre>") == "one\ntwo x\ny"


def test_entities_of_the_page_are_never_opened() -> None:
    page = "<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><p>a &x; b &amp; c</p>"
    assert "root:" not in text(page)
    assert "b & c" in text(page)


def test_a_page_nested_without_end_is_refused() -> None:
    assert "deep" in text("<div>" * 400 + "deep")
    for depth in (600, 5_000, 100_000):
        with pytest.raises(DocumentError, match="nested deeper than 500"):
            extract("<div>" * depth + "deep")


@pytest.mark.parametrize("page", ["", " ", "<!-- x -->", "<html></html>", "<p></p>", "<title>x"])
def test_a_page_without_text_has_no_blocks(page: str) -> None:
    assert extract(page).blocks == ()


def test_a_long_text_is_read_whole() -> None:
    assert len(text("<p>" + "word " * 2_200_000)) == 11_000_000 - 1
