"""The Reader: a network's scores of tokens -> the best Span of each Passage."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Encoding

from qa_service.errors import ModelError
from qa_service.models import SpanNetwork, Tokens
from qa_service.models.onnx import OnnxSpans, is_shipped
from qa_service.reader.extract import Found, best_span
from qa_service.reader.lists import asks_for_several
from qa_service.reader.written import as_written
from qa_service.schema import Candidate, Hit
from qa_service.sentences import sentence_spans

_QUESTION_TOKENS = 96  # of a question; what comes before them is not read
_PAIR_TOKENS = 384  # of question and passage together
_STRIDE = 96  # tokens that two windows of an over-long passage share


@dataclass(frozen=True, slots=True)
class _Window:
    """What the network sees at once: one question with (a part of) one passage."""

    pair: int
    tokens: Tokens
    first: int  # place of the first passage token
    offsets: Sequence[tuple[int, int]]  # of the passage tokens, in the passage


class SpanReader:
    """Reads (question, Hit) pairs with a SpanNetwork."""

    def __init__(self, name: str, network: SpanNetwork) -> None:
        self.name = name
        self.fingerprint = network.fingerprint
        self._network = network
        self._tokenizer = network.tokenizer
        self._room = _PAIR_TOKENS - self._tokenizer.num_special_tokens_to_add(is_pair=True)

    def read(self, pairs: Sequence[tuple[str, Hit]]) -> list[Candidate | None]:
        texts_of: dict[str, list[str]] = defaultdict(list)
        for question, hit in pairs:
            texts_of[question].append(hit.passage.text)
        cut = {q: self._cut(as_written(q, texts)) for q, texts in texts_of.items()}
        passages = self._encode([hit.passage.text for _, hit in pairs])
        windows = [
            window
            for number, ((question, _), passage) in enumerate(zip(pairs, passages, strict=True))
            for window in self._windows(number, cut[question], passage)
        ]
        sentences = [sentence_spans(hit.passage.text, hit.passage.language) for _, hit in pairs]
        best: list[Candidate | None] = [None] * len(pairs)
        logits = self._network.logits([window.tokens for window in windows])
        for window, scores in zip(windows, logits, strict=True):
            question, hit = pairs[window.pair]
            inside = scores[window.first :][: len(window.offsets)]
            found = best_span(
                hit.passage.text,
                window.offsets,
                inside[:, 0],
                inside[:, 1],
                null=float(scores[0].sum()),
                sentences=sentences[window.pair],
                several=asks_for_several(question),
            )
            best[window.pair] = _better(best[window.pair], found, hit)
        return best

    def _encode(self, texts: Sequence[str]) -> list[Encoding]:
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=False)

    def _windows(self, number: int, question: Encoding, passage: Encoding) -> Iterator[_Window]:
        passage.truncate(self._room - len(question.ids), stride=_STRIDE)
        for part in (passage, *passage.overflowing):
            pair = self._tokenizer.post_process(question, part)
            places = [i for i, sequence in enumerate(pair.sequence_ids) if sequence == 1]
            if places:
                tokens = Tokens(pair.ids, pair.type_ids)
                yield _Window(number, tokens, places[0], [pair.offsets[i] for i in places])

    def _cut(self, question: str) -> Encoding:
        """The end of a long question: what leads up to it, or was asked before, comes first."""
        (encoding,) = self._encode([question])
        encoding.truncate(_QUESTION_TOKENS, direction="left")
        return encoding


def load_reader(model: str, threads: int = 1) -> SpanReader:
    """Load a folder in the shipped format, any question-answering folder, or a hub name.

    Raises ModelError when the model cannot be loaded.
    """
    name = Path(model).name if Path(model).is_dir() else model
    try:
        if is_shipped(model):
            return SpanReader(name, OnnxSpans(Path(model), threads))
        from qa_service.models.torch import TransformersSpans  # takes seconds to import

        return SpanReader(name, TransformersSpans(model, threads))
    except Exception as error:  # the libraries raise a dozen kinds
        reason = " ".join(str(error).split())[:300]
        raise ModelError(
            f"The reader {model!r} cannot be loaded ({reason}). QA_READER must name a folder "
            "of an extractive question-answering model, or a hub model that can be downloaded."
        ) from error


def _better(known: Candidate | None, found: Found | None, hit: Hit) -> Candidate | None:
    if found is None or (known is not None and known.score >= found.score):
        return known
    return Candidate(hit, found.span.shifted(hit.passage.span.start), found.score)
