"""Runs an extractor in a process of its own, which nothing in a file can hang or outgrow."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qa_service.corpus.extract import Block, Extract
from qa_service.errors import DocumentError

_ROOT = Path(__file__).parents[2]
# Without `site` and its .pth files the process starts in half the time; it is given the paths
# of this one instead.
_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from qa_service.corpus.sandbox import main; main()"
)
_OUT_OF_MEMORY = 3  # exit status


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost; `wall_seconds` is for machines too busy to give it CPU time.

    A PDF of 5,000 full pages (18 million characters) took 34 CPU seconds and 284 MB on a
    2-core machine that was busy with other work.
    """

    cpu_seconds: int = 120
    wall_seconds: int = 600
    memory_bytes: int = 1_000_000_000


LIMITS = Limits()


def extract(kind: str, content: bytes, limits: Limits = LIMITS) -> Extract:
    """The Extract of a file of this kind (pdf, docx, html), made in another process.

    That process may use so much CPU time and memory, cannot write to any file and, like its
    libraries, opens no link that the file names. When it dies the file is to blame.
    """
    command = [sys.executable, "-I", "-S", "-c", _START, json.dumps([*sys.path, str(_ROOT)])]
    command += [kind, json.dumps(asdict(limits))]
    try:
        done = subprocess.run(
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentError(_too_slow(limits.wall_seconds)) from error
    if done.returncode == -signal.SIGXCPU:
        raise DocumentError(_too_slow(limits.cpu_seconds))
    if done.returncode == _OUT_OF_MEMORY:
        raise DocumentError(
            f"needs more than {_megabytes(limits)} of memory to be read. Split it or save it anew."
        )
    if done.returncode:
        raise DocumentError(
            f"{_DAMAGED} or needs more than {_megabytes(limits)} of memory "
            f"(its parser ended with {done.returncode}). {_MEND}"
        )
    return _from_json(done.stdout)


_DAMAGED = "is damaged"
_MEND = "Open it in the program it came from and save it anew."


def _megabytes(limits: Limits) -> str:
    return f"{limits.memory_bytes // 1_000_000:,} MB"


def _too_slow(seconds: int) -> str:
    return f"takes more than {seconds} seconds to be read. Split it or save it anew."


def extract_here(kind: str, content: bytes) -> Extract:
    """The Extract made in this process, with no limit to what that takes."""
    try:
        return _extractor(kind)(content)
    except (DocumentError, MemoryError):
        raise
    except Exception as error:  # parsers of damaged files raise whatever they run into
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise DocumentError(f"{_DAMAGED} ({reason}). {_MEND}") from error


def main() -> None:
    """The other process: a file on stdin, its Extract or what is wrong with it on stdout."""
    _, _, kind, limits = sys.argv
    _confine(Limits(**json.loads(limits)))
    try:
        try:
            result: dict[str, Any] = asdict(extract_here(kind, sys.stdin.buffer.read()))
        except DocumentError as error:
            result = {"error": str(error)}
        sys.stdout.buffer.write(json.dumps(result).encode())
        sys.stdout.flush()
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    os._exit(0)  # what libraries do at their end is no news of the file


def _confine(limits: Limits) -> None:
    bounds = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, bound in bounds.items():
        try:
            resource.setrlimit(kind, (bound, bound + (kind == resource.RLIMIT_CPU)))
        except (ValueError, OSError):  # a lower one holds already, or the system knows no such
            continue


def _extractor(kind: str) -> Callable[[bytes], Extract]:
    if kind == "pdf":
        from qa_service.corpus.pdf import extract_pdf

        return extract_pdf
    if kind == "docx":
        from qa_service.corpus.docx import extract_docx

        return extract_docx
    from qa_service.corpus.html import extract_html

    return extract_html


def _from_json(output: bytes) -> Extract:
    fields = json.loads(output)
    if "error" in fields:
        raise DocumentError(fields["error"])
    blocks = tuple(Block(**block) for block in fields.pop("blocks"))
    return Extract(blocks, **fields)
