"""The pictures of docs/images, taken anew where QA_SCREENSHOTS=1."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import ROOT, Visit
from browser.steps import ask, ask_answered
from browser.toy_site import GUNS, SLOW, ToySite

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        os.environ.get("QA_SCREENSHOTS") != "1", reason="QA_SCREENSHOTS=1 takes the pictures anew"
    ),
]

IMAGES = ROOT / "docs" / "images"
ACROSS = "When was Baku University founded?"  # answered by sources in both languages
LATVIAN = "Kad stājās spēkā pamiers Karabahā?"
UNANSWERABLE = "What do emperor penguins eat in winter?"


def picture(page: Page, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    path = IMAGES / f"page-{name}.png"
    page.screenshot(path=path)
    assert path.stat().st_size > 10_000


def open_first_source(page: Page) -> None:
    page.locator(".citation-link").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    expect(page.locator("#source-links button").first).to_be_visible()


@pytest.mark.parametrize(("name", "dark"), [("en", False), ("dark", True)])
def test_an_answer_with_its_source(visit: Visit, name: str, dark: bool) -> None:
    page = visit(height=860, dark=dark)
    ask_answered(page, ACROSS)
    open_first_source(page)
    picture(page, name)


@pytest.mark.parametrize(("name", "locale"), [("welcome", "en-US"), ("welcome-lv", "lv-LV")])
def test_the_empty_page(visit: Visit, name: str, locale: str) -> None:
    page = visit(height=860, locale=locale)
    expect(page.locator("#welcome-count")).to_be_visible()
    picture(page, name)


def test_a_phone(visit: Visit) -> None:
    page = visit(width=360, height=740, locale="lv-LV")
    ask_answered(page, LATVIAN)
    picture(page, "lv-phone")
    open_first_source(page)
    picture(page, "lv-phone-source")


def test_no_answer(visit: Visit) -> None:
    page = visit(height=860)
    ask(page, UNANSWERABLE)
    picture(page, "no-answer")


def test_words_found_in_a_source(visit: Visit) -> None:
    page = visit(height=860)
    ask_answered(page, ACROSS)
    open_first_source(page)
    page.locator("#find").fill("baku")
    expect(page.locator("#find-count")).to_have_text(re.compile("of"))
    picture(page, "find")


def test_the_library(visit: Visit) -> None:
    page = visit("/#library", height=860)
    expect(page.locator(".listed").first).to_be_visible()
    picture(page, "library")


def test_the_toy_site(visit_toy: Visit, toy: ToySite, complaints: list[str]) -> None:
    page = visit_toy(height=860)
    page.locator("#question").fill(SLOW)
    page.locator("#question").press("Enter")
    expect(page.locator(".turn")).to_have_attribute("data-state", "reading")
    picture(page, "reading")
    toy.reader.may_go_on.set()
    expect(page.locator(".turn")).to_have_attribute("data-state", "answered")
    page.locator("#new-conversation").click()
    turn = ask_answered(page, GUNS)
    picture(page, "differing")
    turn.locator(".thumb").last.click()
    picture(page, "reasons")
    page.keyboard.press("Escape")
    page.locator("#open-drawer").click()
    expect(page.locator(".shelved")).to_have_count(2)
    picture(page, "conversations")
    page.locator("#drawer-close").click()
    page.context.set_offline(True)
    ask(page, SLOW)
    picture(page, "offline")
    page.context.set_offline(False)
    complaints.clear()  # the browser's own words on that


def test_a_library_that_can_be_written_to(visit_toy: Visit, toy: ToySite) -> None:
    page = visit_toy("/#library", height=1100)
    page.locator("#rebuild").click()
    expect(page.locator(".build").first).to_have_attribute("data-state", "published")
    page.locator("#rebuild").click()
    expect(page.locator(".build").first).to_have_attribute("data-state", "running")
    picture(page, "library-index")
