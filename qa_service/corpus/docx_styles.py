"""What a DOCX says of its paragraphs elsewhere: heading levels of styles, numbers of lists."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_MAX_LEVELS = 9  # of headings and of lists
_MAX_CHAIN = 20  # styles based on each other; a circle ends here
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def value(element: Any, name: str) -> str:
    """The attribute of Word's own namespace, "" where it is absent."""
    return "" if element is None else str(element.get(f"{W}{name}", ""))


@dataclass(frozen=True, slots=True)
class Style:
    """What matters of a paragraph's style; `level` is 0 for text."""

    name: str = ""
    level: int = 0
    numbering: tuple[str, int] = ("", 0)  # list id, level from 0

    @property
    def is_contents(self) -> bool:
        """Whether it is a line of a table of contents."""
        return re.fullmatch(r"toc \d", self.name, re.IGNORECASE) is not None


class Styles:
    """Styles by their id."""

    def __init__(self, elements: Mapping[str, Any]) -> None:
        self._elements = elements

    def of(self, paragraph: Any) -> Style:
        """A paragraph's own properties, and where it has none its style's."""
        chain = [paragraph]
        style_id = value(paragraph.find(f"{W}pPr/{W}pStyle"), "val")
        while style_id in self._elements and len(chain) < _MAX_CHAIN:
            chain.append(self._elements[style_id])
            style_id = value(chain[-1].find(f"{W}basedOn"), "val")
        names = [value(element.find(f"{W}name"), "val") for element in chain[1:]]
        return Style(names[0] if names else "", _level(chain, names), _numbering(chain))


def read_styles(root: Any) -> Styles:
    elements = () if root is None else root.iter(f"{W}style")
    return Styles({value(element, "styleId"): element for element in elements})


def _level(chain: list[Any], names: list[str]) -> int:
    for element in chain:
        outline = value(element.find(f"{W}pPr/{W}outlineLvl"), "val")
        if outline.isdecimal():
            return int(outline) + 1 if int(outline) < _MAX_LEVELS else 0
    if any(name.lower() == "title" for name in names):
        return 1
    found = (_HEADING.fullmatch(name) for name in names)
    return next((int(match[1]) for match in found if match), 0)


def _numbering(chain: list[Any]) -> tuple[str, int]:
    list_id, level = "", ""
    for element in chain:
        given = element.find(f"{W}pPr/{W}numPr")
        if given is not None:
            list_id = list_id or value(given.find(f"{W}numId"), "val")
            level = level or value(given.find(f"{W}ilvl"), "val")
    return list_id, min(int(level), _MAX_LEVELS - 1) if level.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class _Level:
    style: str = "decimal"  # or bullet, lowerLetter, upperRoman, ...
    pattern: str = "%1."
    start: int = 1


@dataclass(slots=True)
class Numbers:
    """Counts the paragraphs of each list as Word does when it shows them."""

    levels: Mapping[tuple[str, int], _Level]  # by abstract list and level
    lists: Mapping[str, str]  # list id -> abstract list
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    def next(self, list_id: str, level: int) -> str:
        """The number or "-" of the next paragraph of this list, "" when it is in none."""
        abstract = self.lists.get(list_id)
        if abstract is None:  # also for "0", which switches a style's numbering off
            return ""
        shape = self.levels.get((abstract, level), _Level())
        for deeper in range(level + 1, _MAX_LEVELS):
            self._counts.pop((abstract, deeper), None)
        self._counts[abstract, level] = self._counts.get((abstract, level), shape.start - 1) + 1
        if shape.style == "bullet":
            return "-"
        if shape.style == "none":
            return ""
        return re.sub(
            "%([1-9])", lambda match: self._shown(abstract, int(match[1]) - 1), shape.pattern
        )

    def _shown(self, abstract: str, level: int) -> str:
        shape = self.levels.get((abstract, level), _Level())
        return _written(self._counts.get((abstract, level), shape.start), shape.style)


def read_numbers(root: Any) -> Numbers:
    if root is None:
        return Numbers({}, {})
    levels: dict[tuple[str, int], _Level] = {}
    for abstract in root.iter(f"{W}abstractNum"):
        for level in abstract.iter(f"{W}lvl"):
            depth, start = value(level, "ilvl"), value(level.find(f"{W}start"), "val")
            if depth.isdecimal():
                levels[value(abstract, "abstractNumId"), int(depth)] = _Level(
                    value(level.find(f"{W}numFmt"), "val") or "decimal",
                    value(level.find(f"{W}lvlText"), "val"),
                    int(start) if start.isdecimal() else 1,
                )
    lists = {
        value(number, "numId"): value(number.find(f"{W}abstractNumId"), "val")
        for number in root.iter(f"{W}num")
    }
    return Numbers(levels, lists)


def _written(number: int, style: str) -> str:
    letters = style.removeprefix("lower").removeprefix("upper")
    if letters == "Letter" and 1 <= number <= 26:
        text = chr(ord("a") + number - 1)
    elif letters == "Roman" and 1 <= number < 40:
        text = ""
        for amount, sign in _ROMAN:
            text += sign * (number // amount)
            number %= amount
    else:
        return str(number)
    return text.upper() if style.startswith("upper") else text
