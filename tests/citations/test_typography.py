import unicodedata
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import nasty_texts

from qa_service.citations.typography import LooseForm, plain
from qa_service.schema import Span


def found(words: str, text: str) -> list[str]:
    return [span.of(text) for span in LooseForm(words).find(text, 10)]


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("the blue flag", "the  blue\r\n\tflag"),
        ("the\nblue flag", "the blue\u00a0flag"),
        ('the "blue" flag', "the „blue” flag"),
        ("«the blue flag»", "“the blue flag”"),
        ("Azerbaijan's flag", "Azerbaijan’s flag"),
        ("1918-1920", "1918–1920"),
        ("1918 — 1920", "1918 \u2212 1920"),
        ("Gendžē bija", unicodedata.normalize("NFD", "Gendžē bija")),
        (unicodedata.normalize("NFD", "Gendžē bija"), "Gendžē bija"),
        ("Žēla ēna", unicodedata.normalize("NFD", "Žēla ēna")),
        (
            "„1918. gada\n28. maijā” – tā",
            unicodedata.normalize("NFD", '"1918. gada 28. maijā" - tā'),
        ),
    ],
)
def test_the_same_words_are_found_as_they_stand(words: str, written: str) -> None:
    assert found(words, f"Before it. {written} After it.") == [written]
    assert plain(words) == plain(written)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("the blue flag", "the blueflag"),
        ("the blue flag", "the Blue flag"),
        ("the blue flag", "the blue, flag"),
        ("Gendze", "Gendžē"),
        ("1918-1920", "19181920"),
        ("„Baku”", "Baku"),
        ("„“", "„“"),
        ("a b", "a" + " " * 1000 + "b"),
    ],
)
def test_other_words_are_not_found(words: str, text: str) -> None:
    assert found(words, text) == []


def test_every_place_is_found_up_to_the_limit() -> None:
    text = "a  b c a b a\nb"
    assert LooseForm("a b").find(text, 10) == [Span(0, 4), Span(7, 10), Span(11, 14)]
    assert LooseForm("a b").find(text, 2) == [Span(0, 4), Span(7, 10)]


@settings(max_examples=300, deadline=None)
@given(nasty_texts, nasty_texts, nasty_texts)
def test_what_is_found_is_the_same_but_for_its_typography(
    before: str, words: str, after: str
) -> None:
    text = before + words + after
    for span in LooseForm(words).find(text, 10):
        assert plain(span.of(text)) == plain(words)


@settings(max_examples=300, deadline=None)
@given(st.text("aeē „“”'\"–-\n\t1.", min_size=1).filter(lambda text: any(c in "a1." for c in text)))
def test_any_typography_of_a_text_is_found_in_it(words: str) -> None:
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, words.replace("„", "«").replace("\n", " \r\n"))
        assert LooseForm(words).find(f"|{written}|", 1) == [Span(1, 1 + len(written))]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("a" * 5_000 + "„", "a" * 2_000_000),
        ("„" + "a" * 5_000, "a" * 2_000_000),
        ("a „ a „ a „ b", "a „ " * 500_000),
        ("„“ ž" * 3_000 + "x", "x" * 2_000_000),
        ("x" + " ž" * 6_000, "x" + " z\u030c" * 5_000 + " x" * 900_000),
        ("b \n\t c", "b" + " " * 2_000_000),
    ],
)
def test_no_text_takes_long(words: str, text: str) -> None:
    began = perf_counter()
    assert LooseForm(words).find(text, 10) == []
    assert perf_counter() - began < 2  # seconds; each takes less than .3 on one free core
