"""Csv files of every kind in a real browser: encodings, delimiters, line ends, columns, length, and formulas."""

import csv
import io
import random
from pathlib import Path

from playwright.sync_api import expect

from service.spreadsheet import harmless
from tests.service.web.browser import Page
from tests.service.web.tables import CRITICAL, NEUTRAL, choose, downloaded, posts, score


def test_what_a_spreadsheet_takes_for_a_formula_is_as_the_command_has_it(page: Page) -> None:
    cells = [
        "=1+1",
        " =1",
        "+1",
        "-1.5e3",
        "-1%",
        "- no",
        "+a",
        "@x",
        "|x",
        "\tx",
        "\rx",
        "\nx",
        "＝1",
        "1",
        "a=1",
        "",
        "'=1",
    ]
    found = page.evaluate(
        """async cells => {
            const { csvLines } = await import("./page/download.js");
            return csvLines(cells.map(cell => [cell, "-"]));
        }""",
        cells,
    )
    assert [row[0] for row in csv.reader(io.StringIO(found, newline=""))] == [harmless(cell) for cell in cells]


def test_a_header_may_hold_line_ends_and_blank_lines_before_it(page: Page, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(
        f'\r\n\r\n"id, or\r\nnumber";"the ""post"""\r\n1;"{CRITICAL}"\r\n', "utf-8", newline=""
    )
    choose(page, tmp_path / "odd.csv")
    expect(page.locator(".column-choice")).to_have_count(2)
    expect(page.locator(".column-choice").nth(1)).to_contain_text(CRITICAL)
    page.locator(".column-choice").nth(1).click()
    page.get_by_role("button", name="Score the rows").click()
    page.get_by_role("button", name="Download the result").wait_for()
    assert downloaded(page)[0]['the "post"'] == CRITICAL


def test_a_long_table_keeps_the_strongest_and_the_file_keeps_all(page: Page, tmp_path: Path) -> None:
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


def test_rows_are_cut_right_wherever_a_slice_ends(page: Page) -> None:
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
