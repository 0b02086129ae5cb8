"""People's corrections in a real browser: given, kept, seen again, undone, refused."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from service.keys import Scope, add_key
from tests.service.conftest import Start
from tests.service.live import Server
from tests.service.web.browser import Page, read
from tests.service.web.conftest import Visits


def open_sentence(page: Page, text: str) -> Locator:
    """Read a text of one sentence, and open it; gives its correction's box."""
    read(page, text)
    page.locator(".sentence").first.click()
    return page.locator(".correction")


def votes(site: Server, text: str) -> list[tuple[str, str | None]]:
    """Who said what of a text, as the server has it."""
    found: list[dict[str, Any]] = site.post("/v1/labels/lookup", {"texts": [text]}).json["results"][0]["labels"]
    return [(vote["label"], vote["annotator"]) for vote in found]


def choose(box: Locator, label: str) -> None:
    box.get_by_role("button", name=label).click()
    expect(box.get_by_role("button", name=label)).to_have_attribute("aria-pressed", "true")


def test_a_correction_is_kept_seen_after_a_reload_and_undone(page: Page, site: Server) -> None:
    text = "The bakery on the corner opened late."
    box = open_sentence(page, text)
    choose(box, "critical")
    assert votes(site, text) == [("critical", None)]
    choose(box, "supportive")
    assert votes(site, text) == [("supportive", None)]
    page.reload()
    expect(page.locator(".sentence .pencil")).to_contain_text("supportive")
    page.locator(".sentence").first.click()
    expect(box.get_by_role("button", name="supportive")).to_have_attribute("aria-pressed", "true")
    box.get_by_role("button", name="Undo").click()
    expect(page.locator(".sentence .pencil")).to_have_count(0)
    assert votes(site, text) == []


def test_undo_brings_back_what_was_said_before(page: Page, site: Server) -> None:
    text = "The bakery on the square opened early."
    box = open_sentence(page, text)
    choose(box, "neutral")
    choose(box, "critical")
    box.get_by_role("button", name="Undo").click()
    expect(box.get_by_role("button", name="neutral")).to_have_attribute("aria-pressed", "true")
    assert votes(site, text) == [("neutral", None)]


def test_two_people_may_disagree(page: Page, site: Server) -> None:
    text = "The bakery in the valley never opened."
    site.post("/v1/labels", {"text": text, "label": "critical", "annotator": "mk"})
    box = open_sentence(page, text)
    expect(page.locator(".sentence .pencil")).to_contain_text("critical")
    page.locator("#annotator").fill("<b>zt</b>")
    page.locator("#annotator").press("Tab")
    choose(box, "supportive")
    expect(box.locator(".votes")).to_contain_text("critical (mk), supportive (<b>zt</b>)")
    expect(page.locator(".sentence .pencil")).to_contain_text("people disagree")
    assert votes(site, text) == [("critical", "mk"), ("supportive", "<b>zt</b>")]


def test_a_database_that_fails_is_told_and_the_rest_goes_on(visits: Visits, start: Start, tmp_path: Any) -> None:
    (tmp_path / "labels.sqlite3").write_bytes(b"this is no database" * 100)
    with start(labels_database=f"sqlite:///{tmp_path}/labels.sqlite3") as broken:
        visit = visits(broken)
        page = visit.open()
        box = open_sentence(page, "The bakery by the river opened at noon.")
        expect(box.get_by_role("alert")).to_contain_text("labels")
        expect(page.locator(".push-text")).to_be_visible()
        box.get_by_role("button", name="critical").click()
        expect(box.get_by_role("alert")).to_contain_text("Not kept.")
        assert visit.errors
        assert all("503" in error for error in visit.errors)
        visit.errors.clear()


@pytest.fixture
def secret(tmp_path: Any) -> Callable[..., str]:
    return lambda *scopes: add_key(tmp_path / "keys.json", "-".join(scopes), scopes)


def test_the_key_is_asked_for_once_and_names_who_corrects(
    visits: Visits, start: Start, tmp_path: Any, secret: Callable[..., str]
) -> None:
    key = secret(Scope.READ, Scope.LABEL)
    with start(keys_file=tmp_path / "keys.json", labels_database=f"sqlite:///{tmp_path}/labels.sqlite3") as guarded:
        visit = visits(guarded)
        page = visit.page
        page.goto(visit.root)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("This server asks for a key")
        page.locator("#key").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.locator("#key-reason")).to_contain_text("The key is not known.")
        page.locator("#key").fill(f" {key}\n")
        page.keyboard.press("Enter")
        page.locator(".about-grid").wait_for()
        box = open_sentence(page, "The bakery at the port opened on Monday.")
        choose(box, "critical")
        expect(box.locator(".votes")).to_contain_text("critical (read-label)")
        page.reload()
        expect(page.locator(".sentence .pencil")).to_contain_text("critical")
        expect(dialog).to_be_hidden()
        assert page.evaluate("localStorage.length") == 0
        assert visit.errors
        assert all("401" in error for error in visit.errors)
        visit.errors.clear()


def test_a_key_that_may_only_read_is_told_so(
    visits: Visits, start: Start, tmp_path: Any, secret: Callable[..., str]
) -> None:
    key = secret(Scope.READ)
    with start(keys_file=tmp_path / "keys.json", labels_database=f"sqlite:///{tmp_path}/labels.sqlite3") as guarded:
        visit = visits(guarded)
        visit.page.goto(visit.root)
        visit.page.locator("#key").fill(key)
        visit.page.keyboard.press("Enter")
        visit.page.locator(".about-grid").wait_for()
        box = open_sentence(visit.page, "The bakery at the mill opened on Tuesday.")
        expect(box.get_by_role("alert")).to_contain_text("The key lacks the scope label.")
        visit.errors[:] = [error for error in visit.errors if "401" not in error and "403" not in error]


def test_who_gives_no_key_is_told_and_can_try_again(
    visits: Visits, start: Start, tmp_path: Any, secret: Callable[..., str]
) -> None:
    key = secret(Scope.READ)
    with start(keys_file=tmp_path / "keys.json") as guarded:
        visit = visits(guarded)
        page = visit.page
        page.goto(visit.root)
        page.locator("#key-cancel").click()
        expect(page.locator("#about-body")).to_contain_text("It cannot be shown. Send a key")
        page.locator("#about-body").get_by_role("button", name="Try again").click()
        page.locator("#key").fill(key)
        page.keyboard.press("Enter")
        page.locator(".about-grid").wait_for()
        visit.errors[:] = [error for error in visit.errors if "401" not in error]
