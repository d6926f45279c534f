"""Licensing and procurement against a running service: from an application and an announcement to the citizen."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from eoffice.app import create_app
from eoffice.compose import Office, compose
from eoffice.model import Agency, Paper, PaperState, Person, Role
from eoffice.passwords import hash_of
from eoffice.settings import Settings, TekenSettings
from litestar import Litestar
from litestar.testing import TestClient
from teken.types import Indication, StandingWord, StepSignature

from tests.integration.test_seals_live import seal_made
from tests.support.fresh import in_fresh_process
from tests.support.service import RunningService
from tests.support.waiting import follow

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(240)]

CLERK = Person(
    id="gede", name="I Gede Contoh", office="Pemeriksa", agency_id="dinas", roles=frozenset({Role.STAFF, Role.LEADER})
)
PACKAGE = {"package": ["PKT-7"], "title": ["Jaringan kantor"], "body": ["Uraian pekerjaan."]}
Browser = TestClient[Litestar]


@pytest.fixture(scope="module")
def officials(service: RunningService, second_official: dict[str, str]) -> dict[str, dict[str, str]]:
    """What signs in the name of each."""
    return {"luh": service.sign_request, "made": second_official}


@pytest.fixture
def office(service: RunningService, officials: dict[str, dict[str, str]], tmp_path: Path) -> Iterator[Office]:
    client, secret = service.client
    seal, _ = in_fresh_process(seal_made, service.directory, client, "127.0.0.0/8", 5)
    (tmp_path / "secret").write_text(secret)
    house = TekenSettings(url=service.url, client=client, secret_file=tmp_path / "secret")
    with compose(Settings(folder=tmp_path, teken=house)) as made:
        dinas = Agency(id="dinas", name="Dinas Perizinan Contoh", code="CONTOH", address="Jalan Contoh 1", seal=seal)
        made.people.put_agency(dinas)
        made.people.put_person(CLERK, password_hash=hash_of("kata sandi contoh"))
        for name, signs in officials.items():
            credential = signs["credential"]
            made.people.put_person(
                Person(id=name, name=f"Pejabat {name}", office="Kepala", agency_id="dinas", credential=credential)
            )
        made.messenger.listen()  # what other tests did before
        yield made


@pytest.fixture
def browser(office: Office) -> Iterator[Browser]:
    with TestClient(create_app(office, work=False)) as made:
        made.post("/login", data={"name": "gede", "password": "kata sandi contoh"})
        yield made


def carried(office: Office, paper_id: str) -> Paper:
    """After everything that waits was carried and heard."""
    while office.messenger.carry_one():
        pass
    office.messenger.listen()
    while office.messenger.carry_one():
        pass
    return office.papers.get(paper_id)


def signed(office: Office, service: RunningService, paper: Paper, *who: dict[str, str]) -> Paper:
    """After these have done their steps, in this order."""
    sent = carried(office, paper.id)
    steps = {each.credential: each.number for each in office.teken.documents.get(sent.reference or "").steps}
    for each in who:
        signature = StepSignature(credential=each["credential"], passphrase=each["passphrase"])
        office.teken.documents.sign_step(sent.reference or "", steps[each["credential"]], signature)
    return carried(office, paper.id)


def sealed(office: Office, paper: Paper) -> Paper:
    state = follow(lambda: carried(office, paper.id).state, lambda state: state is not PaperState.SIGNING)
    assert state is PaperState.SIGNED
    return office.papers.get(paper.id)


def test_a_permit_from_the_application_to_its_withdrawal(
    office: Office, browser: Browser, service: RunningService, officials: dict[str, dict[str, str]]
) -> None:
    offered = {"title": "Izin usaha", "needs": "Denah lokasi", "kind": "izin", "months": "12"}
    browser.post("/licensing/services", data=offered)
    page = browser.get("/licensing/apply").text
    form = dict(re.findall(r'name="(once|service)" value="(\w+)"', page))
    asked = {"holder": "Warung Contoh", "address": "Jalan Contoh 7", "contact": "0800-0000"}
    place = {"activity": "Usaha makanan", "location": "Banjar Contoh"}
    answer = browser.post("/licensing/apply", data={**form, **asked, **place}, files=[("none", ("", b""))]).text
    (code,) = re.findall(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}", answer)
    (application,) = office.records.listed("licensing", "application")
    here = f"/licensing/applications/{application.id}"
    browser.post(f"{here}/take")
    browser.post(f"{here}/grant", data={"signatory": "luh", "valid_until": "2035-01-31"})
    paper = office.papers.get(office.records.get(application.id).paper_id or "")

    permit = signed(office, service, paper, officials["luh"])
    assert permit.state is PaperState.SIGNED
    browser.post("/logout")
    assert "Terbit" in browser.post("/licensing/apply/status", data={"code": code}).text
    content = browser.post("/licensing/apply/permit.pdf", data={"code": code}).content
    assert office.teken.verifications.upload(content).indication is Indication.TOTAL_PASSED
    seen = httpx.get(permit.page or "").text
    assert (permit.number or "") in seen
    assert "31 Januari 2035" in seen
    assert "Warung Contoh" not in seen

    office.service.withdraw(CLERK, permit.id, note="Syarat tidak dipenuhi lagi")
    carried(office, permit.id)
    assert office.teken.letters.standing(permit.code or "").state is StandingWord.WITHDRAWN
    assert "Dicabut" in browser.post("/licensing/apply/status", data={"code": code}).text


def test_a_procurement_is_announced_decided_and_open_to_everybody(
    office: Office, browser: Browser, service: RunningService, officials: dict[str, dict[str, str]]
) -> None:
    schedule = {"schedule.stage": ["Pendaftaran"], "schedule.since": ["2026-12-01"], "schedule.until": ["2026-12-08"]}
    announcement = {**PACKAGE, **schedule, "subject": ["Pengumuman"], "method": ["tender"], "ceiling": ["250000000"]}
    announced = office.service.write(CLERK, "procurement", "pengumuman pengadaan", announcement)
    bidders = {"bidders.bidder": ["PT Rahasia Contoh"], "bidders.offer": ["1000"], "bidders.note": [""]}
    minutes = {**PACKAGE, **bidders, "subject": ["Pembukaan"], "about": ["pembukaan"], "committee": ["luh", "made"]}
    opened = office.service.write(CLERK, "procurement", "berita acara pengadaan", minutes)

    announced = sealed(office, announced)
    opened = signed(office, service, opened, officials["made"], officials["luh"])
    assert opened.state is PaperState.SIGNED
    reports = [office.teken.verifications.upload(office.files.read(each.signed or "")) for each in (announced, opened)]
    assert [each.indication for each in reports] == [Indication.TOTAL_PASSED] * 2
    assert [[sign.is_seal for sign in each.signatures] for each in reports] == [[True], [False, False]]
    browser.post("/logout")
    page = browser.get("/open/procurement").text
    assert announced.page is not None
    assert opened.page is not None
    assert (announced.page in page, opened.page in page, "Rahasia" in page) == (True, True, False)
    assert "Rahasia" not in httpx.get(opened.page).text
