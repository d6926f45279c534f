"""One Chromium and one server for all browser tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.server import application, serve

BASE = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]  # root and containers


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    """For who needs a Chromium of another kind."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright_: Playwright) -> Iterator[Browser]:
    chromium = playwright_.chromium.launch(executable_path="/usr/bin/chromium", args=BASE)
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def house() -> Iterator[str]:
    """Address of the service."""
    with serve(application()) as address:
        yield address
