"""HTML -> Extract: what a reader of the page sees, without its navigation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from qa_service.corpus.extract import LINE_BREAK, Block, Extract, clean, clean_lines
from qa_service.errors import DocumentError

_MAX_DEPTH = 500  # browsers stop at 512
_HIDDEN = "hidden"  # the tag that is given to what a page hides by an attribute
_LEFT_OUT = (
    *("script", "style", "noscript", "template", "nav", "iframe", "frame", "object", "embed"),
    *("applet", "svg", "canvas", "audio", "video", "map", "button", "select", "datalist"),
    *("textarea", "input", "dialog", "rp", _HIDDEN),
)
_ROLES = {"navigation", "menu", "menubar", "search", "dialog", "alertdialog"}
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = {"ul", "ol", "menu", "dl"}
_BLOCKS = {
    *_HEADINGS,
    *_LISTS,
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details"),
    *("div", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "legend"),
    *("li", "main", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot"),
    *("th", "thead", "tr"),
}
# A table with one of these in it arranges a page; its cells are no table's.
_LAYOUT = {*_HEADINGS, *_LISTS, "table"}


def extract_html(content: bytes) -> Extract:
    """The Extract of a page in UTF-8. Nothing that the page links to is opened."""
    # The parser's own bound is 256 levels, too few for some real pages; ours comes below.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise
    if root is None:  # nothing but white space and comments
        return Extract.of(())
    _refuse_depth(root, parser)
    title = "".join(element.text or "" for element in root.iterfind("head/title"))
    language = root.get("lang") or root.get("xml:lang") or ""
    _strip(root)
    body = root.find("body")
    return Extract.of(_blocks(root if body is None else body), title, language)


def _refuse_depth(root: Any, parser: Any) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _MAX_DEPTH:
            break
    cut_off = any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    if depth > _MAX_DEPTH or cut_off:
        raise DocumentError(
            f"is nested deeper than {_MAX_DEPTH} levels of HTML elements. Save it as plain text."
        )


def _strip(root: Any) -> None:
    """Take out what is not shown, and mark the line breaks that the page asks for."""
    for element in root.iter():
        style = element.get("style") or ""
        if element.tag in ("html", "body"):
            continue  # scripts show these once they have run
        if (
            element.get("hidden") is not None
            or element.get("aria-hidden") == "true"
            or element.get("role") in _ROLES
            or _INVISIBLE.search(style)
        ):
            element.tag = _HIDDEN
        elif element.tag == "br":
            element.tail = LINE_BREAK + (element.tail or "")
    etree.strip_elements(root, "head", *_LEFT_OUT, with_tail=False)
    for pre in root.iter("pre"):
        for element in pre.iter():
            element.text = (element.text or "").replace("\n", LINE_BREAK)
            if element is not pre:
                element.tail = (element.tail or "").replace("\n", LINE_BREAK)


@dataclass(slots=True)
class _Flow:
    """Inline text as it is gathered, until a block ends."""

    parts: list[str] = field(default_factory=list)
    marker: str = ""  # of the list item that waits for its text
    lists: list[int] = field(default_factory=list)  # items so far, of each list around
    follows_item: bool = False  # the block before stands in the same list

    def cut(self, level: int = 0) -> Iterator[Block]:
        text = clean_lines("".join(self.parts))
        self.parts.clear()
        if not text:
            return
        gap = "\n" if self.lists and self.follows_item else "\n\n"
        yield Block(self.marker + text, level, gap=gap)
        self.marker, self.follows_item = "", bool(self.lists)


def _blocks(body: Any) -> Iterator[Block]:
    flow = _Flow()
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if tag in _BLOCKS:
                yield from flow.cut()
            if tag == "table" and not any(True for _ in element.iterdescendants(*_LAYOUT)):
                yield from _table(element)
                flow.follows_item = bool(flow.lists)
                walk.skip_subtree()
                continue
            if tag in _LISTS:
                flow.lists.append(0)
            elif tag == "li" and flow.lists:
                flow.lists[-1] += 1
                numbered = element.getparent().tag == "ol"
                flow.marker = f"{flow.lists[-1]}. " if numbered else "- "
            flow.parts.append(element.text or "")
        else:
            if tag in _BLOCKS:
                yield from flow.cut(_HEADINGS.get(tag, 0))
            if tag == "li":
                flow.marker = ""
            if tag in _LISTS and flow.lists:
                flow.lists.pop()
                flow.follows_item = flow.follows_item and bool(flow.lists)
            if element is not body:
                flow.parts.append(element.tail or "")
    yield from flow.cut()


def _table(table: Any) -> Iterator[Block]:
    """The caption, and the rows as lines of cells."""
    for caption in table.iter("caption"):
        yield Block(_flat(caption))
    rows = (
        " | ".join(_flat(cell) for cell in row if cell.tag in ("td", "th"))
        for row in table.iter("tr")
    )
    yield Block("\n".join(row for row in rows if row.strip(" |")))


def _flat(element: Any) -> str:
    """All text in an element on one line."""
    parts: list[str] = []
    for event, child in etree.iterwalk(element, events=("start", "end")):
        if child.tag in _BLOCKS:
            parts.append(" ")
        if event == "start":
            parts.append(child.text or "")
        elif child is not element:
            parts.append(child.tail or "")
    return clean("".join(parts))
