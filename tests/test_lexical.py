from pathlib import Path

import pytest
from hypothesis import given, settings
from toys import nasty_texts

from qa_service.lexical import Entry, LexicalIndex, LexicalWriter, fold, terms

ENTRIES = [
    Entry(0, "en", "baku", "Baku lies on the Caspian Sea."),
    Entry(1, "en", "ganja", "Ganja was the first capital."),
    Entry(2, "lv", "gendze", "Gendže bija pirmā galvaspilsēta."),
    Entry(3, "lv", "baku-lv", "Baku atrodas pie Kaspijas jūras, AND OR NOT."),
]


@pytest.fixture
def toy_lexical(tmp_path: Path) -> LexicalIndex:
    writer = LexicalWriter(tmp_path / "lexical")
    writer.write(ENTRIES)
    writer.finish(())
    return LexicalIndex.open(tmp_path / "lexical")


def numbers(
    index: LexicalIndex, text: str, language: str, ids: list[str] | None = None
) -> list[int]:
    return [number for number, _ in index.search(text, 10, language, ids)]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Gendžē", "gendze"),
        ("GENDZ\u030cE\u0304", "gendze"),
        ("İstanbul", "istanbul"),
        ("Straße", "strasse"),
        ("ﬁne", "fine"),
        ("Əliyev", "əliyev"),
    ],
)
def test_folding_takes_off_case_accents_and_compatibility_forms(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_terms_are_the_4_grams_of_marked_words() -> None:
    assert terms("Baku, a 1918!") == ["^bak", "baku", "aku$", "^a$", "^191", "1918", "918$"]


@settings(deadline=None)
@given(nasty_texts)
def test_terms_hold_no_white_space_so_that_the_index_keeps_them_apart(text: str) -> None:
    assert all(1 <= len(term) <= 4 and len(term.split()) == 1 for term in terms(text))


def test_terms_do_not_depend_on_how_accents_are_written() -> None:
    assert terms("Gendžē") == terms("Gendz\u030ce\u0304") == terms("gendze")


def test_the_most_alike_comes_first(toy_lexical: LexicalIndex) -> None:
    found = toy_lexical.search("the first capitals", 10, "en")
    assert [number for number, _ in found] == [1, 0]
    assert found[0][1] > found[1][1] > 0


def test_inflected_forms_are_found(toy_lexical: LexicalIndex) -> None:
    assert numbers(toy_lexical, "galvaspilsētas", "lv")[0] == 2
    assert numbers(toy_lexical, "Gendze", "lv") == [2]


def test_only_the_language_and_the_documents_asked_for_are_searched(
    toy_lexical: LexicalIndex,
) -> None:
    assert numbers(toy_lexical, "Baku", "en") == [0]
    assert numbers(toy_lexical, "Baku", "lv") == [3]
    assert numbers(toy_lexical, "Baku", "de") == []
    assert numbers(toy_lexical, "the", "en", ["ganja", "absent"]) == [1]
    assert numbers(toy_lexical, "the", "en", []) == []


def test_a_filter_does_not_change_the_score(toy_lexical: LexicalIndex) -> None:
    (free,) = (s for n, s in toy_lexical.search("the capital", 10, "en") if n == 1)
    ((number, score),) = toy_lexical.search("the capital", 10, "en", ["ganja"])
    assert number == 1
    assert score == pytest.approx(free)


@pytest.mark.parametrize(
    "question",
    [
        'Baku AND "lies" OR NOT (Caspian)^2 sea~1 +the -on field:x [a TO b] \\ * ?',
        "terms:Baku* OR language:lv",
        '"""Baku',
        "Baku\0\u2028",
    ],
)
def test_query_syntax_is_only_text(toy_lexical: LexicalIndex, question: str) -> None:
    assert numbers(toy_lexical, question, "en")[0] == 0


@pytest.mark.parametrize("question", ["", "?!", " \u2028", "😀", '"'])
def test_a_question_without_words_finds_nothing(toy_lexical: LexicalIndex, question: str) -> None:
    assert numbers(toy_lexical, question, "en") == []


def test_a_question_of_thousands_of_terms_is_searched_by_its_first(
    toy_lexical: LexicalIndex,
) -> None:
    padding = " ".join(f"x{n}y" for n in range(5000))
    assert numbers(toy_lexical, f"capital {padding}", "en") == [1]
    assert numbers(toy_lexical, f"{padding} capital", "en") == []


def test_at_most_k_are_given(toy_lexical: LexicalIndex) -> None:
    assert len(toy_lexical.search("the", 1, "en")) == 1
    assert toy_lexical.search("the", 0, "en") == []


def test_parts_are_taken_over_and_score_as_if_written_at_once(tmp_path: Path) -> None:
    before = LexicalWriter(tmp_path / "before")
    kept, _ = before.write(ENTRIES[:2]), before.write([*ENTRIES[2:], *ENTRIES[2:]])
    before.finish(())
    writer = LexicalWriter(tmp_path / "after", tmp_path / "before")
    writer.write(ENTRIES[2:])
    writer.finish([kept])
    at_once = LexicalWriter(tmp_path / "at_once")
    at_once.write(ENTRIES)
    at_once.finish(())
    after = LexicalIndex.open(tmp_path / "after")
    for text, language in (("Baku Caspian capital", "en"), ("Baku galvaspilsēta", "lv")):
        found = dict(after.search(text, 10, language))
        expected = LexicalIndex.open(tmp_path / "at_once").search(text, 10, language)
        assert found == pytest.approx(dict(expected), rel=1e-5)
