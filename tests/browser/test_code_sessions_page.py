"""The page of sessions for codes in a real browser: opened with a passkey, seen, ended, without a barrier."""

import pytest
from playwright.sync_api import Browser, expect

from api.esign.build import build_api_credentials
from signer.api_credentials import Terms
from store.bulk import SqlContacts
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from tests.browser.desk import door, enrol_passkey, house, with_device, without_barriers
from tests.browser.visits import fresh_page
from tests.support.consent import ConsentHouse
from tests.support.office import PASSPHRASE
from tests.support.signing import counted_bytes

__all__ = ["door", "house"]

pytestmark = pytest.mark.browser


def test_a_session_is_opened_with_a_passkey_and_ended_at_once(browser: Browser, door: str, house: ConsentHouse) -> None:
    owner = Client(
        id="srikandi-contoh",
        name="Naskah Dinas Contoh",
        scopes=frozenset({"signature:create"}),
        state=ClientState.ACTIVE,
        created_at=house.office.at,
    )
    SqlClientStore(house.database).add(owner, "00" * 32, actor="operator")
    credentials = build_api_credentials(house.database, now=lambda: house.office.at, random_bytes=counted_bytes())
    SqlContacts(house.database).set(house.who, "ni.contoh@contoh.go.id", actor="test", at=house.office.at)
    with fresh_page(browser) as page:
        with_device(page)
        enrol_passkey(page, door, house)
        page.goto(f"{door}/desk/codes")
        expect(page.get_by_text("Belum ada aplikasi yang boleh memakai kode")).to_be_visible()
        without_barriers(page)
        credentials.add("naskah-dinas", owner.id, Terms(codes=True, description="Surat keluar"), actor="admin")
        page.goto(f"{door}/desk/codes")
        page.get_by_label("Paling banyak berapa naskah").fill("25")
        without_barriers(page)
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        page.get_by_role("button", name="Buka dengan kunci sandi").click()
        expect(page.get_by_text("0 dari 25 naskah")).to_be_visible()
        without_barriers(page)
        page.get_by_role("button", name="Akhiri sekarang").click()
        expect(page.get_by_text("Anda akhiri")).to_be_visible()
        without_barriers(page)
