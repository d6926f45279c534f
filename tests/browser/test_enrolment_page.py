"""The page behind a one-time link, in a real browser: no barrier, no script needed, and nothing for guessers."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.sync_api import Browser, expect

from api.faces.public.enrolment import enrolment_router
from api.headers import security_headers
from api.static.files import static_router
from signer.people import Role
from store.database import open_database
from tests.browser.desk import without_barriers
from tests.browser.server import serve
from tests.browser.visits import fresh_page
from tests.support.office import ANOTHER, PASSPHRASE, TestOffice, office_in
from tests.support.pki import make_pki
from tests.unit.api.faces.public.examples import SETTINGS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[TestOffice]:
    folder = tmp_path_factory.mktemp("office")
    shutil.copy(sqlite_template, folder / "teken.db")
    with open_database(f"sqlite+pysqlite:///{folder / 'teken.db'}", 4) as database:
        yield office_in(folder, database, make_pki())


@pytest.fixture(scope="module")
def door(office: TestOffice) -> Iterator[str]:
    app = Litestar(
        [enrolment_router(office.people.registrations, SETTINGS), static_router()],
        before_send=[security_headers(https=False)],
        openapi_config=None,
    )
    with serve(app) as address:
        yield address


@pytest.mark.parametrize("token", ["A" * 43, "x", "A" * 300])
def test_a_guess_meets_a_page_that_tells_nothing(browser: Browser, door: str, token: str) -> None:
    with fresh_page(browser, scripts=False) as page:
        answer = page.goto(f"{door}/enrol/{token}")
        assert answer is not None
        assert answer.status == 404
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        expect(page.get_by_role("heading", level=1)).to_contain_text("Tautan ini tidak berlaku")


def test_every_state_of_the_page_is_without_barriers(browser: Browser, door: str, office: TestOffice) -> None:
    link = f"{door}/enrol/{office.invited().token}"
    with fresh_page(browser) as page:
        page.goto(link)
        without_barriers(page)
        page.get_by_label("Frasa sandi baru").fill("pendek")
        page.get_by_role("textbox", name="Ketik sekali lagi").fill("pendek")
        page.get_by_role("button").click()
        expect(page.get_by_role("alert")).to_contain_text("terlalu pendek")
        without_barriers(page)
        page.get_by_label("Frasa sandi baru").fill(PASSPHRASE.reveal())
        page.get_by_role("textbox", name="Ketik sekali lagi").fill(PASSPHRASE.reveal())
        page.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Sertifikat Anda sudah terbit")
        without_barriers(page)
        page.goto(link)
        without_barriers(page)


def test_enrolment_and_renewal_work_without_javascript(browser: Browser, door: str, office: TestOffice) -> None:
    invitation = office.invited()
    with fresh_page(browser, scripts=False) as page:
        page.goto(f"{door}/enrol/{invitation.token}")
        expect(page.get_by_text("I Wayan Contoh")).to_be_visible()
        page.get_by_label("Frasa sandi baru").fill(PASSPHRASE.reveal())
        page.get_by_role("textbox", name="Ketik sekali lagi").fill(ANOTHER.reveal())
        page.get_by_role("button").click()
        expect(page.get_by_role("alert")).to_contain_text("tidak sama")
        assert PASSPHRASE.reveal() not in page.content()
        page.get_by_label("Frasa sandi baru").fill(PASSPHRASE.reveal())
        page.get_by_role("textbox", name="Ketik sekali lagi").fill(PASSPHRASE.reveal())
        page.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Sertifikat Anda sudah terbit")

        [issued] = office.kept.list(signatory_id=invitation.registration.signatory.id)
        serial = issued.certificate.serial_number
        link = office.people.office.renew(office.caller(Role.REGISTRAR), serial)
        page.goto(f"{door}/enrol/{link.token}")
        expect(page.get_by_role("textbox", name="Ketik sekali lagi")).to_have_count(0)
        page.get_by_label("Frasa sandi sekarang").fill(ANOTHER.reveal())
        page.get_by_role("button").click()
        expect(page.get_by_role("alert")).to_contain_text("salah")
        page.get_by_label("Frasa sandi sekarang").fill(PASSPHRASE.reveal())
        page.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Sertifikat Anda sudah terbit")
