"""The answer: its sources, its confidence, copies of it, what readers think, help without one."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visit
from browser.steps import ask, ask_answered, focused, place_of
from browser.toy_site import FLAG, GUNS, PROCLAIMED, SHIP, SPELL, UNKNOWN, ToySite
from qa_service.feedback import FeedbackFile

pytestmark = pytest.mark.browser


def copied(page: Page, form: str) -> str:
    """What the button of that form copies for the last citation."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    citation = page.locator(".citation").last
    if citation.locator(".copy").get_attribute("open") is None:
        citation.locator(".copy summary").click()
    citation.locator(f".copy-{form}").click()
    expect(page.locator("#status")).to_have_text(re.compile("Copied|Nokopēts"))
    return str(page.evaluate("navigator.clipboard.readText()")).replace("\r\n", "\n")


def opinions(toy: ToySite) -> list[tuple[str, str, str | None, str]]:
    rows = FeedbackFile(toy.feedback, 10).rows()
    return [(row["question"], row["verdict"], row["reason"], row["comment"]) for row in rows]


@pytest.mark.parametrize(
    ("locale", "differ", "agree", "high", "fair"),
    [
        (
            "en-US",
            "The documents differ: they give 2 answers.",
            "2 sources say so",
            "Confidence: high, 92%",
            "Confidence: fair, 77%",
        ),
        (
            "lv-LV",
            "Dokumentos teiktais atšķiras: tajos ir 2 atbildes.",
            "Tā teikts 2 avotos",
            "Ticamība: augsta, 92",
            "Ticamība: vidēja, 77",
        ),
    ],
)
def test_differing_answers_stand_side_by_side_and_agreeing_sources_under_one(
    visit_toy: Visit, locale: str, differ: str, agree: str, high: str, fair: str
) -> None:
    page = visit_toy(locale=locale)
    turn = ask_answered(page, GUNS)
    expect(turn.locator(".reply > .note")).to_contain_text(differ)
    answers = turn.locator(".answer")
    expect(answers.locator(".answer-text")).to_have_text(["twelve", "fourteen"])
    expect(answers.first.locator(".answer-source")).to_contain_text("The toy republic 🌍")
    expect(answers.last.locator(".answer-source")).to_have_text("The army of the toy republic")
    expect(answers.first.locator(".agreement")).to_have_text(agree)
    expect(answers.first.locator(".citation mark")).to_have_text(["twelve", "divpadsmit"])
    expect(answers.first.locator(".confidence")).to_contain_text(high)
    expect(answers.last.locator(".confidence")).to_contain_text(fair)
    first, last = answers.first.bounding_box(), answers.last.bounding_box()
    assert first
    assert last
    assert first["y"] == last["y"]
    assert first["x"] + first["width"] < last["x"]


def test_on_a_phone_they_stand_under_each_other(visit_toy: Visit) -> None:
    page = visit_toy(width=320)
    ask_answered(page, GUNS)
    boxes = [answer.bounding_box() for answer in page.locator(".answer").all()]
    first, last = boxes
    assert first
    assert last
    assert first["x"] == last["x"]
    assert first["y"] < last["y"]


def test_every_quotation_has_its_language(visit_toy: Visit) -> None:
    page = visit_toy()
    turn = ask_answered(page, GUNS)
    quoted = turn.locator(".citation blockquote")
    assert [node.get_attribute("lang") for node in quoted.all()] == ["en", "lv", "en"]
    marks = turn.locator(".citation mark")
    assert [node.get_attribute("lang") for node in marks.all()] == ["en", "lv", "en"]
    turn.locator(".closest summary").click()
    for passage in turn.locator(".passage").all():
        language = passage.locator("blockquote").get_attribute("lang")
        document_id, _, _ = place_of(passage.locator("a"))
        assert language == ("lv" if document_id == "toy-lv" else "en")


def test_section_page_and_language_are_said(visit_toy: Visit) -> None:
    page = visit_toy()
    turn = ask_answered(page, SHIP)
    expect(turn.locator(".citation-place")).to_have_text("p. 3 · in English")
    page.locator("#language-switch").click()
    expect(turn.locator(".citation-place")).to_have_text("3. lpp. · angļu valodā")


