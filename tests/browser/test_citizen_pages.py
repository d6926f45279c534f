"""The citizen's pages in a real browser."""

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.server import code_of, digest_of
from tests.browser.visits import PLACES, choose, fits, fresh_page, visit

pytestmark = pytest.mark.browser

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")


@pytest.mark.parametrize("place", PLACES)
def test_no_barrier_is_found_nothing_sticks_out_and_nothing_breaks_the_policy(
    browser: Browser, house: str, place: str
) -> None:
    with fresh_page(browser) as page:
        visit(page, house, place)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour half-way to the other
            found = Axe().run(page)
            assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
        fits(page)


def test_everything_works_without_javascript(browser: Browser, house: str) -> None:
    with fresh_page(browser, scripts=False) as page:
        page.goto(house)
        choose(page, "genuine")
        page.get_by_role("button", name="Periksa berkas").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Dokumen asli dan utuh")
        page.goto(house)
        page.get_by_label("Punya lembar cetak?").fill(code_of("genuine").lower())
        page.get_by_role("button", name="Cari dokumen").click()
        expect(page).to_have_url(f"{house}/v/{code_of('genuine').lower()}")
        expect(page.get_by_role("heading", name="Tercatat. Bandingkan dengan lembar Anda")).to_be_visible()
        page.get_by_text("Rincian teknis").click()
        expect(page.get_by_text("PAdES-B-LT")).to_be_visible()


def test_the_page_of_a_code_shows_the_first_picture_and_fetches_the_rest_on_demand(
    browser: Browser, house: str
) -> None:
    with fresh_page(browser) as page:
        pictures: list[str] = []
        page.on("request", lambda request: pictures.append(request.url) if request.url.endswith(".webp") else None)
        visit(page, house, "code genuine")
        page.wait_for_load_state("networkidle")
        assert [each.rsplit("/", 1)[1] for each in pictures] == ["1.webp"]
        page.get_by_text("Halaman 2–3").first.click()
        page.get_by_alt_text("Halaman 3").scroll_into_view_if_needed()
        for number in (2, 3):  # the network was idle once, so waiting for that ends at once
            expect(page.get_by_alt_text(f"Halaman {number}")).not_to_have_js_property("naturalWidth", 0)
        assert {each.rsplit("/", 1)[1] for each in pictures} == {"1.webp", "2.webp", "3.webp"}


def test_the_original_can_be_downloaded(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        visit(page, house, "code genuine")
        with page.expect_download() as download:
            page.get_by_role("link", name="Unduh berkas asli").click()
        assert download.value.suggested_filename == f"dokumen-{code_of('genuine')}.pdf"


def test_a_chosen_file_is_named_and_one_too_large_is_stopped_before_it_costs_data(
    browser: Browser, house: str, tmp_path: Path
) -> None:
    large = tmp_path / "b.pdf"
    with large.open("wb") as file:
        file.truncate(25_000_001)
    with fresh_page(browser) as page:
        page.goto(house)
        choose(page, "genuine")
        expect(page.get_by_role("status")).to_contain_text("surat.pdf")
        page.set_input_files("input[type=file]", files=large)
        expect(page.get_by_role("status")).to_contain_text("terlalu besar")
        page.get_by_role("button", name="Periksa berkas").click()
        expect(page).to_have_url(f"{house}/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Periksa keaslian dokumen")


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        visit(page, house, "code genuine")
        # what a closed fold hides is out of reach, and should be
        wanted = page.locator("a[href]:visible, button:visible, input:visible, summary:visible").count()
        seen: list[str] = []
        for _ in range(wanted * 2):
            page.keyboard.press("Tab")
            seen.append(
                page.evaluate(
                    """() => {
                      const at = document.activeElement, style = getComputedStyle(at);
                      const visible = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none";
                      return at === document.body ? "" : `${at.tagName} ${at.textContent.trim()} ${visible}`;
                    }"""
                )
            )
            if not seen[-1]:
                break
        reached = [each for each in seen if each]
        assert len(reached) >= wanted
        assert all(each.endswith("true") for each in reached), reached
        assert "Langsung ke isi" in reached[0]


def test_what_can_be_tapped_is_large_enough_for_a_thumb(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        visit(page, house, "code genuine")
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for each in page.locator("button, .btn, summary, input").all():
            box = each.bounding_box()
            assert box is not None
            assert box["height"] >= 44, each.inner_text()


def test_without_colours_the_state_is_still_told(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        for place, words, shape in (
            ("upload genuine", "Dokumen asli dan utuh", "#i-shield-tick"),
            ("upload changed", "Isi berkas telah diubah", "#i-octagon-cross"),
            ("upload try-later", "Belum dapat diperiksa", "#i-cloud"),
        ):
            visit(page, house, place)
            expect(page.get_by_role("heading", level=1)).to_contain_text(words)
            assert page.locator(".verdict use").first.get_attribute("href") == shape


def test_printed_it_says_what_was_found_and_has_nothing_to_press(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        visit(page, house, "code genuine")
        page.emulate_media(media="print")
        for said in (
            "Dokumen asli dan utuh",
            "Empat fakta",
            "000.1.2/123/CONTOH/2026",
            "Diperiksa",
            "teken.contoh.go.id",
        ):
            expect(page.get_by_text(said).locator("visible=true").first).to_be_visible()
        expect(page.locator("form:visible, button:visible, .btn:visible, summary:visible")).to_have_count(0)


def test_a_suspicious_document_is_reported_from_its_page_and_a_mistake_is_led_to(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        visit(page, house, "upload changed")
        page.get_by_role("link", name="Laporkan kepada kami").click()
        page.get_by_label("Apa yang mencurigakan?").fill("Stempelnya buram.")
        page.get_by_role("button", name="Kirim laporan").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Laporan diterima")
        expect(page.get_by_text("ABCDE 23456")).to_be_visible()
        expect(page).to_have_url(f"{house}/report-fake/ABCDE23456")


def test_a_digest_is_computed_here_and_nothing_else_is_sent(browser: Browser, house: str) -> None:
    with fresh_page(browser) as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
        visit(page, house, "digest genuine")
        assert sent == [f"sha256={digest_of('genuine')}"]
        expect(page.get_by_role("heading", level=1)).to_contain_text("Dokumen asli dan utuh")
        expect(page.get_by_text("berkasnya tidak dikirim")).to_be_visible()


def test_without_javascript_no_digest_is_offered(browser: Browser, house: str) -> None:
    with fresh_page(browser, scripts=False) as page:
        page.goto(house)
        expect(page.get_by_role("button", name="Cek sidik jarinya saja")).to_be_hidden()
