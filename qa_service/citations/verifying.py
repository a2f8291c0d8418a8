"""Verify Citations: do the words still stand where they stood, elsewhere, or nowhere?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from qa_service.citations.making import Source
from qa_service.citations.quotations import MAX_PLACES, Place, Quotation
from qa_service.errors import UnknownDocumentError
from qa_service.schema import Citation, Document, Span, Summary

# Of the Documents that are searched for what its own no longer holds: about a second's work.
_MAX_SEARCHED = 20_000_000  # characters


class Cited(Protocol):
    """What is read of a citation to verify it; a Citation has it all."""

    @property
    def document_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def span(self) -> Span: ...
    @property
    def quotation(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def suffix(self) -> str: ...
    @property
    def text_sha256(self) -> str: ...


class Library(Protocol):
    """What verifying needs of a Store."""

    def document(self, document_id: str) -> Document:
        """The Document of this id. Raises UnknownDocumentError."""
        ...

    def documents(self) -> list[Summary]:
        """Every Document without its text."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a citation: as it stands now (None when it is gone), and why."""

    status: Literal["verified", "moved", "gone"]
    citation: Citation | None
    reason: str


def verify(citation: Cited, library: Library) -> Verdict:
    """Whether a citation still stands: verified, moved or gone.

    Verified is what stands where it stood, whatever else of the Document changed. Otherwise it
    is looked for by its quotation: in its own Document and, only where that is gone or no longer
    holds it, in the others, where at least a third of what surrounded it must stand as well.
    Words that nowhere stand exactly are found in other white space, quotes, dashes and composed
    or decomposed letters. Of several places the one that kept most of the surroundings is taken;
    where no place kept more than another the citation is gone, and the reason has their number.

    What this can miss: of the other Documents those of the same title are searched first, then
    the rest in the order of their ids, together up to 20 million characters. In those left out,
    which the reason counts, the quotation may stand too. `LooseForm` says which words are found
    in no typography but their own.
    """
    return verify_all([citation], library)[0]


def verify_all(citations: Sequence[Cited], library: Library) -> list[Verdict]:
    """A Verdict on each citation; a Document that several cite is read once for all."""
    quotations = [Quotation(c.quotation, c.prefix, c.suffix) for c in citations]
    of_document: dict[str, list[int]] = defaultdict(list)
    for number, citation in enumerate(citations):
        of_document[citation.document_id].append(number)
    verdicts: dict[int, Verdict] = {}
    missing: dict[int, str] = {}
    for document_id, numbers in of_document.items():
        try:
            source = Source.of(library.document(document_id))
        except UnknownDocumentError:
            missing |= dict.fromkeys(numbers, "Its document is gone")
            continue
        for number in numbers:
            verdict = _in_its_document(citations[number], quotations[number], source)
            if verdict:
                verdicts[number] = verdict
            else:
                missing[number] = "Its document no longer holds it"
    if missing:
        verdicts |= _elsewhere(citations, quotations, missing, library)
    return [verdicts[number] for number in range(len(citations))]


def _in_its_document(cited: Cited, quotation: Quotation, source: Source) -> Verdict | None:
    """None if the Document does not hold the quotation."""
    if cited.span.of(source.document.text) == cited.quotation:
        changed = cited.text_sha256 not in ("", source.text_sha256)
        but = "; its document changed elsewhere" if changed else ""
        return Verdict("verified", source.cite_at(cited.span), f"It stands where it stood{but}.")
    best = _best(quotation.places(source.document.text))
    if not best:
        return None
    if len(best) > 1:
        return Verdict("gone", None, f"It is not where it stood. {_alike(best)}")
    [place] = best
    bare = 10 * place.score < quotation.full_score  # a space or two agree by chance
    reason = (
        f"It stands elsewhere in its document{_typography(place)}"
        f"{', with next to nothing around it that was' if bare else ''}."
    )
    return Verdict("moved", source.cite_at(place.span), reason)


def _elsewhere(
    citations: Sequence[Cited],
    quotations: Sequence[Quotation],
    missing: Mapping[int, str],
    library: Library,
) -> dict[int, Verdict]:
    """Verdicts on those citations, by number, whose own Documents do not hold them (and why)."""
    ids, left_out = _searched(library, [citations[number] for number in missing])
    found: dict[int, list[tuple[Place, Source]]] = defaultdict(list)
    for document_id in ids:
        document = library.document(document_id)
        source: Source | None = None
        for number in missing:
            if document_id == citations[number].document_id:
                continue
            enough = quotations[number].full_score / 3
            for place in quotations[number].places(document.text):
                if place.score >= enough:
                    source = source or Source.of(document)
                    found[number].append((place, source))
    limits = f" {left_out:,} documents were not searched." if left_out else ""
    return {number: _found_elsewhere(found[number], why, limits) for number, why in missing.items()}


def _found_elsewhere(found: Sequence[tuple[Place, Source]], why: str, limits: str) -> Verdict:
    best = _best([place for place, _ in found])
    if not best:
        return Verdict("gone", None, f"{why}, and no other holds it in such surroundings.{limits}")
    if len(best) > 1:
        return Verdict("gone", None, f"{why}. Among the others: {_alike(best)}{limits}")
    [place] = best
    source = next(source for candidate, source in found if candidate is place)
    reason = f"{why}; it stands in another one{_typography(place)}.{limits}"
    return Verdict("moved", source.cite_at(place.span), reason)


def _searched(library: Library, missing: Sequence[Cited]) -> tuple[list[str], int]:
    """The ids of the Documents to search, in order, and how many are left out."""
    titles, own = {cited.title for cited in missing}, {cited.document_id for cited in missing}
    summaries = [s for s in library.documents() if {s.id} != own]  # that one was searched
    summaries.sort(key=lambda summary: (summary.title not in titles, summary.id))
    left, ids = _MAX_SEARCHED, []
    for summary in summaries:
        if summary.length <= left:  # one that is too long does not end the search
            left -= summary.length
            ids.append(summary.id)
    return ids, len(summaries) - len(ids)


def _best(places: Sequence[Place]) -> list[Place]:
    """The places that none is better than."""
    most = max(((place.exact, place.score) for place in places), default=None)
    return [place for place in places if (place.exact, place.score) == most]


def _alike(places: Sequence[Place]) -> str:
    if len(places) > MAX_PLACES:
        return f"It stands in more than {MAX_PLACES:,} places, too many to compare."
    return f"It stands in {len(places):,} places, none of which is more like the one cited."


def _typography(place: Place) -> str:
    return "" if place.exact else ", in other typography"
