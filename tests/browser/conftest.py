"""One Chromium and one server for all browser tests, and patience with slow machines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.server import application, serve

HERE = Path(__file__).parent
SECONDS = 300
"""For one test with the fixtures that it is the first to ask for."""

expect.set_options(timeout=30_000)  # milliseconds; Playwright's five are short where two workers share a busy machine

BASE = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]  # root and containers


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser that shares two cores is slow, and not stuck: each of its tests has `SECONDS`."""
    for each in items:
        if HERE in each.path.parents and each.get_closest_marker("timeout") is None:
            each.add_marker(pytest.mark.timeout(SECONDS))


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
