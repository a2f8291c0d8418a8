from pathlib import Path

from qa_service.schema import MAX_QUESTION
from qa_service.web.suggestions import Suggestion, suggestions


def test_questions_are_read_with_their_language(tmp_path: Path) -> None:
    path = tmp_path / ".examples.txt"
    path.write_text("# To begin with\n\nWhen was it founded?\n  Kad to nodibināja?  \r\n", "utf-8")
    assert suggestions(path) == [
        Suggestion(question="When was it founded?", language="en"),
        Suggestion(question="Kad to nodibināja?", language="lv"),
    ]


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert suggestions(tmp_path / "absent") == suggestions(tmp_path) == []


def test_what_cannot_be_asked_or_shown_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "examples.txt"
    path.write_bytes(b"Who was\xff he?\n" + b"x" * (MAX_QUESTION + 1) + b"\nWhy?\n" * 20)
    found = [suggestion.question for suggestion in suggestions(path)]
    assert found == ["Who was he?", *["Why?"] * 7]


def test_the_corpus_offers_both_languages() -> None:
    offered = suggestions(Path(__file__).parents[2] / "corpus" / ".examples.txt")
    assert {suggestion.language for suggestion in offered} == {"en", "lv"}
