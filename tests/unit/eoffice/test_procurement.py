"""Procurement: who signs what, what its pages print, and what the open list tells."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from eoffice.app import create_app
from eoffice.compose import Office
from eoffice.features.procurement.open_list import NAME, open_list
from eoffice.model import Act
from litestar.testing import TestClient

from tests.unit.eoffice.conftest import DRAFTER, NOON
from tests.unit.eoffice.whole import Clock, whole_office

PACKAGE = {"package": ["pkt-7"], "title": ["Jaringan kantor"], "body": ["Uraian.\n\nSyarat."]}
ANNOUNCEMENT = {
    **PACKAGE,
    "subject": ["Pengumuman jaringan kantor"],
    "method": ["tender"],
    "ceiling": ["250000000"],
    "schedule.stage": ["Pendaftaran", "Pembukaan"],
    "schedule.since": ["2026-12-01", "2026-12-10"],
    "schedule.until": ["2026-12-08", "2026-12-10"],
}
MINUTES = {
    **PACKAGE,
    "subject": ["Pembukaan penawaran jaringan kantor"],
    "about": ["pembukaan"],
    "bidders.bidder": ["PT Rahasia Contoh", "CV Contoh"],
    "bidders.offer": ["240000000", ""],
    "bidders.note": ["", "Tidak lengkap"],
    "committee": ["luh", "made"],
}
RESULT = {**PACKAGE, "subject": ["Hasil jaringan kantor"], "winner": ["PT Contoh"], "price": ["240000000"]}


CLOCK = Clock(NOON)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with whole_office(tmp_path, CLOCK) as made:
        yield made


def signed(office: Office, kind: str, form: dict[str, list[str]], code: str) -> str:
    CLOCK.moves(minutes=1)
    paper = office.service.write(DRAFTER, NAME, kind, form)
    office.papers.submitted(paper.id, reference=code, at=NOON)
    page = f"https://teken.example.go.id/v/{code}"
    done = len(paper.steps)
    office.papers.signed(paper.id, code=code, page=page, signed="0" * 64, done=done, dispatch=None, at=NOON)
    while office.messenger.carry_one():
        pass
    return paper.id


def test_announcements_are_sealed_and_a_committee_signs_side_by_side(office: Office) -> None:
    announced = office.service.write(DRAFTER, NAME, "pengumuman pengadaan", ANNOUNCEMENT)
    minutes = office.service.write(DRAFTER, NAME, "berita acara pengadaan", MINUTES)
    result = office.service.write(DRAFTER, NAME, "pengumuman hasil pengadaan", RESULT)
    assert [each.act for each in (*announced.steps, *result.steps)] == [Act.SEAL, Act.SEAL]
    assert [(each.order, each.act, each.person_id) for each in minutes.steps] == [
        (1, Act.SIGNATURE, "luh"),
        (1, Act.SIGNATURE, "made"),
    ]
    assert [each.step for each in minutes.places] == [1, 2]
    assert not office.service.kind(NAME, minutes.kind).preview, "bidders are on it"
    assert [each.number for each in (announced, minutes, result)] == [
        "0001/CONTOH/2026",
        "0001/CONTOH/2026",
        "0002/CONTOH/2026",
    ]


def test_the_open_list_holds_a_packages_papers_together_and_tells_no_bidder(office: Office) -> None:
    signed(office, "pengumuman pengadaan", ANNOUNCEMENT, "code-1")
    minutes = signed(office, "berita acara pengadaan", {**MINUTES, "package": ["PKT-7"]}, "code-2")
    signed(office, "pengumuman hasil pengadaan", {**RESULT, "secrecy": ["terbatas"]}, "code-3")
    office.service.write(DRAFTER, NAME, "pengumuman pengadaan", {**ANNOUNCEMENT, "package": ["pkt-8"]})
    (package,) = open_list(office)["packages"]
    assert [each.data["kind"] for each in package["lines"]] == ["pengumuman pengadaan", "berita acara pengadaan"]

    office.papers.withdrawn(minutes, note="Keliru", at=NOON)
    while office.messenger.carry_one():
        pass
    with TestClient(create_app(office, work=False)) as browser:
        page = browser.get(f"/open/{NAME}").text
    assert "https://teken.example.go.id/v/code-1" in page
    assert page.count("Dicabut") == 1
    assert "Rahasia" not in page
    assert "PKT-8" not in page
