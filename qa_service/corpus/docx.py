"""DOCX -> Extract: headings, paragraphs, lists with their numbers, tables and notes."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from qa_service.corpus.docx_archive import Archive
from qa_service.corpus.docx_styles import Numbers, Styles, W, read_numbers, read_styles, value
from qa_service.corpus.extract import LINE_BREAK, Block, Extract, clean, clean_lines
from qa_service.errors import DocumentError

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Where paragraphs and tables lie in: content controls, tracked insertions.
_WRAPPERS = {f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo")}
_BREAKS = {f"{W}br", f"{W}cr"}


def extract_docx(content: bytes) -> Extract:
    """The Extract of a Word document. Deleted and hidden text is left out."""
    archive = Archive(content)
    main = archive.main_part()
    folder = main.rpartition("/")[0]
    root = archive.xml(main)
    styles = archive.xml(f"{folder}/styles.xml", required=False)
    numbers = archive.xml(f"{folder}/numbering.xml", required=False)
    core = archive.xml("docProps/core.xml", required=False)
    if not root.tag.startswith(W):
        raise DocumentError(
            f"has {root.tag[:100]} where a Word document is. If it was saved as Strict Open XML, "
            "save it as an ordinary Word document."
        )
    # What an older Word shows instead of a text box would be the same text twice.
    etree.strip_elements(root, _FALLBACK, f"{W}del", f"{W}moveFrom", with_tail=False)
    body = root.find(f"{W}body")
    text = _Text(
        read_styles(styles),
        read_numbers(numbers),
        {
            **_notes(archive.xml(f"{folder}/footnotes.xml", required=False), "footnote"),
            **_notes(archive.xml(f"{folder}/endnotes.xml", required=False), "endnote"),
        },
    )
    blocks = [] if body is None else text.blocks(body)
    title = "" if core is None else core.findtext(_TITLE) or ""
    return Extract.of(blocks, title)


def _notes(root: Any, kind: str) -> dict[tuple[str, str], str]:
    """The text of each footnote or endnote, by its kind and id."""
    if root is None:
        return {}
    return {
        (f"{W}{kind}Reference", value(note, "id")): clean(_inline(note))
        for note in root.iter(f"{W}{kind}")
        if not value(note, "type")  # those with a type are rules between text and notes
    }


class _Text:
    """Walks the body once, in reading order."""

    def __init__(self, styles: Styles, numbers: Numbers, notes: dict[tuple[str, str], str]) -> None:
        self._styles = styles
        self._numbers = numbers
        self._notes = notes
        self._in_list = False

    def blocks(self, container: Any) -> Iterator[Block]:
        for child in container:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._table(child)
            elif child.tag in _WRAPPERS:
                yield from self.blocks(child)

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        style = self._styles.of(paragraph)
        if style.is_contents:
            return
        text = clean_lines(_inline(paragraph))
        if text:
            number = self._numbers.next(*style.numbering)
            gap = "\n" if self._in_list and number and not style.level else "\n\n"
            self._in_list = bool(number) and not style.level
            yield Block(f"{number} {text}".strip(), style.level, gap=gap)
        for reference in paragraph.iter(f"{W}footnoteReference", f"{W}endnoteReference"):
            note = self._notes.get((reference.tag, value(reference, "id")), "")
            if note:
                self._in_list = False
                yield Block(note)
        for box in paragraph.iter(f"{W}txbxContent"):
            if next(box.iterancestors(f"{W}txbxContent"), None) is None:
                yield from self.blocks(box)

    def _table(self, table: Any) -> Iterator[Block]:
        """Rows as lines of cells; a row of one cell is a frame around ordinary paragraphs."""
        lines: list[str] = []
        for row in _within(table, f"{W}tr"):
            self._in_list = False
            cells = list(_within(row, f"{W}tc"))
            if len(cells) == 1:
                yield Block("\n".join(lines))
                lines.clear()
                yield from self.blocks(cells[0])
                continue
            line = " | ".join(clean(_inline(cell, nested=True)) for cell in cells)
            if line.strip(" |"):
                lines.append(line)
        self._in_list = False
        yield Block("\n".join(lines))


def _within(container: Any, tag: str) -> Iterator[Any]:
    for child in container:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _within(child, tag)


def _inline(element: Any, *, nested: bool = False) -> str:
    """The text of an element's runs; text boxes in it are left to others unless `nested`."""
    parts: list[str] = []
    walk = etree.iterwalk(element, events=("start",), tag=f"{W}*")
    for _, child in walk:
        if child.tag == f"{W}t":
            parts.append(child.text or "")
        elif child.tag == f"{W}tab":
            parts.append(" ")
        elif child.tag in _BREAKS:
            parts.append(LINE_BREAK)
        elif child.tag == f"{W}noBreakHyphen":
            parts.append("\u2011")
        elif child.tag == f"{W}p":
            parts.append(" ")
        elif (child.tag == f"{W}txbxContent" and not nested) or _is_hidden(child):
            walk.skip_subtree()
    return "".join(parts)


def _is_hidden(element: Any) -> bool:
    if element.tag != f"{W}r":
        return False
    mark = element.find(f"{W}rPr/{W}vanish")
    return mark is not None and value(mark, "val") not in ("0", "false")
