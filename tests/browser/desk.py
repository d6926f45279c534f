"""The pages for signatories behind a real socket, over the official's house, and what a person does on them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from litestar import Litestar, Response
from playwright.sync_api import CDPSession, Page, expect

from api.faces.desk.ports import DeskDoors
from api.faces.desk.router import desk_router
from api.headers import security_headers
from api.static.files import static_router
from signer.activation_requests import Asked
from signer.factors.passkey import RelyingParty
from store.clients import SqlClientStore
from store.database import open_database
from tests.browser.server import picture, serve
from tests.browser.visits import fits
from tests.support.authorising import pages_of, settings_of
from tests.support.consent import ConsentHouse, consent_house
from tests.support.office import PASSPHRASE
from tests.support.pki import make_pki

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def house(tmp_path: Path, sqlite_template: Path) -> Iterator[ConsentHouse]:
    """The official's house; its party is what the browser sees at `localhost`."""
    shutil.copy(sqlite_template, tmp_path / "teken.db")
    with open_database(f"sqlite+pysqlite:///{tmp_path / 'teken.db'}", 8) as database:
        yield consent_house(tmp_path, database, make_pki())


@pytest.fixture
def door(house: ConsentHouse) -> Iterator[str]:
    """The pages on `localhost`, where passkeys work without HTTPS."""
    with served_desk(house) as origin:
        yield origin


@contextmanager
def served_desk(house: ConsentHouse) -> Iterator[str]:
    """Gives the origin at which the official's pages answer until the block ends."""
    app = Litestar(
        [desk_router(doors_of(house), lambda _, error: Response("", status_code=error.status_code)), static_router()],
        before_send=[security_headers(https=False)],
        openapi_config=None,
    )
    with serve(app) as address:
        origin = address.replace("127.0.0.1", "localhost")
        party = RelyingParty(id="localhost", name="Teken", origin=origin)
        for part in (house.factors, house.sign_in, house.desk):
            part._party = party  # the port is known only now
        yield origin


def doors_of(house: ConsentHouse) -> DeskDoors:
    """As `api/consent/build.py` fits them, for a browser without HTTPS."""
    settings = settings_of(house.office.settings)
    doors, _ = pages_of(house, settings, SqlClientStore(house.database), party=lambda: house.desk._party)
    own = replace(doors.settings, domain="localhost", secure=False)
    return replace(
        doors, client_name=lambda _: "SIKD Dinas Contoh", picture=lambda _, page: picture(page), settings=own
    )


def with_device(page: Page) -> tuple[CDPSession, str]:
    """A passkey without hardware; the wire to it, and its id there."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    made = wire.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return wire, made["authenticatorId"]


def enrol_passkey(page: Page, door: str, house: ConsentHouse) -> None:
    """By the one-time link, as a person does it; logged in afterwards."""
    page.goto(f"{door}/desk/link/{house.links.invite(house.who, actor='registrar')}")
    page.locator("#passphrase").fill(PASSPHRASE.reveal())
    page.get_by_role("button", name="Lanjutkan").click()
    page.get_by_role("button", name="Kunci sandi di perangkat ini").click()
    page.get_by_label("Nama perangkat").fill("Ponsel dinas")
    page.get_by_role("button", name="Buat kunci sandi").click()
    expect(page.get_by_text("Ponsel dinas").first).to_be_visible()


def sign_in_with_code(page: Page, door: str, house: ConsentHouse, asked: Asked) -> None:
    page.goto(f"{door}/desk/a/{asked.link}")
    page.locator("#code").fill(house.code())
    page.get_by_role("button", name="Masuk dengan kode", exact=False).first.click()
    expect(page.get_by_role("button", name="Setujui dengan kode")).to_be_visible()
    house.forward(seconds=30)


def without_barriers(page: Page) -> None:
    """Axe finds nothing in either scheme, and nobody has to scroll sideways."""
    page.wait_for_load_state("load")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type] - one of the two
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url} {scheme}: {found.generate_report()}"
    fits(page)
