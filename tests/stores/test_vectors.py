from pathlib import Path

import numpy as np
import pytest

from qa_service.stores.vectors import VectorFile, VectorWriter

VECTORS = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 1, 0], [0, 0.6, 0.8]], dtype=np.float32)
QUESTION = np.array([1, 0, 0], dtype=np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.npy"
    writer = VectorWriter(path, 3)
    writer.put([0, 1], VECTORS[:2])
    writer.put([2, 3], VECTORS[2:])
    writer.finish()
    writer.close()
    return path


def test_the_file_is_an_array_of_numpy(path: Path) -> None:
    np.testing.assert_array_equal(np.load(path), VECTORS)


def test_the_chosen_rows_are_searched_best_first(path: Path) -> None:
    file = VectorFile(path)
    best = file.search(QUESTION, 9, file.choose(np.array([3, 1, 2])))
    assert next(iter(best)) == 1
    assert best[1] == pytest.approx(0.6)
    assert set(best) == {1, 2, 3}
    assert file.search(QUESTION, 1, file.choose(np.arange(4))) == {0: 1.0}
    assert file.search(QUESTION, 5, file.choose(np.array([], dtype=np.int64))) == {}
    assert file.search(QUESTION, 0, file.choose(np.arange(4))) == {}
    np.testing.assert_array_equal(file[1], VECTORS[1])


def test_rows_are_changed_cleared_and_added(path: Path) -> None:
    writer = VectorWriter(path, 3)
    assert writer.rows == 4
    writer.put([1, 4], VECTORS[[3, 2]])
    writer.clear([0])
    writer.finish()
    writer.close()
    nothing = np.zeros(3, dtype=np.float32)
    expected = np.stack([nothing, VECTORS[3], VECTORS[2], VECTORS[3], VECTORS[2]])
    np.testing.assert_array_equal(np.load(path), expected)


def test_many_rows_leave_the_first_ones_where_they_are(path: Path) -> None:
    writer = VectorWriter(path, 3)
    writer.put(range(4, 12_345), np.tile(VECTORS[0], (12_341, 1)))
    writer.finish()
    writer.close()
    found = np.load(path)
    assert found.shape == (12_345, 3)
    np.testing.assert_array_equal(found[:4], VECTORS)
