"""What readers do, in steps that the tests of the page share."""

import re
from typing import Any
from urllib.parse import unquote

from playwright.sync_api import Locator, Page, expect


def ask(page: Page, question: str) -> Locator:
    """Types a question, sends it by Enter and waits; gives the turn with its outcome."""
    before = page.locator(".turn").count()
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    turn = page.locator(".turn").nth(before)
    expect(turn).to_have_attribute("data-state", re.compile("^(answered|not-answered|failed)$"))
    return turn


def ask_answered(page: Page, question: str) -> Locator:
    turn = ask(page, question)
    expect(turn).to_have_attribute("data-state", "answered")
    return turn


def place_of(link: Locator) -> tuple[str, int, int]:
    """The document, start and end (code points) that a link to a source names."""
    found = re.fullmatch(r"/documents/([^#]+)#char=(\d+),(\d+)", link.get_attribute("href") or "")
    assert found
    return unquote(found[1]), int(found[2]), int(found[3])


def document(page: Page, document_id: str) -> Any:
    response = page.request.get(f"/documents/{document_id}", headers={"Accept": "application/json"})
    assert response.ok
    return response.json()


def assert_marked(page: Page, quotation: str) -> None:
    """The source is open, its mark is the quotation and can be seen without scrolling."""
    mark = page.locator("#source mark")
    expect(mark).to_have_text(re.compile(re.escape(quotation)))
    assert mark.text_content() == quotation
    visible = mark.evaluate(
        """(mark) => {
          const [first] = mark.getClientRects();
          const pane = mark.closest("#source-text").getBoundingClientRect();
          return first.top >= Math.max(0, pane.top) && first.left >= pane.left
            && first.bottom <= Math.min(innerHeight, pane.bottom) && first.right <= pane.right;
        }"""
    )
    assert visible, "the marked quotation is out of sight"


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def scrolls_sideways(page: Page) -> bool:
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )
