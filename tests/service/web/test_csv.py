"""A csv in a real browser: its rows scored in blocks, stopped, gone on with, filtered, saved."""

import json
import re
from pathlib import Path

from playwright.sync_api import Route, expect

from tests.service.live import Held, Server, running, until
from tests.service.web.browser import Page
from tests.service.web.conftest import Visits
from tests.service.web.tables import CRITICAL, NEUTRAL, SUPPORTIVE, choose, downloaded, posts, score


def test_a_csv_comes_back_with_its_results(page: Page, site: Server, tmp_path: Path) -> None:
    texts = [CRITICAL, f'"{NEUTRAL}"\nin two lines', "", SUPPORTIVE, "=1+1", "これは日本語の文です。"]
    score(page, posts(tmp_path, texts))
    rows = downloaded(page)
    assert [row["post"] for row in rows] == [*texts[:4], "'=1+1", *texts[5:]], "as they were, but for formulas"
    results = site.post("/v1/classify", {"texts": [text or "-" for text in texts]}).json["results"]
    for row, text, result in zip(rows, texts, results, strict=True):
        if not text:
            assert (row["label"], row["problem"]) == ("", "The text is empty.")
            continue
        assert row["label"] == result["label"]
        assert float(row["critical"]) == result["scores"]["critical"]
        assert row["prediction_set"] == "|".join(result["prediction_set"])
        assert row["unsupported"] == str(result["unsupported"]).lower()
    expect(page.locator(".problems")).to_contain_text("1 problem")
    expect(page.locator(".count-list")).to_contain_text("1 not read")


def test_the_table_is_filtered_sorted_and_explained(page: Page, tmp_path: Path) -> None:
    score(page, posts(tmp_path, [NEUTRAL, CRITICAL, SUPPORTIVE] * 30))
    rows = page.locator("#table .row-text")
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="Next").click()
    expect(rows).to_have_count(40)
    expect(page.get_by_role("button", name="Back")).to_be_focused()
    page.locator("#only-label").select_option("critical")
    expect(rows).to_have_count(30)
    page.locator("#find").fill("LOOT")
    expect(page.locator(".pager")).to_contain_text("1–30 of 30 rows")
    page.locator("#find").fill("nowhere")
    expect(page.locator(".empty")).to_contain_text("No row is like that.")
    page.locator("#find").fill("")
    page.locator("#only-label").select_option("")
    header = page.locator("th", has_text="supportive")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(rows.first).to_have_text(SUPPORTIVE)
    rows.first.click()
    expect(page.locator(".push-text")).to_be_visible()
    page.locator(".correction").get_by_role("button", name="neutral").click()
    expect(page.locator(".votes")).to_contain_text("neutral")
    page.locator(".correction").get_by_role("button", name="Undo").click()
    expect(page.locator(".votes")).to_have_count(0)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "row-text"


def test_a_scoring_is_stopped_and_keeps_what_is_done(visits: Visits, held: Held, tmp_path: Path) -> None:
    with running(held, threads=1) as server:
        page = visits(server).open()
        choose(page, posts(tmp_path, [NEUTRAL] * 250 + ["hold it"] + [NEUTRAL] * 200))
        page.get_by_role("button", name="Score the rows").click()
        until(lambda: held.entered.is_set())
        expect(page.locator("#progress-text")).to_contain_text("200 rows read")
        share = float(page.locator("progress").evaluate("bar => bar.value"))
        assert 0.3 < share < 0.6
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#progress-text")).to_contain_text("Stopped after 200 rows")
        held.let_go.set()
        assert len(downloaded(page)) == 200
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Download the result").wait_for()
        assert [row["id"] for row in downloaded(page)] == [str(number) for number in range(1, 452)]
        page.locator("#leave").click()
        expect(page.locator("#text")).to_be_focused()


def test_a_scoring_goes_on_where_the_connection_broke(visits: Visits, site: Server, tmp_path: Path) -> None:
    visit = visits(site)
    page = visit.open()
    sent: list[int] = []
    page.route("**/v1/score", lambda route: (sent.append(1), route.abort() if len(sent) == 2 else route.continue_()))
    choose(page, posts(tmp_path, [NEUTRAL] * 410))
    page.get_by_role("button", name="Score the rows").click()
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached")
    expect(page.locator("#progress-text")).to_contain_text("Stopped after 200 rows")
    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Download the result").wait_for()
    assert [row["id"] for row in downloaded(page)] == [str(number) for number in range(1, 411)]
    assert len(sent) == 4, "three blocks, one of them sent twice"
    visit.errors[:] = [error for error in visit.errors if "ERR_FAILED" not in error]


def test_rows_that_a_busy_server_left_out_are_asked_for_again(visits: Visits, site: Server, tmp_path: Path) -> None:
    page = visits(site).open()
    sent: list[int] = []

    def late(route: Route) -> None:
        """The first time, the second line is answered as where its deadline has passed."""
        sent.append(1)
        response = route.fetch()
        first, _, *rest = response.text().splitlines()
        problem = json.dumps({"line": 2, "id": 1, "status": 503, "title": "Too late", "detail": "Send it again later."})
        body = "\n".join([first, problem, *rest]) if len(sent) == 1 else response.text()
        route.fulfill(response=response, body=body)

    page.route("**/v1/score", late)
    score(page, posts(tmp_path, [CRITICAL, NEUTRAL, SUPPORTIVE]))
    rows = downloaded(page)
    assert [row["label"] for row in rows] == ["critical", "neutral", "supportive"]
    assert {row["model"] for row in rows} == {site.get("/v1/model").json["version"]}
    assert len(sent) == 2


def test_a_result_that_is_not_saved_is_not_lost_by_a_slip(page: Page, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    score(page, posts(tmp_path, [NEUTRAL]))
    page.reload()
    assert asked == ["beforeunload"]
    score(page, posts(tmp_path, [NEUTRAL]))
    downloaded(page)
    page.reload()
    assert asked == ["beforeunload"], "it is saved"


def test_a_model_released_meanwhile_is_named(page: Page, tmp_path: Path) -> None:
    before = page.locator("#about-body b").first
    version = before.inner_text()

    def newer(route: Route) -> None:
        """As the server answers after a release."""
        response = route.fetch()
        headers = {"content-type": response.headers["content-type"], "model-version": "2027.01.01-newer"}
        route.fulfill(body=response.text().replace(version, "2027.01.01-newer"), headers=headers)

    page.route(re.compile("/v1/(score|model)"), newer)
    score(page, posts(tmp_path, [NEUTRAL]))
    expect(before).to_have_text("2027.01.01-newer")
    assert [row["model"] for row in downloaded(page)] == ["2027.01.01-newer"]
