"""What is wrong with an installation, found by trying it, each finding with its mend."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from qa_service import builds, deletions
from qa_service.chunking import passages
from qa_service.corpus import read_files, source_files
from qa_service.encoder import Encoder
from qa_service.errors import DocumentError, QAError
from qa_service.lexical import fold
from qa_service.schema import Document
from qa_service.snapshot import open_current, open_folder, published_folders
from qa_service.stores import Store
from qa_service.stores.local import LocalStore

Severity = Literal["error", "warning"]
Progress = Callable[[int, int], None]

_NAMED = 5  # of the documents that a finding is about
_FEW_WORDS = 10  # a document with fewer answers next to nothing
_LONGEST = 32  # Passages tried at a time, the longest first, while any of them is cut
_MAX_TRIED = 2_000  # Passages: what is longer than any of these is told with them
_WORDS = 200  # of each language, shown to the encoder
_FEWEST_WORDS = 20  # say anything of a language
# Share of words. In the shipped encoder it is 0 for Latvian, English, Russian and Azerbaijani
# and .61 for Georgian, whose letters it does not know.
_UNREADABLE = 0.2
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong and how to mend it; an error keeps something from working as it should."""

    about: str
    severity: Severity
    message: str


def check_corpus(
    corpus_dir: Path, served: Store | None, max_file_bytes: int, found: "Corpus", progress: Progress
) -> Iterator[Finding]:
    """Read every file as a build would, into `found`, and compare them with what is served."""
    try:
        files = source_files(corpus_dir)
    except QAError as error:
        yield Finding("corpus", "error", str(error))
        return
    for done, item in enumerate(read_files(files, corpus_dir, max_file_bytes), start=1):
        if isinstance(item, DocumentError):
            yield Finding("corpus", "error", str(item))
        else:
            found.add(item, served)
        progress(done, len(files))
    if served:
        gone = sorted({summary.id for summary in served.documents()} - found.ids)
        for names, what in (
            (found.new, "Not in the index yet"),
            (found.changed, "Changed since the index was built"),
            (gone, "In the index and no longer in the corpus"),
        ):
            if names:
                message = f"{what}: {_named(names)}. Run `qa-service build`."
                yield Finding("index", "warning", message)
    for same in found.same.values():
        if len(same) > 1:
            message = f"The very same text is in {_named(same)}. Remove all but one."
            yield Finding("corpus", "warning", message)
    if found.short:
        message = (
            f"Fewer than {_FEW_WORDS} words are in {_named(found.short)}. See that the text was "
            "read (a scanned page needs OCR), or remove it."
        )
        yield Finding("corpus", "warning", message)


@dataclass(slots=True)
class Corpus:
    """What is remembered of the Documents when all have been read, but not their texts."""

    passage_words: int
    ids: set[str] = field(default_factory=set)
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    same: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Hash of a text -> the ids of the Documents that have it."""
    words: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    """Language -> some of its words, folded, in the order in which they came."""
    longest: list[tuple[int, str, str]] = field(default_factory=list)
    """(length, Document's id, text as it is encoded) of the longest Passages."""

    def add(self, document: Document, served: Store | None) -> None:
        self.ids.add(document.id)
        self.same[document.text_sha256].append(document.id)
        if len(document.text.split()) < _FEW_WORDS:
            self.short.append(document.id)
        found = _WORD.findall(document.text)
        known = self.words[document.language]
        step = max(1, len(found) // 20)  # a few of each Document
        known.update(dict.fromkeys(fold(word) for word in found[::step]))
        pieces = passages(document, self.passage_words)
        self.longest += [(len(p.headed_text), p.document_id, p.headed_text) for p in pieces]
        if len(self.longest) > 2 * _MAX_TRIED:
            self.longest = sorted(self.longest, reverse=True)[:_MAX_TRIED]
        if served:
            self._compare(document, served)

    def _compare(self, document: Document, served: Store) -> None:
        try:
            before = served.document(document.id)
        except QAError:
            self.new.append(document.id)
            return
        if before != document:
            self.changed.append(document.id)


def check_index(index_dir: Path, encoder: Encoder | None) -> Iterator[Finding]:
    """Verify every file of the Snapshots, and tell of a last build that failed."""
    try:
        served = open_current(index_dir, encoder.fingerprint if encoder else None)
        LocalStore(served.folder).close()
    except QAError as error:
        yield Finding("index", "error", str(error))
        return
    for folder in published_folders(index_dir):
        if folder == served.folder:
            continue
        try:
            open_folder(folder, encoder.fingerprint if encoder else None)
        except QAError as error:
            message = (
                f"The Snapshot {folder.name} cannot be rolled back to ({error}) Remove it with "
                "`qa-service index prune`."
            )
            yield Finding("index", "warning", message)
    for record in builds.latest(index_dir, 1):
        if record.state == "failed":
            message = f"The last build failed: {record.message} Run `qa-service build` again."
            yield Finding("index", "warning", message)


def open_served(index_dir: Path) -> Store | None:
    """The Store that is served, without what was deleted; None when there is none."""
    try:
        snapshot = open_current(index_dir)
    except QAError:
        return None
    store = LocalStore(snapshot.folder)
    return deletions.visible(store, index_dir, snapshot.manifest.id)


def check_encoder(encoder: Encoder, corpus: Corpus) -> Iterator[Finding]:
    """Whether the encoder reads the Passages to their ends, and tells the words apart."""
    cut = _cut(encoder, corpus.longest)
    if cut:
        message = (
            f"{sum(cut.values())} passage(s) are longer than the encoder {encoder.name!r} reads, "
            f"in {_named(list(cut))}: what their ends say is found by its words alone. Set "
            f"QA_PASSAGE_WORDS to less than {corpus.passage_words} and build."
        )
        yield Finding("encoder", "warning", message)
    for language, words in sorted(corpus.words.items()):
        share = _alike(encoder, list(words))
        if share > _UNREADABLE:
            message = (
                f"The encoder {encoder.name!r} cannot tell {share:.0%} of the words of the "
                f"language {language!r} from others. Set QA_ENCODER to a model that reads it "
                "and build."
            )
            yield Finding("encoder", "warning", message)


def _cut(encoder: Encoder, longest: Iterable[tuple[int, str, str]]) -> Counter[str]:
    """Of each Document, how many Passages get the same vector without their last word."""
    cut: Counter[str] = Counter()
    ordered = sorted(longest, reverse=True)[:_MAX_TRIED]
    for start in range(0, len(ordered), _LONGEST):
        batch = ordered[start : start + _LONGEST]
        texts = [text for _, _, text in batch]
        shorter = [" ".join(text.split(" ")[:-1]) for text in texts]
        vectors = encoder.encode_passages([*texts, *shorter])
        same = np.all(vectors[: len(texts)] == vectors[len(texts) :], axis=1)
        if not same.any():
            break
        cut.update(name for (_, name, _), alike in zip(batch, same, strict=True) if alike)
    return cut


def _alike(encoder: Encoder, words: Sequence[str]) -> float:
    """The share of words whose vector is another word's too: those it has no tokens for."""
    if len(words) < _FEWEST_WORDS:
        return 0.0
    shown = words[:: max(1, len(words) // _WORDS)][:_WORDS]
    vectors = [vector.tobytes() for vector in encoder.encode_passages(shown)]
    counts = Counter(vectors)
    return sum(counts[vector] > 1 for vector in vectors) / len(vectors)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
