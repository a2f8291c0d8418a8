"""What several test files share: a toy corpus with its index, and the shipped models."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # no test may reach out for a model

import pytest
from toys import ToyEncoder, write_files

from qa_service.encoder import Encoder, load_encoder
from qa_service.indexing import Build, build
from qa_service.reader.model import SpanReader, load_reader
from qa_service.settings import WEIGHTS
from qa_service.stores.local import LocalStore

TOY_FILES = {
    "baku.md": (
        "---\ntitle: Baku\nlanguage: en\n---\n# Baku\n\n"
        "Baku lies on the Caspian Sea. Its oil field was opened in 1846.\n\n"
        "## Capital\n\nBaku became the capital on 17 September 1918.\n"
    ),
    "ganja.md": (
        "---\ntitle: Ganja\nlanguage: en\n---\n# Ganja\n\n"
        "Ganja was the first capital. The government left it on 17 September 1918.\n"
    ),
    "gendze.md": (
        "---\ntitle: Gendže\nlanguage: lv\n---\n# Gendže\n\n"
        "Gendže bija pirmā galvaspilsēta. Valdība no tās aizbrauca 1918. gada 17. septembrī.\n"
    ),
}


@pytest.fixture
def toy_encoder() -> ToyEncoder:
    return ToyEncoder()


@pytest.fixture
def toy_corpus(tmp_path: Path) -> Path:
    """Two English Documents and a Latvian one, four Passages in all."""
    return write_files(tmp_path / "corpus", TOY_FILES)


@pytest.fixture
def toy_build(tmp_path: Path, toy_corpus: Path, toy_encoder: ToyEncoder) -> Build:
    """The toy corpus built into `tmp_path / "index"`."""
    return build(toy_corpus, tmp_path / "index", toy_encoder)


@pytest.fixture
def toy_store(toy_build: Build) -> Iterator[LocalStore]:
    store = LocalStore(toy_build.snapshot.folder)
    yield store
    store.close()


@pytest.fixture(scope="session")
def shipped_encoder() -> Encoder:
    return load_encoder(str(WEIGHTS / "encoder"), threads=2)


@pytest.fixture(scope="session")
def shipped_reader() -> SpanReader:
    return load_reader(str(WEIGHTS / "reader"), threads=2)


@pytest.fixture(scope="session")
def corpus_index(shipped_encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own corpus, built with the shipped weights."""
    folder = tmp_path_factory.mktemp("corpus_index")
    build(Path(__file__).parent.parent / "corpus", folder, shipped_encoder)
    return folder
