"""A walk through every view and state of the page, on the toy site."""

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from browser.steps import ask, ask_answered
from browser.toy_site import GUNS, PROCLAIMED, SHIP, SLOW, SPELL, UNKNOWN, ToySite


def walk(page: Page, toy: ToySite) -> Iterator[str]:
    """Yields the name of each state once the page is in it."""
    yield from _asking(page, toy)
    yield from _sources(page)
    yield from _conversations(page)
    yield from _library(page, toy)


def _asking(page: Page, toy: ToySite) -> Iterator[str]:
    expect(page.locator("#welcome-count")).to_be_visible()
    yield "welcome"
    page.locator("#question").fill(SLOW)
    page.locator("#question").press("Enter")
    turn = page.locator(".turn").last
    expect(turn).to_have_attribute("data-state", "reading")
    yield "reading"
    toy.reader.may_go_on.set()
    expect(turn).to_have_attribute("data-state", "answered")
    yield "answer"
    turn = ask_answered(page, GUNS)
    yield "differing answers"
    turn.locator(".copy summary").first.click()
    turn.locator(".closest summary").click()
    turn.locator(".thumb").last.click()
    expect(turn.locator(".reasons")).to_be_visible()
    yield "reasons"
    turn.locator(".reasons .primary").click()
    expect(turn.locator(".opinion").last.locator(".note")).to_be_visible()
    turn = ask(page, UNKNOWN)
    yield "no answer"
    turn.locator("[id$=-edit]").click()
    yield "editing"
    page.keyboard.press("Escape")
    page.route("**/ask", lambda route: route.abort())
    ask(page, PROCLAIMED)
    yield "failure"
    page.unroute("**/ask")
    page.locator("#question").fill("x" * 1_001)
    yield "too long"
    page.locator("#question").fill("")


def _sources(page: Page) -> Iterator[str]:
    page.locator(".citation-link").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    yield "source"
    page.locator("#find").fill("the")
    expect(page.locator("#find-count")).not_to_be_empty()
    yield "find"
    page.locator("#source-close").click()
    for question in (SHIP, SPELL):
        ask_answered(page, question).locator(".citation-link").first.click()
        expect(page.locator("#source mark")).to_be_visible()
        yield "source with pages" if question == SHIP else "hostile source"
        page.locator("#source-close").click()


def _conversations(page: Page) -> Iterator[str]:
    page.locator("#new-conversation").click()
    ask_answered(page, PROCLAIMED)
    page.locator("#open-drawer").click()
    expect(page.locator(".shelved")).to_have_count(2)
    yield "conversations"
    page.locator("[id^=rename-]").last.click()
    yield "renaming"
    page.keyboard.press("Escape")
    page.locator(".shelved .actions button:last-child").first.click()
    expect(page.locator("#undo-delete")).to_be_visible()
    yield "deleted"
    page.locator("#drawer-close").click()


def _library(page: Page, toy: ToySite) -> Iterator[str]:
    page.locator("#open-library").click()
    expect(page.locator("#index-state > p").first).to_be_visible()
    page.locator("#index-state summary").click()
    yield "library"
    toy.library.key = "sesame"
    page.reload()
    page.locator("#unlock").click()
    page.locator("#key").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#key-wrong")).to_be_visible()
    yield "key"
    page.locator("#key").fill("sesame")
    page.keyboard.press("Enter")
    page.locator("#rebuild").click()
    expect(page.locator(".build progress")).to_be_visible()
    yield "building"
    expect(page.locator(".build")).to_have_attribute("data-state", "published")
    toy.library.fails = True
    page.locator("#rebuild").click()
    expect(page.locator(".build").first).to_have_attribute("data-state", "failed")
    yield "failed build"
