"""How much memory a build takes as its corpus grows.

    python tests/measure_build_memory.py [FILES ...]

Each build runs in a process of its own over a generated corpus, first from nothing, then with one
file more. The encoder costs next to nothing; its vectors have 384 numbers, as the shipped one's.
"""

import platform
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from zlib import crc32

import numpy as np

from qa_service.encoder import Vectors
from qa_service.indexing import build

SIZES = (100, 1200, 2400)  # files
PARAGRAPHS = 40  # of a file, each of some 80 words


class ToyEncoder:
    """Gives each text a unit vector along one axis."""

    name = fingerprint = "toy"
    dimension = 384

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row, crc32(text.encode()) % self.dimension] = 1
        return vectors

    encode_questions = encode_passages


def write_corpus(folder: Path, files: int) -> int:
    """Write so many Markdown files; their bytes together."""
    folder.mkdir()
    written = 0
    for n in range(files):
        paragraphs = (
            f"## Part {part}\n\n" + f"Line {n} was written in part {part} of the text. " * 8
            for part in range(PARAGRAPHS)
        )
        written += (folder / f"{n:05}.md").write_text(
            "---\nlanguage: en\n---\n" + "\n\n".join(paragraphs)
        )
    return written


def build_one(corpus: Path, index: Path) -> None:
    """Build and print the passages, the seconds and the peak of this process in kilobytes."""
    began = perf_counter()
    passages = build(corpus, index, ToyEncoder()).snapshot.manifest.passages
    seconds = perf_counter() - began
    print(passages, round(seconds, 1), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main(sizes: Sequence[int]) -> None:
    print(f"Python {platform.python_version()}, {platform.platform()}")
    print(f"{'files':>6} {'MB':>6} {'passages':>9} {'seconds':>8} {'peak MB':>8}  (and one more)")
    for files in sizes:
        with TemporaryDirectory() as scratch:
            size = write_corpus(Path(scratch) / "corpus", files)
            command = [sys.executable, __file__, "build", f"{scratch}/corpus", f"{scratch}/index"]
            told = []
            for _ in range(2):
                run = subprocess.run(command, capture_output=True, text=True, check=True)
                passages, seconds, peak = run.stdout.split()
                told.append(f"{passages:>9} {seconds:>8} {int(peak) / 1000:8.0f}")
                more = "---\nlanguage: en\n---\nOne more text."
                (Path(scratch) / "corpus" / "more.md").write_text(more)
            print(f"{files:6} {size / 1e6:6.1f} {'  '.join(told)}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["build"]:
        build_one(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main([int(files) for files in sys.argv[1:]] or SIZES)
