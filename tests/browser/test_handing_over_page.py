"""A letter is handed to the Plh. from the inbox, without JavaScript, and is gone from it."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from signer.appointments import ActingForm, Appointment
from signer.model import SignedAs, SigningAct
from tests.browser.desk import door, house, sign_in_with_code, without_barriers
from tests.browser.test_placing_page import pictures
from tests.browser.visits import fresh_page
from tests.support.consent import CLIENT, ConsentHouse

__all__ = ["door", "house"]

pytestmark = pytest.mark.browser


def test_a_letter_is_handed_to_who_acts_in_the_office(browser: Browser, door: str, house: ConsentHouse) -> None:
    other, today = house.office.enrolled(), house.office.at.date()
    office = SignedAs(office="Kepala Dinas Contoh")
    flow = house.flow((house.credential, SigningAct.SIGNATURE), signed_as=office)
    page_of = f"{door}/desk/documents/{flow.flow.id}/1/hand-over"
    asked = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    with fresh_page(browser) as page:
        sign_in_with_code(page, door, house, asked)
        page.get_by_role("link", name="Serahkan kepada Plh. atau Plt.").click()
        expect(page.get_by_text("Tidak ada Plh. atau Plt. yang tercatat hari ini")).to_be_visible()
        without_barriers(page)
        appointment = Appointment(
            id="a" * 32,
            signatory_id=other.signatory.id,
            form=ActingForm.PLH,
            office="Kepala Dinas Contoh",
            starts_on=today,
            ends_on=today + timedelta(days=6),
        )
        house.parts.appointments.record(appointment, actor="registrar", at=house.office.at)
        page.reload()
        expect(page.get_by_text("Plh. Kepala Dinas Contoh")).to_be_visible()
        without_barriers(page)
        pictures(page, "handing-over")
        refused = page.context.request.post(page_of, form={"csrf": "0" * 64, "appointment": appointment.id})
        assert refused.status == 403
        token = page.locator("input[name=csrf]").first.get_attribute("value") or ""
        unknown = page.context.request.post(page_of, form={"csrf": token, "appointment": "0" * 32})
        assert unknown.status == 422
        page.get_by_role("button", name="Serahkan").click()
        expect(page.get_by_role("status")).to_contain_text("Surat sudah diserahkan")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Tidak ada yang menunggu")
        without_barriers(page)
        assert page.context.request.get(page_of).status == 404
    assert house.standing(flow).flow.steps[0].credential_id == other.id
