"""What is said of a Document in YAML: front matter at its top, or a sidecar file beside it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from qa_service.errors import DocumentError
from qa_service.schema import Document

_ID = re.compile(r"\w[\w.-]{0,199}")
_LANGUAGE = re.compile("[a-z]{2,3}")
_MAX_CHARACTERS = 50_000
_MAX_DEPTH = 50  # PyYAML takes minutes over thousands of open brackets


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The keys `id`, `title` and `language` ("" where absent); all others are metadata."""

    id: str = ""
    title: str = ""
    language: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def over(self, document: Document) -> Document:
        """The Document with what is said here in place of what it says itself."""
        return replace(
            document,
            id=self.id or document.id,
            title=self.title or document.title,
            language=self.language or document.language,
            metadata={**document.metadata, **self.metadata},
        )


def parse_front_matter(block: str, origin: str = "its front matter") -> FrontMatter:
    """The YAML `block` within bounds; errors call it `origin`."""
    front = _parsed(block, origin)
    return FrontMatter(
        id=_text_of(front, "id", origin, _ID),
        title=_text_of(front, "title", origin),
        language=_text_of(front, "language", origin, _LANGUAGE),
        metadata={k: v for k, v in front.items() if k not in ("id", "title", "language")},
    )


def described(block: str, said: Mapping[str, str], origin: str) -> str:
    """The YAML `block` with other values for some of its keys, within the same bounds."""
    front = {**_parsed(block, origin), **said}
    return yaml.safe_dump(front, allow_unicode=True, sort_keys=False)


def _parsed(block: str, origin: str) -> Mapping[str, Any]:
    if len(block) > _MAX_CHARACTERS:
        raise DocumentError(f"{origin} is longer than {_MAX_CHARACTERS:,} characters. Shorten it.")
    try:
        depth = 0
        for event in yaml.parse(block, yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                # Aliases of aliases grow without bound when written out.
                raise DocumentError(f"{origin} uses YAML aliases (*name); write the values out")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                raise DocumentError(f"{origin} is nested deeper than {_MAX_DEPTH} levels")
        front = yaml.safe_load(block) or {}
        if not isinstance(front, dict):
            raise DocumentError(f"{origin} is no list of `key: value` lines")
        # Through JSON once: dates become text, keys become strings, nothing exotic stays.
        plain: dict[str, Any] = json.loads(json.dumps(front, default=str, allow_nan=False))
        json.dumps(plain, ensure_ascii=False).encode()  # half a surrogate pair is no text
        return plain
    except DocumentError:
        raise
    except Exception as error:  # PyYAML lets a dozen kinds through: `a: !!bool x` is a KeyError
        reason = " ".join(str(error).split())[:200]
        raise DocumentError(f"{origin} is no valid YAML ({reason})") from error


def _text_of(
    front: Mapping[str, Any], key: str, origin: str, pattern: re.Pattern[str] | None = None
) -> str:
    value = front.get(key, "")
    if not isinstance(value, str) or (value and pattern and not pattern.fullmatch(value)):
        shape = f", like {pattern.pattern}" if pattern else ""
        raise DocumentError(f"the {key} {value!r} in {origin} must be a text{shape}")
    return value.strip()
