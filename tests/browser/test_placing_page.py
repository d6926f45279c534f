"""The stamp is put on the page with the keyboard alone, and by numbers where there is no JavaScript."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from signer.activation import ActivationState, DocumentWish
from signer.model import LetterMetadata, SignatureLevel, StampPlacement
from tests.browser.desk import door, house, sign_in_with_code, without_barriers
from tests.browser.server import letter
from tests.browser.visits import fresh_page, leave
from tests.support.consent import CLIENT, ConsentHouse
from tests.support.office import PASSPHRASE

__all__ = ["door", "house"]

pytestmark = pytest.mark.browser

WISH = DocumentWish(
    level=SignatureLevel.B_B,
    stamp=StampPlacement(),
    footer="*",
    letter=LetterMetadata(kind="Surat Tugas", subject="Contoh"),
)


def pictures(page: Page, name: str) -> None:
    """For eyes: where `TEKEN_PICTURES` names a folder, the page at three widths in both schemes."""
    folder = os.environ.get("TEKEN_PICTURES")
    for width in (390, 820, 1280) if folder else ():
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] - one of the two
            page.screenshot(path=Path(str(folder)) / f"{name}-{width}-{scheme}.png", full_page=True)


def test_a_stamp_is_put_on_the_page_by_keys_and_without_javascript_by_numbers(
    browser: Browser, door: str, house: ConsentHouse
) -> None:
    asked, second = house.asked(letter(), wish=WISH), house.asked(letter() + b"\n", wish=WISH)
    with fresh_page(browser, width=820) as page:
        sign_in_with_code(page, door, house, asked)
        page.get_by_role("link", name="Atur letak cap").press("Enter")
        expect(page.get_by_role("heading", name="Halaman 3 dari 3")).to_be_visible()
        page.get_by_role("link", name="Sebelumnya").press("Enter")
        expect(page.get_by_role("heading", name="Halaman 2 dari 3")).to_be_visible()
        without_barriers(page)
        pictures(page, "placing")
        stamp, left, top = page.get_by_role("application"), page.locator("#left"), page.locator("#top")
        start = float(left.input_value()), float(top.input_value())
        stamp.focus()
        page.keyboard.press("Shift+ArrowUp")
        page.keyboard.press("ArrowLeft")
        assert float(top.input_value()) == pytest.approx(start[1] - 10, abs=0.15)
        assert float(left.input_value()) == pytest.approx(start[0] - 1, abs=0.15)
        frame = stamp.bounding_box()
        assert frame is not None
        page.mouse.move(frame["x"] + 5, frame["y"] + 5)
        page.mouse.down()
        page.mouse.move(frame["x"] - 55, frame["y"] + 5, steps=3)
        page.mouse.up()
        assert float(left.input_value()) < start[0] - 10
        stamp.focus()
        for _ in range(40):
            page.keyboard.press("Shift+ArrowLeft")
        assert left.input_value() == "0.0"  # it stays on the page
        expect(page.locator("#where")).to_contain_text("0.0 mm dari kiri")
        page.get_by_label("Ingat letak ini").first.check()
        stamp.press("Enter")
        expect(page.get_by_text("halaman 2, Anda yang meletakkan")).to_be_visible()
        without_barriers(page)
        pictures(page, "placed")
        page.get_by_role("link", name="Periksa semua halaman").press("Enter")
        expect(page.get_by_role("img", name="Halaman 2 dengan letak cap Anda")).to_be_visible()
        without_barriers(page)
        page.go_back()
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        page.locator("#code").fill(house.code())
        page.get_by_role("button", name="Setujui dengan kode").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Sudah Anda setujui")
    request = house.asking.read(CLIENT, asked.request.id)
    placed = request.documents[0].placed
    assert placed is not None
    assert (request.state, placed.page, placed.x) == (ActivationState.GRANTED, 2, 0.0)
    house.forward(seconds=30)
    with fresh_page(browser, width=390, scripts=False) as page:
        sign_in_with_code(page, door, house, second)
        page.get_by_role("link", name="Atur letak cap").click()
        page.locator("#left").fill("500")
        page.get_by_role("button", name="Simpan letak ini").click()
        expect(page.get_by_role("alert")).to_contain_text("di luar halaman")
        page.get_by_label("Teks dalam surat").fill("SURAT TUGAS")
        page.get_by_role("button", name="Letakkan di atasnya").click()
        expect(page.get_by_text("halaman 1, Anda yang meletakkan")).to_be_visible()
        page.get_by_role("link", name="Atur letak cap").click()
        page.get_by_role("button", name="Letak saya").click()
        expect(page.get_by_text("halaman 2, Anda yang meletakkan")).to_be_visible()
        page.get_by_role("link", name="Atur letak cap").click()
        leave(page, page.get_by_role("button", name="Kembalikan ke letak dari aplikasi"))
        expect(page.get_by_text("Anda yang meletakkan")).to_have_count(0)
        form = {"csrf": "0" * 64, "way": "asked"}
        where = f"{door}/desk/a/{second.link}/documents/1/stamp"
        assert page.context.request.post(where, form=form).status == 403
        assert page.context.request.get(where.replace("/1/", "/2/")).status == 404
        with fresh_page(browser, scripts=False) as stranger:
            assert stranger.context.request.get(where).status == 404
