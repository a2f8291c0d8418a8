"""`python toy_build.py CORPUS INDEX --record ID`: what the service builds with in tests.

While there is a file `pause` in the index folder, the build stops before it encodes.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from time import sleep

sys.path.insert(0, str(Path(__file__).parents[1]))

from toys import ToyEncoder

from qa_service.builds import State, recording
from qa_service.encoder import Vectors
from qa_service.indexing import build

PAUSE = "pause"


class ToyPausedEncoder(ToyEncoder):
    """Encodes when nothing holds it."""

    def __init__(self, held_by: Path) -> None:
        super().__init__()
        self._held_by = held_by

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        while self._held_by.exists():
            sleep(0.02)
        return super().encode_passages(texts)


def main(corpus: Path, index_dir: Path, build_id: str) -> None:
    with recording(index_dir, build_id) as recorded:
        result = build(
            corpus,
            index_dir,
            ToyPausedEncoder(index_dir / PAUSE),
            passage_words=20,
            skip_unreadable=True,
            wait=True,
            begin=recorded.run,
            progress=lambda done, total: recorded.progress("reading", done, total),
        )
        state: State = "unchanged" if result.unchanged else "published"
        report = [str(error) for error in result.left_out]
        recorded.end(state, "The toy is built.", report, result.snapshot.manifest.id)


if __name__ == "__main__":
    corpus, index_dir, flag, build_id = sys.argv[1:]
    assert flag == "--record"
    main(Path(corpus), Path(index_dir), build_id)
