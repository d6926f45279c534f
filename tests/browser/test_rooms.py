"""Every page of desk and console, entered as people enter it: no barrier by day or night, none to scroll sideways."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desk import without_barriers
from tests.browser.rooms import ROOMS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize("room", ["desk", "staff", "office", "machines"])
def test_no_page_of_a_room_has_a_barrier(browser: Browser, room: str) -> None:
    seen = []
    for each in ROOMS[room](browser):
        seen.append(each.name)
        expect(each.page.get_by_role("heading", level=1)).to_be_visible()
        without_barriers(each.page)
    assert len(seen) == len(set(seen)) > 10, "each page of a room has a name of its own"
