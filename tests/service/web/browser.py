"""A real browser, driven over the page of a real server."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urldefrag

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

# Set where a browser has to be there, as in .ci/run: a skip would hide that nothing was tested.
REQUIRED: Final = "TESTS_REQUIRE_BROWSER"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A machine that has much else to do is slow, which is no failure.
PATIENCE: Final = 60_000
HINT: Final = "These tests drive a browser: install Chromium, with Debian's packages apt-get install chromium"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for the length of a ``with`` block; where there is none, the test is skipped or fails."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get(REQUIRED):
            pytest.fail(HINT)
        pytest.skip(HINT)
    # Root, as in a container, has no sandbox; and a container's shared memory is small.
    options = ["--disable-dev-shm-usage", "--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=options)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One person's look at the page: a tab of its own, and whatever went wrong in it.

    Args:
        browser: the browser.
        port: where the server listens on 127.0.0.1.
        path: where the page stands.
        options: of the browser's context, such as ``viewport`` or ``color_scheme``.

    Attributes:
        page: the tab.
        errors: what the browser complained of: exceptions, breaches of the content policy, failed loads.
        urls: all that the page asked for.
    """

    def __init__(self, browser: Browser, port: int, path: str = "/", **options: Any) -> None:
        self.context: BrowserContext = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.root = f"http://127.0.0.1:{port}{path}"
        self.errors: list[str] = []
        self.urls: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        self.page.on("request", lambda request: self.urls.append(request.url))

    def open(self) -> Page:
        """Load the page, and wait until the model's panel is there."""
        self.page.goto(self.root)
        self.page.locator(".about-grid").wait_for()
        return self.page

    def close(self) -> None:
        """End it, with an assertion that nothing went wrong and nobody else was asked for anything."""
        address, part = urldefrag(self.page.url)
        self.context.close()
        assert self.errors == []
        assert address == self.root
        assert part in ("", "main", "about"), "nothing goes into the address"
        assert all(url.startswith((self.root, "blob:", "data:")) for url in self.urls)


def read(page: Page, text: str) -> None:
    """Paste a text, and wait until its sentences are shown."""
    page.locator("#text").fill(text)
    page.locator("#read").click()
    page.locator("#reading").wait_for()
