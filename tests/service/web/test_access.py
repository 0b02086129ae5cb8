"""For everybody: by keyboard, on a narrow and on a huge screen, in the dark, under a path, for a screen reader."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route, expect

from service.keys import Scope, add_key
from tests.service.conftest import Start
from tests.service.live import Server
from tests.service.web.browser import Page, read
from tests.service.web.conftest import Visits
from tests.service.web.tables import choose, posts

TEXT = (
    "The occupiers have shelled our school again. Nobody asked the Russians to leave. "
    "The delegation landed in Bamako on Monday. Only Moscow came to help us when all the others left. "
    "これは日本語の文です。"
)


def violations(page: Page) -> list[str]:
    """What axe finds serious or worse."""
    # Waits for what moves to stand still: a colour half-way has a contrast of its own.
    page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html']} {node['failureSummary']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visits: Visits, site: Server, tmp_path: Path, scheme: str) -> None:
    page = visits(site, color_scheme=scheme).open()
    for details in page.locator(".slices summary").all():
        details.click()
    assert violations(page) == []
    read(page, TEXT)
    page.locator("#legend summary").click()
    page.locator(".sentence").first.click()
    page.locator(".push-text").wait_for()
    page.locator(".correction").get_by_role("button", name="neutral").click()
    page.locator(".pencil").wait_for()
    assert violations(page) == []
    page.locator(".correction").get_by_role("button", name="Undo").click()
    expect(page.locator(".pencil")).to_have_count(0)
    page.locator("#edit").click()
    choose(page, posts(tmp_path, TEXT.split(". ")))
    assert violations(page) == []
    page.get_by_role("button", name="Score the rows").click()
    page.get_by_role("button", name="Download the result").wait_for()
    assert violations(page) == []


def test_axe_finds_nothing_serious_in_what_asks_and_complains(visits: Visits, start: Start, tmp_path: Path) -> None:
    add_key(tmp_path / "keys.json", "somebody", [Scope.READ])
    with start(keys_file=tmp_path / "keys.json") as guarded:
        visit = visits(guarded)
        visit.page.goto(visit.root)
        visit.page.get_by_role("dialog").wait_for()
        assert violations(visit.page) == []
        visit.page.locator("#key-cancel").click()
        visit.page.locator("#example").click()
        visit.page.locator("#key-cancel").click()
        expect(visit.page.get_by_role("alert")).to_be_visible()
        assert violations(visit.page) == []
        visit.errors[:] = [error for error in visit.errors if "401" not in error]


def test_all_can_be_done_by_keyboard(page: Page) -> None:
    press = page.keyboard.press
    press("Tab")
    assert _focused(page) == "Skip to the content"
    press("Enter")
    _tab_to(page, "#text")
    page.keyboard.insert_text(TEXT)
    _tab_to(page, "#read")
    press("Enter")
    page.locator("#reading").wait_for()
    _tab_to(page, ".sentence")
    assert _index(page) == "0"
    for key, index in {"ArrowRight": "1", "ArrowDown": "2", "End": "4", "ArrowLeft": "3", "Home": "0"}.items():
        press(key)
        assert _index(page) == index
    press("Enter")
    expect(page.locator("#detail-title")).to_be_focused()
    _tab_to(page, "#correct-supportive")
    press("Enter")
    expect(page.locator("#correct-supportive")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#correct-supportive")).to_be_focused()
    _tab_to(page, "#undo")
    press("Enter")
    expect(page.locator("#undo")).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body"), "the focus is not lost"
    press("Escape")
    assert _index(page) == "0", "back where it was"


@pytest.mark.parametrize(("width", "height"), [(320, 568), (3840, 2160)])
def test_nothing_sticks_out(visits: Visits, site: Server, tmp_path: Path, width: int, height: int) -> None:
    page = visits(site, viewport={"width": width, "height": height}).open()
    _fits(page, width)
    read(page, f"{TEXT} {'Донаудампфшиффартсгезельшафт' * 8}.")
    _fits(page, width)
    sentence = page.locator(".sentence").first
    sentence.click()
    page.locator(".push-text").wait_for()
    _fits(page, width)
    seen = page.evaluate(
        """() => {
            const { left, top } = document.querySelector(".sentence").getClientRects()[0];
            return document.elementFromPoint(left + 3, top + 3).closest(".sentence") !== null;
        }"""
    )
    assert seen, "the panel does not cover the sentence that it is about"
    page.keyboard.press("Escape")
    page.locator("#edit").click()
    choose(page, posts(tmp_path, [TEXT]))
    _fits(page, width)
    page.get_by_role("button", name="Score the rows").click()
    page.get_by_role("button", name="Download the result").wait_for()
    _fits(page, width)


def test_it_works_under_a_path(visits: Visits, site: Server) -> None:
    visit = visits(site, path="/tools/stance/")

    def strip(route: Route) -> None:
        """What a reverse proxy does."""
        path = urlsplit(route.request.url).path.removeprefix("/tools/stance")
        route.continue_(url=f"http://127.0.0.1:{site.port}{path}")

    visit.context.route("**/tools/stance/**", strip)
    page = visit.open()
    read(page, TEXT)
    page.locator(".sentence").first.click()
    page.locator(".push-text").wait_for()


def _fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def _focused(page: Page) -> Any:
    return page.evaluate("document.activeElement.textContent")


def _index(page: Page) -> Any:
    return page.evaluate("document.activeElement.dataset.index")


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the Tab key does not reach {selector}")
