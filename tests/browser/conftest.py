"""The real server on the real corpus with the shipped weights, and a Chromium that visits it."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from browser.toy_site import ToySite

ROOT = Path(__file__).parents[2]
_SECONDS = 120.0  # for a reply or a page on a busy machine
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# What the policy of the server forbids is reported to the page as an event.
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI}`);
});
"""

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; without one the test is skipped, or fails if one is required."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).is_file():
        reason = f"no Chromium at {path}; install it or name another with CHROMIUM=/path"
        if os.environ.get("QA_REQUIRE_BROWSER") == "1":
            pytest.fail(f"{reason} (QA_REQUIRE_BROWSER=1)")
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the server listens: `http://127.0.0.1:PORT`."""
    folder = tmp_path_factory.mktemp("served")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command: list[str | Path] = [Path(sys.executable).with_name("qa-service"), "serve"]
    options: list[str | Path] = [
        "--corpus",
        ROOT / "corpus",
        "--index",
        folder / "index",
        "--port",
        str(port),
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("QA_")}
    log = folder / "log.txt"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [*command, *options], stdout=file, stderr=file, cwd=folder, env=environment
        ) as server,
    ):
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_until_ready(base, server, log)
            yield base
        finally:
            server.terminate()
            server.wait(30)


def _wait_until_ready(base: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = monotonic() + 600  # it encodes the whole corpus first
    while True:
        try:
            with urlopen(f"{base}/readyz", timeout=10):
                return
        except URLError:
            assert server.poll() is None, f"the server ended:\n{log.read_text()}"
            assert monotonic() < deadline, f"the server is not ready:\n{log.read_text()}"
            sleep(0.2)


@pytest.fixture(scope="session")
def toy_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ToySite, str]]:
    """The toy site, and where it listens."""
    site = ToySite(tmp_path_factory.mktemp("toy_site"))
    config = uvicorn.Config(site.app, host="127.0.0.1", port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the toy server did not start"
        sleep(0.01)
    yield site, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    site.reader.may_go_on.set()
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive(), "the toy server does not stop"


@pytest.fixture
def toy(toy_server: tuple[ToySite, str]) -> ToySite:
    """The toy site as if it had just been set up."""
    site, _ = toy_server
    site.reset()
    return site


# Not for the whole session: while Playwright runs, no other test could start an event loop.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=_ARGUMENTS, headless=True
        )
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What went wrong in the pages a test visits; a test that expects some takes them out."""
    return []


@pytest.fixture
def visit(browser: Browser, address: str, complaints: list[str]) -> Iterator[Visit]:
    """Opens a path in a fresh profile; the test fails if the page complains or calls elsewhere."""
    with _visiting(browser, address, complaints) as visit:
        yield visit


@pytest.fixture
def visit_toy(
    browser: Browser, toy: ToySite, toy_server: tuple[ToySite, str], complaints: list[str]
) -> Iterator[Visit]:
    """The same at the toy site."""
    with _visiting(browser, toy_server[1], complaints) as visit:
        yield visit


@contextmanager
def _visiting(browser: Browser, address: str, complaints: list[str]) -> Iterator[Visit]:
    contexts: list[BrowserContext] = []

    def on_console(message: ConsoleMessage) -> None:
        # That a document has no original file is an answer, which browsers note as an error.
        is_answer = message.location["url"].endswith("/original")
        if message.type in ("error", "warning") and not is_answer:
            complaints.append(f"{message.type}: {message.text}")

    def on_request(url: str) -> None:
        if urlsplit(url).hostname not in ("127.0.0.1", None):  # None: a file made by the page
            complaints.append(f"a request left the machine: {url}")

    def open_page(
        path: str = "/",
        *,
        locale: str = "en-US",
        width: int = 1280,
        height: int = 800,
        dark: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=address,
            locale=locale,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(_SECONDS * 1000)
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("console", on_console)
        context.on("weberror", lambda error: complaints.append(f"uncaught: {error.error}"))
        context.on("request", lambda request: on_request(request.url))
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
