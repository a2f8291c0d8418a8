"""Asking: stages, stopping, editing, conversations kept, links to questions, failures."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from browser.conftest import Visit
from browser.steps import ask, ask_answered, assert_marked, focused
from browser.toy_site import ENVOY, FLAG, GUNS, LATVIAN, PROCLAIMED, SLOW, ToySite

pytestmark = pytest.mark.browser


def begin_slowly(page: Page) -> None:
    page.locator("#question").fill(SLOW)
    page.locator("#question").press("Enter")
    expect(page.locator(".turn").last).to_have_attribute("data-state", "reading")


def saved(page: Page, name: str) -> tuple[str, str]:
    """Name and text of the file that a button of the drawer saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_text("utf-8")


@pytest.mark.parametrize(
    ("locale", "searched", "reading"),
    [
        ("en-US", "Documents searched", "Reading the 8 closest passages…"),
        ("lv-LV", "Dokumenti pārmeklēti", "Lasa 8 tuvākos fragmentus…"),
    ],
)
def test_the_answer_comes_in_stages(
    visit_toy: Visit, toy: ToySite, locale: str, searched: str, reading: str
) -> None:
    page = visit_toy(locale=locale)
    begin_slowly(page)
    turn = page.locator(".turn")
    expect(turn.locator(".stage.done")).to_have_text(searched)
    expect(turn.locator(".stage.now")).to_have_text(reading)
    expect(turn.locator(".stage.now")).to_have_attribute("aria-current", "step")
    expect(turn.locator(".read-documents")).to_contain_text("Rotaļu republika")
    expect(turn).to_have_attribute("aria-busy", "true")
    expect(page.locator("#status")).to_have_text(re.compile("(Reading|Lasa)"))
    toy.reader.may_go_on.set()
    expect(turn).to_have_attribute("data-state", "answered")
    expect(page.locator("#status")).to_contain_text("28 May 1918")


def test_a_stopped_question_can_be_asked_again(visit_toy: Visit, toy: ToySite) -> None:
    page = visit_toy()
    begin_slowly(page)
    page.locator("#stop").focus()
    page.keyboard.press("Enter")
    turn = page.locator(".turn")
    expect(turn.locator(".failure")).to_contain_text("You stopped this question.")
    assert focused(page) == "ask"
    toy.reader.may_go_on.set()
    turn.locator(".failure button").click()
    expect(turn).to_have_attribute("data-state", "answered")


def test_a_question_is_edited_in_its_place_and_asked_again(visit_toy: Visit) -> None:
    page = visit_toy()
    ask_answered(page, PROCLAIMED)
    ask_answered(page, GUNS)
    first = page.locator(".turn").first
    first.get_by_role("button", name="Edit").click()
    field = first.locator("textarea")
    expect(field).to_be_focused()
    field.press("Escape")
    expect(first.get_by_role("button", name="Edit")).to_be_focused()

    page.keyboard.press("Enter")
    field.fill("  ")
    field.press("Enter")
    expect(first.locator("[role=alert]")).to_have_text("Please type a question first.")
    field.fill(FLAG)
    with page.expect_request("**/ask") as request:
        field.press("Enter")
    assert json.loads(request.value.post_data or "") == {"question": FLAG, "history": []}
    expect(first.locator(".question")).to_have_text(FLAG)
    expect(first.locator(".answer-text")).to_have_text("the blue flag")
    expect(page.locator(".turn").last.locator(".question")).to_have_text(GUNS)
    page.reload()
    expect(page.locator(".turn").first.locator(".question")).to_have_text(FLAG)


