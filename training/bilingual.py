"""The bilingual reading set (format: `data/bilingual/FORMAT.md`) as values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qa_service.schema import Span

DATA = Path(__file__).parent / "data" / "bilingual"
LANGUAGES = ("en", "lv")
# Whole files kept out of every training: for choosing checkpoints and fitting confidence.
HELD_OUT = (
    *("east_09", "essay_09", "office_10", "politics_10", "talk_09"),
    *("tricky_09", "vesture_09", "war_09", "why_06", "zinas_09"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in each language; its answer in each, or none; what was asked before."""

    questions: tuple[str, str]
    answers: tuple[str, str] | None
    after: "Asked | None" = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The same sentences in English and Latvian, with questions."""

    id: str
    titles: tuple[str, str]
    sentences: tuple[tuple[str, ...], tuple[str, ...]]
    asked: tuple[Asked, ...]

    @property
    def file(self) -> str:
        """Its name without the ending."""
        return self.id.rsplit("-", 1)[0]

    def text(self, language: int) -> str:
        return " ".join(self.sentences[language])

    def find(self, answer: str, language: int) -> Span | None:
        """Where the first sentence that holds `answer` has it, in the paragraph's text."""
        offset = 0
        for sentence in self.sentences[language]:
            if answer in sentence:
                start = offset + sentence.index(answer)
                return Span(start, start + len(answer))
            offset += len(sentence) + 1
        return None


def read_paragraphs(held_out: bool) -> list[Paragraph]:
    """The paragraphs of the training files, or those of the held-out ones."""
    files = sorted(path for path in DATA.glob("*.txt"))
    chosen = [path for path in files if (path.stem in HELD_OUT) == held_out]
    return [paragraph for path in chosen for paragraph in _read(path)]


def _read(path: Path) -> Iterator[Paragraph]:
    blocks = re.split(r"^---\s*$", path.read_text(encoding="utf-8"), flags=re.M)
    for number, block in enumerate(blocks, 1):
        fields: dict[str, list[str]] = {key: [] for key in "TELQUF"}
        for line in filter(None, map(str.strip, block.splitlines())):
            fields[line[0]].append(line[3:])
        if fields["T"]:
            yield _paragraph(f"{path.stem}-{number}", fields)


def _paragraph(name: str, fields: dict[str, list[str]]) -> Paragraph:
    answered = [_pieces(line, "^") for line in fields["Q"]]
    asked = [Asked((q[0], q[1]), (q[2], q[3])) for q in answered]
    asked += [Asked((u[0], u[1]), None) for u in (_pieces(line, "^") for line in fields["U"])]
    for line in fields["F"]:
        turns, english, latvian = _pieces(line, "^")
        first, second = (int(number) - 1 for number in turns.split(">"))
        asked.append(Asked((english, latvian), asked[second].answers, after=asked[first]))
    titles = _pieces(fields["T"][0], "^")
    return Paragraph(
        id=name,
        titles=(titles[0], titles[1]),
        sentences=(tuple(_pieces(fields["E"][0], "|")), tuple(_pieces(fields["L"][0], "|"))),
        asked=tuple(asked),
    )


def _pieces(line: str, mark: str) -> list[str]:
    return [piece.strip() for piece in line.split(mark)]
