"""question -> ranked Hits: dense and lexical fused within each language, then the languages."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

from qa_service.encoder import Encoder, Vectors
from qa_service.errors import QuestionError
from qa_service.languages import SHIPPED, detect_language
from qa_service.schema import Hit, Question, Retrieved
from qa_service.sentences import sentence_spans
from qa_service.stores import Store

_DEPTH = 50  # Passages taken from either side before fusion
# What the best lexical match adds to a cosine. Chosen on questions over paragraphs kept out of
# the encoder's training (right passage in the first 8, mean of the four directions: .637;
# reciprocal ranks .590, dense alone .577). Across languages terms share little but numbers and
# names spelled alike.
_LEXICAL_WEIGHT = 0.2
_LEXICAL_WEIGHT_ACROSS = 0.1
# Across languages names are matched by sound too: on 301 such questions the right passage was
# among the first 5 in .85 of those asked in English of Latvian instead of .81, the other way in
# .85 instead of .82. A common name's BM25 score is low: it must not count as a match in full.
_NAMES_WEIGHT = 0.1
_NAMES_FULL = 10.0  # the BM25 score that counts in full
# Cosines of two languages do not compare, so scores are counted from the mean of each one's
# best: right passage first in .67 of those questions, in .37 with the languages in turn.
_LEVEL = 10  # Hits

# Two editions of a text, or a text and its copy, share nearly all of their runs of three words;
# neighbours, which overlap by a sentence, mostly under a third.
_RUN = 3  # words
_SAME = 0.8  # share of the shorter one's runs
# Editions may differ in one figure or name, and where they do both are to be seen; but not all of
# the fifty forms that differ in their date.
_EDITIONS = 3
_TELLING = re.compile(r"\d+|\b[A-ZĀČĒĢĪĶĻŅŠŪŽ]\w*")
_COMPARED = 40  # Hits of a language

# Closed-class words that point back, and those that join on. By language: the Latvian "to" is
# no English one.
_POINTS_BACK = {
    "en": (
        re.compile(
            r"\b(it|its|he|him|his|she|her|hers|they|them|their|theirs|there|then|this|these|"
            r"those)\b",
            re.IGNORECASE,
        ),
        re.compile(r"(and|but|so)\b", re.IGNORECASE),
    ),
    "lv": (
        re.compile(
            r"\b(viņš|viņa|viņu|viņam|viņai|viņi|viņas|viņiem|viņām|tas|tā|tam|tai|to|tos|tie|"
            r"tās|tur|tajā|šis|šī|šo|šie|šajā)\b",
            re.IGNORECASE,
        ),
        re.compile(r"(un|bet|tad)\b", re.IGNORECASE),
    ),
}
_NAMES_SOMETHING = re.compile(r"\d|\s\W*[A-ZĀČĒĢĪĶĻŅŠŪŽ]")
# What a text names besides who asks, what it is about, or asks: not only polite.
_SAYS_SOMETHING = re.compile(
    r"\d|\?|\s\W*(?!I\b)[A-ZĀČĒĢĪĶĻŅŠŪŽ]|"
    r"\b(?i:about|concerning|interested|on|regarding|attiecībā|interesē|par|saistībā)\b"
    r"(?!\s(?i:it|that|this|šo|to)\b)"
)
# Between what is said before a question and the question: the end of a sentence, or a colon.
_ENDS_SOMETHING = re.compile(r"[.!?:…]\s")
_INTRODUCES = re.compile(r":\s+(?=[A-ZĀČĒĢĪĶĻŅŠŪŽ])")
# Longer questions mostly name what they point back to ("Whose arms did he inherit, which made
# him so sure?"). By this rule 97% of the bilingual set's 3,688 follow-ups lean, and 24% of its
# other questions, many of which need their paragraph to be understood.
_POINTING_WORDS = 10
_BARE_WORDS = 3
_HISTORY_CHARACTERS = 300  # of each earlier text: a model reads only so much


class Retriever:
    """Finds Passages of one Store for questions, with their conversation taken into account."""

    def __init__(self, encoder: Encoder, store: Store) -> None:
        self._encoder = encoder
        self._store = store

    def retrieve(self, questions: Sequence[Question]) -> list[Retrieved]:
        began = perf_counter()
        understood = [understand(question) for question in questions]
        vectors = self._encoder.encode_questions(understood)
        encode_ms = (perf_counter() - began) * 1000 / max(1, len(questions))
        return [
            self._retrieve(question, text, vector, encode_ms)
            for question, text, vector in zip(questions, understood, vectors, strict=True)
        ]

    def _retrieve(
        self, question: Question, text: str, vector: Vectors, encode_ms: float
    ) -> Retrieved:
        began = perf_counter()
        language = detect_language(question.text, {*self._store.languages, *SHIPPED})
        allowed = self._allowed(question)
        ranked = [self._fused(question, text, vector, code, language) for code in allowed]
        hits = _merged([_levelled(hits) for hits in ranked], question.k)
        timings = {"encode": encode_ms, "retrieve": (perf_counter() - began) * 1000}
        return Retrieved(question, language, text, tuple(hits), timings)

    def _allowed(self, question: Question) -> list[str]:
        """The languages to search. Raises for limits that no Document can meet."""
        for document_id in question.document_ids or ():
            self._store.document(document_id)  # raises UnknownDocumentError
        known = self._store.languages
        allowed = [code for code in known if code in (question.languages or known)]
        if not allowed:
            raise QuestionError(
                f"No document is in {' or '.join(question.languages or ())}. "
                f"The documents' languages are {', '.join(known)}."
            )
        return allowed

    def _fused(
        self, question: Question, text: str, vector: Vectors, language: str, spoken: str
    ) -> list[Hit]:
        """Cosine plus the weighted shares of the lexical matches, best first."""
        ids = question.document_ids
        found = {hit.passage.id: hit for hit in self._store.dense(vector, _DEPTH, language, ids)}
        bonus: dict[str, float] = defaultdict(float)
        matches = self._store.lexical(text, vector, _DEPTH, language, ids)
        weight = _LEXICAL_WEIGHT if language == spoken else _LEXICAL_WEIGHT_ACROSS
        for hit in matches:
            found.setdefault(hit.passage.id, hit)
            bonus[hit.passage.id] += weight * hit.score / matches[0].score
        if language != spoken:
            named = self._store.named(text, spoken, vector, _DEPTH, language, ids)
            full = max(_NAMES_FULL, named[0].score) if named else _NAMES_FULL
            for hit in named:
                found.setdefault(hit.passage.id, hit)
                bonus[hit.passage.id] += _NAMES_WEIGHT * hit.score / full
        fused = (
            replace(hit, score=hit.similarity + bonus[hit.passage.id]) for hit in found.values()
        )
        ranked = sorted(fused, key=lambda hit: -hit.score)
        return [*_distinct(ranked[:_COMPARED]), *ranked[_COMPARED:]]


def understand(question: Question) -> str:
    """The question as it stands alone, or after the question of the history that it leans on.

    What is only polite before it is left aside.

    A question leans on the conversation when it points back ("And when did it end?") or names
    nothing. What it leans on is the latest earlier question that stands by itself.
    """
    asked = _proper(question.text)
    if not question.history or not _leans(asked):
        return asked
    earlier = [_proper(turn.question) for turn in question.history]
    start = next((i for i in reversed(range(len(earlier))) if not _leans(earlier[i])), 0)
    before = (earlier[start], question.history[-1].answer)
    return " ".join((*(text[:_HISTORY_CHARACTERS] for text in before), asked))


def _proper(text: str) -> str:
    """The question at the end of a longer text, where all before it is only polite.

    Where that says something ("I am reading about the railways. ..."), or the question needs it,
    the text is left whole.
    """
    if not _ENDS_SOMETHING.search(text):
        return text
    sentences = [s.of(text) for s in sentence_spans(text, detect_language(text, SHIPPED))]
    parts = [part for sentence in sentences for part in _INTRODUCES.split(sentence)]
    *before, last = parts or [text]
    stands_alone = last.endswith("?") and _NAMES_SOMETHING.search(last) and not _leans(last)
    return text if not stands_alone or any(map(_SAYS_SOMETHING.search, before)) else last


def _leans(text: str) -> bool:
    words = len(text.split())
    points_back, joins_on = _POINTS_BACK[detect_language(text, SHIPPED)]
    return bool(
        joins_on.match(text)
        or (words <= _POINTING_WORDS and points_back.search(text))
        or (words <= _BARE_WORDS and not _NAMES_SOMETHING.search(text))
    )


def _distinct(hits: Sequence[Hit]) -> list[Hit]:
    """The Hits without those that say again what a better one says, nearly word for word."""
    kept: list[Hit] = []
    seen: list[tuple[frozenset[tuple[str, ...]], set[str]]] = []
    for hit in hits:
        runs, told = _runs(hit.passage.text), set(_TELLING.findall(hit.passage.text))
        alike = [
            facts
            for other, facts in seen
            if len(runs & other) >= _SAME * min(len(runs), len(other))
        ]
        if len(alike) < _EDITIONS and not any(told <= facts for facts in alike):
            kept.append(hit)
            seen.append((runs, told))
    return kept


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    """Every run of three words, and the whole of a shorter text."""
    words = text.casefold().split()
    return frozenset(zip(*(words[i:] for i in range(_RUN)), strict=False)) or frozenset(
        {tuple(words)}
    )


def _levelled(hits: Sequence[Hit]) -> list[Hit]:
    """Scores counted from the mean of the best ones."""
    best = hits[:_LEVEL]
    level = sum(hit.score for hit in best) / max(1, len(best))
    return [replace(hit, score=hit.score - level) for hit in hits]


def _merged(ranked: Sequence[Sequence[Hit]], k: int) -> list[Hit]:
    """The best `k` of all, half of the places shared out evenly: no language is crowded out."""
    share = k // (2 * max(1, len(ranked)))
    certain = [hit for hits in ranked for hit in hits[:share]]
    others = sorted((h for hits in ranked for h in hits[share:]), key=lambda hit: -hit.score)
    return sorted([*certain, *others[: k - len(certain)]], key=lambda hit: -hit.score)
