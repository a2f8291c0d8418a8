from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_service.corpus.markdown import read_markdown
from qa_service.errors import DocumentError

_FRONT = "---\nid: adr\ntitle: The Republic\nlanguage: lv\ndate: 2026-11-22\ntags: [a, 1]\n---\n"
_BODY = "\nBefore.\n\n# First\n\nOne.\n\nSecond\n------\n\nTwo.\n"


def sections(text: str) -> list[tuple[str, int, str]]:
    document = read_markdown(text, "toy")
    return [(s.title, s.level, s.span.of(text).strip()) for s in document.sections]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_front_matter_and_headings_are_found_and_the_text_is_kept(line_end: str, mark: str) -> None:
    text = mark + (_FRONT + _BODY).replace("\n", line_end)
    document = read_markdown(text, "file")
    assert document.text == text
    assert (document.id, document.title, document.language) == ("adr", "The Republic", "lv")
    assert document.metadata == {"date": "2026-11-22", "tags": ["a", 1]}
    assert sections(text) == [("", 0, "Before."), ("First", 1, "One."), ("Second", 2, "Two.")]


def test_without_front_matter_the_heading_is_the_title_and_the_name_the_id() -> None:
    document = read_markdown("## Low\n\nThe text of it.\n\n# High *and* `code`\n\nMore.", "file")
    assert (document.id, document.title, document.language) == ("file", "High and code", "en")
    assert read_markdown("Only text.", "file").title == "file"


@pytest.mark.parametrize(
    "text",
    [
        "```\n# no heading\n```\n",
        "~~~python\n# no heading\n\n# nor this\n~~~\n",
        "    # indented code\n",
        "> # quoted\n",
        "- # in a list\n",
        "#hashtag\n",
        "<!--\n# hidden\n-->\n",
    ],
)
def test_not_every_hash_is_a_heading(text: str) -> None:
    assert sections(text) == [("", 0, text.strip())]


def test_a_section_ends_where_any_next_heading_starts() -> None:
    assert sections("# A\n## B\n\nText.\n### C ###\n\nMore.") == [
        ("A", 1, ""),
        ("B", 2, "Text."),
        ("C", 3, "More."),
    ]


_LINE_PARTS = [
    "# A",
    "text",
    "---",
    "===",
    "```",
    "> ",
    "- ",
    "    ",
    "\t",
    "<b>",
    "[a]: b",
    "İ",
    "😀",
]
_LINE_ENDS = ["\n", "\r\n", "\r", "\u2028", "\ufeff", "\x0b", "\x0c", "\x85"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(_LINE_PARTS + _LINE_ENDS), max_size=25).map("".join))
def test_sections_lie_in_order_and_never_overlap(text: str) -> None:
    try:
        document = read_markdown(text, "toy")
    except DocumentError:
        return  # the pieces happened to make front matter
    ends = [0, *(section.span.end for section in document.sections)]
    assert all(s.span.start >= end for s, end in zip(document.sections, ends, strict=False))
    assert ends[-1] <= len(text)
    assert document.text == text


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("a: &x 1\nb: *x", "aliases"),
        ("a: b: c", "no valid YAML"),
        ("a: [1", "no valid YAML"),
        ("- a\n- b", "no list of `key: value` lines"),
        ("just words", "no list of `key: value` lines"),
        ("a: " + "[" * 40_000, "nested deeper than 50 levels"),
        ("a: " + "x" * 60_000, "longer than 50,000 characters"),
        ("a: !!python/object:os.system x", "no valid YAML"),
        ("2020-01-01: date as a key", "no valid YAML"),
        ("a: 2020-13-45", "no valid YAML"),
        # Each of these is another exception inside PyYAML.
        ("a: !!bool maybe", "no valid YAML"),
        ("a: !!int ''", "no valid YAML"),
        ("a: !!timestamp noon", "no valid YAML"),
        ("a: " + "1:" * 200 + "1.5", "no valid YAML"),
        # These would fail later, as JSON or as UTF-8.
        ("a: .nan", "no valid YAML"),
        ('title: "\\ud800"', "no valid YAML"),
        ("title: 1918", "title 1918"),
        ("id: ../up", "id '../up'"),
        ("language: English", "language 'English'"),
    ],
)
def test_bad_front_matter_is_refused_with_a_reason(front: str, reason: str) -> None:
    with pytest.raises(DocumentError) as raised:
        read_markdown(f"---\n{front}\n---\nText.\n", "toy")
    assert reason in str(raised.value)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab: \n-[]{}!&*|>'\"#%@`0.,?~\\\t"), max_size=30))
def test_any_front_matter_is_read_or_refused(front: str) -> None:
    text = f"---\n{front}\n---\nText.\n"
    with suppress(DocumentError):  # anything else would fail the whole build
        assert read_markdown(text, "toy").text == text


def test_an_unclosed_fence_is_text() -> None:
    assert read_markdown("---\ntitle: x\n", "toy").title != "x"
