"""The library: every document; and its index, as far as the server offers that."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect
from toys import write_files

from browser.conftest import Visit
from browser.steps import focused
from browser.toy_site import ToySite

pytestmark = pytest.mark.browser


def choose(page: Page, path: Path, text: str = "The letter came on 4 July.") -> None:
    path.write_text(f"# A letter\n\n{text}\n")
    page.locator("#upload-file").set_input_files(path)


@pytest.mark.parametrize(
    ("locale", "about", "count"),
    [
        ("en-US", "In English · 172 characters · Nov 20, 2026", "5 documents"),
        ("lv-LV", "Angļu valodā · 172 rakstzīmes · 2026. gada 20. nov.", "5 dokumenti"),
    ],
)
def test_documents_are_listed_and_found(
    visit_toy: Visit, locale: str, about: str, count: str
) -> None:
    page = visit_toy("/#library", locale=locale)
    items = page.locator(".listed")
    expect(items).to_have_count(5)
    expect(page.locator("#library-count")).to_have_text(count)
    army = items.filter(has_text="The army of the toy republic")
    expect(army.locator(".note")).to_have_text(about)
    page.locator("#library-filter").fill("ROTALU")
    expect(page.locator(".document-link")).to_have_text(["Rotaļu republika"])
    expect(page.locator("#library-count")).to_have_text(re.compile("^1 (of|no) 5 "))


def test_the_library_has_an_address_and_back_leaves_it(visit_toy: Visit) -> None:
    page = visit_toy()
    page.locator("#open-library").click()
    expect(page.locator("#library")).to_be_visible()
    assert page.url.endswith("/#library")
    expect(page.locator("#open-library")).to_have_attribute("aria-current", "page")
    page.locator(".document-link").first.click()
    expect(page.locator("#source-text")).to_have_text(re.compile(r"\S"))
    page.go_back()
    expect(page.locator("#source")).to_be_hidden()
    expect(page.locator("#library")).to_be_visible()
    page.go_back()
    expect(page.locator("#asking")).to_be_visible()
    expect(page.locator("#library")).to_be_hidden()


def test_a_server_without_an_index_to_show_shows_documents_alone(visit: Visit) -> None:
    page = visit()
    paths = page.request.get("/openapi.json").json()["paths"]
    page.locator("#open-library").click()
    expect(page.locator(".listed").first).to_be_visible()
    if "/index" in paths:
        expect(page.locator("#index-state")).to_have_text(re.compile(r"\d"))
    else:
        page.wait_for_load_state("networkidle")
        expect(page.locator("#library-index")).to_be_hidden()


def test_a_library_in_which_nothing_was_built_takes_the_first_document(visit_toy: Visit) -> None:
    page = visit_toy()
    nothing = {"snapshot": None, "created": None, "documents": 0, "passages": 0, "encoder": None}
    lists: dict[str, object] = {"snapshots": [], "builds": []}
    index = {**nothing, **lists, "writable": True, "report": False}
    page.route("**/index", lambda route: route.fulfill(json=index))
    page.locator("#open-library").click()
    expect(page.locator("#index-state")).to_contain_text("There are no documents yet.")
    expect(page.locator("#upload")).to_be_visible()


def test_an_evaluation_can_be_read_beside_the_library(visit_toy: Visit) -> None:
    page = visit_toy("/#library", locale="lv-LV")
    link = page.locator("#open-report")
    expect(link).to_have_text("Pārskats par atbilžu kvalitāti")
    assert page.request.get(link.get_attribute("href") or "").status in (200, 404)


def test_a_library_that_is_only_read_offers_no_change(visit_toy: Visit, toy: ToySite) -> None:
    toy.library.writable = False
    page = visit_toy("/#library")
    expect(page.locator("#index-state")).to_contain_text("5 documents, 9 passages, built Nov 22")
    expect(page.locator("#unlock")).to_be_visible()
    for change in ("#upload", "#rebuild", "[id^=delete-]", "[id^=rollback-]"):
        expect(page.locator(change).locator("visible=true")).to_have_count(0)


def test_a_file_is_added_and_its_build_followed(
    visit_toy: Visit, toy: ToySite, tmp_path: Path
) -> None:
    page = visit_toy("/#library")
    choose(page, tmp_path / "letter.md")
    page.get_by_label("Title (optional)").fill("A letter ✉️")
    page.get_by_label("Language").select_option("en")
    page.locator("#upload button").click()
    build = page.locator(".build").first
    expect(build.locator("strong")).to_have_text("Waiting")
    expect(build).not_to_contain_text("1970")
    expect(build.locator("strong")).to_have_text("Being built")
    expect(build).to_contain_text(re.compile(r"[036] of 9 files read"))
    expect(build.locator("progress")).to_have_attribute("max", "9")
    expect(page.locator("#rebuild")).to_be_disabled()
    expect(build.locator("strong")).to_have_text("Published")
    expect(page.locator("#status")).to_contain_text("Published")
    expect(page.locator("#rebuild")).to_be_enabled()
    sent = {name: content.decode() for name, content in toy.library.received}
    assert sent == {
        "file": "# A letter\n\nThe letter came on 4 July.\n",
        "title": "A letter ✉️",
        "language": "en",
    }


def test_several_files_are_added_at_once(visit_toy: Visit, toy: ToySite, tmp_path: Path) -> None:
    page = visit_toy("/#library")
    write_files(tmp_path, {f"{name}.md": f"The {name}." for name in ("letter", "diary")})
    title = page.get_by_label("Title (optional)")
    title.fill("A letter")
    page.locator("#upload-file").set_input_files([tmp_path / "letter.md", tmp_path / "diary.md"])
    expect(title).to_be_disabled()  # it cannot be that of both
    page.locator("#upload button").click()
    expect(page.locator("#status")).to_contain_text("2 files have arrived")
    expect(title).to_be_enabled()
    expect(page.locator(".build").first.locator("strong")).to_have_text("Published")
    assert toy.library.received == [("file", b"The letter."), ("file", b"The diary.")]


def test_the_share_of_a_file_that_is_sent_is_shown(visit_toy: Visit, tmp_path: Path) -> None:
    page = visit_toy("/#library")
    choose(page, tmp_path / "letter.md", "The letter came on 4 July. " * 2_000)
    network = page.context.new_cdp_session(page)
    speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {"offline": False, **speed})
    page.locator("#upload button").click()
    progress = page.locator("#upload-progress")
    expect(progress).to_be_visible()
    expect(progress).not_to_have_js_property("value", 0)
    expect(progress).to_be_hidden()
    expect(page.locator(".build").first).to_be_visible()


def test_a_build_that_fails_says_why(visit_toy: Visit, toy: ToySite) -> None:
    toy.library.fails = True
    page = visit_toy("/#library", locale="lv-LV")
    page.locator("#rebuild").click()
    build = page.locator(".build").first
    expect(build.locator("strong")).to_have_text("Neizdevās")
    expect(build).to_contain_text("Scanned pages need OCR first.")
    build.locator("summary").click()
    expect(build.locator("li")).to_have_text("letter.pdf: left out")


@pytest.mark.parametrize("sure", [True, False])
def test_a_document_is_deleted_when_one_is_sure(visit_toy: Visit, toy: ToySite, sure: bool) -> None:
    page = visit_toy("/#library")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        if sure:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    page.locator("#delete-toy-lv").click()
    assert asked == ["Delete “Rotaļu republika” from the library?"]
    expect(page.locator(".build")).to_have_count(int(sure))
    assert toy.library.deleted == (["toy-lv"] if sure else [])


def test_an_earlier_state_is_served_again(visit_toy: Visit, toy: ToySite) -> None:
    page = visit_toy("/#library")
    page.locator("#index-state summary").click()
    page.locator("[id^=rollback-]").click()
    expect(page.locator("#status")).to_have_text("The earlier state is served again.")
    assert toy.library.current == "20261120T100000000000Z"
    expect(page.locator("#index-state > p").first).to_contain_text("Nov 20, 2026")
    expect(page.locator(".snapshot").first).to_be_visible()  # the list stays open


def test_a_key_is_asked_for_and_kept_for_the_tab(
    visit_toy: Visit, toy: ToySite, complaints: list[str]
) -> None:
    toy.library.key = "open sesame"
    page = visit_toy("/#library")
    page.locator("#unlock").click()
    dialog, key = page.locator("#key-dialog"), page.get_by_label("Key", exact=True)
    expect(dialog).to_be_visible()
    expect(page.locator("#key-wrong")).to_be_hidden()
    key.fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#key-wrong")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#index-notes")).to_contain_text("The server wants a key for this.")
    expect(page.locator("#rebuild")).to_have_count(0)

    page.locator("#unlock").click()
    key.fill("open sesame")
    page.keyboard.press("Enter")
    page.locator("#rebuild").click()
    expect(page.locator(".build strong")).to_have_text(re.compile("Published"))
    page.reload()
    with page.expect_request("**/index/builds") as written:
        page.locator("#rebuild").click()
    assert written.value.headers["authorization"] == "Bearer open sesame"
    expect(page.locator(".build")).to_have_count(2)
    expect(page.locator(".build strong").first).to_have_text(re.compile("Published"))
    assert page.evaluate("JSON.stringify(localStorage).includes('sesame')") is False

    toy.library.key = "another"  # the server was given a new one meanwhile
    page.locator("#rebuild").click()
    expect(page.locator("#key-wrong")).to_be_visible()
    key.fill("another")
    page.keyboard.press("Enter")
    expect(page.locator(".build")).to_have_count(3)
    complaints.clear()  # that the key was asked for


def test_the_focus_survives_a_build(visit_toy: Visit) -> None:
    page = visit_toy("/#library")
    page.locator("#rebuild").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".build strong")).to_have_text("Published")
    assert focused(page) in ("rebuild", "index-title")
    page.locator("#library-filter").focus()
    page.keyboard.type("army")
    expect(page.locator(".listed")).to_have_count(1)


def test_without_documents_the_first_page_leads_to_adding_some(visit_toy: Visit) -> None:
    page = visit_toy()
    nothing: dict[str, object] = {"documents": [], "snapshot": None, "examples": []}
    page.route("**/documents", lambda route: route.fulfill(json=nothing))
    page.reload()
    page.get_by_role("link", name="There are no documents yet: add the first ones").click()
    expect(page.locator("#upload-file")).to_be_visible()
