"""Lines of a PDF -> paragraphs and headings, by where they stand and how large they are."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from qa_service.corpus.extract import Block, clean

HYPHEN = "\ufffe"  # how PDFium writes a hyphen at a line's end, where it joins the lines
_BROKEN_WORD = re.compile(rf"([^\W_]+){HYPHEN}\s*([^\W_]+)")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_LEADER = re.compile(r"(?:[._…] ?){5,}")  # as in tables of contents
_BULLET = re.compile(r"[-•▪◦‣●○■□–—*]\s")
_SENTENCE_ENDS = tuple(".!?:;…”“»")
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
_LARGER = 1.12  # a heading's size, in sizes of the body
_MAX_HEADING = 200  # characters
_MAX_BOLD_HEADING = 120
_MAX_LEVEL = 6
_NEIGHBOURS = 8  # lines before and after that tell where the right margin is


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; its place in points, from the left and from the bottom of the page.

    `top` is the foot of its first character and `bottom` that of its last, which stands lower
    where hyphens joined lines. `size` is a character's full height.
    """

    text: str
    page: int
    left: float
    right: float
    top: float
    bottom: float
    size: float
    bold: bool = False

    @property
    def ends_sentence(self) -> bool:
        return self.text.endswith(_SENTENCE_ENDS)


def blocks(pages: Sequence[Sequence[Line]]) -> Iterator[Block]:
    """Paragraphs over line and page breaks, and headings with levels by their sizes."""
    lines = [line for page in pages for line in page]
    words = _words(lines)
    paragraphs = [paragraph for page in pages for paragraph in _paragraphs(page)]
    body = _body(lines)
    keys = sorted({_size(p[0]) for p in paragraphs if _is_heading(p, *body)}, reverse=True)
    levels = {key: min(level, _MAX_LEVEL) for level, key in enumerate(keys, start=1)}
    before: list[Line] = []
    for paragraph in paragraphs:
        text = _text(paragraph, words)
        if _is_heading(paragraph, *body):
            yield Block(text, levels[_size(paragraph[0])], paragraph[0].page)
        elif before and _goes_on(before[-1], paragraph[0]):
            yield Block(text, 0, paragraph[0].page, gap=" ")
        elif before and _BULLET.match(before[0].text) and _BULLET.match(paragraph[0].text):
            yield Block(text, 0, paragraph[0].page, gap="\n")
        else:
            yield Block(text, 0, paragraph[0].page)
        before = paragraph


def _paragraphs(page: Sequence[Line]) -> Iterator[list[Line]]:
    pitch = _pitch(page)
    paragraph: list[Line] = []
    for index, line in enumerate(page):
        if paragraph and _starts_anew(paragraph, line, pitch, _margin(page, index - 1)):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _starts_anew(paragraph: Sequence[Line], line: Line, pitch: float, margin: float) -> bool:
    before = paragraph[-1]
    if not _alike(before, line) or _BULLET.match(line.text) or _LEADER.search(before.text):
        return True
    lower = line.text[0].islower() and not before.ends_sentence
    if before.bold != line.bold and not lower:
        return True
    drop = before.bottom - line.top
    if drop < -line.size:  # up again: the next column
        return before.ends_sentence
    if drop > 1.35 * (pitch or line.size):
        return True
    if lower:
        return False
    # A line that had room for the next one's first word was ended on purpose. A character
    # is about 0.42 heights wide.
    if before.right + 0.42 * line.size * (len(line.text.split()[0]) + 1) < margin:
        return True
    return before.ends_sentence and line.left > before.left + 0.8 * line.size


def _pitch(page: Sequence[Line]) -> float:
    """The usual distance of lines, in points; 0 where nothing tells."""
    drops = [
        before.bottom - line.top
        for before, line in pairwise(page)
        if _alike(before, line) and 0.5 * line.size < before.bottom - line.top < 3 * line.size
    ]
    return min(median(drops), 2.1 * page[0].size) if drops else 0.0


def _margin(page: Sequence[Line], index: int) -> float:
    """How far to the right the lines around reach that start where this one does."""
    line = page[index]
    around = page[max(index - _NEIGHBOURS, 0) : index + _NEIGHBOURS + 1]
    return max(
        other.right
        for other in around
        if other is line or (_alike(line, other) and abs(line.left - other.left) < 2 * line.size)
    )


def _alike(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= 0.1 * max(one.size, other.size)


def _goes_on(before: Line, line: Line) -> bool:
    """Whether a page's first paragraph is the rest of the last page's last one."""
    return (
        before.page < line.page
        and _alike(before, line)
        and not before.ends_sentence
        and line.text[0].islower()
    )


def _body(lines: Sequence[Line]) -> tuple[float, bool]:
    """The size and weight that most of the text has."""
    weights: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        weights[_size(line), line.bold] += len(line.text)
    return weights.most_common(1)[0][0] if weights else (0.0, False)


def _size(line: Line) -> float:
    return round(line.size * 2) / 2


def _is_heading(paragraph: Sequence[Line], size: float, bold: bool) -> bool:
    length = sum(len(line.text) for line in paragraph)
    first = paragraph[0]
    letters = any(char.isalpha() for line in paragraph for char in line.text)
    if length > _MAX_HEADING or not letters or _LEADER.search(first.text):
        return False
    if first.size > _LARGER * size:
        return True
    return (
        all(line.bold for line in paragraph)
        and not bold
        and first.text[0].isalnum()
        and not first.text[0].islower()
        and _size(first) >= size
        and length <= _MAX_BOLD_HEADING
        and not paragraph[-1].text.endswith((".", ",", ";"))
    )


def _words(lines: Sequence[Line]) -> frozenset[str]:
    """The words that no line end breaks."""
    return frozenset(
        word.lower()
        for line in lines
        for part in _BROKEN_WORD.split(line.text)[::3]
        for word in _WORD.findall(part)
    )


def _text(paragraph: Sequence[Line], words: frozenset[str]) -> str:
    text = " ".join(line.text for line in paragraph)
    text = _BROKEN_WORD.sub(lambda match: _mended(match[1], match[2], words), text)
    return clean(text.replace(HYPHEN, "-").translate(_LIGATURES))


def _mended(left: str, right: str, words: frozenset[str]) -> str:
    """The word that a line end broke. The hyphen stays where the document writes it elsewhere."""
    hyphenated = f"{left}-{right}"
    is_whole = (left + right).lower() in words
    if right[0].islower() and (is_whole or hyphenated.lower() not in words):
        return left + right
    return hyphenated
