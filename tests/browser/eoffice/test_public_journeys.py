"""What the public asks for and sees: a permit to its withdrawal, receipts out of one feed, an announced tender."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.eoffice.ground import SIGNING_SECONDS, WITA, Ground
from tests.browser.visits import leave
from tests.support import waiting
from tests.unit.eoffice.test_payments import ROW, csv_of

pytestmark = [pytest.mark.browser, pytest.mark.hsm, pytest.mark.timeout(600)]

SERVICE = "Izin warung kopi"
HOLDER = "Warung Umpama Sejahtera"


def test_a_citizen_applies_holds_a_permit_and_sees_it_withdrawn(ground: Ground) -> None:
    head = ground.at_office("kadis-dpmptsp")
    head.goto(f"{ground.office}/licensing/services")
    head.locator("[name=title]").fill(SERVICE)
    head.locator("[name=needs]").fill("Denah lokasi")
    head.get_by_role("button", name="Buka layanan").click()
    expect(head.locator("main")).to_contain_text(SERVICE)

    with ground.citizen(f"{ground.office}/licensing/apply") as citizen:
        citizen.get_by_label(SERVICE).check()
        asked = {"holder": HOLDER, "address": "Jalan Contoh 7", "contact": "0800-0000", "location": "Banjar Contoh"}
        for name, value in {**asked, "activity": "Menjual kopi"}.items():
            citizen.locator(f"[name={name}]").fill(value)
        citizen.get_by_role("button", name="Kirim").click()
        expect(citizen.locator("main")).to_contain_text("Simpan kode ini")
        code = citizen.locator("code").inner_text()

        clerk = ground.at_office("bagus")
        clerk.goto(f"{ground.office}/licensing")
        clerk.get_by_role("link", name="Menjual kopi").click()
        clerk.get_by_role("button", name="Periksa").click()
        clerk.locator("[name=signatory]").select_option("kadis-dpmptsp")
        clerk.get_by_role("button", name="Setujui").click()
        leave(clerk, clerk.locator("#paper + ul a"))
        ground.until(clerk, "Sedang ditandatangani")
        assert ground.approve_everything("kadis-dpmptsp") == 1
        public = ground.signed(clerk)

        follow(citizen, ground, code, "Terbit")
        with citizen.expect_download() as saved:
            citizen.get_by_role("button", name="Unduh").click()
        assert saved.value.path().read_bytes().startswith(b"%PDF-")
        assert citizen.get_by_role("link", name="Periksa keasliannya").get_attribute("href") == public
        citizen.goto(public)
        expect(citizen.get_by_text(HOLDER)).to_have_count(0)
        expect(citizen.get_by_text("Berlaku sampai", exact=False).first).to_be_visible()

        clerk.get_by_text("Cabut naskah ini").click()
        clerk.locator("[name=note]").fill("Syarat tidak dipenuhi lagi")
        leave(clerk, clerk.get_by_role("button", name="Cabut", exact=True))
        ground.until(clerk, "Dicabut")
        follow(citizen, ground, code, "Dicabut")
        citizen.goto(public)
        expect(citizen.locator("main")).to_contain_text(re.compile("dicabut", re.IGNORECASE))


def follow(citizen: Page, ground: Ground, code: str, state: str) -> None:
    """Who has the code of the application asks how it stands, until it stands so."""

    def stands() -> str:
        citizen.goto(f"{ground.office}/licensing/apply/status")
        citizen.locator("[name=code]").fill(code)
        leave(citizen, citizen.get_by_role("button", name="Lihat"))
        return citizen.locator("main .state").first.inner_text()

    waiting.follow(stands, lambda said: state in said)


def test_receipts_out_of_a_feed_are_sealed_and_verified(ground: Ground) -> None:
    page = ground.at_office("sinta")
    page.goto(f"{ground.office}/vehicle-tax")
    paid = {**ROW, "paid_on": f"{datetime.now(WITA) - timedelta(days=1):%Y-%m-%d}"}
    rows = [{**paid, "reference": f"PERJALANAN-{number}"} for number in range(5)]
    feed = {"name": "setoran.csv", "mimeType": "text/csv", "buffer": csv_of(*rows)}
    page.locator("[name=document]").set_input_files(files=[feed])  # type: ignore[list-item]
    page.locator("button", has_text="Kirim").click()
    sealed = page.get_by_text("5 dari 5 disegel")
    expect(sealed).to_be_visible(timeout=SIGNING_SECONDS * 1000)  # the page looks again by itself

    page.goto(f"{ground.office}/vehicle-tax")
    page.locator("[name=reference]").fill("PERJALANAN-3")
    page.get_by_role("button", name="Cari bukti").click()
    expect(page.locator("main .state").first).to_contain_text("Disegel")
    page.get_by_role("link", name="Periksa keasliannya").click()
    page.wait_for_url(f"{ground.teken}/v/**")
    expect(page.locator("main")).to_contain_text("PERJALANAN-3")
    expect(page.locator("main")).to_contain_text("Badan Pendapatan Daerah")
    expect(page.get_by_text(ROW["owner"])).to_have_count(0)


def test_an_announcement_is_sealed_listed_for_everybody_and_verified(ground: Ground) -> None:
    page = ground.at_office("pokja-2")
    page.goto(f"{ground.office}/f/procurement/new/pengumuman%20pengadaan")
    page.locator("[name=subject]").fill("Pengadaan kursi Umpama")
    page.locator("[name=package]").fill("PKT-UMPAMA-1")
    page.locator("[name=title]").fill("Kursi ruang layanan")
    page.locator("[name=method]").select_option("tender")
    page.locator("[name=ceiling]").fill("250000000")
    page.locator("[name=body]").fill("Kursi untuk ruang layanan publik.")
    for name, value in (("stage", "Pemasukan penawaran"), ("since", "2026-12-01"), ("until", "2026-12-08")):
        page.locator(f"[name='schedule.{name}']").first.fill(value)
    page.get_by_role("button", name="Simpan konsep").click()
    leave(page, page.get_by_role("button", name="Lepas untuk ditandatangani"))
    ground.signed(page)
    with ground.citizen(f"{ground.office}/open/procurement") as citizen:
        ground.appears(citizen, "Pengadaan kursi Umpama").click()
        citizen.wait_for_url(f"{ground.teken}/v/**")
        expect(citizen.locator("main")).to_contain_text("Biro Pengadaan Barang dan Jasa")
        expect(citizen.locator("main")).to_contain_text("Pengadaan kursi Umpama")
