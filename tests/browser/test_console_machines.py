"""Machines and figures at the console in a real browser: what people do there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from signer.people import Role
from tests.browser.machines import WEBHOOK, MachineHouse, machine_house
from tests.browser.visits import leave

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[MachineHouse]:
    with machine_house(tmp_path_factory.mktemp("machines"), sqlite_template) as opened:
        yield opened


def test_a_stamp_is_drawn_anew_while_somebody_types(browser: Browser, machines: MachineHouse) -> None:
    with machines.visitor(browser, Role.ADMINISTRATOR) as page:
        page.goto(f"{machines.address}/console/stamps")
        before = page.locator("#tried img").get_attribute("src")
        page.get_by_label("Nama").fill("Ni Luh Contoh Lestari, S.Kom.")
        expect(page.locator("#tried img")).not_to_have_attribute("src", before or "")
        page.get_by_label("Templat").select_option("paraf")
        expect(page.locator("#drawn")).to_contain_text("paraf")


def test_an_application_gets_its_secret_and_its_credential(browser: Browser, machines: MachineHouse) -> None:
    with machines.visitor(browser, Role.ADMINISTRATOR) as page:
        page.goto(f"{machines.address}/console/clients")
        page.get_by_role("link", name="Daftarkan aplikasi").click()
        page.get_by_label("Pengenal").fill("spj-contoh")
        page.get_by_label("Nama yang dilihat pejabat").fill("Aplikasi SPJ Contoh")
        page.locator('input[value="signature:create"]').check()
        page.get_by_label("Jaringan asal").fill("bukan jaringan")
        page.get_by_role("button", name="Daftarkan").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Jaringan asal").fill("10.30.0.0/16")
        page.get_by_role("button", name="Daftarkan").click()
        expect(page.get_by_role("heading", name="Aplikasi terdaftar")).to_be_visible()
        assert len(page.locator("#secret").inner_text()) >= 40
        page.goto(f"{machines.address}/console/gateway/new")
        page.get_by_label("Nama pengguna").fill("spj-api")
        page.get_by_label("Pengenal aplikasi").fill("spj-contoh")
        page.get_by_role("button", name="Buat").click()
        expect(page.get_by_role("heading", name="Kredensial dibuat")).to_be_visible()
        assert len(page.locator("#secret").inner_text()) >= 24


def test_a_report_is_printed_with_its_charts(browser: Browser, machines: MachineHouse) -> None:
    with machines.visitor(browser, Role.ADMINISTRATOR) as page:
        page.goto(f"{machines.address}/console/reports")
        expect(page.locator(".chart svg")).to_have_count(3)
        page.get_by_text("Angkanya").first.click()
        expect(page.locator(".figures tbody tr").first).to_be_visible()
        page.get_by_role("link", name="Bulan lalu").click()
        expect(page.locator('.choices [aria-current="true"]')).to_contain_text("Bulan lalu")
        page.emulate_media(media="print")
        expect(page.locator(".menu-wide")).to_be_hidden()
        expect(page.locator(".chart svg").first).to_be_visible()
        assert page.pdf().startswith(b"%PDF-")


def test_a_cancelled_job_and_a_delivery_begin_anew(browser: Browser, machines: MachineHouse) -> None:
    with machines.visitor(browser, Role.ADMINISTRATOR) as page:
        page.goto(f"{machines.address}/console/jobs?which=cancelled")
        page.get_by_role("button", name="Ulangi").click()
        expect(page.get_by_text("Tidak ada pekerjaan seperti itu")).to_be_visible()
        page.goto(f"{machines.address}/console/webhooks/{WEBHOOK}")
        page.get_by_role("button", name="Jeda").click()
        expect(page.get_by_text("Dijeda")).to_be_visible()
        leave(page, page.get_by_role("button", name="Aktifkan lagi"))
        page.get_by_role("button", name="Kirim ulang").nth(1).click()
        expect(page.get_by_role("row", name="Menunggu").first).to_be_visible()
