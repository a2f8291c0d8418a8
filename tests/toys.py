"""Small real implementations of the seams, with results that can be reckoned by hand."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from hypothesis import strategies as st

from qa_service.encoder import Vectors
from qa_service.lexical import fold
from qa_service.schema import Candidate, Document, Hit, Passage, Section, Span

# What breaks offsets: white space of several bytes, letters that change length when folded,
# combining marks, characters beyond 16 bits, all kinds of line ends.
_NASTY_SPACE = ["\u2028", "\u2029", "\x85", "\u00a0", "\x1c", "\t", "\r", "\n", "\r\n", "\n\n", " "]
_NASTY_CHARACTERS = "\ufeff|\u200b|İ|ß|ﬁ|e\u0301|n\u0327|😀|👨\u200d👩|🇱🇻|❤\ufe0f".split("|")  # noqa: SIM905
_NASTY_PUNCTUATION = ". |.|! |? |…|。|1918. |28. maijā|u.c. |Mr. |„|“|(|)|-|;".split("|")  # noqa: SIM905
nasty_pieces = st.sampled_from(
    [*_NASTY_SPACE, *_NASTY_CHARACTERS, *_NASTY_PUNCTUATION, "a", "B", "gada ", "x" * 130]
)
nasty_texts = st.lists(st.one_of(nasty_pieces, st.text(max_size=3)), max_size=30).map("".join)


class ToyEncoder:
    """Counts words: each folded word adds 1 at a place of its own (but for rare collisions)."""

    dimension = 256

    def __init__(self, name: str = "toy", fails_after: int | None = None) -> None:
        """`fails_after` passages were encoded, `encode_passages` raises RuntimeError."""
        self.name = name
        self.fingerprint = f"{name}-0123456789abcdef"
        self.fails_after = fails_after
        self.encoded: list[str] = []

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        if self.fails_after is not None and len(self.encoded) > self.fails_after:
            raise RuntimeError(f"the toy fails after {self.fails_after} passages")
        return self._vectors(texts)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        counts = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", fold(text)):
                counts[row, crc32(word.encode()) % self.dimension] += 1
        norms = np.linalg.norm(counts, axis=1, keepdims=True)
        return np.asarray(counts / np.maximum(norms, 1e-12), dtype=np.float32)


class ToyReader:
    """Knows the answers: to a question that ends in a key, the best of its phrases found."""

    name = "toy"
    fingerprint = "toy-reader"

    def __init__(self, answers: Mapping[str, Mapping[str, float]]) -> None:
        """Question -> phrase -> score."""
        self._answers = answers

    def read(self, pairs: Sequence[tuple[str, Hit]]) -> list[Candidate | None]:
        return [self._read(question, hit) for question, hit in pairs]

    def _read(self, question: str, hit: Hit) -> Candidate | None:
        known = next((a for key, a in self._answers.items() if question.endswith(key)), {})
        found = [(score, phrase) for phrase, score in known.items() if phrase in hit.passage.text]
        if not found:
            return None
        score, phrase = max(found)
        start = hit.passage.span.start + hit.passage.text.index(phrase)
        return Candidate(hit, Span(start, start + len(phrase)), score)


def toy_document(text: str, document_id: str = "toy", language: str = "en") -> Document:
    """The whole text as one section."""
    section = Section("", 0, Span(0, len(text)))
    return Document(document_id, document_id.title(), language, text, (section,))


def toy_passage(text: str, start: int = 0, document_id: str = "toy") -> Passage:
    span = Span(start, start + len(text))
    return Passage(document_id, document_id.title(), "en", "", None, span, text)


def toy_hit(text: str, score: float = 0.5, document_id: str = "toy") -> Hit:
    return Hit(toy_passage(text, document_id=document_id), score, score)


def toy_candidate(text: str, score: float, fused: float = 0.5) -> Candidate:
    """The whole of a Passage, read with `score`."""
    return Candidate(toy_hit(text, fused), Span(0, len(text)), score)


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """The folder with these files, by their relative paths."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
