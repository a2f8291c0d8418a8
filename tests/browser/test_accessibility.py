"""Every view and state: nothing for axe to find, no sideways scrolling, every stop in sight."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visit
from browser.steps import ask_answered, scrolls_sideways
from browser.toy_site import GUNS, PROCLAIMED, SLOW, ToySite
from browser.walk import walk

pytestmark = pytest.mark.browser

_AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core; without it the test is skipped, or fails if it is required."""
    if not _AXE.is_file():
        reason = f"no axe-core at {_AXE}; fetch it with `npm ci --prefix tests/browser`"
        if os.environ.get("QA_REQUIRE_BROWSER") == "1":
            pytest.fail(f"{reason} (QA_REQUIRE_BROWSER=1)")
        pytest.skip(reason)
    return _AXE.read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    # Evaluated, not put in as a script: the policy of the page lets no other script in.
    page.evaluate(f"typeof axe === 'object' || (() => {{ {axe} }})()")
    found: Any = page.evaluate("(tags) => axe.run({ runOnly: tags })", _RULES)
    return [
        f"{rule['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("locale", "width"), [("en-US", 1280), ("lv-LV", 360)], ids=["en-desktop", "lv-phone"]
)
def test_axe_finds_nothing_in_any_state(
    visit_toy: Visit,
    toy: ToySite,
    axe: str,
    complaints: list[str],
    locale: str,
    width: int,
    dark: bool,
) -> None:
    page = visit_toy(locale=locale, width=width, dark=dark)
    found = {state: violations(page, axe) for state in walk(page, toy)}
    assert {state: nodes for state, nodes in found.items() if nodes} == {}
    assert len(found) == 20
    complaints.clear()  # the failures that the walk brings about


@pytest.mark.parametrize("width", [320, 768, 3840])
def test_no_state_scrolls_sideways(
    visit_toy: Visit, toy: ToySite, complaints: list[str], width: int
) -> None:
    page = visit_toy(width=width, height=740 if width < 1000 else 2160, locale="lv-LV")
    assert [state for state in walk(page, toy) if scrolls_sideways(page)] == []
    complaints.clear()


# Of the element that has the focus: its name, whether the focus shows, whether it is in sight.
_STOP = """() => {
  const node = document.activeElement;
  if (node === document.body) return null;
  const style = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  const at = (x, y) => document.elementFromPoint(
    Math.min(Math.max(x, 1), innerWidth - 2), Math.min(Math.max(y, 1), innerHeight - 2));
  const middle = at(box.left + box.width / 2, box.top + box.height / 2);
  const seen = [middle, at(box.left + 3, box.top + 3)];
  return {
    name: node.id || node.className || node.tagName,
    shows: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inSight: seen.some((other) => other && (node.contains(other) || other.contains(node))),
  };
}"""


@pytest.mark.parametrize("width", [360, 1280])
def test_every_stop_of_the_keyboard_is_seen(visit_toy: Visit, width: int) -> None:
    page = visit_toy(width=width)
    ask_answered(page, GUNS).locator(".copy summary").first.click()
    for place, first in (
        ("asking", ".skip-link"),
        ("library", ".skip-link"),
        ("source", "#source-title"),
    ):
        if place == "library":
            page.locator("#open-library").click()
            expect(page.locator("#index-state > p").first).to_be_visible()
        elif place == "source":
            page.locator(".document-link").last.click()
            expect(page.locator("#source-links button").first).to_be_visible()
        page.locator(first).focus()
        stops: list[Any] = []
        for _ in range(60):
            page.keyboard.press("Tab")
            stop = page.evaluate(_STOP)
            if stop is None or (stops and stop["name"] == stops[0]["name"]):
                break
            stops.append(stop)
        assert len(stops) >= (4 if place == "source" else 12), place
        assert [stop for stop in stops if not (stop["shows"] and stop["inSight"])] == []


def test_nothing_moves_for_those_who_want_no_motion(visit_toy: Visit, toy: ToySite) -> None:
    page = visit_toy()
    page.locator("#question").fill(SLOW)
    page.locator("#question").press("Enter")
    expect(page.locator(".turn")).to_have_attribute("data-state", "reading")
    assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate("document.getAnimations().length") == 1
    toy.reader.may_go_on.set()
    expect(page.locator(".turn")).to_have_attribute("data-state", "answered")


def test_a_print_has_the_answers_with_their_addresses_and_no_buttons(visit_toy: Visit) -> None:
    page = visit_toy(dark=True)
    turn = ask_answered(page, GUNS)
    page.emulate_media(media="print")
    body = "getComputedStyle(document.body)"
    assert page.evaluate(f"[{body}.color, {body}.backgroundColor]") == [
        "rgb(0, 0, 0)",
        "rgb(255, 255, 255)",
    ]
    expect(turn.locator(".answer-text").first).to_be_visible()
    expect(page.locator("button:visible")).to_have_count(0)
    link = turn.locator(".citation-link").first
    shown = link.evaluate("(node) => getComputedStyle(node, '::after').content")
    assert "/documents/toy-en#char=" in shown


def go_to(page: Page, selector: str, back: bool = False) -> None:
    """Presses Tab until the element that fits the selector has the focus."""
    for _ in range(80):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def test_the_whole_way_is_gone_by_keyboard(visit_toy: Visit, toy: ToySite) -> None:
    page = visit_toy()
    go_to(page, ".skip-link")
    page.keyboard.press("Enter")
    page.keyboard.type(GUNS)
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_attribute("data-state", "answered")
    expect(page.locator("#status")).to_contain_text("2 answers. The first: twelve")

    go_to(page, ".citation-link", back=True)
    page.keyboard.press("Enter")
    expect(page.locator("#source mark")).to_be_focused()
    go_to(page, "#find", back=True)
    page.keyboard.type("flag")
    expect(page.locator("#status")).to_contain_text("1 of")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".citation-link").last).to_be_focused()

    go_to(page, ".thumb")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("Thank you. It was noted.")
    go_to(page, "[id$=-edit]")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type(PROCLAIMED)
    page.keyboard.press("Enter")
    expect(page.locator(".answer-text")).to_have_text("28 May 1918")

    go_to(page, "#open-drawer", back=True)
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_be_visible()
    go_to(page, "[id^=rename-]")
    page.keyboard.press("Enter")
    page.keyboard.type("The republic")
    page.keyboard.press("Enter")
    expect(page.locator(".shelved-title")).to_have_text("The republic")
    expect(page.locator("#drawer .announced")).to_have_text("Renamed.")
    page.keyboard.press("Escape")
    expect(page.locator("#open-drawer")).to_be_focused()

    go_to(page, "#open-library")
    page.keyboard.press("Enter")
    expect(page.locator("#index-state > p").first).to_be_visible()
    go_to(page, "#rebuild")
    page.keyboard.press("Enter")
    expect(page.locator(".build")).to_have_attribute("data-state", "published")
    go_to(page, ".document-link")
    page.keyboard.press("Enter")
    expect(page.locator("#source-text")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".document-link").first).to_be_focused()
