import re
from pathlib import Path

import pytest
from toys import ToyEncoder, write_files

from qa_service.errors import QuestionError, UnknownDocumentError
from qa_service.indexing import build
from qa_service.retriever import Retriever, understand
from qa_service.schema import Hit, Question, Retrieved, Turn
from qa_service.stores.local import LocalStore


def ask(store: LocalStore, question: Question) -> Retrieved:
    return Retriever(ToyEncoder(), store).retrieve([question])[0]


def languages(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.passage.language for hit in hits]


def test_each_language_has_a_fair_share_of_the_hits(tmp_path: Path) -> None:
    files = {f"en-{n}.md": f"---\nlanguage: en\n---\nBaku, the capital {n}." for n in range(9)}
    files |= {f"lv-{n}.md": f"---\nlanguage: lv\n---\nCita vieta, {n}." for n in range(3)}
    corpus = write_files(tmp_path / "corpus", files)
    store = LocalStore(build(corpus, tmp_path / "index", ToyEncoder()).snapshot.folder)
    found = ask(store, Question("When was Baku the capital?", k=8))
    assert found.language == "en"
    assert languages(found.hits).count("lv") >= 2  # nothing Latvian fits, and yet
    assert len(found.hits) == 8
    assert [hit.score for hit in found.hits] == sorted((h.score for h in found.hits), reverse=True)
    store.close()


def test_the_better_language_comes_first_whatever_the_level_of_its_scores(tmp_path: Path) -> None:
    # Every Latvian passage is nearer to the question than any English one, but all alike.
    files = {f"lv-{n}.md": f"---\nlanguage: lv\n---\noil oil oil field {n}" for n in range(12)}
    files |= {f"en-{n}.md": f"---\nlanguage: en\n---\nroads bridges {n}" for n in range(11)}
    files["en-oil.md"] = "---\nlanguage: en\n---\noil field with roads and bridges beside"
    corpus = write_files(tmp_path / "corpus", files)
    store = LocalStore(build(corpus, tmp_path / "index", ToyEncoder()).snapshot.folder)
    assert ask(store, Question("oil field")).hits[0].passage.document_id == "en-oil"
    store.close()


def test_at_most_k_hits_come_and_none_twice(toy_store: LocalStore) -> None:
    for k in (1, 3, 50):
        ids = [h.passage.id for h in ask(toy_store, Question("Baku capital 1918", k=k)).hits]
        assert len(ids) == len(set(ids)) == min(k, 4)


OIL_FIELD = "The oil field near the old harbour of Baku was opened in the spring of {}."


@pytest.mark.parametrize(
    ("endings", "shown"),
    [
        # words that name nothing, then another year, then more years than are shown
        (["1872 (a copy)", "1872 (one copy)", "1872 (his copy)", "1872 (a duplicate)"], 1),
        (["1872 (a copy)", "1874 (a copy)", "1872 (one copy)", "1874 (one copy)"], 2),
        ([f"{year} (a copy)" for year in range(1872, 1882)], 3),
    ],
)
def test_copies_do_not_fill_the_hits_but_editions_that_differ_are_seen(
    tmp_path: Path, endings: list[str], shown: int
) -> None:
    files = {
        f"copy-{n}.md": f"---\nlanguage: en\n---\n{OIL_FIELD.format(ending)}"
        for n, ending in enumerate(endings)
    }
    files["other.md"] = "---\nlanguage: en\n---\nThe oil field at Bibi-Heybat came later."
    corpus = write_files(tmp_path / "corpus", files)
    store = LocalStore(build(corpus, tmp_path / "index", ToyEncoder()).snapshot.folder)
    found = ask(store, Question("When was the oil field opened?", k=8)).hits
    years = [re.findall(r"\d+", hit.passage.text) for hit in found]
    assert len(found) == shown + 1
    assert len({*map(str, years)}) == shown + 1
    store.close()


def test_limits_are_kept(toy_store: LocalStore) -> None:
    only = ask(toy_store, Question("Baku capital", document_ids=("ganja", "gendze")))
    assert {hit.passage.document_id for hit in only.hits} == {"ganja", "gendze"}
    assert languages(ask(toy_store, Question("Baku capital", languages=("lv",))).hits) == ["lv"]
    nowhere = Question("Baku", document_ids=("gendze",), languages=("en",))
    assert ask(toy_store, nowhere).hits == ()


def test_limits_that_nothing_meets_are_errors(toy_store: LocalStore) -> None:
    with pytest.raises(UnknownDocumentError, match="'absent'"):
        ask(toy_store, Question("Baku", document_ids=("ganja", "absent")))
    with pytest.raises(QuestionError) as raised:
        ask(toy_store, Question("Baku", languages=("de", "fr")))
    assert "de or fr" in str(raised.value)
    assert "en, lv" in str(raised.value)


@pytest.mark.parametrize(("language", "weight"), [("en", 0.2), ("lv", 0.1)])
def test_a_score_is_the_cosine_and_shares_of_the_matches_above_the_level(
    toy_store: LocalStore, language: str, weight: float
) -> None:
    encoder, text = ToyEncoder(), "When was Ganja (Gendže) the first capital of the country?"
    vector = encoder.encode_questions([text])[0]
    bm25 = {hit.passage.id: hit.score for hit in toy_store.lexical(text, vector, 50, language)}
    named: dict[str, float] = {}
    if language != "en":
        hits = toy_store.named(text, "en", vector, 50, language)
        named = {hit.passage.id: hit.score for hit in hits}
        assert 0 < max(named.values()) < 10  # less than a full match
    found = ask(toy_store, Question(text, languages=(language,)))
    assert found.language == "en"
    assert len(found.hits) == len(toy_store.dense(vector, 50, language))
    fused = []
    for hit in found.hits:
        cosine = float(encoder.encode_passages([hit.passage.headed_text])[0] @ vector)
        assert hit.similarity == pytest.approx(cosine, abs=1e-6)
        share = weight * bm25.get(hit.passage.id, 0) / max(bm25.values())
        fused.append(cosine + share + 0.1 * named.get(hit.passage.id, 0) / 10)
    level = sum(fused) / len(fused)
    assert [hit.score for hit in found.hits] == pytest.approx(
        sorted((score - level for score in fused), reverse=True), abs=1e-6
    )


