"""The vectors of a Snapshot: row n of one `.npy` file is the vector of Passage n.

The file is written as the vectors come and mapped into memory when it is read, so that neither a
build nor a server holds them: the system keeps of it what it has memory for.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from qa_service.encoder import Vectors

_DTYPE = np.dtype("<f4")


class Chosen:
    """Rows that a search is limited to."""

    def __init__(self, numbers: np.ndarray, rows: int) -> None:
        self.count = len(numbers)
        mask = np.zeros(rows, dtype=bool)
        mask[numbers] = True
        self.selector: Any = faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))  # type: ignore[call-arg,arg-type]


class VectorFile:
    """Vectors open for searching: exact inner products."""

    def __init__(self, path: Path) -> None:
        self._vectors = np.load(path, mmap_mode="r")

    def __getitem__(self, number: int) -> Vectors:
        """A copy of the vector `(dimension,)` of one row."""
        return np.array(self._vectors[number])

    def choose(self, numbers: np.ndarray) -> Chosen:
        return Chosen(numbers, len(self._vectors))

    def search(self, question: Vectors, k: int, chosen: Chosen) -> dict[int, float]:
        """The best `k` chosen rows for a question `(dimension,)`, best first: row -> score."""
        k = min(k, chosen.count)
        if k < 1:
            return {}
        rows, dimension = self._vectors.shape
        asked = np.ascontiguousarray(question, dtype=np.float32)
        scores, found = np.empty(k, dtype=np.float32), np.empty(k, dtype=np.int64)
        # What an index of FAISS does once it has read its vectors; these stay in their file.
        faiss.knn_inner_product(
            faiss.swig_ptr(asked),
            faiss.swig_ptr(self._vectors),
            dimension,
            1,
            rows,
            k,
            faiss.swig_ptr(scores),
            faiss.swig_ptr(found),
            chosen.selector,
        )
        return {
            int(number): float(score)
            for number, score in zip(found, scores, strict=True)
            if number >= 0  # FAISS pads with -1
        }


class VectorWriter:
    """Writes the file of a VectorFile, or changes the one there is; it is whole after `finish`."""

    def __init__(self, path: Path, dimension: int) -> None:
        there = path.exists()
        self._file = path.open("r+b" if there else "w+b")
        self._dimension = dimension
        self.rows = 0
        if there:
            np.lib.format.read_magic(self._file)
            (self.rows, _), *_ = np.lib.format.read_array_header_1_0(self._file)
        else:
            self._write_header()
        self._start = self._file.tell()

    def put(self, numbers: Sequence[int], vectors: Vectors) -> None:
        """Write `vectors` `(len(numbers), dimension)` as these rows; none may be left out."""
        for number, vector in zip(numbers, vectors, strict=True):
            self._file.seek(self._start + number * self._dimension * _DTYPE.itemsize)
            self._file.write(np.asarray(vector, dtype=_DTYPE).tobytes())
            self.rows = max(self.rows, number + 1)

    def clear(self, numbers: Sequence[int]) -> None:
        """Leave nothing of what these rows held."""
        self.put(numbers, np.zeros((len(numbers), self._dimension), dtype=_DTYPE))

    def finish(self) -> None:
        self._file.seek(0)
        self._write_header()  # as long as the first one: NumPy leaves room for more rows
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _write_header(self) -> None:
        shape = (self.rows, self._dimension)
        header = {"descr": _DTYPE.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)
