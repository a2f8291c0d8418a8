"""What a large index costs: `python tests/measure_adding.py`, some minutes on two idle cores.

It builds an index of 100,000 passages, sends documents of ten pages to a server over it and times
each until an answer can come from it; then it asks while a build encodes, and while none does.

The corpus is made of sentences of `corpus/`, drawn at random. Its first index has the shipped
encoder's name and random vectors, which cost nothing; whatever comes later is encoded by the
shipped weights, in the processes that `qa-service serve` starts.
"""

import argparse
import json
import os
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic, sleep, time_ns
from typing import Any

import numpy as np

from qa_service.benchmark import processor
from qa_service.encoder import Encoder, Vectors, load_encoder
from qa_service.indexing import build
from qa_service.metrics import percentile
from qa_service.settings import WEIGHTS
from qa_service.snapshot import current_id

ROOT = Path(__file__).parents[1]
PAGES = 10
WORDS = 400  # of a page
PORT = 8765
PACED = 0.1  # seconds between two looks at /healthz
QUESTIONS = [
    json.loads(line)["question"]
    for line in (ROOT / "tests" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]


class StandIn:
    """Passes for another encoder, and gives random unit vectors."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = encoder.name
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self._random = np.random.default_rng(20261130)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        drawn = self._random.standard_normal((len(texts), self.dimension), dtype=np.float32)
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))

    encode_questions = encode_passages


class Texts:
    """Documents of ten pages, in English and Latvian by turns."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._made = 0
        self._sentences: dict[str, list[str]] = {"en": [], "lv": []}
        for path in sorted((ROOT / "corpus").glob("*.md")):
            _, front, text = path.read_text(encoding="utf-8").split("---\n", 2)
            language = "lv" if "language: lv" in front else "en"
            lines = [line for line in text.splitlines() if line and not line.startswith("#")]
            self._sentences[language] += re.split(r"(?<=[a-zāčēģīķļņšūž]\.) ", " ".join(lines))

    def document(self) -> str:
        self._made += 1
        language = ("en", "lv")[self._made % 2]
        parts = [f"---\nlanguage: {language}\n---\n# Document {self._made}\n"]
        for page in range(PAGES):
            parts.append(f"## Page {page + 1} of document {self._made}\n")
            words = 0
            while words < WORDS:
                chosen = self._random.choices(self._sentences[language], k=5)
                words += sum(len(sentence.split()) for sentence in chosen)
                parts.append(" ".join(chosen) + "\n")
        return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests to the server."""

    port: int = PORT

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, {"Content-Type": kind} if kind else {})
            reply = connection.getresponse()
            content = reply.read()
        finally:
            connection.close()
        return reply.status, json.loads(content) if content.startswith((b"{", b"[")) else None

    def ask(self, question: str) -> Any:
        body = json.dumps({"question": question}).encode()
        status, reply = self.send("POST", "/ask", body, "application/json")
        assert status == 200, reply
        return reply

    def upload(self, name: str, text: str) -> str:
        """Send a document; the id of the build."""
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = f"{head}{text}\r\n--x--\r\n".encode()
        status, reply = self.send("POST", "/documents", body, "multipart/form-data; boundary=x")
        assert status == 202, reply
        return str(reply["id"])


@contextmanager
def serving(corpus: Path, index: Path) -> Iterator[tuple[Client, Popen[bytes]]]:
    command = [sys.executable, "-m", "qa_service", "serve", "--port", str(PORT)]
    process = Popen(
        [*command, "--corpus", str(corpus), "--index", str(index)], stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        client = Client()
        while process.poll() is None:
            try:
                if client.send("GET", "/readyz")[0] == 200:
                    break
            except OSError:
                sleep(0.2)
        assert process.poll() is None, f"the server has ended: is port {PORT} free?"
        yield client, process
    finally:
        process.terminate()
        process.wait()


def added(client: Client, name: str, text: str) -> float:
    """Seconds from sending a document until an answer may come from it."""
    began = monotonic()
    client.upload(f"{name}.md", text)
    while client.send("GET", f"/documents/{name}")[0] != 200:  # all routes use one Snapshot
        assert monotonic() < began + 600, "the document does not come"
        sleep(0.05)
    return monotonic() - began


def timed(client: Client, questions: Sequence[str], until: Event | None = None) -> list[float]:
    """Milliseconds of each question, one after another; with `until`, round and round."""
    spent = []
    for question in cycle(questions) if until else questions:
        if until and until.is_set():
            break
        began = monotonic()
        client.ask(question)
        spent.append(1000 * (monotonic() - began))
    return spent


class Health:
    """Looks at /healthz all the time, in a thread of its own."""

    def __init__(self, client: Client) -> None:
        self.spent: list[float] = []
        self._client = client
        self._ended = Event()
        self._thread = Thread(target=self._look)

    def __enter__(self) -> "Health":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(PACED):
            began = monotonic()
            self._client.send("GET", "/healthz")
            self.spent.append(1000 * (monotonic() - began))


def building(client: Client, corpus: Path, texts: Texts, documents: int) -> tuple[Event, Thread]:
    """Start a build that has many documents to encode; what tells its end."""
    for n in range(documents):
        (corpus / f"more-{n}.md").write_text(texts.document(), encoding="utf-8")
    _, record = client.send("POST", "/index/builds")
    ended = Event()

    def wait() -> None:
        while not client.send("GET", f"/index/builds/{record['id']}")[1]["ended"]:
            sleep(1)
        ended.set()

    thread = Thread(target=wait)
    thread.start()
    return ended, thread


def row(name: str, spent: Sequence[float], unit: str) -> str:
    figures = (median(spent), percentile(spent, 0.95), max(spent))
    return f"| {name} | {len(spent)} | " + " | ".join(f"{f:.1f} {unit}" for f in figures) + " |"


def resident(process: Popen[bytes]) -> str:
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:  # not Linux
        return "not known"
    sizes = dict(re.findall(r"^(Rss\w+):\s+(\d+) kB", status, re.M))
    anonymous, mapped = int(sizes["RssAnon"]) / 1000, int(sizes["RssFile"]) / 1000
    return f"{anonymous:.0f} MB of its own, {mapped:.0f} MB of mapped files"


def measure(folder: Path, passages: int, additions: int, busy: int) -> None:
    corpus, index = folder / "corpus", folder / "index"
    if current_id(index) is None:
        texts = Texts(20261130)
        corpus.mkdir(parents=True)
        encoder = StandIn(load_encoder(str(WEIGHTS / "encoder")))
        for n in range(passages // 78 + 1):  # some 78 passages each
            (corpus / f"{n:05}.md").write_text(texts.document(), encoding="utf-8")
        began = monotonic()
        made = build(corpus, index, encoder).snapshot.manifest
        seconds = monotonic() - began
        print(
            f"First build, encoding left out: {made.passages} passages in {seconds:.0f} s, "
            f"{made.passages / seconds:.0f} a second."
        )
    texts = Texts(time_ns())  # a kept folder has nothing of them yet: all are encoded
    with serving(corpus, index) as (client, process):
        _, told = client.send("GET", "/index")
        print(f"Index: {told['documents']} documents, {told['passages']} passages.\n")
        print("| what | times | median | 95 of 100 | longest |\n|---|---|---|---|---|")
        timed(client, QUESTIONS[:5])
        with Health(client) as idle_health:
            idle = timed(client, QUESTIONS)
        print(row("/ask, no build", idle, "ms"))
        print(row("/healthz, no build", idle_health.spent, "ms"))
        spent = [
            added(client, f"new-{os.getpid()}-{n}", texts.document()) for n in range(additions)
        ]
        print(row("a document of 10 pages sent, until answers may come from it", spent, "s"))
        ended, thread = building(client, corpus, texts, busy)
        with Health(client) as health:
            during = timed(client, QUESTIONS, ended)
        thread.join()
        print(row("/ask during a build that encodes", during, "ms"))
        print(row("/healthz during a build that encodes", health.spent, "ms"))
        print(f"\n/ask: median {median(during) / median(idle):.2f} times, ", end="")
        print(
            f"95 of 100 {percentile(during, 0.95) / percentile(idle, 0.95):.2f} times the idle one."
        )
        print(f"The server's memory: {resident(process)}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--additions", type=int, default=10, help="documents sent, one by one")
    parser.add_argument("--busy", type=int, default=80, help="documents of the long build")
    parser.add_argument("--folder", type=Path, help="kept for the next time; unset: thrown away")
    given = parser.parse_args()
    print(f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} as it began;")
    print(f"Python {platform.python_version()}, {platform.platform()}")
    with TemporaryDirectory() as scratch:
        measure(given.folder or Path(scratch), given.passages, given.additions, given.busy)


if __name__ == "__main__":
    main()
