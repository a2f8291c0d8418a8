"""Corpus -> Passages -> vectors -> Snapshot; what did not change is not encoded again."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from qa_service import snapshot as snapshots
from qa_service.chunking import passages as passages_of
from qa_service.corpus import read_folder
from qa_service.encoder import Encoder, Vectors
from qa_service.errors import CorpusError, DocumentError, SnapshotError
from qa_service.schema import Document, Passage
from qa_service.snapshot import Snapshot
from qa_service.stores.local import LocalStore, LocalWriter, encoded_hash

_BATCH = 256  # Passages encoded at a time


@dataclass(frozen=True, slots=True)
class Build:
    """A published Snapshot and what it took."""

    snapshot: Snapshot
    encoded: int
    reused: int
    left_out: tuple[DocumentError, ...]


@dataclass(slots=True)
class _Counts:
    encoded: int = 0
    reused: int = 0


def build(
    corpus_dir: Path,
    index_dir: Path,
    encoder: Encoder,
    *,
    passage_words: int = 80,
    snapshots_kept: int = 3,
    max_file_bytes: int = 20_000_000,
    skip_unreadable: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
    accept: Callable[[Snapshot], None] = lambda snapshot: None,
) -> Build:
    """Build and publish a Snapshot of a corpus folder.

    `progress` is called with the Passages done and the number there are. Unless
    `skip_unreadable`, one file that cannot be read fails the build with all such files named.
    `accept` is called with the finished Snapshot: when it raises, the folder is removed and
    nothing is published. Whatever fails, the Snapshot published before goes on being served.
    """
    with snapshots.build_lock(index_dir):
        documents, left_out = _read(corpus_dir, max_file_bytes, skip_unreadable)
        pairs = [(document, list(passages_of(document, passage_words))) for document in documents]
        total = sum(len(passages) for _, passages in pairs)
        folder = snapshots.new_folder(index_dir)
        writer = LocalWriter(folder, encoder.dimension)
        before = _opened_before(index_dir, encoder)
        counts = _Counts()
        try:
            for batch in _batches(pairs):
                vectors = _vectors(list(chain(*(p for _, p in batch))), encoder, before, counts)
                done = 0
                for document, passages in batch:
                    writer.add(document, passages, vectors[done : done + len(passages)])
                    done += len(passages)
                progress(counts.encoded + counts.reused, total)
            writer.finish()
        finally:
            if before:
                before.close()
        snapshot = snapshots.seal(
            folder,
            encoder=encoder.name,
            encoder_fingerprint=encoder.fingerprint,
            dimension=encoder.dimension,
            passage_words=passage_words,
            documents=len(documents),
            passages=total,
        )
        LocalStore(folder).close()  # it opens: only then is it published
        try:
            accept(snapshot)
        except BaseException:  # a keyboard interrupt refuses too
            shutil.rmtree(folder)
            raise
        snapshots.publish(index_dir, snapshot, snapshots_kept)
    return Build(snapshot, counts.encoded, counts.reused, tuple(left_out))


def _read(
    corpus_dir: Path, max_file_bytes: int, skip_unreadable: bool
) -> tuple[list[Document], list[DocumentError]]:
    documents: list[Document] = []
    errors: list[DocumentError] = []
    for item in read_folder(corpus_dir, max_file_bytes):
        if isinstance(item, Document):
            documents.append(item)
        else:
            errors.append(item)
    if errors and not skip_unreadable:
        raise CorpusError(
            "\n".join(map(str, errors))
            + f"\nNothing was built: {len(errors)} file(s) cannot be read. "
            "Mend them, or leave them out with --skip-unreadable."
        )
    if not documents:
        raise CorpusError(
            f"The corpus folder {str(corpus_dir)!r} holds no document that can be read. "
            "Put Markdown, text, HTML, PDF or DOCX files there."
        )
    return documents, errors


def _opened_before(index_dir: Path, encoder: Encoder) -> LocalStore | None:
    """The published Store, if its vectors are this encoder's and whole."""
    try:
        return LocalStore(snapshots.open_current(index_dir, encoder.fingerprint).folder)
    except SnapshotError:
        return None


def _vectors(
    passages: Sequence[Passage], encoder: Encoder, before: LocalStore | None, counts: _Counts
) -> Vectors:
    """The vectors `(len(passages), dimension)`, known ones taken from the Store before."""
    texts = [passage.headed_text for passage in passages]
    known = [before.vector(encoded_hash(text)) if before else None for text in texts]
    new = [text for text, vector in zip(texts, known, strict=True) if vector is None]
    fresh: Iterator[Vectors] = iter(encoder.encode_passages(new) if new else ())
    counts.encoded += len(new)
    counts.reused += len(texts) - len(new)
    rows = [next(fresh) if vector is None else vector for vector in known]
    return np.asarray(rows, dtype=np.float32).reshape(len(rows), encoder.dimension)


def _batches(
    pairs: Iterable[tuple[Document, list[Passage]]],
) -> Iterator[list[tuple[Document, list[Passage]]]]:
    """Whole Documents, together about `_BATCH` Passages at a time."""
    batch: list[tuple[Document, list[Passage]]] = []
    size = 0
    for pair in pairs:
        batch.append(pair)
        size += len(pair[1])
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
