import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus.samples import Shown, prose, toy_pdf, toy_stream
from qa_service.corpus.extract import Block
from qa_service.corpus.sandbox import Limits, extract
from qa_service.errors import DocumentError


def exploding_pdf(levels: int) -> bytes:
    """One page of a few kilobytes that draws 2 ** levels texts."""
    first = 8  # number of the first form, after the one page
    forms = [
        toy_stream(
            b"/X Do /X Do" if level < levels - 1 else b"BT /F 1 Tf (boom ) Tj ET",
            b"/Type/XObject/Subtype/Form/BBox[0 0 600 900]/Resources<</Font<</F 3 0 R>>"
            b"/XObject<</X %d 0 R>>>>" % (first + level + 1),
        )
        for level in range(levels)
    ]
    return toy_pdf([[]], content={0: b"/X Do"}, more=forms, resources=f"/XObject<</X {first} 0 R>>")


def test_what_an_extractor_finds_comes_back_whole() -> None:
    found = extract("html", "<html lang=lv><title>Ēka</title><h1>Ģ</h1><p>😀 ļoti".encode())
    assert found.blocks == (Block("Ģ", 1), Block("😀 ļoti"))
    assert (found.title, found.language) == ("Ēka", "lv")
    assert extract("pdf", toy_pdf([prose(["Rīga."]), []])).pages == 2


def test_what_an_extractor_refuses_is_refused_in_its_words() -> None:
    with pytest.raises(DocumentError, match="without any text"):
        extract("pdf", toy_pdf([[]]))


def test_a_harmless_page_of_forms_is_read() -> None:
    assert "boom" in extract("pdf", exploding_pdf(3)).blocks[0].text


def test_a_file_that_would_take_forever_is_stopped() -> None:
    started = time.monotonic()
    with pytest.raises(DocumentError, match="takes more than 1 seconds"):
        extract("pdf", exploding_pdf(27), Limits(cpu_seconds=1))
    assert time.monotonic() - started < 60  # of a busy machine; alone it takes one


def test_a_file_that_waits_instead_of_working_is_stopped() -> None:
    with pytest.raises(DocumentError, match="takes more than 0"):
        extract("pdf", toy_pdf([[Shown("Text.")]]), Limits(wall_seconds=0))


def test_a_file_that_needs_too_much_memory_is_stopped() -> None:
    page = b"<p>" + b"<b>x</b>" * 1_000_000
    with pytest.raises(DocumentError, match="200 MB of memory"):
        extract("html", page, Limits(memory_bytes=200_000_000))


def test_the_confined_process_can_write_to_no_file(tmp_path: Path) -> None:
    file = tmp_path / "out"
    program = (
        "import sys; from qa_service.corpus import sandbox; sandbox._confine(sandbox.LIMITS); "
        "open(sys.argv[1], 'wb', 0).write(b'x')"
    )
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True)
    assert b"File too large" in done.stderr
    assert file.read_bytes() == b""
