import shutil
from pathlib import Path

import pytest

from qa_service import parsing
from qa_service.parsing import parsing_sha256


def test_the_size_of_passages_counts() -> None:
    assert parsing_sha256(80) == parsing_sha256(80) != parsing_sha256(81)


def test_the_code_and_the_libraries_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = Path(shutil.copytree(Path(parsing.__file__).parent / "corpus", tmp_path / "corpus"))
    monkeypatch.setattr(parsing, "__file__", str(tmp_path / "parsing.py"))
    before = parsing_sha256(80)
    (copied / "pdf.py").write_text((copied / "pdf.py").read_text() + "# other")
    after = parsing_sha256(80)
    assert after != before
    monkeypatch.setattr(parsing, "version", lambda name: "0")
    assert parsing_sha256(80) != after


@pytest.mark.parametrize("pattern", parsing._CODE)
def test_all_code_is_found(pattern: str) -> None:
    assert list(Path(parsing.__file__).parent.glob(pattern))
