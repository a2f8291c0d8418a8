"""Corpus -> Passages -> vectors -> Snapshot; what did not change is neither read nor encoded again.

A build begins with a copy of the Snapshot served, and puts Documents into it and takes others out.
What comes of it holds the same as what a build from nothing would write.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from qa_service import deletions
from qa_service import snapshot as snapshots
from qa_service.chunking import passages as passages_of
from qa_service.corpus import Changed, Unchanged, read_changes, source_files
from qa_service.encoder import Encoder, Vectors
from qa_service.errors import CorpusError, DocumentError, SnapshotError
from qa_service.parsing import parsing_sha256
from qa_service.schema import Passage
from qa_service.snapshot import Snapshot
from qa_service.stores.local import LocalStore
from qa_service.stores.texts import encoded_hash
from qa_service.stores.writing import LocalWriter

_BATCH = 256  # Passages encoded at a time


@dataclass(frozen=True, slots=True)
class Build:
    """The Snapshot served after a build, and what it took."""

    snapshot: Snapshot
    encoded: int
    reused: int
    left_out: tuple[DocumentError, ...]
    unchanged: bool = False
    """Whether that Snapshot was served before, since the corpus says just what it holds."""


@dataclass(slots=True)
class _Found:
    """What a build finds in the corpus."""

    ids: set[str] = field(default_factory=set)
    """Of the Documents that could be read, now or for the Snapshot served."""
    left_out: list[DocumentError] = field(default_factory=list)
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
    wait: bool = False,
    begin: Callable[[], None] = lambda: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    accept: Callable[[Snapshot], None] = lambda snapshot: None,
) -> Build:
    """Build a Snapshot of a corpus folder and publish it, if it differs from the one served.

    The Documents pass through one after another, so that a large corpus takes no more memory
    than a small one. `progress` is called with the files done and the number there are. Unless
    `skip_unreadable`, one file that cannot be read fails the build with all such files named.
    While another build runs: `wait`, or BuildRunningError. `begin` is called before anything of
    the corpus is looked at. `accept` is called with the finished Snapshot, and refuses it by
    raising. Whatever fails, nothing is left behind and the Snapshot published before goes on
    being served.
    """
    found = _Found()
    parsing = parsing_sha256(passage_words)
    with snapshots.build_lock(index_dir, wait):
        begin()
        # Before the corpus is read: whatever changes meanwhile is younger than the id.
        folder = snapshots.new_folder(index_dir)
        try:
            served = _served(index_dir, encoder)
            before = served.folder if served and served.manifest.parsing == parsing else None
            with closing(LocalWriter(folder, encoder.dimension, before)) as writer:
                known = writer.read_from()
                changes = _changes(
                    corpus_dir, max_file_bytes, known, skip_unreadable, found, progress
                )
                _write(changes, writer, encoder, passage_words, served, found)
                _check(corpus_dir, found, skip_unreadable)
                for gone in {document_id for document_id, _ in known.values()} - found.ids:
                    writer.remove(gone)
                documents, passages = writer.counts
                content = writer.content
                same = served if served and _holds(served, content) else None
                if same is None:
                    writer.finish()
            if same:
                snapshots.remove(folder)
                # The build that published it may have been killed before it removed old ones.
                snapshots.keep_newest(index_dir, same, snapshots_kept)
                return _build(same, found, unchanged=True)
            snapshot = snapshots.seal(
                folder,
                encoder=encoder.name,
                encoder_fingerprint=encoder.fingerprint,
                dimension=encoder.dimension,
                passage_words=passage_words,
                parsing=parsing,
                documents=documents,
                passages=passages,
                content=content,
            )
            LocalStore(folder).close()  # it opens: only then is it published
            accept(snapshot)
        except OSError as error:
            snapshots.remove(folder)
            raise SnapshotError(
                f"The Snapshot cannot be written to {str(index_dir)!r} ({error}). Free space on "
                "the disk, or name another folder with --index."
            ) from error
        except BaseException:  # a keyboard interrupt refuses too
            snapshots.remove(folder)
            raise
        snapshots.publish(index_dir, snapshot, snapshots_kept)
        deletions.forget(index_dir)
    return _build(snapshot, found)


def _build(snapshot: Snapshot, found: _Found, unchanged: bool = False) -> Build:
    return Build(snapshot, found.encoded, found.reused, tuple(found.left_out), unchanged)


def _changes(
    corpus_dir: Path,
    max_file_bytes: int,
    known: Mapping[bytes, tuple[str, int]],
    skip_unreadable: bool,
    found: _Found,
    progress: Callable[[int, int], None],
) -> Iterator[Changed]:
    """The Documents of the files that the Snapshot served does not know.

    After the first file that cannot be read nothing is yielded, unless those are skipped: the build
    will fail, and only reads on to name them all.
    """
    files = source_files(corpus_dir)
    ids = {read: document_id for read, (document_id, _) in known.items()}
    passages = dict(known.values())
    for done, item in enumerate(read_changes(files, corpus_dir, max_file_bytes, ids), start=1):
        if isinstance(item, DocumentError):
            found.left_out.append(item)
        elif isinstance(item, Unchanged):
            found.ids.add(item.document_id)
            found.reused += passages[item.document_id]
        elif skip_unreadable or not found.left_out:
            found.ids.add(item.document.id)
            yield item
        progress(done, len(files))


def _write(
    changes: Iterable[Changed],
    writer: LocalWriter,
    encoder: Encoder,
    passage_words: int,
    served: Snapshot | None,
    found: _Found,
) -> None:
    """Write Documents with their Passages and vectors; known vectors are the served ones."""
    pairs = ((change, list(passages_of(change.document, passage_words))) for change in changes)
    with closing(LocalStore(served.folder)) if served else nullcontext() as before:
        for batch in _batches(pairs):
            vectors = _vectors(list(chain(*(p for _, p in batch))), encoder, before, found)
            done = 0
            for change, passages in batch:
                of_these = vectors[done : done + len(passages)]
                writer.add(change.document, passages, of_these, change.sha256)
                done += len(passages)


def _check(corpus_dir: Path, found: _Found, skip_unreadable: bool) -> None:
    if found.left_out and not skip_unreadable:
        raise CorpusError(
            "\n".join(map(str, found.left_out))
            + f"\nNothing was built: {len(found.left_out)} file(s) cannot be read. "
            "Mend them, or leave them out with --skip-unreadable."
        )
    if not found.ids:
        raise CorpusError(
            f"The corpus folder {str(corpus_dir)!r} holds no document that can be read. "
            "Put Markdown, text, HTML, PDF or DOCX files there."
        )


def _holds(served: Snapshot, content: str) -> bool:
    """Whether a Snapshot shows all of this content: nothing that was deleted and put back."""
    hidden = deletions.deleted(served.folder.parent, served.manifest.id)
    return served.manifest.content == content and not hidden


def _served(index_dir: Path, encoder: Encoder) -> Snapshot | None:
    """The published Snapshot, if its vectors are this encoder's and whole."""
    try:
        return snapshots.open_current(index_dir, encoder.fingerprint)
    except SnapshotError:
        return None


def _vectors(
    passages: Sequence[Passage], encoder: Encoder, before: LocalStore | None, found: _Found
) -> Vectors:
    """The vectors `(len(passages), dimension)`, known ones taken from the Store before."""
    texts = [passage.headed_text for passage in passages]
    known = [before.vector(encoded_hash(text)) if before else None for text in texts]
    new = [text for text, vector in zip(texts, known, strict=True) if vector is None]
    fresh: Iterator[Vectors] = iter(encoder.encode_passages(new) if new else ())
    found.encoded += len(new)
    found.reused += len(texts) - len(new)
    rows = [next(fresh) if vector is None else vector for vector in known]
    return np.asarray(rows, dtype=np.float32).reshape(len(rows), encoder.dimension)


def _batches(
    pairs: Iterable[tuple[Changed, list[Passage]]],
) -> Iterator[list[tuple[Changed, list[Passage]]]]:
    """Whole Documents, together about `_BATCH` Passages at a time."""
    batch: list[tuple[Changed, list[Passage]]] = []
    size = 0
    for pair in pairs:
        batch.append(pair)
        size += len(pair[1])
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
