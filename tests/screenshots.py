"""The pictures of the page in the documentation, taken anew: ``python -m tests.screenshots``."""

import csv
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from models.classifier import Classifier
from tests.service.live import Server, running
from tests.service.web.browser import Browser, Page, Visit, chromium

FOLDER: Final = Path(__file__).parents[1] / "docs" / "images"
# Twice the pixels: the pictures are shown on screens that have them.
SHARP: Final = {"device_scale_factor": 2}
ROWS: Final = (
    ("They came to loot and not to protect.", "A"),
    ("The delegation landed in Bamako on Monday.", "B"),
    ("Only Moscow came to help us when all the others left.", "A"),
    ("Они пришли грабить, а не защищать.", "C"),
    ("Grain exports rose by four percent.", "B"),
    ("Nobody asked the Russians to leave.", "C"),
)


def example(page: Page) -> None:
    """The example's text, with one of its sentences open."""
    page.locator("#example").click()
    page.locator(".sentence").nth(5).click()
    page.locator(".push-text").wait_for()


def table(page: Page) -> None:
    """A csv that was scored."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "posts.csv")
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("post", "outlet"), *(ROWS * 20)])
        page.locator("#file").set_input_files(path)
        page.get_by_role("button", name="Score the rows").click()
        page.get_by_role("button", name="Download the result").wait_for()
    page.locator(".row-text").nth(1).click()
    page.locator(".push-text").wait_for()


SHOTS: Final[dict[str, tuple[Callable[[Page], None], dict[str, Any]]]] = {
    "page": (example, {"viewport": {"width": 1200, "height": 860}, **SHARP}),
    "page-dark": (example, {"viewport": {"width": 1200, "height": 860}, "color_scheme": "dark", **SHARP}),
    "page-start": (lambda _: None, {"viewport": {"width": 1200, "height": 1280}}),
    "page-narrow": (example, {"viewport": {"width": 320, "height": 640}, **SHARP}),
    "page-csv": (table, {"viewport": {"width": 1200, "height": 860}, **SHARP}),
}


def take(browser: Browser, server: Server, name: str) -> None:
    """Take one picture."""
    prepare, options = SHOTS[name]
    visit = Visit(browser, server.port, **options)
    prepare(visit.open())
    visit.page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
    visit.page.screenshot(path=FOLDER / f"{name}.png")
    visit.close()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as labels,
        running(Classifier.load(), labels_database=f"sqlite:///{labels}/labels.sqlite3") as server,
        chromium() as browser,
    ):
        for name in SHOTS:
            take(browser, server, name)
