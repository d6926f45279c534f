"""What was signed, and one's own certificate, in a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desk import door, house, sign_in_with_code, without_barriers
from tests.browser.visits import fresh_page, leave
from tests.support.consent import ConsentHouse, pdf

__all__ = ["door", "house"]

pytestmark = pytest.mark.browser


def test_history_and_certificate_are_found_and_without_barriers(
    browser: Browser, door: str, house: ConsentHouse
) -> None:
    asked = house.asked(pdf(1), pdf(2))
    waiting = house.asked(pdf(3))
    with fresh_page(browser) as page:
        sign_in_with_code(page, door, house, asked)
        page.goto(f"{door}/desk/history")
        expect(page.get_by_role("heading", name="Belum ada")).to_be_visible()
        house.opened(asked, session=house.approving.behind(asked.link).session)  # type: ignore[arg-type, union-attr] - opened
        house.approve(asked, house.totp(), session=house.approving.behind(asked.link).session)  # type: ignore[arg-type, union-attr] - opened
        page.reload()
        expect(page.get_by_role("list").get_by_role("link")).to_have_count(2)
        without_barriers(page)
        page.goto(f"{door}/desk/history?since=kemarin")
        expect(page.get_by_role("alert")).to_contain_text("Tulis tanggal")
        table = page.context.request.get(f"{door}/desk/history?format=csv")
        assert table.headers["content-type"].startswith("text/csv")
        assert len(table.text().splitlines()) == 3
        leave(page, page.get_by_role("link", name="Sertifikat"))
        expect(page.get_by_text("Berlaku", exact=False).first).to_be_visible()
        expect(page.get_by_text("hari lagi")).to_have_count(0)
        without_barriers(page)
        left = house.credential.certificate.not_valid_after_utc - house.office.at
        house.forward(seconds=(left - timedelta(days=20)).total_seconds())
    with fresh_page(browser) as page:
        again = house.asked(pdf(4))
        sign_in_with_code(page, door, house, again)
        page.goto(f"{door}/desk")
        expect(page.get_by_text("berakhir 19 hari lagi")).to_be_visible()
        without_barriers(page)
        assert house.approving.behind(waiting.link) is not None
