"""Prints what the page costs: bytes, requests, first paint, interaction.

    .venv/bin/python -m browser.weigh http://127.0.0.1:8000 ["A question"]   (in tests/)

The service must be running. Bytes are counted as they are sent, headers included, for a first
visit, and then with what a source, the library and the conversations fetch when first opened.
"""

import os
import shutil
import sys
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, sync_playwright

_QUESTION = "When was Baku University founded?"
# Longest of the interactions so far, from the input to the next paint, in milliseconds.
_OBSERVE = """
globalThis.slowest = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) slowest = Math.max(slowest, duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""


@dataclass
class Traffic:
    """What has been received from the server."""

    bytes: int = 0
    requests: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", lambda e: self.requests.append(e["request"]["url"]))
        network.on("Network.loadingFinished", lambda e: self._add(e["encodedDataLength"]))

    def _add(self, count: float) -> None:
        self.bytes += int(count)


def weigh(page: Page, question: str = _QUESTION) -> dict[str, Any]:
    """Opens a page that was not visited before, asks, and opens everything once."""
    traffic = Traffic()
    traffic.watch(page)
    page.add_init_script(_OBSERVE)
    page.goto("/", wait_until="networkidle")
    first = {"bytes": traffic.bytes, "requests": len(traffic.requests)}
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    ready = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")

    page.locator("#question").click()
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    page.locator(".turn[data-state=answered], .turn[data-state=not-answered]").wait_for()
    page.locator(".citation-link, .passage-link").first.click()
    page.locator("#source mark").wait_for()
    page.keyboard.press("Escape")
    page.locator("#open-drawer").click()
    page.locator(".shelved").wait_for()
    page.keyboard.press("Escape")
    page.locator("#open-library").click()
    page.locator(".listed").first.wait_for()
    page.wait_for_load_state("networkidle")
    return {
        "first visit, bytes": first["bytes"],
        "first visit, requests": first["requests"],
        "first contentful paint, ms": round(paint),
        "page ready, ms": round(ready),
        "slowest interaction, ms": round(page.evaluate("slowest")),
        "everything opened once, bytes": traffic.bytes,
        "everything opened once, requests": len(traffic.requests),
        "from elsewhere, requests": sum(
            not url.startswith(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2])
            for url in traffic.requests
        ),
    }


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit("Name the address of a running service, such as http://127.0.0.1:8000.")
    address, *question = sys.argv[1:]
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_context(base_url=address).new_page()
        for name, figure in weigh(page, *question[:1]).items():
            print(f"{name:34}{figure:>9,}")  # noqa: T201
        browser.close()


if __name__ == "__main__":
    main()
