"""Walks through a day of the province and draws it into `docs/pictures/tour`, for `docs/tour.md`.

`python -m tests.browser.eoffice.draw_tour` takes some minutes; look at the pictures before committing them.
"""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from eoffice.demonstration.stories import HALL
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import BASE
from tests.browser.eoffice.ground import Ground, province

PICTURES: Final = Path(__file__).parents[3] / "docs/pictures/tour"
DESK, TABLET, PHONE = (1200, 800), (820, 900), (390, 760)
WIDEST: Final = 900
"""Pixels of a picture."""
Seen = tuple[Page, tuple[int, int]]
"""A page, and how large its window is drawn."""
Station = Callable[[Ground], Seen]
SUBJECT: Final = "Undangan peresmian ruang layanan bersama"


def main() -> None:
    """Every station in order; a picture each."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BASE)
        with province(browser, Path(folder), papers=True) as ground:
            for number, (name, station) in enumerate(STATIONS.items(), start=1):
                page, size = station(ground)
                draw(page, f"{number:02}-{name}", size)
        browser.close()


def draw(page: Page, name: str, size: tuple[int, int]) -> None:
    """What stands in the window, small."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_load_state("networkidle")
    drawn = Image.open(BytesIO(page.screenshot(animations="disabled")))
    drawn.thumbnail((WIDEST, WIDEST * 2))
    drawn.save(PICTURES / f"{name}.webp", "WEBP", quality=72, method=6)


def check_in(ground: Ground) -> Seen:
    page = ground.at_office("rara")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": HALL[0], "longitude": HALL[1], "accuracy": 12})
    page.goto(f"{ground.office}/attendance")
    page.get_by_role("button", name="Presensi masuk").click()
    expect(page.locator("main")).to_contain_text("Kantor Contoh")
    return page, PHONE


def draft(ground: Ground) -> Seen:
    page = ground.at_office("rara")
    page.goto(f"{ground.office}/f/letters/new/surat%20undangan")
    page.get_by_label("Hal", exact=False).first.fill(SUBJECT)
    page.get_by_label("Klasifikasi").fill("000.1.5")
    page.get_by_label("Isi surat").fill("Mohon kehadiran Saudara pada peresmian ruang layanan bersama.")
    page.locator("[name=agencies][value=bapenda]").check()
    page.locator("[name=initials]").first.select_option("asisten")
    page.locator("[name=signatory]").select_option("sekda")
    page.get_by_role("button", name="Simpan konsep").click()
    page.get_by_role("button", name="Lepas untuk ditandatangani").click()
    ground.until(page, "Sedang ditandatangani")
    return page, DESK


def waiting(ground: Ground) -> Seen:
    ground.approve_everything("asisten")
    page = ground.at_desk("kaban-bapenda")
    page.get_by_role("link", name="Usulan jadwal pelayanan pajak keliling").first.click()
    expect(page.locator("#look img").first).to_be_visible()
    return page, DESK


def approved(ground: Ground) -> Seen:
    ground.approve_everything("sekda")
    return ground.pages["sekda", "desk"], TABLET


def arrived(ground: Ground) -> Seen:
    page = ground.at_office("kaban-bapenda")
    page.goto(f"{ground.office}/in")
    ground.appears(page, SUBJECT).click()
    page.get_by_label("Kepada").select_option("sinta")
    page.get_by_label("Isi disposisi").fill("Hadiri dan laporkan")
    page.get_by_role("button", name="Disposisikan").click()
    return page, DESK


def citizen(ground: Ground) -> Seen:
    page = ground.at_office("rara")
    page.goto(f"{ground.office}/f/letters")
    page.get_by_role("link", name=SUBJECT).click()
    page.goto(ground.signed(page))
    return page, PHONE


def open_list(ground: Ground) -> Seen:
    page = ground.browser.new_context(locale="id-ID").new_page()  # nobody who is known here
    page.goto(f"{ground.office}/open/procurement")
    return page, TABLET


def withdrawn(ground: Ground) -> Seen:
    page = ground.at_office("gede")
    page.goto(f"{ground.office}/f/letters")
    page.get_by_role("link", name="Surat tugas pemasangan jaringan kantor kecamatan").click()
    page.goto(str(page.get_by_role("link", name="Periksa keasliannya").get_attribute("href")))
    return page, PHONE


def office_page(person: str, path: str, size: tuple[int, int], first: str = "") -> Station:
    """A page of the office as that person sees it; `first`: the link that is followed there."""

    def station(ground: Ground) -> Seen:
        page = ground.at_office(person)
        page.goto(f"{ground.office}{path}")
        if first:
            page.get_by_role("link", name=first).first.click()
        return page, size

    return station


STATIONS: Final[dict[str, Station]] = {
    "check-in": check_in,
    "letter": draft,
    "waiting": waiting,
    "approved": approved,
    "arrived": arrived,
    "citizen": citizen,
    "reports": office_page("sekda", "/reports", TABLET),
    "spending": office_page("gede", "/accountability", TABLET, "Pelatihan operator layanan"),
    "regulation": office_page("kabag-kab", "/legal-products", TABLET, "Pengelolaan sampah desa"),
    "receipts": office_page("sinta", "/vehicle-tax", TABLET),
    "open-list": open_list,
    "withdrawn": withdrawn,
}
"""In the order of the day."""


if __name__ == "__main__":
    main()
