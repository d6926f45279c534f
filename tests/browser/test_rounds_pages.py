"""Many letters at once in a real browser: ticked, checked, approved with one act of a passkey, followed to the end."""

import pytest
from playwright.sync_api import Browser, Page, expect

from signer.activation import ActivationState
from signer.model import SigningAct
from tests.browser.desk import door, enrol_passkey, house, sign_in_with_code, with_device, without_barriers
from tests.browser.visits import fresh_page, leave
from tests.support.consent import CLIENT, ConsentHouse, pdf
from tests.support.office import ANOTHER, PASSPHRASE

__all__ = ["door", "house"]

pytestmark = pytest.mark.browser


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def test_three_letters_are_signed_with_one_act_of_a_passkey(browser: Browser, door: str, house: ConsentHouse) -> None:
    asked = house.asked(pdf(1), pdf(2))
    batch = house.batch(pdf(3), pdf(4))
    flow = house.flow((house.credential, SigningAct.SIGNATURE))
    left = house.asked(pdf(9))
    with fresh_page(browser, width=820) as page:
        with_device(page)
        enrol_passkey(page, door, house)
        page.goto(f"{door}/desk")
        heading(page, "4 menunggu Anda")
        without_barriers(page)
        page.get_by_label("Semua").check()
        expect(page.get_by_role("button", name="Tandatangani yang dicentang")).to_contain_text("(4)")
        page.get_by_role("button", name="Tandatangani yang dicentang").click()
        heading(page, "Tandatangani 4 surat sekaligus?")
        without_barriers(page)
        page.locator("li.panel", has=page.locator(f'img[src*="{left.request.id}"]')).get_by_role(
            "button", name="Keluarkan"
        ).click()
        heading(page, "Tandatangani 3 surat sekaligus?")
        expect(page.get_by_role("definition").nth(1)).to_have_text("5")
        without_barriers(page)
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        page.get_by_role("button", name="Setujui dengan kunci sandi").click()
        heading(page, "Sedang ditandatangani")
        without_barriers(page)
        house.finish(batch)
        heading(page, "Semua sudah ditandatangani")  # by itself
        expect(page.locator("#far")).to_contain_text("5 dari 5")
        without_barriers(page)
        page.goto(f"{door}/desk")
        heading(page, "1 menunggu Anda")
    assert house.asking.read(CLIENT, asked.request.id).factor == "passkey"
    assert list(house.standing(flow).done) == [1]
    assert house.asking.read(CLIENT, left.request.id).state is ActivationState.PENDING


def test_all_that_a_filter_leaves_is_signed_with_one_proof_on_whichever_part_of_the_list(
    browser: Browser, door: str, house: ConsentHouse
) -> None:
    asked = [house.asked() for _ in range(120)]
    other = house.flow((house.credential, SigningAct.INITIALS), (house.office.enrolled(), SigningAct.SIGNATURE))
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked[0])
        page.goto(f"{door}/desk?act=signature")
        page.get_by_role("link", name="Berikutnya").click()
        page.get_by_role("button", name="Tandatangani semua 120").click()
        heading(page, "Tandatangani 120 surat sekaligus?")
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        page.locator("#code").fill(house.code())
        leave(page, page.get_by_role("button", name="Setujui dengan kode"))
        heading(page, "Semua sudah ditandatangani")
        page.goto(f"{door}/desk")
        heading(page, "1 menunggu Anda")
        expect(page.get_by_role("button", name="Tandatangani semua")).to_have_count(0)
    assert {house.asking.read(CLIENT, each.request.id).state for each in asked} == {ActivationState.GRANTED}
    assert list(house.standing(other).done) == []


def test_without_javascript_a_wrong_code_signs_nothing_and_the_right_one_all(
    browser: Browser, door: str, house: ConsentHouse
) -> None:
    first, second = house.asked(pdf(1)), house.asked(pdf(2))
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, first)
        page.goto(f"{door}/desk")
        page.get_by_role("button", name="Tandatangani yang dicentang").click()
        expect(page.get_by_role("alert")).to_contain_text("Centang dahulu")
        expect(page.get_by_role("checkbox")).to_have_count(2)
        for box in page.get_by_role("checkbox").all():
            box.check()
        page.get_by_role("button", name="Tandatangani yang dicentang").click()
        heading(page, "Tandatangani 2 surat sekaligus?")
        page.locator("#passphrase").fill(ANOTHER.reveal())
        page.locator("#code").fill(house.code())
        page.get_by_role("button", name="Setujui dengan kode").click()
        expect(page.get_by_role("alert")).to_contain_text("tidak cocok")
        house.forward(seconds=30)
        page.locator("#passphrase").fill(PASSPHRASE.reveal())
        page.locator("#code").fill(house.code())
        page.get_by_role("button", name="Setujui dengan kode").click()
        heading(page, "Semua sudah ditandatangani")
        expect(page.get_by_role("link", name="Lihat hasilnya")).to_have_count(2)
    for asked in (first, second):
        assert house.asking.read(CLIENT, asked.request.id).state is ActivationState.GRANTED


def test_a_form_of_another_page_and_another_login_reach_no_round(
    browser: Browser, door: str, house: ConsentHouse
) -> None:
    asked = house.asked()
    with fresh_page(browser, scripts=False) as page:
        sign_in_with_code(page, door, house, asked)
        page.goto(f"{door}/desk")
        page.get_by_role("checkbox").check()
        leave(page, page.get_by_role("button", name="Tandatangani yang dicentang"))
        path = page.url
        form = {"csrf": "0" * 64, "passphrase": PASSPHRASE.reveal(), "code": house.code(), "position": "1"}
        for act in ("approve", "leave-out", "take-in", "again"):
            assert page.context.request.post(f"{path}/{act}", form=form).status == 403
        assert page.context.request.post(f"{door}/desk/rounds", form={**form, "item": "r." + "0" * 32}).status == 403
        assert page.context.request.get(f"{door}/desk/rounds/{'0' * 32}").status == 404
        with fresh_page(browser, scripts=False) as stranger:
            stranger.goto(path)
            assert stranger.url == f"{door}/desk/sign-in"
    assert house.asking.read(CLIENT, asked.request.id).state is ActivationState.PENDING
