"""Attendance, appraisal and a meeting, from the first press to what a citizen sees: only what is the public's."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.eoffice.ground import Ground, look_again, within_one_day
from tests.browser.visits import leave

pytestmark = [pytest.mark.browser, pytest.mark.hsm, pytest.mark.timeout(600)]

HERE = {"latitude": -8.67051, "longitude": 115.21262, "accuracy": 9}
PHONE = {"width": 390, "height": 844}


def test_somebody_checks_in_near_the_office_and_last_month_is_sealed(ground: Ground) -> None:
    today, page = within_one_day(), ground.at_office("ayu")
    page.goto(f"{ground.office}/attendance/places")
    page.locator("#field-agency").select_option("bkpsdm")
    page.locator("#field-name").fill("Kantor BKPSDM")
    page.locator("#field-position").fill("-8.6705")
    page.locator("#field-longitude").fill("115.2126")
    page.get_by_role("button", name="Tambahkan").first.click()
    expect(page.locator("main")).to_contain_text("Kantor BKPSDM")

    phone = page.context
    page.set_viewport_size(PHONE)
    page.goto(f"{ground.office}/attendance")
    page.get_by_role("button", name="Presensi masuk").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("Izin lokasi ditolak")
    phone.grant_permissions(["geolocation"], origin=ground.office)
    phone.set_geolocation({**HERE, "latitude": -8.5})
    page.get_by_role("button", name="Presensi masuk").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("presensi berlaku sampai 100 m")
    phone.set_geolocation(HERE)
    page.get_by_role("button", name="Presensi masuk").click()
    expect(page.get_by_role("button", name="Presensi pulang")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Kantor BKPSDM")
    page.set_viewport_size({"width": 1280, "height": 900})

    last = today.replace(day=1) - timedelta(days=1)
    page.goto(f"{ground.office}/attendance/agency?month={last:%Y-%m}")
    leave(page, page.get_by_role("button", name="Segel rekap bulan ini"))
    leave(page, ground.appears(page, "Rekapitulasi presensi"))
    _public_shows_nothing(ground, ground.signed(page), "Rekapitulasi presensi")


def test_employees_acknowledge_first_and_the_appraiser_signs_all_at_once(ground: Ground) -> None:
    """One who can sign initials at Teken; one who cannot acknowledges in the office."""
    chief, staff = ground.at_office("kadis-kominfo"), {name: ground.at_office(name) for name in ("gede", "pptk")}
    sheets = {name: _proposed(ground, page) for name, page in staff.items()}
    for name, page in staff.items():
        _pressed(chief, sheets[name], "Setujui")
        page.goto(sheets[name])
        page.get_by_label("Realisasi 1").fill("98 permohonan")
        leave(page, page.get_by_role("button", name="Laporkan hasil"))
        chief.goto(sheets[name])
        chief.get_by_label("Nilai 1").fill("112")
        chief.get_by_role("button", name="Beri nilai").click()
        expect(chief.locator("main")).to_contain_text("112,00 · Sangat Baik")
    _pressed(staff["gede"], sheets["gede"], "Saya mengakui nilai ini")
    _pressed(chief, f"{ground.office}/appraisal/team", "Lepas 2 lembar")

    _until_shown(chief, "2 lembar menunggu di Teken")
    assert ground.approve_everything("pptk") == 1
    assert ground.approve_everything("kadis-kominfo", papers=2) == 2
    chief.goto(f"{ground.office}/appraisal/team")
    _until_shown(chief, "2 lembar selesai ditandatangani")

    page = staff["gede"]
    page.goto(sheets["gede"])
    assert page.context.request.get(f"{sheets['gede']}/signed.pdf").body().startswith(b"%PDF-")
    public = page.get_by_role("link", name="Periksa keasliannya").get_attribute("href")
    _public_shows_nothing(ground, str(public), "I Gede Andai Putra")


def test_a_meeting_is_attended_by_the_code_on_the_screen(ground: Ground) -> None:
    host, subject = ground.at_office("gede"), "Rapat persiapan pusat data"
    host.goto(f"{ground.office}/f/meetings/new/surat%20undangan")
    host.locator("#field-subject").fill(subject)
    for name, typed in (("day", f"{within_one_day():%Y-%m-%d}"), ("begins", "08:00"), ("ends", "10:00")):
        host.locator(f"#field-{name}").fill(typed)
    host.locator("#field-venue").fill("Ruang Contoh")
    host.locator("#field-agenda").fill("Persiapan")
    host.locator("#field-signatory").select_option("kadis-kominfo")
    host.get_by_role("button", name="Simpan konsep").click()
    leave(host, host.get_by_role("button", name="Lepas untuk ditandatangani"))
    ground.until(host, "Sedang ditandatangani")
    assert ground.approve_everything("kadis-kominfo") == 1
    ground.signed(host)

    host.goto(f"{ground.office}/meetings")
    ground.appears(host, subject).click()
    meeting = host.url
    host.get_by_role("button", name="Buka presensi").click()
    host.get_by_role("link", name="Tampilkan kode di layar").click()
    code = host.locator(".code").inner_text()
    guest = ground.at_office("pptk")
    guest.set_viewport_size(PHONE)
    guest.goto(meeting)
    guest.get_by_label("Kode di layar").fill(code)
    guest.get_by_role("button", name="Saya hadir").click()
    expect(guest.locator("main .state").first).to_contain_text("Hadir")

    host.goto(meeting)
    expect(host.locator("#host")).to_contain_text("Hadir: 1 dari")
    leave(host, host.get_by_role("button", name="Tutup dan segel daftar hadir"))
    leave(host, ground.appears(host, f"Daftar hadir {subject}"))
    public = ground.signed(host)
    host.goto(meeting)
    host.get_by_role("link", name="Tulis notula").click()
    host.locator("#field-discussion").fill("Persiapan berjalan sesuai rencana.")
    host.locator("#field-decisions").fill("Rapat berikutnya pekan depan.")
    host.get_by_role("button", name="Simpan konsep").click()
    leave(host, host.get_by_role("button", name="Lepas untuk ditandatangani"))
    ground.signed(host)
    _public_shows_nothing(ground, public, subject)


def _proposed(ground: Ground, page: Page) -> str:
    """One goal for this half-year, proposed; the sheet's address."""
    page.goto(f"{ground.office}/appraisal")
    page.locator("#field-appraiser").select_option("kadis-kominfo")
    page.get_by_label("Sasaran 1").fill("Melayani permohonan data")
    page.get_by_label("Target 1").fill("100 permohonan")
    page.get_by_role("button", name="Sampaikan ke penilai").click()
    page.wait_for_url(re.compile(r"/appraisal/sheets/"))
    return page.url


def _pressed(page: Page, address: str, button: str) -> None:
    page.goto(address)
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("button", name=button)).to_have_count(0)


def _until_shown(page: Page, text: str) -> None:
    look_again(page, lambda: text in page.locator("main").inner_text(), text)


def _public_shows_nothing(ground: Ground, address: str, secret: str) -> None:
    """The public page answers, and has neither subject nor pages."""
    with ground.citizen(address) as citizen:
        expect(citizen.get_by_role("heading", level=1)).to_contain_text("Dokumen uji coba")
        assert secret not in citizen.content()
