"""Markdown with optional YAML front matter -> Document; text and markup stay the file's."""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from qa_service.errors import DocumentError
from qa_service.languages import detect_language
from qa_service.schema import Document, Section, Span

_PARSER = MarkdownIt("commonmark").use(front_matter_plugin)
_LINE_END = re.compile(r"\r\n?|\n")  # what the parser counts as one line end
_ID = re.compile(r"\w[\w.-]{0,199}")
_MAX_FRONT_MATTER = 50_000  # characters
_MAX_DEPTH = 50  # PyYAML takes minutes over thousands of open brackets
BYTE_ORDER_MARK = "\ufeff"


def read_markdown(text: str, name: str) -> Document:
    """A Document whose sections lie between its headings; `name` is the id unless it names one.

    Front matter keys `id`, `title` and `language` are taken up; all others become metadata.
    """
    # A mark at the start hides the front matter from the parser, which knows lines only.
    tokens = _PARSER.parse(text.removeprefix(BYTE_ORDER_MARK))
    front = _front_matter(tokens)
    sections = _sections(tokens, text)
    heading = next((section.title for section in sections if section.level == 1), "")
    body = "\n".join(section.span.of(text) for section in sections)
    return Document(
        id=_text_of(front, "id", _ID) or name,
        title=_text_of(front, "title") or heading or name,
        language=_text_of(front, "language", re.compile("[a-z]{2,3}")) or detect_language(body),
        text=text,
        sections=sections,
        metadata={k: v for k, v in front.items() if k not in ("id", "title", "language")},
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


def _front_matter(tokens: list[Token]) -> Mapping[str, Any]:
    block = next((token.content for token in tokens if token.type == "front_matter"), "")
    if len(block) > _MAX_FRONT_MATTER:
        raise DocumentError(f"its front matter is longer than {_MAX_FRONT_MATTER:,} characters")
    try:
        depth = 0
        for event in yaml.parse(block, yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                # Aliases of aliases grow without bound when written out.
                raise DocumentError(
                    "its front matter uses YAML aliases (*name); write the values out"
                )
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                raise DocumentError(f"its front matter is nested deeper than {_MAX_DEPTH} levels")
        front = yaml.safe_load(block) or {}
        if not isinstance(front, dict):
            raise DocumentError("its front matter is no list of `key: value` lines")
        # Through JSON once: dates become text, keys become strings, nothing exotic stays.
        plain: dict[str, Any] = json.loads(json.dumps(front, default=str, allow_nan=False))
        json.dumps(plain, ensure_ascii=False).encode()  # half a surrogate pair is no text
        return plain
    except DocumentError:
        raise
    except Exception as error:  # PyYAML lets a dozen kinds through: `a: !!bool x` is a KeyError
        reason = " ".join(str(error).split())[:200]
        raise DocumentError(f"its front matter is no valid YAML ({reason})") from error


def _text_of(front: Mapping[str, Any], key: str, pattern: re.Pattern[str] | None = None) -> str:
    value = front.get(key, "")
    if not isinstance(value, str) or (value and pattern and not pattern.fullmatch(value)):
        shape = f", like {pattern.pattern}" if pattern else ""
        raise DocumentError(f"the {key} {value!r} in its front matter must be a text{shape}")
    return value.strip()