def test_conversations_are_kept_renamed_and_deleted(visit_toy: Visit) -> None:
    page = visit_toy()
    ask_answered(page, PROCLAIMED)
    page.locator("#new-conversation").click()
    ask_answered(page, GUNS)
    page.locator("#open-drawer").click()
    titles = page.locator(".shelved-title")
    expect(titles).to_have_text([GUNS, PROCLAIMED])
    expect(page.locator(".shelved").first).to_have_attribute("aria-current", "true")

    page.get_by_role("button", name=f"Rename: {PROCLAIMED}").click()
    page.get_by_role("textbox", name="New name").fill("The republic 🌍")
    page.keyboard.press("Enter")
    expect(titles).to_have_text([GUNS, "The republic 🌍"])
    assert focused(page).startswith("rename-")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # leaves the name, not the drawer
    expect(page.locator("#drawer")).to_be_visible()

    titles.last.click()
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator(".question")).to_have_text([PROCLAIMED])
    page.reload()
    expect(page.locator(".question")).to_have_text([PROCLAIMED])

    page.locator("#open-drawer").click()
    page.get_by_role("button", name="Delete: The republic").click()
    expect(titles).to_have_text([GUNS])
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(titles).to_have_text([GUNS, "The republic 🌍"])
    page.get_by_role("button", name="Delete: The republic").click()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator("#welcome")).to_be_visible()
    page.reload()
    page.locator("#open-drawer").click()
    expect(titles).to_have_text([GUNS])


def test_each_tab_goes_on_with_its_own_conversation(visit_toy: Visit) -> None:
    page = visit_toy()
    ask_answered(page, PROCLAIMED)
    other = page.context.new_page()
    other.goto("/")
    expect(other.locator(".question")).to_have_text([PROCLAIMED])
    other.locator("#new-conversation").click()
    ask_answered(other, GUNS)
    ask_answered(page, FLAG)
    page.reload()
    other.reload()
    expect(page.locator(".question")).to_have_text([PROCLAIMED, FLAG])
    expect(other.locator(".question")).to_have_text([GUNS])


def test_the_conversation_of_an_older_page_is_taken_over(visit_toy: Visit) -> None:
    page = visit_toy()
    ask_answered(page, PROCLAIMED)
    page.evaluate(
        """() => {
          const key = Object.keys(localStorage).find((name) => name.startsWith("qa.turns."));
          const turns = localStorage.getItem(key);
          localStorage.clear();
          sessionStorage.clear();
          localStorage.setItem("qa.conversation.1", turns);
        }"""
    )
    page.reload()
    expect(page.locator(".question")).to_have_text([PROCLAIMED])
    assert page.evaluate("localStorage.getItem('qa.conversation.1')") is None


def test_a_full_browser_drops_other_conversations_first(visit_toy: Visit) -> None:
    page = visit_toy()
    ask_answered(page, PROCLAIMED)
    page.locator("#new-conversation").click()
    ask_answered(page, GUNS)
    page.evaluate(
        """() => {
          for (let size = 1 << 20; size > 8; size >>= 1) {
            try {
              for (;;) localStorage.setItem(`other-${Math.random()}`, "x".repeat(size));
            } catch { /* full at this size */ }
          }
        }"""
    )
    ask_answered(page, FLAG)
    page.reload()
    expect(page.locator(".question")).to_have_text([GUNS, FLAG])
    page.locator("#open-drawer").click()
    expect(page.locator(".shelved-title")).to_have_text([GUNS])


def test_a_conversation_is_saved_with_its_citations(visit_toy: Visit) -> None:
    page = visit_toy()
    ask_answered(page, ENVOY)
    ask_answered(page, GUNS)
    ask(page, "What do emperor penguins eat?")
    page.locator("#open-drawer").click()

    name, markdown = saved(page, f"Save as Markdown: {ENVOY}")
    assert name == "who-was-the-envoy-of-the-toy-republic.md"
    assert markdown.startswith(f"# {ENVOY}\n\n## {ENVOY}\n\n**Re\u0301my O\u0308zal 👩‍🚀** (")
    assert "> Armijai bija divpadsmit lielgabali un zils karogs" in markdown
    assert re.search(
        r"> — \[Rotaļu republika\]\(http://127\.0\.0\.1:\d+/documents/toy-lv#char=", markdown
    )
    assert "*The documents do not say.*" in markdown

    name, text = saved(page, f"Save as JSON: {ENVOY}")
    assert name.endswith(".json")
    turns = json.loads(text)["turns"]
    assert [turn["answered"] for turn in turns] == [True, True, False]
    [citation] = turns[0]["answers"][0]["citations"]
    document = page.request.get("/documents/toy-en", headers={"Accept": "application/json"}).json()
    assert document["text"][citation["start"] : citation["end"]] == citation["quotation"]
    assert citation["url"].startswith("http://127.0.0.1:")


