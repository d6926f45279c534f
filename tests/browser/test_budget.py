"""The page behind a QR on a village phone: 400 kbit/s, 300 ms, a processor six times slower."""

import pytest
from playwright.sync_api import Browser

from tests.browser.server import code_of
from tests.browser.visits import fresh_page

pytestmark = pytest.mark.browser

MOST_BYTES = 100_000
MOST_REQUESTS = 8
SLOWEST_PAINT = 2_500
"""Milliseconds to the largest contentful paint."""

LARGEST_PAINT = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
  .observe({type: "largest-contentful-paint", buffered: true}))"""


def test_the_page_of_a_code_is_light_and_soon_there(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        weights: dict[str, int] = {}
        wire = page.context.new_cdp_session(page)
        wire.on(
            "Network.loadingFinished", lambda event: weights.update({event["requestId"]: event["encodedDataLength"]})
        )
        wire.send("Network.enable")
        wire.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000},
        )
        wire.send("Emulation.setCPUThrottlingRate", {"rate": 6})
        page.goto(f"{house}/v/{code_of('genuine')}", wait_until="networkidle")
        painted = page.evaluate(LARGEST_PAINT)
        assert (sum(weights.values()) <= MOST_BYTES, len(weights) <= MOST_REQUESTS, painted <= SLOWEST_PAINT) == (
            True,
            True,
            True,
        ), f"{sum(weights.values())} bytes in {len(weights)} requests, largest paint after {painted:.0f} ms"
