"""Reports, spending accountability and legal products, each from its first word to what a citizen sees."""

import io
import re

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.eoffice.ground import Ground, look_again
from tests.browser.visits import leave

pytestmark = [pytest.mark.browser, pytest.mark.hsm, pytest.mark.timeout(600)]

YEAR = "2025"
REGULATION = "Pengelolaan sampah rumah tangga"
SPENDING = "Pemeliharaan peladen triwulan IV"


def test_an_audit_reaches_the_secretarys_list_with_its_verdict_and_stays_secret(ground: Ground) -> None:
    page = ground.at_office("gede")
    page.goto(f"{ground.office}/reports/asked")
    for name, value in (("agency", "inspektorat"), ("kind", "laporan hasil pemeriksaan"), ("reader", "setda")):
        page.locator(f"[name={name}]").select_option(value)
    page.locator("[name=every]").select_option("year")
    page.locator("[name=since]").fill(f"{YEAR}-01-01")
    page.get_by_role("button", name="Simpan").click()
    expect(page.locator("main")).to_contain_text("Inspektorat Daerah → Sekretariat Daerah")

    page = ground.at_office("auditor-1")
    page.goto(ground.office)
    expect(page.get_by_role("link", name=f"Laporan hasil pemeriksaan, Tahun {YEAR}")).to_be_visible()
    page.goto(f"{ground.office}/reports/due")
    expect(page.locator("main")).to_contain_text("Terlambat")
    page.get_by_role("link", name="Buat laporan").first.click()  # one for each year that has ended since
    page.locator("[name=subject]").fill("Reviu belanja perjalanan")
    page.locator("[name=year]").fill(YEAR)
    page.locator("[name=period]").select_option("year")
    page.locator("[name=audited]").fill("Dinas Umpama")
    page.locator("[name='findings.finding']").first.fill("Aset belum dicatat")
    page.locator("[name='findings.recommendation']").first.fill("Catat asetnya")
    page.locator("[name=conclusion]").fill("Cukup dengan perbaikan.")
    page.locator("[name=initials]").first.select_option("auditor-1")
    page.locator("[name=signatory]").select_option("inspektur")
    release(page)
    ground.until(page, "Sedang ditandatangani")
    assert ground.approve_everything("auditor-1") == 1
    assert ground.approve_everything("inspektur") == 1
    public = ground.signed(page)

    chief = ground.at_office("sekda")
    chief.set_viewport_size({"width": 820, "height": 1180})
    chief.goto(f"{ground.office}/reports")
    ground.appears(chief, f"Laporan hasil pemeriksaan, Tahun {YEAR}").click()
    expect(chief.locator("main .state-sample").first).to_be_visible()
    page.goto(ground.office)
    expect(page.get_by_role("link", name=f"Laporan hasil pemeriksaan, Tahun {YEAR}")).to_have_count(0)
    chief.get_by_role("button", name="Periksa sekarang").click()
    expect(chief.locator("main")).to_contain_text("Reviu belanja perjalanan")
    chief.set_viewport_size({"width": 1280, "height": 900})
    with ground.citizen(public) as citizen:
        said = citizen.locator("body").inner_text()
        assert "Reviu belanja" not in said
        assert "Ngurah" not in said, "of a secret paper the public sees agency and verdict alone"


def test_figures_of_a_day_take_the_seal_and_nobodys_signature(ground: Ground) -> None:
    page = ground.at_office("sinta")
    page.goto(f"{ground.office}/f/reports/new/laporan%20harian%20penerimaan")
    page.locator("[name=subject]").fill("Penerimaan loket Umpama")
    page.locator("[name=day]").fill(f"{YEAR}-12-31")
    for name, value in (("source", "Pajak kendaraan"), ("count", "120"), ("amount", "36000000")):
        page.locator(f"[name='receipts.{name}']").first.fill(value)
    release(page)
    with ground.citizen(ground.signed(page)) as citizen:
        said = citizen.locator("body").inner_text()
        assert "Badan Pendapatan Daerah" in said
        assert "Penerimaan loket" not in said


