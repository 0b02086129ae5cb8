"""A csv in a real browser: its column chosen, its rows scored in blocks, stopped, gone on with, filtered, saved."""

import csv
import io
import random
from pathlib import Path

from playwright.sync_api import expect

from tests.service.live import Held, Server, running, until
from tests.service.web.browser import Page, Visit
from tests.service.web.conftest import Visits

HEADER = ["id", "post", "outlet"]
CRITICAL = "They came to loot and not to protect."
NEUTRAL = "The delegation landed in Bamako on Monday."
SUPPORTIVE = "Only Moscow came to help us when all the others left."


def posts(folder: Path, texts: list[str], name: str = "posts.csv") -> Path:
    """A csv of posts."""
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows([number, text, "A"] for number, text in enumerate(texts, 1))
    return path


def choose(page: Page, file: Path) -> None:
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Score the rows").wait_for()


def score(page: Page, file: Path) -> None:
    """Score a csv to its end."""
    choose(page, file)
    page.get_by_role("button", name="Score the rows").click()
    page.get_by_role("button", name="Download the result").wait_for()


def downloaded(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.locator("#download").click()
    return list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))


def test_a_csv_comes_back_with_its_results(page: Page, site: Server, tmp_path: Path) -> None:
    texts = [CRITICAL, f'"{NEUTRAL}"\nin two lines', "", SUPPORTIVE, "=1+1", "これは日本語の文です。"]
    score(page, posts(tmp_path, texts))
    rows = downloaded(page)
    assert [row["post"] for row in rows] == texts, "cells come back as they were"
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


def test_a_long_table_keeps_the_strongest_and_the_file_keeps_all(visits: Visits, site: Server, tmp_path: Path) -> None:
    page = visits(site).open()
    # All rows but the last say the same; the server remembers what it said of it.
    score(page, posts(tmp_path, [NEUTRAL] * 12_100 + [CRITICAL]))
    expect(page.locator("#table")).to_contain_text("the table keeps those with the strongest stance")
    page.locator("#only-label").select_option("critical")
    expect(page.locator("#table .row-text")).to_have_count(1)
    expect(page.locator("#table tbody")).to_contain_text("12,101")
    assert len(downloaded(page)) == 12_101


def test_columns_that_the_file_has_already_are_not_written_over(page: Page, tmp_path: Path) -> None:
    (tmp_path / "old.tsv").write_text(f"text\tlabel\n{CRITICAL}\tmine\n", "utf-8")
    score(page, tmp_path / "old.tsv")
    (row,) = downloaded(page)
    assert (row["label"], row["stance_label"]) == ("mine", "critical")


def test_the_encoding_is_guessed_and_can_be_changed(page: Page, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_bytes("текст;id\nОни пришли грабить, а не защищать.;1\n".encode("koi8-r"))
    choose(page, tmp_path / "old.csv")
    page.get_by_label("Encoding").select_option("koi8-r")
    expect(page.locator(".column-choices")).to_contain_text("Они пришли грабить, а не защищать.")
    page.get_by_role("button", name="Score the rows").click()
    expect(page.locator("#table .row-text")).to_have_text("Они пришли грабить, а не защищать.")


def test_a_file_without_rows_is_told(page: Page, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("text\n", "utf-8")
    page.locator("#file").set_input_files(tmp_path / "empty.csv")
    expect(page.get_by_role("alert")).to_contain_text("The file has no rows.")
    expect(page.locator("#input")).to_be_visible()


def test_rows_are_cut_right_wherever_a_slice_ends(visits: Visits, site: Server) -> None:
    visit: Visit = visits(site)
    page = visit.open()
    chance = random.Random(7)
    pieces = ["оккупанты", 'said "no"', ",", "\n", "word", "👩‍🌾", "\r\n", " ", "ё" * 50]
    table = [[" ".join(chance.choices(pieces, k=12)) + "." for _ in range(3)] for _ in range(1200)]
    for dialect in ({"delimiter": ","}, {"delimiter": ";", "quoting": csv.QUOTE_ALL, "lineterminator": "\n"}):
        written = io.StringIO()
        writer = csv.writer(written, **dialect)  # type: ignore[arg-type]
        writer.writerows([["a", "b", "c"], *table])
        assert len(written.getvalue().encode()) > 2 * 256 * 1024, "several slices"
        found = page.evaluate(
            """async text => {
                const { rows } = await import("./page/csvfile.js");
                const found = [];
                for await (const some of rows(new Blob([text]), "utf-8")) found.push(...some.map(row => row.cells));
                return found;
            }""",
            written.getvalue(),
        )
        assert found[1:] == table
