"""Vehicle tax, as browsers ask for it: feeds sent and followed, receipts found and withdrawn, systems let in."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from eoffice.app import create_app
from eoffice.compose import Office
from eoffice.features.vehicle_tax.model import NAME, RECEIPT, ReceiptState
from eoffice.passwords import hash_of
from litestar import Litestar
from litestar.testing import TestClient

from tests.unit.eoffice.conftest import DINAS, DRAFTER, HEAD, NOON, STRANGER
from tests.unit.eoffice.test_payments import ROW, csv_of
from tests.unit.eoffice.whole import Clock, whole_office

HASHED = hash_of("kata sandi contoh")
Browser = TestClient[Litestar]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with whole_office(tmp_path, Clock(NOON)) as made:
        made.people.put_agency(replace(DINAS, seal="credential-of-the-seal"))
        for person in (DRAFTER, HEAD, STRANGER):
            made.people.put_person(person, password_hash=HASHED)
        yield made


@pytest.fixture
def browser(office: Office) -> Iterator[Browser]:
    with TestClient(create_app(office, work=False)) as made:
        yield made


def log_in(browser: Browser, who: str) -> None:
    browser.post("/logout")
    assert browser.post("/login", data={"name": who, "password": "kata sandi contoh"}).url.path == "/"


def send(browser: Browser, content: bytes) -> tuple[int, str, str]:
    answer = browser.post("/vehicle-tax", files={"document": ("setoran.csv", content)})
    return answer.status_code, answer.url.path, answer.text


def test_a_feed_is_sent_and_its_receipts_are_found(office: Office, browser: Browser) -> None:
    assert browser.post("/vehicle-tax", content=b"x", follow_redirects=False).headers["location"] == "/login"
    log_in(browser, "gede")
    assert send(browser, b"no feed")[0] == 422
    wrong, other = {**ROW, "plate": "?"}, {**ROW, "reference": "PKB-2"}
    status, path, page = send(browser, csv_of(ROW, wrong, other))
    assert (status, "0 dari 2 disegel" in page, "Baris 2, plate" in page) == (200, True, True)
    assert browser.get(path).headers["refresh"] == "5"
    assert send(browser, csv_of(ROW, wrong, other))[1] == path, "the same feed"
    assert "3 baris · 0/2 disegel · 1 salah" in browser.get("/vehicle-tax").text

    contradicting = {**ROW, "owner": "Orang lain"}
    page = send(browser, csv_of(contradicting, other))[2]
    assert "0 dari 0 disegel" in page
    assert "sudah berbukti" in page
    assert office.records.count(NAME, RECEIPT) == 2

    found = browser.get("/vehicle-tax/find", params={"reference": "PKB-2"})
    assert ("Menunggu segel" in found.text, "DK 1234 ABC" in found.text) == (True, True)
    assert browser.get(f"{found.url.path}/receipt.pdf").status_code == 404
    assert browser.get(f"{found.url.path}/verification").status_code == 404
    log_in(browser, "wayan")
    assert browser.get(found.url.path).status_code == 404
    assert browser.get(path).status_code == 404
    assert send(browser, csv_of(ROW))[0] == 422, "an agency without a seal"


def test_a_leader_withdraws_a_sealed_receipt(office: Office, browser: Browser) -> None:
    log_in(browser, "gede")
    send(browser, csv_of(ROW))
    (receipt,) = office.records.listed(NAME, RECEIPT)
    here = f"/vehicle-tax/receipts/{receipt.id}"
    sealed = {**receipt.data, "code": "code", "sha256": office.files.keep(b"%PDF-")}
    office.records.change(receipt.id, version=0, state=ReceiptState.SEALED.value, data=sealed, at=NOON)
    assert browser.get(f"{here}/receipt.pdf").content == b"%PDF-"
    form = {"note": "Dibatalkan bank", "version": "1"}
    assert "Cabut bukti ini" not in browser.get(here).text
    assert browser.post(f"{here}/withdraw", data=form).status_code == 422
    log_in(browser, "luh")
    assert browser.post(f"{here}/withdraw", data={**form, "note": ""}).status_code == 422
    assert browser.post(f"{here}/withdraw", data={**form, "version": "0"}).status_code == 422
    assert "Sedang dicabut" in browser.post(f"{here}/withdraw", data=form).text
    office.duties.do_due()
    assert office.records.get(receipt.id).state == ReceiptState.WITHDRAWING, "Teken is away"


def test_a_leader_lets_systems_in_and_out(browser: Browser) -> None:
    log_in(browser, "gede")
    assert browser.get("/vehicle-tax/senders").status_code == 403
    assert browser.post("/vehicle-tax/senders", data={"title": "Bank"}).status_code == 403
    log_in(browser, "luh")
    assert browser.post("/vehicle-tax/senders", data={"title": "x"}).status_code == 422
    page = browser.post("/vehicle-tax/senders", data={"title": "Sistem pembayaran"}).text
    (token,) = re.findall(r"pkb_[0-9a-f]{64}", page)
    (sender,) = re.findall(r"/senders/(\w+)/end", page)
    assert token not in browser.get("/vehicle-tax/senders").text
    who = {"Authorization": f"Bearer {token}"}
    assert browser.post("/vehicle-tax/api/feeds", content=csv_of(ROW), headers=who).json()["new"] == 1
    told = browser.get("/vehicle-tax/api/receipts/PKB-2026-000001", headers=who).json()
    assert (told["state"], told["code"]) == ("waiting", None)
    assert browser.get("/vehicle-tax/api/receipts/PKB-9", headers=who).status_code == 404
    browser.post(f"/vehicle-tax/senders/{sender}/end")
    refused = browser.get("/vehicle-tax/api/receipts/PKB-2026-000001", headers=who)
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
