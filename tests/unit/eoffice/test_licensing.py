"""Licensing, as browsers ask for it: a citizen's application, what staff does about it, and who may see it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from eoffice.app import create_app
from eoffice.compose import Office
from eoffice.features.licensing import applications, citizen
from eoffice.features.licensing.model import NAME, code_of, key_of, months_later
from eoffice.model import PaperState
from eoffice.networks import believing
from eoffice.passwords import hash_of
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.letters import letter
from tests.unit.eoffice.conftest import DRAFTER, HEAD, STRANGER
from tests.unit.eoffice.whole import Clock, whole_office

HASHED = hash_of("kata sandi contoh")
ASKED = {
    "holder": "Warung Contoh",
    "address": "Jalan Contoh 7",
    "contact": "0800-0000",
    "activity": "Usaha makanan",
    "location": "Banjar Contoh",
}
Browser = TestClient[Litestar]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 23, 1, tzinfo=UTC))


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    with whole_office(tmp_path, clock) as made:
        for person in (DRAFTER, HEAD, STRANGER):
            made.people.put_person(person, password_hash=HASHED)
        yield made


@pytest.fixture
def browser(office: Office) -> Iterator[Browser]:
    with TestClient(create_app(office, work=False)) as made:
        log_in(made, "luh")
        service = {"title": "Izin usaha", "needs": "Denah lokasi", "kind": "izin", "months": "12"}
        assert made.post("/licensing/services", data=service).status_code == 200
        log_in(made, None)
        yield made


def log_in(browser: Browser, who: str | None) -> None:
    browser.post("/logout")
    if who is not None:
        assert browser.post("/login", data={"name": who, "password": "kata sandi contoh"}).url.path == "/"


def form_of(browser: Browser) -> dict[str, str]:
    page = browser.get("/licensing/apply").text
    return {**ASKED, **dict(re.findall(r'name="(once|service)" value="(\w+)"', page))}


def apply(browser: Browser, form: dict[str, str], *contents: bytes) -> Any:
    files = [("documents", (f"berkas {number}.pdf", each)) for number, each in enumerate(contents)]
    return browser.post("/licensing/apply", data=form, files=files or [("none", ("", b""))])


def test_an_application_is_sent_completed_and_granted(office: Office, browser: Browser) -> None:
    form = form_of(browser)
    first, again = apply(browser, form, letter()), apply(browser, form, letter())
    codes = {re.search(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){3}", each.text)[0] for each in (first, again)}  # type: ignore[index]
    (code,) = codes
    (application,) = office.records.listed(NAME, "application")
    assert code not in str(application)
    assert browser.get("/licensing", follow_redirects=False).headers["location"] == "/login"

    log_in(browser, "gede")
    assert "Usaha makanan" in browser.get("/licensing").text
    here = f"/licensing/applications/{application.id}"
    document = browser.get(f"{here}/documents/0")
    assert (document.content, document.headers["content-disposition"][:10]) == (letter(), "attachment")
    assert browser.get(f"{here}/documents/1").status_code == 404
    assert browser.post(f"{here}/grant", data={"signatory": "luh"}).status_code == 422, "nobody checks it yet"
    browser.post(f"{here}/take")
    assert browser.post(f"{here}/ask", data={"note": ""}).status_code == 422
    browser.post(f"{here}/ask", data={"note": "Sertakan denah lokasi"})

    log_in(browser, None)
    typed = code.lower().replace("-", " ")
    assert "Sertakan denah lokasi" in browser.post("/licensing/apply/status", data={"code": typed}).text
    answer = {"code": code, "answer": "Denah terlampir"}
    sent = browser.post("/licensing/apply/complete", data=answer, files=[("documents", ("denah.pdf", letter()))])
    assert "Diterima" in sent.text
    assert browser.post("/licensing/apply/permit.pdf", data={"code": code}).headers["content-type"][:9] == "text/html"

    log_in(browser, "gede")
    browser.post(f"{here}/take")
    granted = browser.post(
        f"{here}/grant", data={"signatory": "luh", "terms": "Jaga\n\nBersih", "valid_until": "2027-11-23"}
    )
    assert granted.status_code == 200
    kept = office.records.get(application.id)
    paper = office.papers.get(kept.paper_id or "")
    assert (kept.state, paper.state, paper.number) == ("granted", PaperState.QUEUED, "0001/CONTOH/2026")
    assert (paper.valid_until, paper.form["holder"]) == (date(2027, 11, 23), "Warung Contoh")
    assert len(kept.data["documents"]) == 2
    assert browser.post(f"{here}/grant", data={"signatory": "luh"}).status_code == 422, "once"

    office.papers.returned(paper.id, problem="Keliru", at=office.now())
    office.service.cancel(DRAFTER, paper.id, reason="Keliru")
    while office.messenger.carry_one():
        pass
    assert office.records.get(application.id).state == "checking", "its paper was given up"
    browser.post(f"{here}/refuse", data={"note": "Lokasi tidak sesuai"})
    assert "Lokasi tidak sesuai" in browser.post("/licensing/apply/status", data={"code": code}).text


def test_another_agency_sees_and_decides_nothing(office: Office, browser: Browser) -> None:
    apply(browser, form_of(browser))
    (application,) = office.records.listed(NAME, "application")
    log_in(browser, "wayan")
    assert "Usaha makanan" not in browser.get("/licensing").text
    assert browser.get(f"/licensing/applications/{application.id}").status_code == 404
    assert browser.post(f"/licensing/applications/{application.id}/take").status_code == 404
    assert browser.post("/licensing/services", data={}).status_code == 403
    (service,) = office.records.listed(NAME, "service")
    log_in(browser, "gede")
    assert browser.post(f"/licensing/services/{service.id}/end").status_code == 403


@pytest.mark.parametrize(
    ("changed", "contents", "field"),
    [
        ({"service": "0" * 32}, (), "service"),
        ({"once": "short"}, (), "service"),
        ({"holder": " "}, (), "holder"),
        ({"activity": "x" * 201}, (), "activity"),
        ({}, (b"MZ no document",), "documents"),
        ({}, (letter(),) * 4, "documents"),
        ({}, (b"%PDF-" + b"x" * applications.LARGEST_FILE,), "documents"),
    ],
)
def test_a_wrong_application_is_the_form_again(
    office: Office, browser: Browser, changed: dict[str, str], contents: tuple[bytes, ...], field: str
) -> None:
    answer = apply(browser, {**form_of(browser), **changed}, *contents)
    assert (answer.status_code, f"#field-{field}" in answer.text) == (422, True)
    assert office.records.listed(NAME, "application") == []


def test_applications_are_counted_by_day(
    office: Office, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applications, "MOST_A_DAY", 1)
    assert [apply(browser, form_of(browser)).status_code for _ in range(2)] == [200, 429]
    answer = apply(browser, form_of(browser))
    assert int(answer.headers["retry-after"]) == 15 * 3600, "it is nine o'clock in the office"
    assert "Coba lagi dalam 15 jam" in answer.text
    clock.moves(seconds=15 * 3600)
    assert apply(browser, form_of(browser)).status_code == 200
    assert browser.post("/licensing/apply/status", data={"code": "AAAAA-AAAAA-AAAAA-AAAAA"}).status_code == 422


def test_one_network_does_not_use_up_the_day_of_all_others(
    office: Office, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applications, "OF_A_NETWORK", replace(applications.OF_A_NETWORK, most=2))
    with TestClient(believing(create_app(office, work=False), ["testclient"])) as behind:

        def sent(address: str, *contents: bytes) -> Any:
            behind.headers["X-Forwarded-For"] = address
            return apply(behind, form_of(behind), *contents)

        assert [sent("203.0.113.7", letter(), b"MZ").status_code for _ in range(3)] == [422] * 3
        assert list((office.settings.folder / "documents").iterdir()) == [], "what is refused is not kept"
        form = form_of(behind)
        assert [apply(behind, form).status_code for _ in range(2)] == [200, 200], "one application"
        assert sent("203.0.113.7").status_code == 200
        refused = sent("203.0.113.7")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "86400")
        assert "Coba lagi dalam 24 jam" in refused.text
        assert "Too many applications from this network" in refused.text
        assert sent("203.0.113.8").status_code == 200
        of_one_site = [sent(f"2001:db8:1:{number}::1").status_code for number in range(3)]
        assert of_one_site == [200, 200, 429]
        log_in(behind, "gede")
        assert sent("203.0.113.7").status_code == 200, "at the counter"
        log_in(behind, None)
        clock.moves(days=1)
        assert sent("203.0.113.7").status_code == 200
    forged = []
    for number in range(3):  # where no proxy is trusted
        browser.headers["X-Forwarded-For"] = f"198.51.100.{number}"
        forged.append(apply(browser, form_of(browser)).status_code)
    assert forged == [200, 200, 429]
    assert office.records.count(NAME, "application") == 9


def test_forms_are_counted_before_they_are_read(
    browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(citizen, "SENDING", replace(citizen.SENDING, most=2))
    guesses = [browser.post("/licensing/apply/status", data={"code": "A"}) for _ in range(3)]
    assert [each.status_code for each in guesses] == [422, 422, 429]
    assert guesses[2].headers["retry-after"] == "60"
    assert apply(browser, form_of(browser)).status_code == 429
    clock.moves(minutes=1)
    assert apply(browser, form_of(browser)).status_code == 200


def test_codes_are_read_however_they_are_typed() -> None:
    code = code_of("0" * 32)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}", code)
    assert key_of(code) == key_of(code.lower().replace("-", " ").replace("1", "l").replace("0", "o"))
    assert len({code_of(f"{number:032x}") for number in range(1000)}) == 1000


def test_months_end_where_a_month_is_shorter() -> None:
    assert months_later(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_later(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert months_later(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert months_later(date(2026, 1, 15), 12) == date(2027, 1, 15)
