"""How quick the service is on this machine: medians with the conditions they hold under."""

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter

from qa_service.encoder import Encoder
from qa_service.metrics import percentile
from qa_service.pipeline import Pipeline
from qa_service.reader import Reader
from qa_service.schema import Hit, Question

_READ = 8  # Passages: what a question is read from
_ENCODED = 128  # Passages encoded at a time, as many as a middling document has


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one operation, over all its repetitions."""

    name: str
    runs: int
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Timings, and what they were taken on."""

    conditions: dict[str, str]
    timings: tuple[Timing, ...]
    passages_per_second: float


def run(
    load: Callable[[], tuple[Encoder, Reader]],
    pipeline_of: Callable[[Encoder, Reader], Pipeline],
    questions: Sequence[str],
    *,
    threads: int,
    repeat: int,
) -> Benchmark:
    """Time loading, encoding, reading and asking, `repeat` times each; loading three times.

    The first run of each is not counted: it fills caches. Nothing runs at the same time, and the
    clock of a question includes all that the service does for it but HTTP.
    """
    loading = _timed("load both models", 3, lambda _: load())
    encoder, reader = load()
    pipeline = pipeline_of(encoder, reader)
    asked = list(islice(cycle(questions), repeat + 1))
    found = pipeline.retrieve([Question(text, k=_READ) for text in asked])
    read: list[list[tuple[str, Hit]]] = [[(f.understood_as, hit) for hit in f.hits] for f in found]
    texts = list(islice(cycle(_passages(read)), _ENCODED))
    bulk = _timed("", 3, lambda _: encoder.encode_passages(texts))
    summaries = pipeline.store.documents()
    return Benchmark(
        conditions={
            "processor": processor(),
            "cores": str(os.cpu_count()),
            "threads": str(threads),
            "encoder": f"{encoder.name} {encoder.fingerprint[:12]}",
            "reader": f"{reader.name} {reader.fingerprint[:12]}",
            "index": f"{len(summaries)} documents, {sum(s.passages for s in summaries)} passages",
            "questions": f"{len(set(asked))} different ones",
            "words in a passage read": f"{median(len(t.split()) for t in texts):.0f} (median)",
        },
        timings=(
            loading,
            _timed("encode one question", repeat, lambda i: encoder.encode_questions([asked[i]])),
            _timed(f"read {_READ} passages", repeat, lambda i: reader.read(read[i])),
            _timed("ask one question", repeat, lambda i: pipeline.ask(Question(asked[i]))),
        ),
        passages_per_second=1000 * _ENCODED / bulk.median,
    )


def _timed(name: str, runs: int, operation: Callable[[int], object]) -> Timing:
    operation(0)
    spent = []
    for number in range(1, runs + 1):
        began = perf_counter()
        operation(number)
        spent.append((perf_counter() - began) * 1000)
    return Timing(name, runs, median(spent), percentile(spent, 0.95))


def _passages(read: Sequence[Sequence[tuple[str, Hit]]]) -> Iterator[str]:
    """The different Passages found, as they are encoded."""
    yield from dict.fromkeys(hit.passage.headed_text for pairs in read for _, hit in pairs)


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
