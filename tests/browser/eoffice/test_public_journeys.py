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
WITHDRAWN = "sudah DICABUT pada"


def test_a_citizen_applies_holds_a_permit_and_sees_it_withdrawn(ground: Ground) -> None:
    offer(ground, SERVICE, "izin")
    with ground.citizen(f"{ground.office}/licensing/apply") as citizen:
        code = applied(citizen, SERVICE, "Menjual kopi")

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

        withdraw(ground, clerk, "Syarat tidak dipenuhi lagi")
        follow(citizen, ground, code, "Dicabut")
        citizen.goto(public)
        expect(citizen.locator("main")).to_contain_text(re.compile("dicabut", re.IGNORECASE))


def test_a_certificate_that_nobody_signs_is_sealed_verified_and_withdrawn(ground: Ground) -> None:
    offer(ground, "Sertifikat standar usaha", "sertifikat standar")
    with ground.citizen(f"{ground.office}/licensing/apply") as citizen:
        code = applied(citizen, "Sertifikat standar usaha", "Menjahit pakaian")
        clerk = ground.at_office("bagus")
        clerk.goto(f"{ground.office}/licensing")
        leave(clerk, clerk.get_by_role("link", name="Menjahit pakaian"))
        leave(clerk, clerk.get_by_role("button", name="Periksa"))
        expect(clerk.locator("[name=signatory]")).to_have_count(0)
        leave(clerk, clerk.get_by_role("button", name="Setujui"))
        leave(clerk, clerk.locator("#paper + ul a"))
        public = ground.signed(clerk)

        follow(citizen, ground, code, "Terbit")
        with citizen.expect_download() as saved:
            citizen.get_by_role("button", name="Unduh").click()
        held = saved.value.path().read_bytes()
        citizen.goto(public)
        expect(citizen.locator("main")).to_contain_text("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu")
        expect(citizen.locator("main")).to_contain_text("Berlaku sampai")
        expect(citizen.locator("main")).not_to_contain_text(WITHDRAWN)
        expect(citizen.get_by_text(HOLDER)).to_have_count(0)
        assert "Dokumen uji coba" in verdict_on(citizen, ground, held)

        withdraw(ground, clerk, "Data usaha tidak benar")
        citizen.goto(public)
        expect(citizen.locator("main")).to_contain_text(WITHDRAWN)
        assert WITHDRAWN in verdict_on(citizen, ground, held)
        follow(citizen, ground, code, "Dicabut")


def offer(ground: Ground, title: str, kind: str) -> None:
    """The head of the agency opens a service."""
    head = ground.at_office("kadis-dpmptsp")
    head.goto(f"{ground.office}/licensing/services")
    head.locator("[name=title]").fill(title)
    head.locator("[name=kind]").select_option(kind)
    head.locator("[name=needs]").fill("Denah lokasi")
    head.get_by_role("button", name="Buka layanan").click()
    expect(head.locator("main")).to_contain_text(title)


def applied(citizen: Page, service: str, activity: str) -> str:
    """A citizen fills in the form; the code."""
    citizen.get_by_label(service).check()
    asked = {"holder": HOLDER, "address": "Jalan Contoh 7", "contact": "0800-0000", "location": "Banjar Contoh"}
    for name, value in {**asked, "activity": activity}.items():
        citizen.locator(f"[name={name}]").fill(value)
    citizen.get_by_role("button", name="Kirim").click()
    expect(citizen.locator("main")).to_contain_text("Simpan kode ini")
    return citizen.locator("code").inner_text()


def withdraw(ground: Ground, clerk: Page, why: str) -> None:
    """From the paper's page in the office."""
    clerk.get_by_text("Cabut naskah ini").click()
    clerk.locator("[name=note]").fill(why)
    leave(clerk, clerk.get_by_role("button", name="Cabut", exact=True))
    ground.until(clerk, "Dicabut")


def verdict_on(citizen: Page, ground: Ground, content: bytes) -> str:
    """What Teken's page says of a file that somebody holds."""
    citizen.goto(f"{ground.teken}/")
    citizen.locator("input[type=file]").set_input_files(
        files=[{"name": "sertifikat.pdf", "mimeType": "application/pdf", "buffer": content}]
    )
    leave(citizen, citizen.get_by_role("button", name="Periksa berkas"))
    return citizen.locator("main").inner_text()


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


def test_minutes_are_signed_by_the_whole_committee_at_once_and_verified(ground: Ground) -> None:
    committee = ("karo-pbj", "pokja-1", "pokja-2")
    page = ground.at_office("pokja-2")
    page.goto(f"{ground.office}/f/procurement/new/berita%20acara%20pengadaan")
    page.locator("[name=subject]").fill("Pembukaan penawaran meja Umpama")
    page.locator("[name=package]").fill("PKT-UMPAMA-2")
    page.locator("[name=title]").fill("Meja ruang layanan")
    page.locator("[name=about]").select_option("pembukaan")
    page.locator("[name=body]").fill("Satu penawaran dibuka.")
    page.locator("[name='bidders.bidder']").first.fill("CV Umpama Rahasia")
    page.locator("[name='bidders.offer']").first.fill("240000000")
    for turn, person in enumerate(committee):
        page.locator("[name=committee]").nth(turn).select_option(person)
    leave(page, page.get_by_role("button", name="Simpan konsep"))
    leave(page, page.get_by_role("button", name="Lepas untuk ditandatangani"))
    ground.until(page, "Sedang ditandatangani")

    asked = {person: ground.asked_for_everything(person) for person in committee}
    assert ground.approve(asked.pop("pokja-2")) == 1, "all three have it open, and the last one is the quickest"
    for person, desk in asked.items():  # what they looked at has one signature more now: nobody signs what they saw not
        desk.get_by_role("button", name="Setujui dengan kunci sandi").click()
        expect(desk.get_by_role("heading", level=1)).to_contain_text("Tidak ada yang dapat ditandatangani")
        expect(desk.locator("main")).to_contain_text("karena orang lain menandatanganinya")
        assert ground.approve_everything(person) == 1
    public = ground.signed(page)
    with ground.citizen(public) as citizen:
        for name in ("I Nyoman Contoh Sudarma", "Ni Made Umpama Sari", "I Ketut Misal Arta"):
            expect(citizen.locator("main")).to_contain_text(name)
        expect(citizen.get_by_text("CV Umpama Rahasia")).to_have_count(0)
        citizen.goto(f"{ground.office}/open/procurement")
        link = ground.appears(citizen, "Pembukaan penawaran meja Umpama")
        assert link.get_attribute("href") == public
