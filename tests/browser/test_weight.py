import re
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import ROOT, Visit
from browser.toy_site import GUNS
from browser.weigh import weigh

pytestmark = pytest.mark.browser

PAGE = ROOT / "qa_service" / "web" / "page"


def test_the_page_is_light_and_quick(visit_toy: Visit) -> None:
    page = visit_toy("about:blank")
    figures = weigh(page, GUNS)
    assert figures["first visit, bytes"] < 70_000
    assert figures["everything opened once, bytes"] < 100_000
    assert figures["first visit, requests"] < 45
    assert figures["from elsewhere, requests"] == 0


def test_a_first_visit_does_not_fetch_what_it_does_not_show(visit_toy: Visit) -> None:
    page = visit_toy("about:blank")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto("/", wait_until="networkidle")
    names = {Path(url).name for url in fetched}
    assert "main.js" in names
    assert not names & {"library.js", "builds.js", "writing.js", "drawer.js", "export.js"}


def test_what_main_js_imports_is_asked_for_at_once() -> None:
    imported: set[str] = set()

    def walk(path: Path) -> None:
        for name in re.findall(r'^import .* from "(\..+?)";$', path.read_text("utf-8"), re.M):
            module = (path.parent / name).resolve()
            if (url := f"/static/{module.relative_to(PAGE).as_posix()}") not in imported:
                imported.add(url)
                walk(module)

    walk(PAGE / "js" / "main.js")
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    # Otherwise a browser would find them one after another, a round trip each.
    assert set(re.findall(r'rel="modulepreload" .*href="(.+?)"', html)) == imported


@pytest.mark.parametrize("path", sorted(PAGE.rglob("*.*")), ids=lambda path: str(path.name))
def test_a_file_of_the_page_can_be_read_in_one_go(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


def test_the_languages_have_the_same_texts(visit_toy: Visit) -> None:
    page = visit_toy()
    english, latvian = (
        page.evaluate(f"import('/static/js/texts/{code}.js').then((texts) => texts.default)")
        for code in ("en", "lv")
    )
    assert list(english) == list(latvian)
    for name in english:
        assert _placeholders(english[name]) == _placeholders(latvian[name]), name
        assert english[name] != latvian[name] or name in ("copyMarkdown", "copyBibtex"), name
        if isinstance(latvian[name], dict):
            assert set(latvian[name]) == {"zero", "one", "other"}, name
            assert set(english[name]) == {"one", "other"}, name


def test_every_text_is_used(visit_toy: Visit) -> None:
    page = visit_toy()
    texts = page.evaluate(
        "import('/static/js/texts/en.js').then((texts) => Object.keys(texts.default))"
    )
    places = [p for p in PAGE.rglob("*.*") if p.parent.name != "texts"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in places)
    made = {"build_", "reason_", "stage_"}  # names put together from a state, a reason, a stage
    unused = [
        name
        for name in texts
        if not re.search(rf"\b{name}\b", code) and not any(name.startswith(part) for part in made)
    ]
    assert unused == []


def _placeholders(text: Any) -> set[str]:
    forms = text.values() if isinstance(text, dict) else [text] if isinstance(text, str) else text
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}
