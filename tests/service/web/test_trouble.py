"""When something is wrong: a server that is busy or gone, limits, and texts that would like to be markup."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import expect

from tests.service.conftest import Start
from tests.service.live import Held, Server, classify, running, until, waiting
from tests.service.web.browser import Page, read
from tests.service.web.conftest import Visits
from tests.service.web.tables import score

NASTY = [
    '<img src=x onerror="window.broken=1">',
    "<script>window.broken=1</script>",
    '"><svg onload=window.broken=1>',
    "javascript:window.broken=1",
    "<b>bold</b> & &lt;b&gt; ${window.broken=1} {{window.broken=1}}",
]


def test_a_busy_server_is_waited_for(visits: Visits, held: Held) -> None:
    with running(held, threads=1, max_waiting_tokens=1) as full, ThreadPoolExecutor(2) as clients:
        visit = visits(full)
        page = visit.open()
        first = clients.submit(classify, full, "hold")
        assert held.entered.wait(60)
        second = clients.submit(classify, full, "b")
        until(lambda: waiting(full) == 1)
        page.locator("#text").fill("The delegation landed in Bamako on Monday.")
        page.locator("#read").click()
        expect(page.locator("#notices")).to_contain_text("The server is busy. Trying again in")
        held.let_go.set()
        expect(page.locator(".sentence")).to_have_count(1)
        expect(page.locator("#notices")).to_be_empty()
        assert [first.result().status, second.result().status] == [200, 200]
        assert visit.errors
        assert all("429" in error for error in visit.errors)
        visit.errors.clear()


def test_a_server_that_is_gone_is_told_and_can_be_tried_again(visits: Visits, start: Start) -> None:
    with start() as server:
        visit = visits(server)
        page = visit.open()
    page.locator("#text").fill("The delegation landed in Bamako on Monday.")
    page.locator("#read").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The server cannot be reached")
    expect(page.locator("#text")).to_have_value("The delegation landed in Bamako on Monday.")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_contain_text("The server cannot be reached")
    assert visit.errors
    assert all("ERR_CONNECTION_REFUSED" in error for error in visit.errors)
    visit.errors.clear()


def test_limits_are_told_before_and_after_sending(visits: Visits, start: Start) -> None:
    with start(max_document_characters=60, max_sentences=2) as narrow:
        visit = visits(narrow)
        page = visit.open()
        page.locator("#text").fill("a" * 61)
        expect(page.locator("#text-length")).to_contain_text("61 of at most 60 characters.")
        expect(page.locator("#read")).to_be_disabled()
        page.locator("#text").fill("One came. Two went. Three stayed. Four slept.")
        page.locator("#read").click()
        expect(page.get_by_role("alert")).to_contain_text("The text has 4 sentences; a document may have 2.")
        expect(page.locator("#input")).to_be_visible()
        assert all("413" in error for error in visit.errors)
        visit.errors.clear()


def test_nothing_to_read_is_asked_for_and_nothing_is_sent(visits: Visits, site: Server) -> None:
    visit = visits(site)
    page = visit.open()
    before = len(visit.urls)
    page.locator("#text").fill(" \n ")
    page.locator("#read").click()
    expect(page.locator("#text")).to_be_focused()
    assert visit.urls[before:] == []


def test_markup_in_a_text_stays_text(page: Page) -> None:
    read(page, "\n\n".join(NASTY))
    for text in NASTY:
        expect(page.locator("#sentences")).to_contain_text(text)
    for sentence in page.locator(".sentence").all():
        sentence.click()
        expect(page.locator(".push-text")).to_be_visible()
    _unharmed(page)


def test_markup_in_a_csv_stays_text(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "<img src=x onerror=window.broken=1>.csv"
    quoted = [text.replace('"', '""') for text in NASTY]
    file.write_text("\n".join(f'"{text}","{text}"' for text in quoted), "utf-8")
    score(page, file)
    expect(page.locator("#table-title")).to_have_text(file.name)
    expect(page.locator("#table tbody")).to_contain_text(NASTY[1])
    page.locator(".row-text").first.click()
    expect(page.locator(".push-text")).to_be_visible()
    _unharmed(page)


def test_half_a_letter_does_no_harm(page: Page) -> None:
    page.locator("#text").evaluate("area => { area.value = 'The delegation \\ud83d landed in Bamako.' }")
    page.locator("#read").click()
    expect(page.locator(".sentence")).to_contain_text("The delegation \ufffd landed in Bamako.")


def _unharmed(page: Page) -> None:
    assert page.evaluate("window.broken") is None
    assert page.locator("main img, main script, main svg[onload]").count() == 0
