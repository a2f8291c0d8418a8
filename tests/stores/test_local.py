"""The conformance suite of the Store, run on the local one."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from toys import ToyEncoder

from qa_service.errors import UnknownDocumentError
from qa_service.indexing import Build
from qa_service.schema import Document, Hit, Page, Passage, Section, Span
from qa_service.stores.local import LocalStore
from qa_service.stores.texts import encoded_hash
from qa_service.stores.writing import LocalWriter


def dense(
    store: LocalStore, text: str, k: int = 10, language: str = "en", **limits: list[str]
) -> list[Hit]:
    return store.dense(ToyEncoder().encode_questions([text])[0], k, language, **limits)


def lexical(
    store: LocalStore, text: str, k: int = 10, language: str = "en", **limits: list[str]
) -> list[Hit]:
    vector = ToyEncoder().encode_questions([text])[0]
    return store.lexical(text, vector, k, language, **limits)


def starts(hits: list[Hit]) -> list[str]:
    """The first two words of each Hit."""
    return [" ".join(hit.passage.text.split()[:2]) for hit in hits]


def test_languages_come_by_the_number_of_their_passages(toy_store: LocalStore) -> None:
    assert toy_store.languages == ("en", "lv")


def test_dense_hits_are_exact_cosines_best_first(toy_store: LocalStore) -> None:
    encoder, question = ToyEncoder(), "oil field of Baku"
    hits = dense(toy_store, question)
    asked = encoder.encode_questions([question])[0]
    reckoned = [float(encoder.encode_passages([h.passage.headed_text])[0] @ asked) for h in hits]
    assert [hit.score for hit in hits] == pytest.approx(reckoned, abs=1e-6)
    assert [hit.similarity for hit in hits] == [hit.score for hit in hits]
    assert reckoned == sorted(reckoned, reverse=True)
    assert len(hits) == 3
    assert starts(hits)[0] == "Baku lies"


def test_lexical_hits_share_words_and_know_their_cosine(toy_store: LocalStore) -> None:
    encoder, question = ToyEncoder(), "Caspian"
    (hit,) = lexical(toy_store, question)
    passage = encoder.encode_passages([hit.passage.headed_text])[0]
    assert starts([hit]) == ["Baku lies"]
    assert hit.score > 0
    assert hit.similarity == pytest.approx(
        float(passage @ encoder.encode_questions([question])[0]), abs=1e-6
    )


def test_titles_and_sections_are_searched_too(toy_store: LocalStore) -> None:
    assert starts(lexical(toy_store, "Gendže", language="lv")) == ["Gendže bija"]
    assert "Baku became" in starts(lexical(toy_store, "capital"))


def test_both_sides_keep_to_the_language_and_the_documents(toy_store: LocalStore) -> None:
    for search in (dense, lexical):
        assert starts(search(toy_store, "1918", language="lv")) == ["Gendže bija"]
        assert search(toy_store, "1918", language="de") == []
        assert starts(search(toy_store, "1918 capital", document_ids=["ganja"])) == ["Ganja was"]
        assert search(toy_store, "1918", document_ids=["absent"]) == []
        assert search(toy_store, "1918", document_ids=[]) == []
        assert len(search(toy_store, "1918 capital", k=1)) == 1
        assert search(toy_store, "1918", k=0) == []


def test_an_opened_store_gives_the_hits_of_the_first(
    toy_build: Build, toy_store: LocalStore
) -> None:
    again = LocalStore(toy_build.snapshot.folder)
    for question in ("capital of Baku", "1918. gada 17. septembrī"):
        for language in ("en", "lv"):
            for search in (dense, lexical):
                assert search(again, question, language=language) == search(
                    toy_store, question, language=language
                )
    assert again.documents() == toy_store.documents()
    again.close()


def test_every_passage_is_a_slice_of_its_document(toy_store: LocalStore) -> None:
    for language in toy_store.languages:
        for hit in dense(toy_store, "any", language=language):
            passage = hit.passage
            assert passage.span.of(toy_store.document(passage.document_id).text) == passage.text


def test_documents_are_listed_by_id_with_their_counts(toy_store: LocalStore) -> None:
    summaries = toy_store.documents()
    assert [(s.id, s.title, s.language, s.passages) for s in summaries] == [
        ("baku", "Baku", "en", 2),
        ("ganja", "Ganja", "en", 1),
        ("gendze", "Gendže", "lv", 1),
    ]
    assert [s.length for s in summaries] == [len(toy_store.document(s.id).text) for s in summaries]


def test_an_unknown_document_is_named(toy_store: LocalStore) -> None:
    with pytest.raises(UnknownDocumentError, match="'absent'"):
        toy_store.document("absent")


def test_a_document_comes_back_whole(tmp_path: Path) -> None:
    text = "İ e\u0301 😀\r\nTwo\u2028three.\ufeff"
    document = Document(
        id="d",
        title="T \"quoted\" 'x'",
        language="lv",
        text=text,
        sections=(Section("One", 1, Span(0, 8)), Section("", 0, Span(8, len(text)))),
        pages=(Page(1, Span(0, 8)), Page(2, Span(8, len(text)))),
        metadata={"tags": ["ā", 1, None], "nested": {"a": 1.5}},
    )
    passage = Passage("d", document.title, "lv", "One", 2, Span(8, 11), text[8:11])
    writer = LocalWriter(tmp_path, 2)
    writer.add(document, [passage], np.array([[0.6, 0.8]], dtype=np.float32))
    writer.finish()
    writer.close()
    store = LocalStore(tmp_path)
    assert store.document("d") == document
    (hit,) = store.dense(np.array([1, 0], dtype=np.float32), 5, "lv")
    assert hit.passage == passage
    assert (hit.score, hit.similarity) == pytest.approx((0.6, 0.6))
    store.close()


def test_a_vector_is_found_by_what_was_encoded(toy_store: LocalStore) -> None:
    passage = dense(toy_store, "Baku")[0].passage
    vector = toy_store.vector(encoded_hash(passage.headed_text))
    expected = ToyEncoder().encode_passages([passage.headed_text])[0]
    np.testing.assert_array_equal(vector, expected)
    assert toy_store.vector(encoded_hash("never encoded")) is None


def test_threads_may_share_a_store(toy_store: LocalStore) -> None:
    questions = ["Baku", "Ganja", "capital", "1918", "oil", "sea"] * 20
    alone = [(dense(toy_store, q), lexical(toy_store, q)) for q in questions]
    with ThreadPoolExecutor(8) as pool:
        shared = list(pool.map(lambda q: (dense(toy_store, q), lexical(toy_store, q)), questions))
    assert shared == alone
