"""Procurement against a running service: from the announcement to what everybody may read."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from eoffice.app import create_app
from eoffice.compose import Office, compose
from eoffice.model import Agency, Paper, PaperState, Person
from eoffice.settings import Settings, TekenSettings
from litestar.testing import TestClient
from teken.types import Indication, StepSignature

from tests.integration.test_seals_live import seal_made
from tests.support.fresh import in_fresh_process
from tests.support.service import RunningService
from tests.support.waiting import follow

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(240)]

CLERK = Person(id="gede", name="I Gede Contoh", office="Pemeriksa", agency_id="dinas")
PACKAGE = {"package": ["PKT-7"], "title": ["Jaringan kantor"], "body": ["Uraian pekerjaan."]}


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
        dinas = Agency(id="dinas", name="Biro Pengadaan Contoh", code="CONTOH", address="Jalan Contoh 1", seal=seal)
        made.people.put_agency(dinas)
        made.people.put_person(CLERK)
        for name, signs in officials.items():
            credential = signs["credential"]
            made.people.put_person(
                Person(id=name, name=f"Pejabat {name}", office="Kepala", agency_id="dinas", credential=credential)
            )
        made.messenger.listen()  # what other tests did before
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


def test_a_procurement_is_announced_decided_and_open_to_everybody(
    office: Office, service: RunningService, officials: dict[str, dict[str, str]]
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
    newest = office.teken.signatures.get(opened.code or "")
    assert (newest.document_sha256, newest.links.page) == (opened.signed, opened.page), "of who signed last"
    reports = [office.teken.verifications.upload(office.files.read(each.signed or "")) for each in (announced, opened)]
    assert [each.indication for each in reports] == [Indication.TOTAL_PASSED] * 2
    assert [[sign.is_seal for sign in each.signatures] for each in reports] == [[True], [False, False]]
    with TestClient(create_app(office, work=False)) as browser:
        page = browser.get("/open/procurement").text
    assert announced.page is not None
    assert opened.page is not None
    assert (announced.page in page, opened.page in page, "Rahasia" in page) == (True, True, False)
    assert "Rahasia" not in httpx.get(opened.page).text
