"""The first corpus keeps its form: what people see of an article, and what a build needs."""

from collections import Counter
from pathlib import Path

import pytest

from qa_service.corpus import read_folder
from qa_service.schema import Document

FOLDER = Path(__file__).parent.parent / "corpus"
ARTICLES = [item for item in read_folder(FOLDER, 1_000_000) if isinstance(item, Document)]


def test_every_file_is_an_article() -> None:
    files = [path for path in FOLDER.iterdir() if not path.name.startswith(".")]
    assert len(ARTICLES) == len(files) >= 30


def test_both_languages_have_their_share() -> None:
    counts = Counter(article.language for article in ARTICLES)
    assert counts.keys() == {"en", "lv"}
    assert min(counts.values()) >= 15


@pytest.mark.parametrize("article", ARTICLES, ids=[article.id for article in ARTICLES])
def test_an_article_names_its_sources_and_keeps_to_its_length(article: Document) -> None:
    assert (FOLDER / f"{article.id}.md").is_file()
    assert article.metadata.keys() == {"date", "sources", "licence"}
    assert article.metadata["licence"] == "CC0-1.0"
    assert article.metadata["sources"]
    assert all(isinstance(source, str) and source for source in article.metadata["sources"])
    assert article.sections[0].title == article.title
    words = sum(len(section.span.of(article.text).split()) for section in article.sections)
    assert 400 <= words <= 900
