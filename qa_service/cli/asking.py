"""`qa-service serve` and `qa-service ask`."""

import logging
import sys
from textwrap import shorten
from typing import Annotated

import typer
from rich.text import Text

from qa_service.cli.console import err, out, reporting_errors
from qa_service.cli.wiring import (
    CorpusOption,
    IndexOption,
    JsonOption,
    build_index,
    encoder_of,
    live_pipeline,
    models_of,
    settings_of,
)
from qa_service.corpus import source_files
from qa_service.schema import Citation, Question
from qa_service.settings import load_settings
from qa_service.snapshot import current_id, open_current
from qa_service.web.contract import AskResponse


def serve(
    corpus: CorpusOption = None,
    index: IndexOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (QA_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (QA_PORT).")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Build whenever files of the corpus change.")
    ] = False,
) -> None:
    """Serve the page and the HTTP interface; builds the index first when there is none.

    An empty corpus is no error: documents may be sent to the server.
    """
    with reporting_errors():
        settings = load_settings(corpus_dir=corpus, index_dir=index, host=host, port=port)
        encoder = encoder_of(settings)
        if current_id(settings.index_dir) is None and source_files(settings.corpus_dir):
            build_index(settings, settings.index_dir, encoder)
        live = live_pipeline(settings, encoder)
        if current_id(settings.index_dir):
            live.refresh()
        else:
            err.print(
                f"The corpus folder {str(settings.corpus_dir)!r} is empty: add documents on the "
                "page or by POST /documents."
            )
    import uvicorn  # half a second, that no other command has to wait for

    from qa_service.web.app import create_app

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    app = create_app(live, settings, watch=watch)
    uvicorn.run(app, host=settings.host, port=settings.port, limit_concurrency=512)


def ask(
    question: Annotated[str, typer.Argument(help="The question, in your own words.")],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask one question; prints the answer, its sentence and its source."""
    with reporting_errors():
        asked = Question(question)  # a question that cannot be asked needs no model
        settings = settings_of(None, index)
        encoder = encoder_of(settings)
        snapshot = open_current(settings.index_dir, encoder.fingerprint)
        reply = models_of(settings, encoder).pipeline(snapshot).ask(asked)
        if as_json:
            sys.stdout.write(AskResponse.of(reply).model_dump_json(indent=1) + "\n")
            return
        for answer in reply.answers:
            out.print(Text(answer.text, style="bold"), f"({answer.confidence:.0%} sure)")
            for citation in answer.citations:
                out.print(_cited(citation))
        if not reply.answered:
            out.print("The documents hold no answer to this. The closest passages:")
            for hit in reply.hits[:3]:
                out.print(
                    Text(
                        f"  {hit.passage.title}: {shorten(hit.passage.text, 160, placeholder='…')}"
                    )
                )


def _cited(citation: Citation) -> Text:
    """The sentence with the quotation marked, and its source on the next line."""
    start = citation.span.start - citation.sentence_span.start
    end = citation.span.end - citation.sentence_span.start
    sentence = citation.sentence
    place = ", ".join(
        part
        for part in (
            citation.title,
            citation.section if citation.section != citation.title else None,
            f"page {citation.page}" if citation.page else None,
            citation.language,
        )
        if part
    )
    return Text.assemble(
        "  ",
        sentence[:start],
        "[",
        (sentence[start:end], "bold"),
        "]",
        sentence[end:],
        f"\n  -- {place}\n     {citation.url}",
    )
