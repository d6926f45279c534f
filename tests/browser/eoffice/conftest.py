"""One province for all journeys of a worker."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.eoffice.ground import Ground, province


@pytest.fixture(scope="session")
def ground(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with province(browser, tmp_path_factory.mktemp("province")) as made:
        yield made
