import pytest
from toys import ToyEncoder

from qa_service.errors import UnknownDocumentError
from qa_service.schema import Hit
from qa_service.stores import Store
from qa_service.stores.local import LocalStore
from qa_service.stores.visible import VisibleStore

QUESTION = "the capital of Baku on 17 September 1918"


def found(store: Store, k: int) -> list[list[Hit]]:
    """What each way of searching finds in English."""
    vector = ToyEncoder().encode_questions([QUESTION])[0]
    return [
        store.dense(vector, k, "en"),
        store.lexical(QUESTION, vector, k, "en"),
        store.named(QUESTION, "lv", vector, k, "en"),
    ]


@pytest.mark.parametrize("k", [0, 1, 2, 3])
@pytest.mark.parametrize("hidden", ["baku", "ganja", "gendze"])
def test_the_best_others_are_found(toy_store: LocalStore, k: int, hidden: str) -> None:
    seen = found(VisibleStore(toy_store, {hidden}), k)
    others = [
        [hit for hit in hits if hit.passage.document_id != hidden][:k]
        for hits in found(toy_store, 9)
    ]
    assert seen == others
    assert any(found(toy_store, 9))


def test_a_hidden_document_is_nowhere(toy_store: LocalStore) -> None:
    store = VisibleStore(toy_store, {"ganja", "absent"})
    assert [summary.id for summary in store.documents()] == ["baku", "gendze"]
    assert store.document("baku") == toy_store.document("baku")
    with pytest.raises(UnknownDocumentError, match="'ganja' was deleted"):
        store.document("ganja")


def test_searching_it_alone_finds_nothing(toy_store: LocalStore) -> None:
    vector = ToyEncoder().encode_questions([QUESTION])[0]
    assert VisibleStore(toy_store, {"ganja"}).dense(vector, 5, "en", ["ganja"]) == []


def test_a_language_of_hidden_documents_alone_is_searched_in_vain(toy_store: LocalStore) -> None:
    vector = ToyEncoder().encode_questions([QUESTION])[0]
    assert VisibleStore(toy_store, {"gendze"}).dense(vector, 5, "lv") == []
