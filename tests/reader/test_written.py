import pytest

from qa_service.reader.written import as_written

PASSAGES = (
    "In Baku General Thomson met Nuri Pasha. The general left for Paris, he said.",
    "“Krievijas karaspēks” ienāca Baku, un NATO par to klusēja. Tomsons aizbrauca.",
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("When did Thomson come?", "When did Thomson come?"),
        ("When did thomson come to Baku", "When did thomson come to Baku?"),
        ("when did thomson come to baku", "when did Thomson come to Baku?"),
        ("WHEN DID THOMSON MEET NURI PASHA?", "when did Thomson meet Nuri Pasha?"),
        ("what did nato say.", "what did NATO say."),
        ("kad baku ienāca krievijas karaspēks ", "kad Baku ienāca krievijas karaspēks?"),
        ("who was the general? ", "who was the general?"),  # "general" stands small too
        ("in paris (1919)", "in Paris (1919)?"),
        ("1918", "1918?"),
        ("", ""),
    ],
)
def test_a_question_is_read_as_people_write_it_with_care(typed: str, read: str) -> None:
    assert as_written(typed, PASSAGES) == read


def test_without_passages_only_the_mark_is_added() -> None:
    assert as_written("WHO WON", ()) == "who won?"
