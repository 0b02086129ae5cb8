"""The picture of the page in the README, taken anew: ``python -m tests.screenshots``."""

import tempfile
from pathlib import Path
from typing import Final

from models.classifier import Classifier
from tests.service.live import running
from tests.service.web.browser import Visit, chromium

PICTURE: Final = Path(__file__).parents[1] / "docs" / "images" / "page.png"


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as labels,
        running(Classifier.load(), labels_database=f"sqlite:///{labels}/labels.sqlite3") as server,
        chromium() as browser,
    ):
        # Twice the pixels, for the screens that have them.
        visit = Visit(browser, server.port, viewport={"width": 1200, "height": 860}, device_scale_factor=2)
        page = visit.open()
        page.locator("#example").click()
        page.locator(".sentence").nth(5).click()
        page.locator(".push-text").wait_for()
        page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
        page.screenshot(path=PICTURE)
        visit.close()
