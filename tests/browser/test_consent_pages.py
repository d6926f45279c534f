"""Batches, steps and the inbox on the page for consent, in a real browser without JavaScript."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from signer.activation import ActivationState
from signer.activation_requests import Asked
from signer.errors import KeyUnavailable
from signer.flow_model import FlowState
from signer.model import Certify, SigningAct, SigningOutcome, SigningState
from tests.browser.desk import door, house, sign_in_with_code, without_barriers
from tests.browser.visits import fresh_page, leave
from tests.support.consent import CLIENT, ConsentHouse, pdf
from tests.support.letters import letter
from tests.support.office import PASSPHRASE

__all__ = ["door", "house"]

pytestmark = pytest.mark.browser

MANY = 120


def asked_for_batch(house: ConsentHouse, count: int) -> Asked:
    batch = house.batch(*(letter() + f"\n% {number}\n".encode() for number in range(count)))
    return house.parts.batch_consents.ask(CLIENT, batch.id)


def approve(page: Page, house: ConsentHouse, code: str | None = None) -> None:
    page.locator("#passphrase").fill(PASSPHRASE.reveal())
    page.locator("#code").fill(code or house.code())
    leave(page, page.get_by_role("button", name="Setujui dengan kode"))


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def test_a_batch_of_many_is_looked_through_thinned_signed_and_followed(
    browser: Browser, door: str, house: ConsentHouse
) -> None:
    asked = asked_for_batch(house, MANY)
    batch = house.batches.get(asked.request.batch_id or "", CLIENT)
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        heading(page, f"Tandatangani {MANY} dokumen?")
        expect(page.locator("ol.wanted > li")).to_have_count(50)
        for _ in range(2):
            leave(page, page.get_by_role("link", name="Berikutnya").first)
        expect(page.get_by_text("Bagian 3 dari 3").first).to_be_visible()
        page.get_by_role("button", name="Keluarkan").first.click()
        heading(page, f"Tandatangani {MANY - 1} dokumen?")
        expect(page.get_by_text("Bagian 3 dari 3").first).to_be_visible()  # where they were
        expect(page.get_by_text(f"semua {MANY - 1} dokumen").first).to_be_visible()
        approve(page, house)
        heading(page, "Sedang diselesaikan")
        house.finish(batch)
        page.get_by_role("link", name="Muat ulang").click()
        heading(page, "Semua dokumen sudah ditandatangani")
        expect(page.get_by_text("Anda keluarkan")).to_be_visible()
    assert house.counts(batch) == {"finished": MANY - 1, "prepared": 1}
    with fresh_page(browser, scripts=False) as page:  # the tab was closed; another browser, another day
        house.forward(seconds=30)
        page.goto(f"{door}/desk/a/{asked.link}")
        page.locator("#code").fill(house.code())
        page.get_by_role("button", name="Masuk dengan kode", exact=False).first.click()
        heading(page, "Semua dokumen sudah ditandatangani")


def test_what_a_batch_could_not_sign_is_listed_retried_and_asked_for_again(
    browser: Browser, door: str, house: ConsentHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asked_for_batch(house, 3)
    batch = house.batches.get(asked.request.batch_id or "", CLIENT)
    sign = house.office.vault.sign_all

    def away(*_: object) -> None:
        raise KeyUnavailable("the token is away")

    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        monkeypatch.setattr(house.office.vault, "sign_all", away)
        approve(page, house)
        heading(page, "Sebagian belum ditandatangani")
        monkeypatch.setattr(house.office.vault, "sign_all", sign)
        page.get_by_role("button", name="Periksa dan setujui sisanya").click()
        heading(page, "Tandatangani 3 dokumen?")
        house.forward(seconds=30)
        approve(page, house)
        failed = SigningOutcome(state=SigningState.FAILED, at=house.office.at, failure="result-unsound")
        house.items.ended(batch.id, 1, failed)
        house.finish(batch)
        page.reload()
        expect(page.get_by_role("heading", name="2 dari 3 selesai", exact=False)).to_be_visible()
        expect(page.get_by_role("heading", name="2. Surat 2")).to_be_visible()
        page.get_by_role("button", name="Siapkan ulang yang gagal").click()
        expect(page.get_by_text("Masih disiapkan; muat ulang").first).to_be_visible()
        house.prepare(batch)
        page.reload()
        page.get_by_role("button", name="Periksa dan setujui sisanya").click()
        heading(page, "Tandatangani 1 dokumen?")
        house.forward(seconds=30)
        approve(page, house)
        heading(page, "Sedang diselesaikan")
    house.finish(batch)
    assert house.counts(batch) == {"finished": 3}


@pytest.mark.parametrize("act", [SigningAct.INITIALS, SigningAct.SIGNATURE])
def test_a_step_shows_who_was_before_and_who_comes_after(
    browser: Browser, door: str, house: ConsentHouse, act: SigningAct
) -> None:
    other = house.office.enrolled()
    flow = house.flow(
        (house.credential, act),
        (other, SigningAct.SIGNATURE),
        certify=Certify.FORMS_AND_SIGNATURES if act is SigningAct.SIGNATURE else None,
    )
    asked = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        heading(page, "Bubuhkan paraf" if act is SigningAct.INITIALS else "Tandatangani surat ini?")
        expect(page.locator("li[aria-current=step]")).to_contain_text("giliran Anda")
        expect(page.locator("ol.route > li")).to_have_count(2)
        approve(page, house)
        heading(page, "Sudah Anda setujui")
    assert list(house.standing(flow).done) == [1]


def test_a_step_goes_back_with_a_reason_and_not_without(browser: Browser, door: str, house: ConsentHouse) -> None:
    flow = house.flow((house.credential, SigningAct.SIGNATURE))
    asked = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        token = page.locator("input[name=csrf]").first.get_attribute("value") or ""
        answer = page.context.request.post(f"{door}/desk/a/{asked.link}/refuse", form={"csrf": token, "reason": " "})
        assert answer.status == 422
        assert house.standing(flow).state is FlowState.OPEN
        page.get_by_label("Alasan").fill("Lampirannya belum ada.")
        page.get_by_role("button", name="Kembalikan").click()
        heading(page, "Anda menolak permintaan ini")
    assert house.standing(flow).state is FlowState.CANCELLED
    assert house.asking.read(CLIENT, asked.request.id).reason == "Lampirannya belum ada."


def test_a_list_that_changed_in_another_tab_is_shown_again(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = asked_for_batch(house, 2)
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        other = page.context.new_page()
        other.goto(f"{door}/desk/a/{asked.link}")
        leave(other, other.get_by_role("button", name="Keluarkan").first)
        approve(page, house)
        expect(page.get_by_role("alert")).to_contain_text("berubah di tab lain")
        heading(page, "Tandatangani 1 dokumen?")
        approve(page, house)
        heading(page, "Sedang diselesaikan")
    assert house.asking.read(CLIENT, asked.request.id).state is ActivationState.GRANTED


def test_the_inbox_opens_what_waits(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = house.asked()
    house.batch(pdf(1), pdf(2))
    house.flow((house.credential, SigningAct.SIGNATURE))
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        page.goto(f"{door}/desk")
        heading(page, "3 menunggu Anda")
        page.get_by_role("button", name="Buka").first.click()
        heading(page, "Tandatangani 2 dokumen?")
        page.goto(f"{door}/desk")
        expect(page.get_by_role("link", name="Buka")).to_have_count(2)
        page.get_by_role("button", name="Buka").click()
        heading(page, "Tandatangani surat ini?")
        page.goto(f"{door}/desk")
        page.get_by_role("link", name="Buka").first.click()
        approve(page, house)
        heading(page, "Sudah Anda setujui")


def test_an_id_is_no_link_for_who_is_not_logged_in(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = asked_for_batch(house, 1)
    with fresh_page(browser, scripts=False) as page:
        page.goto(f"{door}/desk/a/{asked.request.id}")
        assert page.url == f"{door}/desk/sign-in"
        page.goto(f"{door}/desk")
        assert page.url == f"{door}/desk/sign-in"
        token = page.locator("input[name=csrf]").first.get_attribute("value") or ""
        sent = page.context.request
        tried = sent.post(f"{door}/desk/a/{asked.request.id}/sign-in", form={"csrf": token, "code": house.code()})
        assert tried.status == 404
        for path in ("batches/" + "0" * 32, "documents/" + "0" * 32 + "/1", f"a/{asked.link}/again"):
            assert sent.post(f"{door}/desk/{path}", form={"csrf": token}).status == 403


@pytest.mark.parametrize("act", ["approve", "refuse", "leave-out", "take-in", "again", "retry"])
def test_a_form_without_our_token_moves_nothing(browser: Browser, door: str, house: ConsentHouse, act: str) -> None:
    asked = asked_for_batch(house, 2)
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        form = {"csrf": "0" * 64, "position": "1", "passphrase": PASSPHRASE.reveal(), "code": house.code()}
        answer = page.context.request.post(f"{door}/desk/a/{asked.link}/{act}", form=form)
        assert answer.status == 403
    request = house.asking.read(CLIENT, asked.request.id)
    assert (request.state, len(request.chosen)) == (ActivationState.PENDING, 2)


def test_every_new_page_is_without_barriers(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = asked_for_batch(house, 60)
    batch = house.batches.get(asked.request.batch_id or "", CLIENT)
    other = house.office.enrolled()
    flow = house.flow((house.credential, SigningAct.INITIALS), (other, SigningAct.SIGNATURE))
    house.flow((house.credential, SigningAct.SIGNATURE), certify=Certify.NO_CHANGES)
    step = house.parts.step_consents.ask(CLIENT, flow.flow.id, 1)
    house.batch(pdf(5))
    house.asked(pdf(6), pdf(7))

    with fresh_page(browser) as page:

        def fail_one() -> None:
            failed = SigningOutcome(state=SigningState.FAILED, at=house.office.at, failure="result-unsound")
            house.items.ended(batch.id, 1, failed)
            house.finish(batch)
            page.reload()

        steps: list[tuple[str, Callable[[], object]]] = [
            ("batch", lambda: sign_in_with_code(page, door, house, asked)),
            ("left-out", lambda: leave(page, page.get_by_role("button", name="Keluarkan").first)),
            ("second-part", lambda: leave(page, page.get_by_role("link", name="Berikutnya").first)),
            ("refused", lambda: approve(page, house, "000000")),
            ("inbox", lambda: page.goto(f"{door}/desk")),
            ("step", lambda: page.goto(f"{door}/desk/a/{step.link}")),
            ("under-way", lambda: (page.goto(f"{door}/desk/a/{asked.link}"), approve(page, house))),
            ("failed", fail_one),
            ("again", lambda: leave(page, page.get_by_role("button", name="Siapkan ulang yang gagal"))),
        ]
        for name, visit in steps:
            visit()
            without_barriers(page)
            pictures(page, name)


def pictures(page: Page, name: str) -> None:
    """For eyes: where `TEKEN_PICTURES` names a folder, the page at three widths in both schemes."""
    folder = os.environ.get("TEKEN_PICTURES")
    for width in (390, 768, 1280) if folder else ():
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] - one of the two
            page.screenshot(path=Path(str(folder)) / f"{name}-{width}-{scheme}.png", full_page=True)
