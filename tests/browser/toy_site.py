"""A real service over documents that are hard on a page, with answers known beforehand."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event

from corpus.samples import Shown, toy_pdf
from fastapi import FastAPI
from toys import ToyEncoder, ToyReader, write_files
from web.toy_service import TOY_ENGLISH, TOY_LATVIAN, toy_live

from browser.toy_library import ToyLibrary
from qa_service.indexing import build
from qa_service.schema import Candidate, Hit
from qa_service.settings import load_settings
from qa_service.web.app import create_app

# What a document may hold: markup, a script, the end of one, marks that turn the line round.
HOSTILE_TITLE = '<img src=x onerror="document.title=1"> & \u202eeltit\u202c'
HOSTILE_SECTION = "</h3><script>document.body.remove()</script>"
HOSTILE_ANSWER = '<script>alert("seven")</script> \u202egnals\u202c'
HOSTILE = (
    f"---\nid: hostile\ntitle: '{HOSTILE_TITLE}'\nlanguage: en\n---\n# {HOSTILE_SECTION}\n\n"
    f"The spell reads {HOSTILE_ANSWER} and has <b>seven</b> signs. "
    "<style>body { display: none }</style> [a link](javascript:alert(1)) \u2066\u2067end\u2069.\n"
)
OTHER = (
    "---\nid: toy-other\ntitle: The army of the toy republic\nlanguage: en\ndate: 2026-11-20\n---\n"
    "# The army of the toy republic\n\nThe toy army had fourteen guns. Its flag was green.\n"
)
PAGES = toy_pdf(
    [
        [Shown("The journal of the toy envoy, first part, on one page.", 700)],
        [Shown("The envoy of the toy republic dined with the consul.", 700)],
        [Shown("The toy ship sailed from the harbour on 3 June 1918.", 700)],
    ]
)

PROCLAIMED = "When was the toy republic proclaimed?"
ENVOY = "Who was the envoy of the toy republic?"
GUNS = "How many guns did the toy army have?"
FLAG = "Which flag did the toy republic have?"
SPELL = "What does the spell read?"
SHIP = "When did the toy ship sail?"
LATVIAN = "Kad republiku proklamēja?"
SLOW = "Slowly: when was the toy republic proclaimed?"
UNKNOWN = "What do emperor penguins eat?"

_ANSWERS = {
    SLOW: {"28 May 1918": 3.0},
    PROCLAIMED: {"28 May 1918": 3.0, "1918. gada 28. maija\u0304": 2.5},
    ENVOY: {"Re\u0301my O\u0308zal 👩‍🚀": 3.0},
    GUNS: {"twelve": 2.4, "fourteen": 1.2, "divpadsmit": 2.0},
    FLAG: {"the blue flag": 3.0},
    SPELL: {HOSTILE_ANSWER: 3.0},
    SHIP: {"3 June 1918": 3.0},
    LATVIAN: {"1918. gada 28. maija\u0304": 3.0},
}


class ToyPatientReader(ToyReader):
    """Reads the slow question only once it may go on."""

    def __init__(self) -> None:
        super().__init__(_ANSWERS)
        self.may_go_on = Event()

    def read(self, pairs: Sequence[tuple[str, Hit]]) -> list[Candidate | None]:
        if any(question == SLOW for question, _ in pairs):
            self.may_go_on.wait(60)
        return super().read(pairs)


class ToySite:
    """The service, what holds it up, and the library that it is given."""

    def __init__(self, root: Path) -> None:
        files: dict[str, str | bytes] = {
            "en.md": TOY_ENGLISH,
            "lv.md": TOY_LATVIAN,
            "other.md": OTHER,
            "hostile.md": HOSTILE,
            "journal.pdf": PAGES,
        }
        write_files(root / "corpus", files)
        build(root / "corpus", root / "index", ToyEncoder(), passage_words=20)
        self.reader = ToyPatientReader()
        self.library = ToyLibrary()
        self.feedback = root / "feedback.sqlite"
        live = toy_live(root / "index", self.reader)
        live.refresh()
        self.app: FastAPI = create_app(live, load_settings(feedback_file=self.feedback))
        # Before the routes of the same paths that the service has of its own.
        routes = self.app.router.routes
        own = len(routes)
        self.app.include_router(self.library.router)
        routes[:0] = [routes.pop(own) for _ in range(len(routes) - own)]

    def reset(self) -> None:
        self.reader.may_go_on.clear()
        self.library.reset()
        self.feedback.unlink(missing_ok=True)
