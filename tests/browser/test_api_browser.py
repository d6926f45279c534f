"""The API browser under the strict Content-Security-Policy."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visits import fresh_page

pytestmark = pytest.mark.browser


def test_it_lists_the_operations_and_loads_nothing_from_elsewhere(browser: Browser, house: str) -> None:
    with fresh_page(browser, width=1280) as page:
        hosts: set[str] = set()
        page.on(
            "request", lambda request: hosts.add(request.url.split("/")[2]) if request.url.startswith("http") else None
        )
        page.goto(f"{house}/docs")
        operation = page.get_by_text("/api/example")
        expect(operation).to_be_visible()
        operation.click()
        page.get_by_role("button", name="Execute").click()
        expect(page.get_by_text('"hello": "world"').first).to_be_visible()
        assert hosts == {house.removeprefix("http://")}
