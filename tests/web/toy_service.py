"""A real service over a small corpus, with readers that answer by exact phrase."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

from toys import ToyEncoder, write_files

from qa_service.indexing import build
from qa_service.pipeline import Pipeline
from qa_service.reader import Reader
from qa_service.reader.calibration import Calibration
from qa_service.retriever import Retriever
from qa_service.schema import Candidate, Hit, Span
from qa_service.snapshot import Snapshot, open_current
from qa_service.stores import Store
from qa_service.stores.local import LocalStore
from qa_service.web.live import LivePipeline

# Code points and UTF-16 units part ways at the emoji, letters and code points at the accents.
TOY_ENGLISH = (
    "---\r\nid: toy-en\r\ntitle: The toy republic 🌍\r\nlanguage: en\r\ndate: 2026-11-22\r\n---\r\n"
    "# The toy republic 🌍\r\n\r\n"
    "The eagle 🦅 of İstanbul saw it first. "
    "The republic was proclaimed on 28 May 1918 in Tbilisi 🏛️. "
    "Its envoy was Re\u0301my O\u0308zal 👩‍🚀 of the café.\r\n\r\n"
    "## The army 🛡️\r\n\r\nThe army had twelve guns and the blue flag."
)
TOY_LATVIAN = (
    "---\nid: toy-lv\ntitle: Rotaļu republika\nlanguage: lv\n---\n"
    "# Rotaļu republika\n\n"
    "Republiku 🦅 proklamēja 1918. gada 28. maija\u0304 Tbilisi pilsētā. "
    "Armijai bija divpadsmit lielgabali un zils karogs: the blue flag.\n"
)


class ToyQuotingReader:
    """Answers with what the question has in double quotes, where a passage says it too."""

    name = "toy"
    fingerprint = "toy"

    def read(self, pairs: Sequence[tuple[str, Hit]]) -> list[Candidate | None]:
        return [self._candidate(question, hit) for question, hit in pairs]

    def _candidate(self, question: str, hit: Hit) -> Candidate | None:
        wanted = re.search('"(.+?)"', question)
        start = hit.passage.text.find(wanted[1]) if wanted else -1
        if wanted is None or start < 0:
            return None
        span = Span(start, start + len(wanted[1])).shifted(hit.passage.span.start)
        return Candidate(hit, span, score=3.0)


class ToyBlockingReader(ToyQuotingReader):
    """Sets `began` when it is asked, and reads on once `may_go_on` is set."""

    def __init__(self) -> None:
        self.began = Event()
        self.may_go_on = Event()

    def read(self, pairs: Sequence[tuple[str, Hit]]) -> list[Candidate | None]:
        self.began.set()
        if not self.may_go_on.wait(20):
            raise TimeoutError("the test never let the reader go on")
        return super().read(pairs)


class ToyFailingReader(ToyQuotingReader):
    """Fails as no part of the service is meant to."""

    def read(self, pairs: Sequence[tuple[str, Hit]]) -> list[Candidate | None]:
        raise RuntimeError("the secret of the toy reader")


def toy_snapshot(root: Path, texts: Mapping[str, str]) -> Snapshot:
    """A published Snapshot below `root` of `{file name: text}`, kept byte for byte."""
    corpus = write_files(root / "corpus", texts)
    return build(corpus, root / "index", ToyEncoder(), passage_words=20).snapshot


def toy_live(index_dir: Path, reader: Reader | None = None) -> LivePipeline:
    """Follows the Snapshots of `index_dir`; `refresh` has not been called yet."""
    encoder = ToyEncoder()
    # sigmoid(3) = .95, over the threshold
    calibration = Calibration({"score": 1.0}, bias=0.0, threshold=0.5)

    def pipeline_of(snapshot: Snapshot, store: Store) -> Pipeline:
        return Pipeline(
            Retriever(encoder, store),
            reader or ToyQuotingReader(),
            calibration,
            store,
            snapshot.manifest.id,
        )

    return LivePipeline(
        index_dir,
        open_snapshot=lambda: open_current(index_dir, encoder.fingerprint),
        open_store=lambda snapshot: LocalStore(snapshot.folder),
        pipeline_of=pipeline_of,
    )
