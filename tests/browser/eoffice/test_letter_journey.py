"""A letter on its whole way: drafted, initialled, signed, sent, verified on arrival, passed on, shown to a citizen."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.eoffice.ground import Ground
from tests.browser.visits import leave
from tests.support.service import teken
from tests.support.waiting import follow

pytestmark = [pytest.mark.browser, pytest.mark.hsm, pytest.mark.timeout(600)]

SUBJECT = "Undangan rapat pelayanan publik"


def test_an_official_of_the_demonstration_logs_in_with_the_code_that_a_command_shows(ground: Ground) -> None:
    used = shown_to(ground)["code"]  # a code counts once: this one may have proven the authenticator just now
    with ground.citizen(f"{ground.teken}/desk/sign-in") as page:
        heading = page.get_by_role("heading", level=1)
        for _ in range(3):
            shown = follow(lambda: shown_to(ground), lambda shown, used=used: shown["code"] != used)
            page.locator("#email").fill(shown["email"])
            page.locator("#code").fill(shown["code"])
            leave(page, page.get_by_role("button", name="Masuk dengan kode", exact=False).first)
            if "Tidak ada yang menunggu Anda" in heading.inner_text():
                break
            used = shown["code"]
            assert shown_to(ground)["code"] != used, "refused, and not because its thirty seconds were over"
        expect(heading).to_contain_text("Tidak ada yang menunggu Anda")


def shown_to(ground: Ground) -> dict[str, str]:
    """What the command says of one official."""
    done = teken(ground.folder / "data", "codes", "--json", seconds=120)
    assert done.returncode == 0, done.stderr
    (shown,) = [each for each in json.loads(done.stdout) if each["id"] == "kabag-kab"]
    return shown


def test_a_letter_from_its_draft_to_the_citizen(ground: Ground) -> None:
    page = ground.at_office("rara")
    page.goto(f"{ground.office}/f/letters/new/surat%20undangan")
    page.get_by_label("Hal", exact=False).first.fill(SUBJECT)
    page.get_by_label("Klasifikasi").fill("000.1.5")
    page.get_by_label("Isi surat").fill("Mohon hadir pada rapat pelayanan publik.\n\nTerima kasih.")
    page.locator("[name=agencies][value=bapenda]").check()
    page.locator("[name=initials]").first.select_option("asisten")
    page.locator("[name=signatory]").select_option("sekda")
    page.get_by_role("button", name="Simpan konsep").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(SUBJECT)
    leave(page, page.get_by_role("button", name="Lepas untuk ditandatangani"))
    ground.until(page, "Sedang ditandatangani")

    assert ground.approve_everything("asisten") == 1
    assert ground.approve_everything("sekda") == 1
    public = ground.signed(page)

    chief = ground.at_office("kaban-bapenda")
    chief.goto(f"{ground.office}/in")
    ground.appears(chief, SUBJECT).click()
    expect(chief.locator("main")).to_contain_text("I Dewa Gede Contoh Wiryawan")
    chief.get_by_label("Kepada").select_option("sinta")
    chief.get_by_label("Isi disposisi").fill("Siapkan bahan rapat")
    leave(chief, chief.get_by_role("button", name="Disposisikan"))
    agency = ground.at_office("sinta")
    expect(agency.locator("main")).to_contain_text("Siapkan bahan rapat")
    agency.get_by_role("link", name=SUBJECT).click()
    agency.get_by_text("Selesaikan: Siapkan bahan rapat").click()
    agency.get_by_label("Hasilnya").fill("Bahan sudah dikirim")
    agency.get_by_role("button", name="Selesai").click()
    expect(agency.locator("main")).to_contain_text("Bahan sudah dikirim")

    with ground.citizen(public) as citizen:
        expect(citizen.get_by_role("heading", level=1)).to_contain_text("Dokumen uji coba")
        expect(citizen.get_by_text("I Dewa Gede Contoh Wiryawan").first).to_be_visible()
