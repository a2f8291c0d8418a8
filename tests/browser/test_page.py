import json
import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from browser.conftest import Visit
from browser.steps import (
    ask,
    ask_answered,
    assert_marked,
    document,
    focused,
    place_of,
    scrolls_sideways,
)

pytestmark = pytest.mark.browser

ENGLISH = "When was the Azerbaijan Democratic Republic proclaimed?"
LATVIAN = "Kad stājās spēkā pamiers Karabahā?"
UNANSWERABLE = "What do emperor penguins eat in winter?"


@pytest.mark.parametrize(
    ("locale", "question"), [("en-US", ENGLISH), ("lv-LV", LATVIAN)], ids=["en", "lv"]
)
def test_an_answer_leads_to_its_place_in_the_source(
    visit: Visit, locale: str, question: str
) -> None:
    page = visit(locale=locale)
    turn = ask_answered(page, question)
    answer = turn.locator(".answer").first
    link = answer.locator(".citation-link").first
    quotation = answer.locator(".citation mark").first.text_content() or ""
    assert quotation == answer.locator(".answer-text").text_content()

    document_id, start, end = place_of(link)
    source = document(page, document_id)
    assert source["text"][start:end] == quotation

    link.click()
    assert_marked(page, quotation)
    expect(page.locator("#source-title")).to_have_text(source["title"])
    assert page.locator("#source-text").text_content() == source["text"]
    assert page.locator("#source-text").get_attribute("lang") == source["language"]
    assert unquote(page.url).endswith(f"/documents/{document_id}#char={start},{end}")

    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()
    expect(link).to_be_focused()
    assert page.url.endswith("/")


def test_every_citation_of_a_reply_opens_at_its_quotation(visit: Visit) -> None:
    page = visit()
    turn = ask_answered(page, "Kad tika pasludināta Azerbaidžānas Demokrātiskā Republika?")
    for citation in turn.locator(".citation").all():
        quotation = citation.locator("mark").text_content() or ""
        citation.locator(".citation-link").click()
        assert_marked(page, quotation)
    page.locator("#source-close").click()
    expect(page.locator("#source")).to_be_hidden()


def test_the_language_switch_changes_texts_and_html_lang(visit: Visit) -> None:
    page = visit()
    html, switch = page.locator("html"), page.locator("#language-switch")
    expect(html).to_have_attribute("lang", "en")
    expect(page.locator("#ask")).to_have_text("Ask")
    expect(switch).to_have_text("Latviski")
    expect(switch).to_have_attribute("lang", "lv")
    switch.click()
    expect(html).to_have_attribute("lang", "lv")
    expect(page.locator("#ask")).to_have_text("Jautāt")
    expect(page).to_have_title(re.compile("Lasītava"))
    page.reload()
    expect(html).to_have_attribute("lang", "lv")
    page.locator("#language-switch").click()
    expect(html).to_have_attribute("lang", "en")


def test_the_language_of_the_browser_is_taken_up(visit: Visit) -> None:
    expect(visit(locale="lv-LV").locator("html")).to_have_attribute("lang", "lv")
    expect(visit(locale="de-DE").locator("html")).to_have_attribute("lang", "en")


def test_a_follow_up_sends_the_conversation(visit: Visit) -> None:
    page = visit()
    with page.expect_request("**/ask") as first:
        turn = ask_answered(page, ENGLISH)
    answer = turn.locator(".answer-text").first.text_content()
    assert json.loads(first.value.post_data or "") == {"question": ENGLISH, "history": []}
    expect(turn.locator(".understood")).to_have_count(0)
    with page.expect_request("**/ask") as second:
        ask(page, "And where?")
    understood = page.locator(".turn").last.locator(".understood")
    expect(understood).to_contain_text("Understood as:")
    expect(understood.locator("q")).to_have_text(f"{ENGLISH} {answer} And where?")
    assert json.loads(second.value.post_data or "") == {
        "question": "And where?",
        "history": [{"question": ENGLISH, "answer": answer}],
    }


def test_a_conversation_outlives_a_reload_until_a_new_one_is_begun(visit: Visit) -> None:
    page = visit()
    before = ask_answered(page, ENGLISH).inner_text()
    page.reload()
    turn = page.locator(".turn")
    expect(turn).to_have_count(1)
    assert turn.inner_text() == before
    link = turn.locator(".citation-link").first
    link.click()
    assert_marked(page, turn.locator(".citation mark").first.text_content() or "")
    page.locator("#source-close").click()

    page.locator("#new-conversation").click()
    expect(turn).to_have_count(0)
    expect(page.locator("#welcome")).to_be_visible()
    assert focused(page) == "question"
    page.reload()
    expect(page.locator("#welcome")).to_be_visible()
    expect(turn).to_have_count(0)


