import pytest

from qa_service.languages import SHIPPED, detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("When was the republic proclaimed?", "en"),
        ("Kad tika pasludināta republika?", "lv"),
        ("Kad tika pasludinata republika?", "lv"),  # typed without diacritics
        ("Who was the first prime minister?", "en"),
        ("Kas bija pirmais premjerministrs?", "lv"),
    ],
)
def test_a_question_is_told_apart(text: str, language: str) -> None:
    assert detect_language(text, SHIPPED) == language


def test_without_a_choice_all_languages_count() -> None:
    text = "Der Zug fährt heute nicht, weil es in der Nacht viel geschneit hat."
    assert detect_language(text) == "de"
    assert detect_language(text, ["xx"]) == "de"  # a code nobody knows is left out
    assert detect_language(text, ["de", "xx", "lv"]) == "de"


@pytest.mark.parametrize("text", ["", "\u2028", "😀", "x" * 100_000])
def test_any_text_has_some_language(text: str) -> None:
    assert detect_language(text, SHIPPED) in SHIPPED
