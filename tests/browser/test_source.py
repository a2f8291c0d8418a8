"""The source: its marks, finding in it, pages, links to it; text that is hard on a page."""

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visit
from browser.steps import ask_answered, assert_marked, document, place_of
from browser.toy_site import (
    ENVOY,
    GUNS,
    HOSTILE_ANSWER,
    HOSTILE_TITLE,
    PROCLAIMED,
    SHIP,
    SPELL,
    UNKNOWN,
)

pytestmark = pytest.mark.browser


def found(page: Page, name: str) -> list[str]:
    """The texts of the highlights of that name."""
    ranges = "Array.from(CSS.highlights.get(name) ?? [], (range) => range.toString())"
    return list(page.evaluate(f"(name) => {ranges}", name))


@pytest.mark.parametrize(
    ("question", "quotation"),
    [
        (ENVOY, "Re\u0301my O\u0308zal 👩‍🚀"),
        (PROCLAIMED, "28 May 1918"),  # three emoji stand before it
    ],
)
def test_the_mark_stands_right_after_emoji_and_combining_marks(
    visit_toy: Visit, question: str, quotation: str
) -> None:
    page = visit_toy()
    link = ask_answered(page, question).locator(".citation-link").first
    document_id, start, end = place_of(link)
    source = document(page, document_id)
    assert source["text"][start:end] == quotation
    link.click()
    assert_marked(page, quotation)
    before = page.evaluate(
        """() => {
          const range = document.createRange();
          range.selectNodeContents(document.getElementById("source-text"));
          range.setEndBefore(document.querySelector("#source mark"));
          return range.toString();
        }"""
    )
    # A browser writes CRLF as it is, and so counts as the document does.
    assert before == source["text"][:start]
    units = len(before.encode("utf-16-le")) // 2
    assert units > start  # what the emoji add


def test_the_other_citations_in_a_document_are_marked_too(visit_toy: Visit) -> None:
    page = visit_toy()
    ask_answered(page, PROCLAIMED)
    turn = ask_answered(page, GUNS)
    turn.locator(".citation-link").first.click()
    assert_marked(page, "twelve")
    others = page.locator("#source .also-cited")
    expect(others).to_have_text(["28 May 1918"])
    step = page.locator("#next-mark")
    expect(step).to_have_text("Next of 2 marks")
    step.click()
    expect(others).to_have_class(re.compile("visited"))
    expect(others).to_be_in_viewport()
    step.click()
    expect(page.locator("#source mark")).to_have_class("visited")


def test_words_are_found_without_regard_to_case_and_diacritics(visit_toy: Visit) -> None:
    page = visit_toy("/documents/toy-en")
    field = page.locator("#find")
    field.fill("remy ozal")
    expect(page.locator("#find-count")).to_have_text("1 of 1")
    assert found(page, "found") == ["Re\u0301my O\u0308zal"]
    field.fill("THE")
    expect(page.locator("#find-count")).to_have_text(re.compile(r"^1 of \d+$"))
    count = len(found(page, "found"))
    assert count > 3
    field.press("Enter")
    expect(page.locator("#find-count")).to_have_text(f"2 of {count}")
    field.press("Shift+Enter")
    page.locator("#find-previous").click()
    expect(page.locator("#find-count")).to_have_text(f"{count} of {count}")
    assert found(page, "found-now") == ["the"]
    field.fill("no such words")
    expect(page.locator("#find-count")).to_have_text("Not found")
    expect(page.locator("#find-next")).to_be_disabled()
    field.press("Escape")
    expect(page.locator("#source")).to_be_visible()
    expect(field).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()


def test_pages_are_numbered_without_touching_the_text(visit_toy: Visit) -> None:
    page = visit_toy(locale="lv-LV")
    ask_answered(page, SHIP).locator(".citation-link").first.click()
    assert_marked(page, "3 June 1918")
    starts = page.locator("#source .page-start")
    assert [node.get_attribute("data-label") for node in starts.all()] == [
        "1. lpp.",
        "2. lpp.",
        "3. lpp.",
    ]
    assert page.locator("#source-text").text_content() == document(page, "journal")["text"]
    expect(page.locator("#source-place")).to_have_text("3. lpp. · angļu valodā")
    expect(page.locator("#original")).to_have_attribute("href", "/documents/journal/original")


def test_the_link_to_a_place_has_a_text_fragment_and_leads_back(visit_toy: Visit) -> None:
    page = visit_toy()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask_answered(page, ENVOY).locator(".citation-link").first.click()
    quotation = "Re\u0301my O\u0308zal 👩‍🚀"
    assert_marked(page, quotation)
    page.locator("#source-links").get_by_role("button", name="Copy link").click()
    expect(page.locator("#status")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert unquote(link).endswith(f":~:text=Its envoy was-,{quotation}")
    assert_marked(visit_toy(link), quotation)


def test_a_passage_can_be_opened_too(visit_toy: Visit) -> None:
    page = visit_toy()
    page.locator("#question").fill(UNKNOWN)
    page.keyboard.press("Enter")
    link = page.locator(".passage-link").first
    link.click()
    document_id, start, end = place_of(link)
    mark = page.locator("#source mark")
    expect(mark).to_be_visible()
    assert mark.text_content() == document(page, document_id)["text"][start:end]


def test_a_hostile_document_is_text_and_nothing_else(visit_toy: Visit) -> None:
    page = visit_toy()
    turn = ask_answered(page, SPELL)
    assert turn.locator(".answer-text").text_content() == HOSTILE_ANSWER
    link = turn.locator(".citation-link").first
    assert link.text_content() == HOSTILE_TITLE
    link.click()
    assert_marked(page, HOSTILE_ANSWER)
    assert page.locator("#source-text").text_content() == document(page, "hostile")["text"]
    assert page.locator("#source-title").text_content() == HOSTILE_TITLE
    page.locator("#open-library").click()
    expect(page.locator(".document-link").first).to_be_visible()
    titles = [link.text_content() for link in page.locator(".document-link").all()]
    assert HOSTILE_TITLE in titles
    assert page.locator("script, style, img, b").count() == 1  # the page's own script
    assert page.evaluate("document.querySelectorAll('[onerror], a[href^=javascript]').length") == 0
    # Marks that turn the line round end with the element that holds them.
    for selector in ("#source-title", ".document-link", ".answer-text"):
        node = page.locator(selector).first
        assert node.get_attribute("dir") == "auto"


def test_the_page_runs_and_styles_nothing_inline(visit_toy: Visit) -> None:
    page = visit_toy()
    policy = page.request.get("/").headers["content-security-policy"]
    assert "unsafe" not in policy
    html = page.request.get("/").text()
    assert "<style" not in html
    assert not re.search(r"\s(style|on\w+)=", html)
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
