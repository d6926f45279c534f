"""The console in a real browser: from the one-time link to a colleague's by keyboard alone."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from signer.factors.model import SignedInBy
from signer.factors.passkey import RelyingParty
from signer.factors.subjects import staff_subject
from signer.model import Secret
from signer.people import Role
from store.database import open_database
from tests.browser.desk import with_device
from tests.browser.server import serve
from tests.browser.visits import fresh_page
from tests.support.console import PASSWORD, ConsoleHouse, console_house
from tests.support.office import office_in
from tests.support.pki import make_pki
from tests.support.service import free_port

pytestmark = pytest.mark.browser

NUMBER = "5171" + "0" * 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The console behind a socket, and what stands behind it."""

    house: ConsoleHouse
    address: str

    def token(self, role: Role) -> str:
        """Of a login that has just shown its factors."""
        until = self.house.office.at.replace(year=self.house.office.at.year + 1)
        logins = self.house.entrance.logins
        return logins.begin(staff_subject(role.value), SignedInBy.PASSKEY, confirmed_until=until).token

    def logged_in(self, page: Page, role: Role) -> None:
        page.context.add_cookies([{"name": "teken-console", "value": self.token(role), "url": self.address}])


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Console]:
    folder, port = tmp_path_factory.mktemp("console"), free_port()
    shutil.copy(sqlite_template, folder / "teken.db")
    address = f"http://localhost:{port}"
    with open_database(f"sqlite+pysqlite:///{folder / 'teken.db'}", 8) as database:
        office = office_in(folder, database, make_pki())
        party = RelyingParty(id="localhost", name="Teken", origin=address)
        house = console_house(office, database, party=party)
        office.proposed()
        with serve(house.service.app(), port=port):
            yield Console(house=house, address=address)


def reach(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    page.wait_for_load_state("load")  # the headline is there before the script that shows buttons for passkeys
    said = "document.activeElement.textContent + (document.activeElement.labels?.[0]?.textContent ?? '')"
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate(said):
            return
    raise AssertionError(f"{name!r} is not reached by the keyboard")


def press(page: Page, name: str, *, to: str) -> None:
    """The same, and Enter: on to the page with that headline."""
    reach(page, name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(to)


def write(page: Page, name: str, text: str) -> None:
    """Into the field of that name."""
    reach(page, name)
    page.keyboard.type(text)


def test_from_the_link_to_a_colleagues_link_by_keyboard_alone(browser: Browser, console: Console) -> None:
    accounts = console.house.office.people.accounts
    invited = accounts.add(
        console.house.office.caller(Role.ADMINISTRATOR),
        id="kepala",
        name="Ni Contoh Kepala",
        role=Role.ADMINISTRATOR,
        number=Secret(NUMBER),
    )
    with fresh_page(browser, width=1280) as page:
        with_device(page)
        page.goto(f"{console.address}/staff/{invited.token}")
        write(page, "Kata sandi baru", PASSWORD)
        write(page, "Sekali lagi", PASSWORD)
        press(page, "Simpan dan masuk", to="Akun saya")
        expect(page.get_by_role("heading", name="Satu langkah lagi")).to_be_visible()
        press(page, "Kunci sandi di perangkat ini", to="Kunci sandi di perangkat ini")
        write(page, "Nama perangkat", "Laptop dinas")
        press(page, "Buat kunci sandi", to="Akun saya")
        expect(page.get_by_text("Laptop dinas")).to_be_visible()
        press(page, "Keluar", to="Masuk sebagai petugas")
        press(page, "Masuk dengan kunci sandi", to="Perlu perhatian")
        press(page, "Petugas", to="Petugas")
        press(page, "Tambah petugas", to="Pastikan ini Anda")
        press(page, "Dengan kunci sandi", to="Tambah petugas")
        write(page, "Nama lengkap", "I Contoh Penyetuju")
        write(page, "Nama akun", "penyetuju")
        reach(page, "Administrator")
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        write(page, "NIP atau NIK", "5171" + "1" * 12)
        press(page, "Buat akun dan tautan", to="Tautan untuk penyetuju")
        expect(page.locator("#link")).to_contain_text("/staff/")
    made = next(each for each in accounts.all() if each.id == "penyetuju")
    assert made.role is Role.APPROVER


def test_a_list_is_searched_while_typing_and_without_scripts_by_its_button(browser: Browser, console: Console) -> None:
    for scripts in (True, False):
        with fresh_page(browser, width=820, scripts=scripts) as page:
            console.logged_in(page, Role.ADMINISTRATOR)
            page.goto(f"{console.address}/console/staff")
            page.get_by_label("Nama atau akun").press_sequentially("audit")
            if not scripts:
                page.get_by_role("button", name="Cari").click()
            expect(page.locator("#list")).not_to_contain_text("Registrar Contoh")
            expect(page.locator("#list")).to_contain_text("Auditor Contoh")
            expect(page).to_have_url(re.compile("q=audit"))  # the list was asked for before the last letter, too
