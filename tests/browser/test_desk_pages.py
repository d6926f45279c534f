"""The pages for signatories in a real browser: a passkey of a virtual device, a code typed by hand, no barrier."""

from collections.abc import Callable
from dataclasses import replace

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from signer.activation import ActivationState
from signer.activation_requests import Asked, WantedDocument
from tests.browser.desk import (
    door,
    enrol_passkey,
    house,
    sign_in_with_code,
    with_device,
    without_barriers,
)
from tests.browser.visits import fresh_page, leave
from tests.support.consent import CLIENT, WISH, ConsentHouse, pdf
from tests.support.letters import letter
from tests.support.office import ANOTHER, PASSPHRASE

__all__ = ["door", "house"]

pytestmark = pytest.mark.browser


def state_of(house: ConsentHouse, asked: Asked) -> ActivationState:
    return house.asking.read(CLIENT, asked.request.id).state


def test_a_passkey_of_a_real_browser_signs(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = house.asked(letter(), pdf(2))
    with fresh_page(browser) as page:
        with_device(page)
        enrol_passkey(page, door, house)
        leave(page, page.get_by_role("button", name="Keluar"))
        page.goto(f"{door}/desk/a/{asked.link}")
        assert "Surat 1" not in page.content()  # nothing is told before the login
        page.get_by_role("button", name="Masuk dengan kunci sandi").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Tandatangani 2 dokumen?")
        expect(page.get_by_text("SIKD Dinas Contoh").first).to_be_visible()
        for each in house.asking.read(CLIENT, asked.request.id).documents:
            shown = " ".join(each.digest[start : start + 4] for start in range(0, 16, 4))
            expect(page.get_by_text(shown)).to_be_visible()
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        page.get_by_role("button", name="Setujui dengan kunci sandi").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Sudah Anda setujui")
    done = house.asking.read(CLIENT, asked.request.id)
    assert done.factor == "passkey"
    assert all(each.code is not None for each in done.documents)


def test_a_device_that_does_not_recognise_its_holder_gets_no_further(
    browser: Browser, door: str, house: ConsentHouse
) -> None:
    asked = house.asked()
    with fresh_page(browser) as page:
        wire, device = with_device(page)
        enrol_passkey(page, door, house)
        page.goto(f"{door}/desk/a/{asked.link}")
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        wire.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
        page.get_by_role("button", name="Setujui dengan kunci sandi").click()
        expect(page.get_by_text("Perangkat tidak menjawab").first).to_be_visible()
    assert state_of(house, asked) is ActivationState.PENDING


def test_everything_but_passkeys_works_without_javascript(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = house.asked()
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        expect(page.get_by_role("button", name="Setujui dengan kunci sandi")).to_have_count(0)
        page.locator("#passphrase").fill(ANOTHER.reveal())
        page.locator("#code").fill(house.code())
        page.get_by_role("button", name="Setujui dengan kode").click()
        expect(page.get_by_role("alert")).to_contain_text("tidak cocok")
        assert ANOTHER.reveal() not in page.content()
        house.forward(seconds=30)
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        page.locator("#code").fill(house.code())
        page.get_by_role("button", name="Setujui dengan kode").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Sudah Anda setujui")
    assert state_of(house, asked) is ActivationState.GRANTED


def test_an_authenticator_is_enrolled_by_its_qr_without_javascript(
    browser: Browser, door: str, house: ConsentHouse
) -> None:
    with fresh_page(browser, scripts=False) as page:
        page.goto(f"{door}/desk/link/{house.links.invite(house.who, actor='registrar')}")
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        page.get_by_role("button", name="Lanjutkan").click()
        page.get_by_role("button", name="Ganti aplikasi autentikator").click()
        expect(page.get_by_role("img", name="QR", exact=False)).to_be_visible()
        seed = page.locator(".seed-text").inner_text().replace(" ", "")
        page.locator("#code").fill(pyotp.TOTP(seed).at(house.office.at))
        page.get_by_role("button", name="Simpan").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Faktor Anda")
        assert seed not in page.content().replace(" ", "")
        page.get_by_role("button", name="Buat kode pemulihan").click()
        expect(page.locator(".codes li")).to_have_count(10)


def test_saying_no_is_one_click(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = house.asked()
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        page.get_by_role("button", name="Tolak").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Anda menolak")
    assert state_of(house, asked) is ActivationState.DENIED


@pytest.mark.parametrize("way", ["no-token", "foreign-token", "other-site", "other-browser"])
def test_a_form_that_is_not_ours_moves_nothing(browser: Browser, door: str, house: ConsentHouse, way: str) -> None:
    asked = house.asked()
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        token = page.locator("input[name=csrf]").first.get_attribute("value") or ""
        form = {"csrf": token, "passphrase": PASSPHRASE.reveal(), "code": house.code()}
        headers = {"Sec-Fetch-Site": "cross-site"} if way == "other-site" else {}
        form |= {"no-token": {"csrf": ""}, "foreign-token": {"csrf": "0" * 64}}.get(way, {})
        sender = browser.new_context().request if way == "other-browser" else page.context.request
        for act in ("approve", "refuse"):
            answer = sender.post(f"{door}/desk/a/{asked.link}/{act}", form=form, headers=headers)
            assert answer.status == 403
    assert state_of(house, asked) is ActivationState.PENDING


def test_tampered_fields_change_nothing(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = house.asked()
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        token = page.locator("input[name=csrf]").first.get_attribute("value") or ""
        form = {"csrf": token, "passphrase": PASSPHRASE.reveal(), "code": house.code()}
        form["shown"] = page.locator("input[name=shown]").get_attribute("value") or ""
        more = {"digest": "0" * 64, "count": "9", "credential": "other", "signatory_id": "other", "session": "x"}
        answer = page.context.request.post(f"{door}/desk/a/{asked.link}/approve", form=form | more)
        assert answer.status == 200
    done = house.asking.read(CLIENT, asked.request.id)
    assert done.documents[0].digest == asked.request.documents[0].digest
    assert len(done.documents) == 1


def test_names_with_markup_are_shown_as_text(browser: Browser, door: str, house: ConsentHouse) -> None:
    listed = replace(house.asked().request.documents[0], name="<b onmouseover=alert(1)>Surat</b>")
    asked = house.asking.ask(
        CLIENT, house.credential.id, [WantedDocument(digest=listed.digest, name=listed.name, wish=WISH)]
    )
    house.asking.receive(CLIENT, asked.request.id, 1, pdf(1))
    with fresh_page(browser) as page:
        sign_in_with_code(page, door, house, asked)
        expect(page.get_by_text("<b onmouseover=alert(1)>Surat</b>")).to_be_visible()


def test_strangers_see_neither_pages_nor_names(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = house.asked()
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        stranger = browser.new_context().request
        for path in ("documents/1", "documents/1/pages/1.webp"):
            assert page.context.request.get(f"{door}/desk/a/{asked.link}/{path}").status == 200
            assert stranger.get(f"{door}/desk/a/{asked.link}/{path}").status == 404
        for path in ("documents/2", "documents/1/pages/2.webp", "documents/1/pages/0.webp", "documents/0"):
            assert page.context.request.get(f"{door}/desk/a/{asked.link}/{path}").status == 404
        shown = stranger.get(f"{door}/desk/a/{asked.link}")
        assert "Surat 1" not in shown.text()
        assert house.credential.signatory.name not in shown.text()
        assert shown.headers["cache-control"] == "no-store"
        assert "'self'" in shown.headers["content-security-policy"]


def test_every_page_is_without_barriers(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = house.asked(letter(), pdf(2))

    with fresh_page(browser) as page:
        with_device(page)
        steps: list[Callable[[], object]] = [
            lambda: page.goto(f"{door}/desk/link/{'A' * 43}"),
            lambda: page.goto(f"{door}/desk/sign-in"),
            lambda: page.goto(f"{door}/desk/link/{house.links.invite(house.who, actor='registrar')}"),
            lambda: (
                page.locator("#passphrase").fill(PASSPHRASE.reveal()),
                leave(page, page.get_by_role("button", name="Lanjutkan")),
            ),
            lambda: leave(page, page.get_by_role("button", name="Ganti aplikasi")),
            lambda: (
                page.goto(f"{door}/desk/factors"),
                leave(page, page.get_by_role("button", name="Kunci sandi di perangkat")),
            ),
            lambda: (
                page.goto(f"{door}/desk/factors"),
                leave(page, page.get_by_role("button", name="Buat kode pemulihan")),
            ),
            lambda: (page.goto(f"{door}/desk/factors"), leave(page, page.get_by_role("button", name="Keluar"))),
            lambda: page.goto(f"{door}/desk/a/{asked.link}"),
            lambda: sign_in_with_code(page, door, house, asked),
            lambda: leave(page, page.get_by_role("link", name="Periksa semua halaman").first),
            lambda: (
                page.goto(f"{door}/desk/a/{asked.link}"),
                page.locator("#passphrase").fill("salah sama sekali"),
                leave(page, page.get_by_role("button", name="Setujui dengan kode")),
            ),
            lambda: page.goto(f"{door}/desk/factors"),
            lambda: (
                page.goto(f"{door}/desk/a/{asked.link}"),
                leave(page, page.get_by_role("button", name="Tolak")),
            ),
        ]
        for step in steps:
            step()
            without_barriers(page)