def test_a_citation_is_copied_in_three_forms(visit_toy: Visit) -> None:
    page = visit_toy()
    ask_answered(page, SHIP)
    plain = copied(page, "plain")
    assert re.fullmatch(
        r"“3 June 1918” — journal, p\. 3\. http://127\.0\.0\.1:\d+/documents/journal#char=\d+,\d+",
        plain,
    )
    markdown = copied(page, "markdown")
    assert markdown.startswith("> The toy ship sailed from the harbour on 3 June 1918.\n>\n> — [")
    bibtex = copied(page, "bibtex")
    assert bibtex.startswith("@misc{journal-")
    assert "  pages = {3},\n  note = {3 June 1918},\n  language = {en},\n  url = {http" in bibtex


def test_copies_of_markup_stay_what_they_are(visit_toy: Visit) -> None:
    page = visit_toy()
    ask_answered(page, SPELL)
    markdown = copied(page, "markdown")
    assert r'\<script\>alert("seven")\</script\>' in markdown
    assert r"[\<img src=x onerror=" in markdown
    assert r'title = {<img src=x onerror="document.title=1"> \&' in copied(page, "bibtex")


def test_a_thumb_up_is_kept_by_the_server(visit_toy: Visit, toy: ToySite) -> None:
    page = visit_toy()
    turn = ask_answered(page, GUNS)
    up = turn.locator(".answer").first.get_by_role("button", name="Yes, this was right")
    up.click()
    expect(turn.locator(".opinion").first).to_contain_text("Thank you.")
    expect(up).to_have_attribute("aria-pressed", "true")
    assert opinions(toy) == [(GUNS, "up", None, "")]
    turn.get_by_role("button", name="Add a remark").click()
    page.keyboard.type("Short and clear")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    expect(turn.get_by_role("button", name="Add a remark")).to_have_count(0)
    assert opinions(toy) == [(GUNS, "up", None, "Short and clear")]
    page.reload()
    expect(up).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("locale", ["en-US", "lv-LV"])
def test_a_thumb_down_asks_for_the_reason(visit_toy: Visit, toy: ToySite, locale: str) -> None:
    page = visit_toy(locale=locale)
    turn = ask_answered(page, PROCLAIMED)
    thumbs = turn.locator(".thumb")
    thumbs.last.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.type") == "radio"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Also the place: Tbilisi 🏛️")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(thumbs.last).to_have_attribute("aria-pressed", "true")
    expect(thumbs.last).to_be_focused()
    assert opinions(toy) == [(PROCLAIMED, "down", "incomplete", "Also the place: Tbilisi 🏛️")]

    thumbs.first.click()  # a change of mind
    expect(thumbs.first).to_have_attribute("aria-pressed", "true")
    expect(thumbs.last).to_have_attribute("aria-pressed", "false")
    assert opinions(toy) == [(PROCLAIMED, "up", None, "")]


def test_an_opinion_that_is_not_kept_is_said_so(visit_toy: Visit, complaints: list[str]) -> None:
    page = visit_toy()
    turn = ask_answered(page, PROCLAIMED)
    page.route("**/feedback", lambda route: route.fulfill(status=503, body="{}"))
    turn.locator(".thumb").first.click()
    expect(turn.locator(".opinion")).to_contain_text("That could not be noted.")
    expect(turn.locator(".thumb").first).to_have_attribute("aria-pressed", "false")
    complaints.clear()


def test_without_an_answer_there_is_help(visit_toy: Visit, toy: ToySite) -> None:
    page = visit_toy()
    turn = ask(page, UNKNOWN)
    expect(turn.locator(".no-answer-text")).to_have_text("The documents do not say.")
    expect(turn.locator(".hints li")).to_have_count(3)
    assert turn.locator(".no-answer > .passages .passage").count() == 3
    turn.locator(".closest summary").click()
    expect(turn.locator(".passage")).to_have_count(8)

    turn.get_by_role("button", name="Yes").click()
    expect(turn.locator(".opinion")).to_contain_text("Thank you.")
    assert opinions(toy) == [(UNKNOWN, "up", None, "")]

    turn.get_by_role("button", name="Put it differently").click()
    assert focused(page).endswith("-editor")
    page.keyboard.press("Control+a")
    page.keyboard.type(FLAG)
    with page.expect_request("**/ask") as request:
        page.keyboard.press("Enter")
    assert json.loads(request.value.post_data or "")["question"] == FLAG
    expect(turn).to_have_attribute("data-state", "answered")
