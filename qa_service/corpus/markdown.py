"""Markdown with optional YAML front matter -> Document; text and markup stay the file's."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from qa_service.corpus.front_matter import parse_front_matter
from qa_service.languages import detect_language
from qa_service.schema import Document, Section, Span

_PARSER = MarkdownIt("commonmark").use(front_matter_plugin)
_LINE_END = re.compile(r"\r\n?|\n")  # what the parser counts as one line end
BYTE_ORDER_MARK = "\ufeff"


def read_markdown(text: str, name: str) -> Document:
    """A Document whose sections lie between its headings; `name` is the id unless it names one.

    Front matter keys `id`, `title` and `language` are taken up; all others become metadata.
    """
    # A mark at the start hides the front matter from the parser, which knows lines only.
    tokens = _PARSER.parse(text.removeprefix(BYTE_ORDER_MARK))
    block = next((token.content for token in tokens if token.type == "front_matter"), "")
    front = parse_front_matter(block)
    sections = _sections(tokens, text)
    heading = next((section.title for section in sections if section.level == 1), "")
    body = "\n".join(section.span.of(text) for section in sections)
    return Document(
        id=front.id or name,
        title=front.title or heading or name,
        language=front.language or detect_language(body),
        text=text,
        sections=sections,
        metadata=front.metadata,
    )


def _line_starts(text: str) -> list[int]:
    """Offsets at which lines start, and the end of the text as a last one."""
    first = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    return [first, *(match.end() for match in _LINE_END.finditer(text)), len(text)]


def _sections(tokens: list[Token], text: str) -> tuple[Section, ...]:
    line_starts = _line_starts(text)
    heads: list[tuple[str, int, int, int]] = []  # title, level, first line, line after
    first_line = 0
    for index, token in enumerate(tokens):
        if token.map is None:
            continue
        if token.type == "front_matter":
            first_line = token.map[1]
        elif token.type == "heading_open" and token.level == 0:
            title = _plain(tokens[index + 1])
            heads.append((title, int(token.tag[1]), token.map[0], token.map[1]))
    bounds = [("", 0, first_line, first_line), *heads]
    ends = [head[2] for head in heads] + [len(line_starts) - 1]
    sections = (
        Section(title, level, Span(line_starts[body], max(line_starts[body], line_starts[end])))
        for (title, level, _, body), end in zip(bounds, ends, strict=True)
    )
    return tuple(part for part in sections if part.title or part.span.of(text).strip())


def _plain(inline: Token) -> str:
    """A heading's text without its markup."""
    parts = (child.content for child in inline.children or () if child.type != "html_inline")
    return "".join(parts).strip()