def test_a_link_asks_its_question_once(visit_toy: Visit) -> None:
    page = visit_toy("/#q=Kad%20republiku%20proklam%C4%93ja%3F")
    turn = page.locator(".turn")
    expect(turn).to_have_attribute("data-state", "answered")
    expect(turn.locator(".question")).to_have_text(LATVIAN)
    assert page.url.endswith("/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    turn.get_by_role("button", name="Copy link").click()
    expect(page.locator("#status")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("/#q=Kad%20republiku%20proklam%C4%93ja%3F")

    page.locator("#new-conversation").click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(link)
    expect(turn.locator(".question")).to_have_text([LATVIAN])
    expect(turn).to_have_attribute("data-state", "answered")
    assert not [url for url in asked if url.endswith("/ask")]


def test_the_link_to_a_follow_up_says_what_it_leans_on(visit_toy: Visit) -> None:
    page = visit_toy()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask_answered(page, PROCLAIMED)
    turn = ask(page, "And where?")
    turn.get_by_role("button", name="Copy link").click()
    expect(page.locator("#status")).to_have_text("Copied")
    assert "toy%20republic%20proclaimed" in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize(
    ("locale", "offline", "busy", "broken"),
    [
        ("en-US", "You seem to be offline.", "The server has many questions", "broke off"),
        ("lv-LV", "nav interneta savienojuma", "Serveris pašlaik ir aizņemts", "pārtrūka"),
    ],
)
def test_failures_are_said_as_a_person_would(
    visit_toy: Visit, complaints: list[str], locale: str, offline: str, busy: str, broken: str
) -> None:
    page = visit_toy(locale=locale)
    page.context.set_offline(True)
    turn = ask(page, PROCLAIMED)
    expect(turn.locator(".failure")).to_contain_text(offline)
    page.context.set_offline(False)

    problem = {"status": 503, "title": "Service Unavailable", "detail": "32 questions are waiting."}
    page.route(
        "**/ask",
        lambda route: route.fulfill(
            status=503,
            body=json.dumps(problem),
            headers={"Retry-After": "2", "Content-Type": "application/problem+json"},
        ),
    )
    turn.locator(".failure button").click()
    expect(turn.locator(".failure")).to_contain_text(busy)
    expect(turn.locator(".failure")).to_contain_text("2 s")
    expect(turn.locator(".failure-detail span")).to_have_text("32 questions are waiting.")
    expect(turn.locator(".failure-detail span")).to_have_attribute("lang", "en")
    page.unroute("**/ask")

    def cut_off(route: Route) -> None:
        headers = {"Content-Type": "text/event-stream"}
        route.fulfill(headers=headers, body='event: passages\ndata: {"passages": []}\n\neve')

    page.route("**/ask", cut_off)
    turn.locator(".failure button").click()
    expect(turn.locator(".failure")).to_contain_text(broken)
    page.unroute("**/ask")
    turn.locator(".failure button").click()
    expect(turn).to_have_attribute("data-state", "answered")
    complaints.clear()  # the browser's own words on what failed


def test_another_conversation_can_be_entered_while_an_answer_is_awaited(
    visit_toy: Visit, toy: ToySite
) -> None:
    page = visit_toy()
    begin_slowly(page)
    page.locator("#new-conversation").click()
    expect(page.locator("#welcome")).to_be_visible()
    toy.reader.may_go_on.set()
    ask_answered(page, GUNS)
    expect(page.locator(".question")).to_have_text([GUNS])
    page.locator("#open-drawer").click()
    page.locator(".shelved-title", has_text=SLOW).click()
    expect(page.locator(".failure")).to_contain_text("broken off")


def test_a_source_stays_open_when_editing_is_left(visit_toy: Visit) -> None:
    page = visit_toy()
    turn = ask_answered(page, GUNS)
    turn.locator(".citation-link").first.click()
    assert_marked(page, "twelve")
    turn.get_by_role("button", name="Edit").click()
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_visible()
