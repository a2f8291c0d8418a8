"""The bilingual set keeps its format, and the files kept apart stay apart."""

import pytest

from training.bilingual import HELD_OUT, Paragraph, read_paragraphs

PARAGRAPHS = [*read_paragraphs(held_out=False), *read_paragraphs(held_out=True)]


def test_every_file_is_on_one_side_only() -> None:
    trained = {p.id for p in read_paragraphs(held_out=False)}
    held_out = {p.id for p in read_paragraphs(held_out=True)}
    assert not trained & held_out
    assert {name.rsplit("-", 1)[0] for name in held_out} == set(HELD_OUT)


def test_the_counts_are_those_of_its_readme() -> None:
    asked = [asked for paragraph in PARAGRAPHS for asked in paragraph.asked]
    assert len(PARAGRAPHS) == 1480
    assert sum(len(paragraph.sentences[0]) for paragraph in PARAGRAPHS) == 9003
    assert sum(a.answers is not None and a.after is None for a in asked) == 8637
    assert sum(a.answers is None for a in asked) == 2045
    assert sum(a.after is not None for a in asked) == 1844


@pytest.mark.parametrize("language", [0, 1])
def test_every_answer_stands_verbatim_in_its_paragraph(language: int) -> None:
    missing = [
        (paragraph.id, asked.answers[language])
        for paragraph in PARAGRAPHS
        for asked in paragraph.asked
        if asked.answers and not _holds(paragraph, asked.answers[language], language)
    ]
    assert missing == []


def _holds(paragraph: Paragraph, answer: str, language: int) -> bool:
    span = paragraph.find(answer, language)
    return span is not None and span.of(paragraph.text(language)) == answer


def test_both_renderings_have_the_same_number_of_sentences() -> None:
    assert [p.id for p in PARAGRAPHS if len(p.sentences[0]) != len(p.sentences[1])] == []
