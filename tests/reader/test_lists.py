import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.reader.lists import asks_for_several, completes
from qa_service.schema import Span


@pytest.mark.parametrize(
    "question",
    [
        "Which parties sat in the parliament?",
        "which left-wing parties refused",
        "What three goods did the harbour export?",
        "Whose troops held the town? Which two regiments?",
        "Kuras partijas bija parlamentā?",
        "No kuriem ciemiem viņi aizgāja?",
        "KĀDAS PRECES IZVEDA?",
    ],
)
def test_a_plural_after_which_asks_for_several(question: str) -> None:
    assert asks_for_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "Which party won?",
        "What was the harbour's name?",
        "Which business closed?",
        "What is this?",
        "Who were the ministers?",
        "Kura partija uzvarēja?",
        "Kad to pieņēma?",
        "",
    ],
)
def test_other_questions_do_not(question: str) -> None:
    assert not asks_for_several(question)


def within(text: str, whole: str, part: str) -> bool:
    def place(words: str) -> Span:
        start = text.index(words)
        return Span(start, start + len(words))

    return completes(text, place(whole), place(part))


TEXT = "They sold flax, hemp and rye, hides or wax to the harbour. Brīvi bija Kars un Batumi."


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ("flax, hemp", "flax"),
        ("flax, hemp and rye, hides or wax", "flax"),
        ("flax, hemp and rye", "rye"),
        ("flax, hemp and rye", "hemp"),
        ("Kars un Batumi", "Kars"),
        ("Kars un Batumi", "Batumi"),
    ],
)
def test_a_list_completes_its_items(whole: str, part: str) -> None:
    assert within(TEXT, whole, part)


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ("flax", "flax"),
        ("sold flax", "flax"),
        ("wax to the harbour", "wax"),
        ("flax", "flax, hemp"),
        ("hemp and rye", "flax"),
        ("flax, hemp and", "flax, hemp"),
    ],
)
def test_other_words_around_it_do_not(whole: str, part: str) -> None:
    assert not within(TEXT, whole, part)


def test_a_list_has_no_more_than_twelve_words() -> None:
    assert within("a, b c d e f g h i j k l", "a, b c d e f g h i j k l", "a")
    assert not within("a, b c d e f g h i j k l m", "a, b c d e f g h i j k l m", "a")


@given(st.text(), st.tuples(st.integers(0, 30), st.integers(0, 30)), st.integers(0, 30))
def test_any_text_is_judged(text: str, span: tuple[int, int], more: int) -> None:
    part = Span(min(span), max(span))
    assert not completes(text, part, part)
    completes(text, Span(part.start, part.end + more), part)
    asks_for_several(text)