def test_a_name_is_found_in_another_language_s_spelling(tmp_path: Path) -> None:
    files = {
        f"{name}.md": f"---\nlanguage: lv\n---\nValdību vadīja {name} un citi."
        for name in ("Hojskis", "Rasulzade", "Topčibaševs", "Nazarbajevs")
    }
    corpus = write_files(tmp_path / "corpus", files)
    store = LocalStore(build(corpus, tmp_path / "index", ToyEncoder()).snapshot.folder)
    for asked, wanted in (("khoyski", "Hojskis"), ("Topchubashov", "Topčibaševs")):
        found = ask(store, Question(f"What did {asked} do when in the government?", k=1))
        assert wanted in found.hits[0].passage.text
    store.close()


def test_many_questions_are_each_answered(toy_store: LocalStore) -> None:
    questions = [Question("Baku oil"), Question("Gendže"), Question("Ganja capital", k=1)]
    together = Retriever(ToyEncoder(), toy_store).retrieve(questions)
    assert [found.hits for found in together] == [ask(toy_store, q).hits for q in questions]
    assert [found.question for found in together] == questions
    assert all(found.timings_ms.keys() == {"encode", "retrieve"} for found in together)
    assert Retriever(ToyEncoder(), toy_store).retrieve([]) == []


@pytest.mark.parametrize(
    "question",
    [
        "And when did it end?",
        "Who led them?",
        "Where was he born?",
        "what about parties?",
        "Un kad tā beidzās?",
        "Kas to vadīja?",
        "Kur viņš dzimis?",
        "cik ilgi?",
    ],
)
def test_a_follow_up_is_understood_after_what_it_leans_on(question: str) -> None:
    history = (Turn("Who led the Musavat party?", "Rasulzade"),)
    assert understand(Question(question, history)) == (
        f"Who led the Musavat party? Rasulzade {question}"
    )


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Hello! When was Baku University founded?", "When was Baku University founded?"),
        (
            "I could not find this at home, so please help me: When did Baku fall?",
            "When did Baku fall?",
        ),
        ("My daughter must write about this. When did Baku fall?", "When did Baku fall?"),
        ("Sveiki! Man ir jautājums. Kad krita Baku?", "Kad krita Baku?"),
        ("Labdien, lūdzu palīdziet: Kas notika 1990. gadā?", "Kas notika 1990. gadā?"),
    ],
)
def test_what_is_only_polite_is_left_aside(text: str, asked: str) -> None:
    assert understand(Question(text)) == asked
    assert understand(Question(text, (Turn("Who wrote about Japanese tea?", "Okakura"),))) == asked


@pytest.mark.parametrize(
    "text",
    [
        "Hello! When did it end?",  # which leans on what was said
        "I am reading about the railways. How many were built in Baku?",
        "Interesē karogs. Kas notika 1918. gada 9. novembrī?",
        "General Thomson came to Baku. When was that, in November 1918?",
        "Who led them then? When did Baku fall?",  # two questions
        "When did gen. Thomson reach Baku?",
        "Hello! Tell me when Baku University was founded",
        "Hello!",
        " . ",
        "...\u200b ?",
    ],
)
def test_what_says_something_is_not_left_aside(text: str) -> None:
    assert understand(Question(text)) == text


@pytest.mark.parametrize(
    "question",
    [
        "When did the Red Army take Baku?",
        "Who was sent to Baku by the Ottoman Empire?",
        "How did the war in Karabakh come to an end in 1994?",
        "Kad Sarkanā armija ieņēma Baku?",
        "Kas vadīja Azerbaidžānas valdību?",
        "Kas notika 1990. gada janvārī?",
    ],
)
def test_a_question_that_stands_alone_leaves_the_history_aside(question: str) -> None:
    history = (Turn("Who wrote about Japanese tea?", "Okakura"), Turn("And when?", "1906"))
    assert understand(Question(question, history)) == question


def test_a_chain_of_follow_ups_leans_on_the_last_that_stood_alone() -> None:
    history = (
        Turn("Who ruled Georgia?", "Zhordania"),
        Turn("When was Musavat founded?", "1911"),
        Turn("Where was it?", "Baku"),
    )
    expected = "When was Musavat founded? Baku Who led them?"
    assert understand(Question("Who led them?", history)) == expected


def test_a_long_history_leaves_room_for_the_question() -> None:
    history = (Turn("Who led the Musavat party " + "x" * 900, "y" * 2_000),)
    joined = understand(Question("And when did it end?", history))
    assert joined.startswith("Who led the Musavat party")
    assert joined.endswith("y And when did it end?")
    assert len(joined) < 700


def test_without_history_a_question_is_itself(toy_store: LocalStore) -> None:
    question = Question("And when did it end?")
    assert understand(question) == question.text
    assert ask(toy_store, question).understood_as == question.text


def test_a_follow_up_finds_what_the_conversation_is_about(toy_store: LocalStore) -> None:
    history = (Turn("What was the role of Ganja?", "first capital"),)
    found = ask(toy_store, Question("When did the government leave it?", history, k=1))
    assert found.hits[0].passage.document_id == "ganja"
    assert found.understood_as.startswith("What was the role of Ganja?")
