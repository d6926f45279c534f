"""People and certificates at the console in a real browser: journeys of two people."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.desk import without_barriers
from tests.browser.office import ADMINISTRATOR, APPROVER, REGISTRAR, PeopleHouse, people_house

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[PeopleHouse]:
    with people_house(tmp_path_factory.mktemp("people"), sqlite_template) as opened:
        yield opened


def choose_file(page: Page, rows: str) -> None:
    file: FilePayload = {"name": "november.csv", "mimeType": "text/csv", "buffer": f"nama,surel\n{rows}".encode()}
    page.set_input_files("#file", files=[file])


def test_fifty_officials_are_imported_by_two_people(browser: Browser, people: PeopleHouse) -> None:
    rows = "".join(f"Pejabat Contoh Nomor {chr(65 + n // 10)}{chr(65 + n % 10)},\n" for n in range(50))
    with people.visitor(browser, REGISTRAR) as registrar, people.visitor(browser, APPROVER) as approver:
        registrar.goto(f"{people.address}/console/imports")
        choose_file(registrar, rows + "Pejabat Salah,bukan surel\n")
        registrar.get_by_role("button", name="Periksa dan lanjutkan").click()
        expect(registrar.get_by_role("heading", level=1)).to_contain_text("1 kesalahan")
        expect(registrar.get_by_role("row", name="52")).to_contain_text("surel")
        registrar.get_by_role("link", name="Pilih berkas").click()
        choose_file(registrar, rows)
        registrar.get_by_role("button", name="Periksa dan lanjutkan").click()
        registrar.get_by_role("button", name="Ajukan ke orang kedua").click()
        expect(registrar.get_by_text("Menunggu orang kedua").first).to_be_visible()

        approver.goto(f"{people.address}/console/approvals")
        approver.get_by_role("row", name="november.csv").get_by_role("link").click()
        approver.get_by_role("link", name="november.csv").click()
        expect(approver.get_by_role("row", name="Pejabat Contoh Nomor AB")).to_be_visible()
        approver.go_back()
        approver.get_by_role("button", name="Setujui").click()
        expect(approver.get_by_text("Disetujui, belum dijalankan")).to_be_visible()

        registrar.reload()
        registrar.get_by_role("button", name="Mulai mendaftarkan").click()
        expect(registrar.get_by_role("heading", name="Selesai")).to_be_visible(timeout=90_000)  # part by part
        expect(registrar.locator("progress")).to_have_attribute("value", "50")
        registrar.goto(f"{people.address}/console/officials?name=nomor")
        expect(registrar.locator("tbody tr")).to_have_count(50)


def test_a_certificate_ends_with_four_eyes_and_its_page_changes(browser: Browser, people: PeopleHouse) -> None:
    with people.visitor(browser, REGISTRAR) as registrar, people.visitor(browser, APPROVER) as approver:
        registrar.goto(people.address + people.places["official"])
        registrar.get_by_role("link", name="Cabut…").click()
        registrar.get_by_label("Pindah atau berhenti").check()
        registrar.get_by_role("button", name="Lanjutkan").click()
        expect(registrar.get_by_text("tidak seorang pun menyetujui usulannya sendiri")).to_be_visible()
        proposal = registrar.url
        approver.goto(proposal)
        expect(approver.get_by_text("I Wayan Contoh")).to_be_visible()
        approver.get_by_label("Catatan").fill("Sesuai surat mutasi.")
        approver.get_by_role("button", name="Setujui").click()
        expect(approver.get_by_text("Sesuai surat mutasi.")).to_be_visible()
        registrar.goto(people.address + people.places["official"])
        registrar.get_by_role("link", name="Buka usulan").first.click()
        registrar.get_by_role("button", name="Cabut sekarang").click()
        registrar.get_by_role("link", name="I Wayan Contoh").click()
        expect(registrar.locator(".hero").get_by_text("Dicabut")).to_be_visible()
        expect(registrar.get_by_role("link", name="Cabut…")).to_have_count(0)


def test_officials_are_found_while_somebody_types(browser: Browser, people: PeopleHouse) -> None:
    with people.visitor(browser, REGISTRAR) as page:
        page.goto(f"{people.address}/console/officials")
        page.keyboard.press("Tab")
        page.get_by_label("Nama").focus()
        page.keyboard.type("ketut")
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page).to_have_url(re.compile("name=ketut"))  # the list was asked for before the last letter, too
        expect(page.locator("[class*=htmx-]")).to_have_count(0)
        page.get_by_role("link", name="Ni Ketut Misal Dewi").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ni Ketut Misal Dewi")


def test_a_letter_is_handed_over_with_four_eyes(browser: Browser, people: PeopleHouse) -> None:
    with people.visitor(browser, ADMINISTRATOR) as administrator, people.visitor(browser, APPROVER) as approver:
        administrator.goto(people.address + people.places["official"])
        administrator.get_by_role("link", name="Surat yang menunggu").click()
        administrator.get_by_role("link", name="Serahkan").click()
        expect(administrator.get_by_text("Plh. Kepala Dinas Contoh")).to_be_visible()
        administrator.get_by_label("I Gede Andai").check()
        administrator.get_by_label("Alasan").fill("Perjalanan dinas ke luar daerah.")
        administrator.get_by_role("button", name="Ajukan ke orang kedua").click()
        expect(administrator.get_by_text("tidak seorang pun menyetujui usulannya sendiri")).to_be_visible()
        proposal = administrator.url
        approver.goto(proposal)
        expect(approver.get_by_role("heading", level=1)).to_contain_text("Perjalanan dinas ke luar daerah.")
        expect(approver.get_by_text("Surat edaran contoh")).to_be_visible()
        without_barriers(approver)
        approver.get_by_role("button", name="Setujui").click()
        expect(approver.get_by_text("Disetujui, belum dijalankan")).to_be_visible()
        administrator.goto(proposal)
        administrator.get_by_role("button", name="Serahkan").click()
        expect(administrator.locator(".hero").get_by_text("Selesai")).to_be_visible()
        administrator.goto(people.address + people.places["letters"])
        expect(administrator.get_by_text("Tidak ada yang menunggu")).to_be_visible()
