"""What an application asks of a person, in a real browser, from the application's own origin and back to it."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from litestar import Litestar, MediaType, get
from playwright.sync_api import Browser, Page, expect

from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from tests.browser.desk import door, enrol_passkey, house, with_device, without_barriers
from tests.browser.server import serve
from tests.browser.visits import fresh_page
from tests.support.authorising import SERVICE, SHA256, b64url, digest
from tests.support.consent import ConsentHouse
from tests.support.office import PASSPHRASE

__all__ = ["door", "house"]

pytestmark = pytest.mark.browser


@get("/kembali", media_type=MediaType.HTML, sync_to_thread=False)
def came_back() -> str:
    """The application's page: another origin than ours."""
    return "<!doctype html><title>SIKD</title><h1>Kembali di aplikasi</h1>"


@pytest.fixture
def back(house: ConsentHouse) -> Iterator[str]:
    """Where the application waits; it is registered with this address alone."""
    with serve(Litestar([came_back], openapi_config=None)) as address:
        client = Client(
            id="sikd",
            name="SIKD Dinas Contoh",
            scopes=frozenset({"service", "credential"}),
            state=ClientState.ACTIVE,
            created_at=house.office.at,
            grants=frozenset({"authorization_code"}),
            redirect_uris=(f"{address}/kembali",),
        )
        SqlClientStore(house.database).add(client, None, actor="operator")
        yield f"{address}/kembali"


def start(page: Page, door: str, back: str, **asked: str) -> None:
    """The application sends the browser."""
    page.goto(f"{door}/oauth2/authorize?{urlencode(SERVICE | {'redirect_uri': back} | asked)}")


def told(page: Page, back: str) -> dict[str, str]:
    """What the application reads of the address to which the browser came back."""
    page.wait_for_url(f"{back}?*")
    expect(page.get_by_role("heading", name="Kembali di aplikasi")).to_be_visible()
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def pictured(page: Page, name: str) -> None:
    """A picture of each width, for whoever wants to look."""
    folder = os.environ.get("TEKEN_PICTURES")
    for width in (360, 1280) if folder else ():
        page.set_viewport_size({"width": width, "height": 740})
        page.screenshot(path=str(Path(folder or "") / f"{name}-{width}.png"), full_page=True)


def test_digests_are_approved_with_passphrase_and_code_without_any_script(
    browser: Browser, door: str, house: ConsentHouse, back: str
) -> None:
    digests = ",".join(b64url(digest(number)) for number in (1, 2))
    asked = {
        "scope": "credential",
        "credentialID": house.credential.id,
        "numSignatures": "2",
        "hashes": digests,
        "hashAlgorithmOID": SHA256,
        "description": "Surat tugas dan nota dinas",
    }
    with fresh_page(browser, scripts=False) as page:
        start(page, door, back, **asked)
        page.locator("#code").fill(house.code())
        pictured(page, "login")
        page.get_by_role("button", name="Masuk dengan kode", exact=False).first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Tandatangani 2 berkas di SIKD Dinas Contoh?")
        expect(page.get_by_text("Surat tugas dan nota dinas")).to_be_visible()
        pictured(page, "digests")
        house.forward(seconds=30)
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        page.locator("#code").fill(house.code())
        page.get_by_role("button", name="Setujui dengan kode").click()
        answer = told(page, back)
    assert set(answer) == {"code", "state", "iss"}


def test_refusing_is_one_click_and_the_application_hears_of_it(
    browser: Browser, door: str, house: ConsentHouse, back: str
) -> None:
    with fresh_page(browser) as page:
        with_device(page)
        enrol_passkey(page, door, house)
        start(page, door, back)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Hubungkan SIKD Dinas Contoh")
        without_barriers(page)
        pictured(page, "service")
        page.get_by_role("button", name="Tolak").click()
        answer = told(page, back)
    assert (answer["error"], answer["state"]) == ("access_denied", "keadaan-1")


def test_a_connected_application_is_not_asked_about_again_until_it_is_withdrawn(
    browser: Browser, door: str, house: ConsentHouse, back: str
) -> None:
    with fresh_page(browser) as page:
        with_device(page)
        enrol_passkey(page, door, house)
        start(page, door, back)
        page.get_by_role("button", name="Izinkan").click()
        first = told(page, back)
        start(page, door, back)
        second = told(page, back)
        page.goto(f"{door}/desk/applications")
        without_barriers(page)
        pictured(page, "applications")
        page.get_by_role("button", name="Cabut").click()
        expect(page.get_by_text("Belum ada.")).to_be_visible()
        start(page, door, back)
        expect(page.get_by_role("button", name="Izinkan")).to_be_visible()
    assert first["code"] != second["code"]


def test_digests_are_approved_with_a_passkey(browser: Browser, door: str, house: ConsentHouse, back: str) -> None:
    asked = {
        "scope": "credential",
        "credentialID": house.credential.id,
        "numSignatures": "1",
        "hash": b64url(digest(1)),
    }
    with fresh_page(browser) as page:
        with_device(page)
        enrol_passkey(page, door, house)
        house.forward(seconds=1)
        start(page, door, back, **asked, prompt="login")
        page.get_by_role("button", name="Masuk dengan kunci sandi").click()
        expect(page.get_by_role("button", name="Setujui dengan kunci sandi")).to_be_visible()
        without_barriers(page)
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        page.get_by_role("button", name="Setujui dengan kunci sandi").click()
        answer = told(page, back)
    assert set(answer) == {"code", "state", "iss"}


def test_an_application_that_nobody_knows_is_a_page(browser: Browser, door: str, back: str) -> None:
    with fresh_page(browser) as page:
        answer = page.goto(f"{door}/oauth2/authorize?{urlencode(SERVICE | {'redirect_uri': back + '/lain'})}")
        assert answer is not None
        assert answer.status == 400
        expect(page.get_by_role("heading", level=1)).to_contain_text("Alamat tujuan tidak terdaftar")
        pictured(page, "redirect")