def test_a_question_beside_the_documents_is_met_honestly(visit: Visit) -> None:
    page = visit()
    turn = ask(page, UNANSWERABLE)
    if turn.get_attribute("data-state") == "answered":  # the model's to decide, not the page's
        expect(turn.locator(".confidence").first).to_contain_text("Confidence: ")
        turn.locator(".closest summary").click()
    else:
        expect(turn.locator(".no-answer-text")).to_have_text("The documents do not say.")
        expect(page.locator("#status")).to_have_text("The documents do not say.")
    passages = turn.locator(".passage")
    assert passages.count() > 0
    link = passages.first.locator(".passage-link")
    document_id, start, end = place_of(link)
    source = document(page, document_id)
    expect(link).to_have_text(source["title"])
    link.click()
    mark = page.locator("#source mark")
    expect(mark).to_be_visible()
    assert mark.text_content() == source["text"][start:end]


def test_everything_can_be_reached_by_keyboard_alone(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert focused(page) == "question"
    page.keyboard.type("When was the republic")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("proclaimed in 1918?")
    page.keyboard.press("Enter")
    turn = page.locator(".turn")
    expect(turn).to_have_attribute("data-state", "answered")
    expect(turn.locator(".question")).to_have_text("When was the republic\nproclaimed in 1918?")

    link = turn.locator(".citation-link").first
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if focused(page) == link.get_attribute("id"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    assert_marked(page, turn.locator(".citation mark").first.text_content() or "")
    page.keyboard.press("Escape")
    expect(link).to_be_focused()


@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_shows_the_source_as_a_sheet_and_never_scrolls_sideways(
    visit: Visit, width: int
) -> None:
    page = visit(width=width, height=740, locale="lv-LV")
    assert not scrolls_sideways(page)
    turn = ask_answered(page, LATVIAN)
    assert not scrolls_sideways(page)
    turn.locator(".citation-link").first.click()
    source = page.locator("#source")
    assert_marked(page, turn.locator(".citation mark").first.text_content() or "")
    assert source.bounding_box() == {"x": 0, "y": 0, "width": width, "height": 740}
    expect(source).to_have_attribute("aria-modal", "true")
    assert page.evaluate("document.getElementById('page').inert")
    assert not scrolls_sideways(page)
    page.locator("#source-close").click()
    expect(source).to_be_hidden()
    assert not page.evaluate("document.getElementById('page').inert")


def test_a_link_to_a_place_opens_there(visit: Visit) -> None:
    page = visit()
    listed = page.request.get("/documents").json()["documents"]
    text = document(page, listed[-1]["id"])["text"]
    start = len(text) // 2
    linked = visit(f"/documents/{listed[-1]['id']}#char={start},{start + 40}")
    assert_marked(linked, text[start : start + 40])
    expect(linked.locator("#source-title")).to_have_text(listed[-1]["title"])
    linked.locator("#source-close").click()
    expect(linked.locator("#source")).to_be_hidden()
    assert linked.url.endswith("/")


def test_a_link_to_no_document_says_so(visit: Visit, complaints: list[str]) -> None:
    page = visit("/documents/nowhere#char=1,2")
    expect(page.locator("#source-notes")).to_contain_text("There is no such document here")
    [complaint] = complaints
    assert "404" in complaint
    complaints.clear()


def test_the_list_of_documents_opens_each(visit: Visit) -> None:
    page = visit()
    listed = page.request.get("/documents").json()["documents"]
    page.locator("#open-library").click()
    links = page.locator(".document-link")
    expect(links).to_have_count(len(listed))
    links.first.click()
    expect(page.locator("#source-title")).to_have_text(listed[0]["title"])
    expect(page.locator("#source-text")).to_have_text(re.compile(r"\S"))
    page.keyboard.press("Escape")
    expect(links.first).to_be_focused()


def test_an_example_is_a_question(visit: Visit) -> None:
    page = visit()
    offered = page.request.get("/documents").json()["examples"]
    expect(page.locator(".example")).to_have_count(len(offered))
    example = page.locator(".example").first
    question = example.text_content() or ""
    assert question in {one["question"] for one in offered if one["language"] == "en"}
    example.click()
    expect(page.locator(".turn .question")).to_have_text(question)
    expect(page.locator(".turn")).to_have_attribute(
        "data-state", re.compile("^(answered|not-answered)$")
    )
