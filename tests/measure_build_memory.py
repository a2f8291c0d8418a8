"""How much memory a build takes as its corpus grows: `python tests/measure_build_memory.py`.

Each build runs in a process of its own over a generated corpus. The encoder costs next to
nothing and its vectors have 8 numbers, so that what is left is the texts: a build holds its
vectors until its end, as serving them does (1.5 MB for a thousand Passages of 384 numbers).
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

SIZES = (100, 400, 1200)  # files
PARAGRAPHS = 40  # of a file, each of some 80 words


class ToyEncoder:
    """Gives each text a unit vector along one axis."""

    name = fingerprint = "toy"
    dimension = 8

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


def main() -> None:
    print(f"Python {platform.python_version()}, {platform.platform()}")
    print(f"{'files':>6} {'MB':>6} {'passages':>9} {'seconds':>8} {'peak MB':>8}")
    for files in SIZES:
        with TemporaryDirectory() as scratch:
            size = write_corpus(Path(scratch) / "corpus", files)
            command = [sys.executable, __file__, f"{scratch}/corpus", f"{scratch}/index"]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            passages, seconds, peak = told.split()
            print(f"{files:6} {size / 1e6:6.1f} {passages:>9} {seconds:>8} {int(peak) / 1000:8.0f}")


if __name__ == "__main__":
    if sys.argv[1:]:
        build_one(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main()