def test_vouchers_are_signed_in_order_and_printed_once(ground: Ground) -> None:
    page = ground.at_office("bendahara")
    page.goto(f"{ground.office}/accountability")
    page.locator("[name=activity]").fill(SPENDING)
    page.locator("[name=account]").fill("5.1.02.03")
    page.get_by_role("button", name="Mulai").click()
    page.locator("[name=purpose]").fill("Kabel jaringan")
    page.locator("[name=payee]").fill("Toko Umpama")
    page.locator("[name=amount]").fill("1.250.000")
    page.locator("[name=picture]").set_input_files(
        {"name": "bukti.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    )
    page.get_by_role("button", name="Tambah").click()
    expect(page.locator("main")).to_contain_text("Rp1.250.000")
    signers = (("treasurer", "bendahara"), ("officer", "pptk"), ("budget_user", "kadis-kominfo"))
    for name, person in signers:
        page.locator(f"[name={name}]").select_option(person)
    leave(page, page.get_by_role("button", name="Kirim"))
    bundle = page.url
    ground.appears(page, "/KOMINFOS/")  # its number
    for turn, (_, person) in enumerate(signers):
        look_again(page, lambda done=f"{turn}/3": done in page.content(), f"{turn} of 3 signatures")
        assert ground.approve_everything(person) == 1
    ground.until(page, "Selesai ditandatangani")
    assert page.url == bundle

    with page.expect_download() as printed:
        page.get_by_role("button", name="Cetak satu-satunya").click()
    content = printed.value.path().read_bytes()
    page.reload()
    expect(page.get_by_role("heading", name="Cetakan: 1")).to_be_visible()
    expect(page.get_by_role("button", name="Cetak satu-satunya")).to_have_count(0)
    assert page.request.post(f"{bundle}/print").status == 422
    pages = [each.get_textpage().get_text_range() for each in pypdfium2.PdfDocument(content)]
    (code,) = {found[0] for each in pages if (found := re.search(r"[0-9A-Z]{5} [0-9A-Z]{5}", each))}
    assert len(pages) == 2
    with ground.citizen(code.replace(" ", "")) as citizen:
        expect(citizen.locator("body")).to_contain_text(SPENDING)


def test_a_regencys_draft_is_sent_back_facilitated_and_signed_on_both_sides(ground: Ground) -> None:
    partner = ground.at_office("kabag-kab")
    partner.get_by_role("link", name="Rancangan produk hukum").click()
    partner.locator("[name=title]").fill(REGULATION)
    partner.locator("[name=bureau]").select_option("hukum")
    hand_in(partner, "rancangan.pdf")
    leave(partner, partner.get_by_role("button", name="Ajukan"))
    draft = partner.url

    bureau = ground.at_office("dewi")
    bureau.goto(draft)
    bureau.get_by_text("Kembalikan dengan catatan").click()
    bureau.locator("[name=remarks]").fill("Pasal 3 belum jelas.")
    leave(bureau, bureau.get_by_role("button", name="Kembalikan"))
    partner.reload()
    expect(partner.locator("main")).to_contain_text("Pasal 3 belum jelas.")
    hand_in(partner, "rancangan-2.pdf")
    leave(partner, partner.get_by_role("button", name="Ajukan lagi"))

    bureau.goto(draft)
    bureau.locator("[name=opinion]").select_option("agreed")
    bureau.locator("[name=partner]").select_option("kabag-kab")
    bureau.locator("[name=signatory]").select_option("karo-hukum")
    bureau.get_by_role("button", name="Susun").click()
    release(bureau)
    ground.until(bureau, "Sedang ditandatangani")
    sheet = bureau.url
    bureau.goto(draft)
    bureau.locator("main").get_by_role("link", name=re.compile("^Fasilitasi ")).click()
    leave(bureau, bureau.get_by_role("button", name="Lepas untuk ditandatangani"))
    ground.until(bureau, "Sedang ditandatangani")

    assert ground.approve_everything("kabag-kab") == 1
    bureau.goto(sheet)
    look_again(bureau, lambda: bureau.locator(".steps .done").count() >= 1, "a step that is done")
    assert ground.approve_everything("karo-hukum", papers=2) == 2
    bureau.goto(sheet)
    public = ground.signed(bureau)
    ground.until(partner, "Selesai difasilitasi")
    with ground.citizen(public) as citizen:
        said = citizen.locator("body").inner_text()
        assert REGULATION in said
        assert "Darma" in said
        assert "Suryana" in said


def release(page: Page) -> None:
    page.get_by_role("button", name="Simpan konsep").click()
    leave(page, page.get_by_role("button", name="Lepas untuk ditandatangani"))


def hand_in(page: Page, name: str) -> None:
    file = {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " + name.encode()}
    page.locator("[name=draft]").set_input_files(file)


def photograph() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((900, 1200), 40).convert("RGB").save(out, "JPEG")
    return out.getvalue()
