"""`docs/index.md` names what is in the index folder."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from toys import ToyEncoder

from qa_service import builds, deletions
from qa_service.indexing import build
from qa_service.snapshot import FORMAT, Manifest, published_folders

DOCS = (Path(__file__).parents[1] / "docs" / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", [field.name for field in fields(Manifest)])
def test_every_field_of_the_manifest_is_explained(field: str) -> None:
    assert re.search(rf"^\| (`\w+`, )*`{field}`", DOCS, re.M)


def test_the_format_is_the_one_written() -> None:
    assert f"| `format` | {FORMAT}. " in DOCS


@pytest.mark.usefixtures("toy_build")
def test_every_file_of_the_folder_is_named(tmp_path: Path, toy_corpus: Path) -> None:
    index_dir = tmp_path / "index"
    with builds.recording(index_dir):
        deletions.delete(index_dir, "absent")
        build(toy_corpus, index_dir, ToyEncoder())
    snapshots = published_folders(index_dir)
    others = set(index_dir.iterdir()).difference(snapshots)
    for path in (*others, *snapshots[0].iterdir()):
        name = {"builds": "builds/<id>.json", "lexical": "lexical/"}.get(path.name, path.name)
        assert f"`{name}`" in DOCS, name


def test_every_file_it_refers_to_is_there() -> None:
    root = Path(__file__).parents[1]
    for name in re.findall(r"`([\w/]+\.py)`", DOCS):
        assert (root / name).is_file() or (root / "qa_service" / name).is_file(), name
