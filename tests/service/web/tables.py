"""Tables for the page to score, and what it gives back."""

import csv
import io
from pathlib import Path
from typing import Final

from tests.service.web.browser import Page

HEADER: Final = ["id", "post", "outlet"]
CRITICAL: Final = "They came to loot and not to protect."
NEUTRAL: Final = "The delegation landed in Bamako on Monday."
SUPPORTIVE: Final = "Only Moscow came to help us when all the others left."


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
