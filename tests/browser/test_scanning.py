"""The page that reads a QR, in a real browser: a photo, a camera, and QRs that lead somewhere else."""

from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
import segno
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import BASE
from tests.browser.server import code_of, token_of
from tests.browser.visits import fresh_page
from tests.unit.api.faces.public.examples import SETTINGS

pytestmark = pytest.mark.browser

TOKEN = token_of(code_of("genuine"))


def qr(text: str) -> Image.Image:
    """A QR as a camera sees it: on paper, a little tilted."""
    drawn = BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=7, border=4)
    paper = Image.new("RGB", (640, 480), "#e9e6df")
    tilted = Image.open(drawn).convert("RGB").rotate(4, expand=True, fillcolor="#e9e6df", resample=Image.BICUBIC)
    paper.paste(tilted, ((640 - tilted.width) // 2, (480 - tilted.height) // 2))
    return paper


def photograph(page: Page, text: str) -> None:
    """Choose a photo of the QR."""
    photo = BytesIO()
    qr(text).save(photo, "JPEG", quality=80)
    choose(page, photo.getvalue())


def choose(page: Page, photo: bytes) -> None:
    page.set_input_files("#photo", files=[{"name": "qr.jpg", "mimeType": "image/jpeg", "buffer": photo}])


@pytest.mark.parametrize(
    ("text", "host"),
    [
        (f"https://teken-contoh.example/v/{TOKEN}", "teken-contoh.example"),
        (f"https://{SETTINGS.domain}@penipu.example/v/{TOKEN}", "penipu.example"),
        (f"https://{SETTINGS.domain}.penipu.example/v/{TOKEN}", f"{SETTINGS.domain}.penipu.example"),
        (f"http://{SETTINGS.domain}/v/{TOKEN}", SETTINGS.domain),
    ],
)
def test_a_qr_of_another_address_is_named_and_never_opened(browser: Browser, house: str, text: str, host: str) -> None:
    with fresh_page(browser) as page:
        page.goto(f"{house}/scan")
        expect(page.get_by_text("QR ini bukan dari kami")).to_be_hidden()
        photograph(page, text)
        expect(page.get_by_role("heading", name="QR ini bukan dari kami")).to_be_visible()
        expect(page.locator("[data-host]")).to_have_text(host)
        expect(page).to_have_url(f"{house}/scan")
        assert Axe().run(page).violations_count == 0


def test_a_qr_without_an_address_and_a_photo_without_a_qr_are_told_apart(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        page.goto(f"{house}/scan")
        for text in ("javascript:alert(1)", "WIFI:S:contoh;;", f"{house}/desk", f"{house}/v/../desk"):
            photograph(page, text)
            expect(page.get_by_role("status")).to_contain_text("tidak berisi alamat dokumen kami")
            choose(page, b"no picture at all")
            expect(page.get_by_role("status")).to_contain_text("Tidak ada QR yang terbaca")
        expect(page).to_have_url(f"{house}/scan")


def test_where_no_camera_is_allowed_the_page_says_the_other_ways(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        page.goto(f"{house}/scan")
        page.get_by_role("button", name="Nyalakan kamera").click()
        expect(page.get_by_role("status")).to_contain_text("ketik kodenya")
        expect(page.get_by_role("button", name="Nyalakan kamera")).to_be_visible()


def test_without_javascript_the_code_is_asked_for(browser: Browser, house: str) -> None:
    with fresh_page(browser, scripts=False) as page:
        page.goto(f"{house}/scan")
        expect(page.get_by_text("membutuhkan JavaScript")).to_be_visible()
        expect(page.get_by_role("button", name="Nyalakan kamera")).to_be_hidden()
        page.get_by_label("Atau ketik kodenya").fill(code_of("genuine"))
        page.get_by_role("button", name="Cari dokumen").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Dokumen asli dan utuh")


def test_a_photo_leads_to_the_verdict_and_the_reader_is_fetched_from_here_and_only_then(
    browser: Browser, house: str
) -> None:
    with fresh_page(browser) as page:
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(f"{house}/scan")
        assert not [each for each in fetched if "zxing" in each]
        photograph(page, f"https://{SETTINGS.domain}/v/{TOKEN}")
        page.wait_for_url(f"{house}/v/{TOKEN}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Dokumen asli dan utuh")
        assert [each for each in fetched if each.endswith("zxing_reader.wasm")]
        assert {each.split("/")[2] for each in fetched if each.startswith("http")} == {house.removeprefix("http://")}


def test_from_the_start_by_camera_to_the_verdict(playwright_: Playwright, house: str, tmp_path: Path) -> None:
    clip = tmp_path / "paper.mjpeg"
    frame = BytesIO()
    qr(f"https://{SETTINGS.domain}/v/{TOKEN}").save(frame, "JPEG", quality=85)
    clip.write_bytes(frame.getvalue() * 10)
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={clip}",
    ]
    with (
        closing(playwright_.chromium.launch(executable_path="/usr/bin/chromium", args=BASE + camera)) as seeing,
        fresh_page(seeing) as page,
    ):
        page.context.grant_permissions(["camera"])
        page.goto(house)
        page.get_by_role("link", name="Pindai QR dengan kamera").click()
        page.get_by_role("button", name="Nyalakan kamera").click()
        page.wait_for_url(f"{house}/v/{TOKEN}", timeout=90_000)  # a film is played and looked at, all by the processor
        expect(page.get_by_role("heading", level=1)).to_contain_text("Dokumen asli dan utuh")
        expect(page.get_by_role("heading", name="Tercatat. Bandingkan dengan lembar Anda")).to_be_visible()
