"""Corpus -> Passages -> vectors -> Snapshot; what did not change is not encoded again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from qa_service import deletions
from qa_service import snapshot as snapshots
from qa_service.chunking import passages as passages_of
from qa_service.corpus import read_files, source_files
from qa_service.encoder import Encoder, Vectors
from qa_service.errors import CorpusError, DocumentError, SnapshotError
from qa_service.schema import Document, Passage
from qa_service.snapshot import Snapshot
from qa_service.stores.local import LocalStore, LocalWriter, encoded_hash

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
class _Counts:
    documents: int = 0
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
    than a small one but for its vectors. `progress` is called with the files done and the
    number there are. Unless `skip_unreadable`, one file that cannot be read fails the build with
    all such files named. While another build runs: `wait`, or BuildRunningError. `begin` is
    called before anything of the corpus is looked at.
    `accept` is called with the finished Snapshot, and refuses it by raising. Whatever fails,
    nothing is left behind and the Snapshot published before goes on being served.
    """
    left_out: list[DocumentError] = []
    with snapshots.build_lock(index_dir, wait):
        begin()
        # Before the corpus is read: whatever changes meanwhile is younger than the id.
        folder = snapshots.new_folder(index_dir)
        try:
            documents = _documents(corpus_dir, max_file_bytes, skip_unreadable, left_out, progress)
            served = _served(index_dir, encoder)
            with closing(LocalWriter(folder, encoder.dimension)) as writer:
                counts = _write(documents, writer, encoder, passage_words, served)
                _check(corpus_dir, counts, left_out, skip_unreadable)
                same = served if served and _holds(served, writer.content) else None
                if same is None:
                    writer.finish()
            if same:
                snapshots.remove(folder)
                # The build that published it may have been killed before it removed old ones.
                snapshots.keep_newest(index_dir, same, snapshots_kept)
                return Build(same, counts.encoded, counts.reused, tuple(left_out), unchanged=True)
            snapshot = snapshots.seal(
                folder,
                encoder=encoder.name,
                encoder_fingerprint=encoder.fingerprint,
                dimension=encoder.dimension,
                passage_words=passage_words,
                documents=counts.documents,
                passages=counts.encoded + counts.reused,
                content=writer.content,
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
    return Build(snapshot, counts.encoded, counts.reused, tuple(left_out))


def _documents(
    corpus_dir: Path,
    max_file_bytes: int,
    skip_unreadable: bool,
    left_out: list[DocumentError],
    progress: Callable[[int, int], None],
) -> Iterator[Document]:
    """The Documents of the folder; what is wrong with its other files goes to `left_out`.

    After the first such file nothing is yielded, unless those are skipped: the build will fail,
    and only reads on to name them all.
    """
    files = source_files(corpus_dir)
    for done, item in enumerate(read_files(files, corpus_dir, max_file_bytes), start=1):
        if isinstance(item, DocumentError):
            left_out.append(item)
        elif skip_unreadable or not left_out:
            yield item
        progress(done, len(files))


def _write(
    documents: Iterable[Document],
    writer: LocalWriter,
    encoder: Encoder,
    passage_words: int,
    served: Snapshot | None,
) -> _Counts:
    """Write the Documents with their Passages and vectors; known vectors are the served ones."""
    counts = _Counts()
    pairs = ((document, list(passages_of(document, passage_words))) for document in documents)
    with closing(LocalStore(served.folder)) if served else nullcontext() as before:
        for batch in _batches(pairs):
            vectors = _vectors(list(chain(*(p for _, p in batch))), encoder, before, counts)
            done = 0
            for document, passages in batch:
                writer.add(document, passages, vectors[done : done + len(passages)])
                done += len(passages)
            counts.documents += len(batch)
    return counts


def _check(
    corpus_dir: Path, counts: _Counts, left_out: Sequence[DocumentError], skip_unreadable: bool
) -> None:
    if left_out and not skip_unreadable:
        raise CorpusError(
            "\n".join(map(str, left_out))
            + f"\nNothing was built: {len(left_out)} file(s) cannot be read. "
            "Mend them, or leave them out with --skip-unreadable."
        )
    if not counts.documents:
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
