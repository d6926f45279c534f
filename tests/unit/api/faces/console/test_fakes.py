"""Reports of suspicious documents in the console: for registrars alone, closed once, and never a reader's markup."""

import pytest

from api.pages.scrub import scrub
from signer.fakes import FakeReports, Suspicion
from signer.people import Role
from store.database import Database
from store.fakes import SqlFakeReports
from tests.support.console import ConsoleHouse


@pytest.fixture
def reported(house: ConsoleHouse, database: Database) -> str:
    reports = FakeReports(SqlFakeReports(database), clean=scrub, now=lambda: house.office.at)
    return reports.report(Suspicion(code="ABCDE 23456", place="=1+1", text="<script>alert(1)</script> buram"))


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.REGISTRAR])
def test_nobody_but_a_registrar_sees_or_closes_them(house: ConsoleHouse, reported: str, role: Role) -> None:
    with house.logged_in(role) as person:
        assert "/console/fakes" not in person.page
        assert person.get("/console/fakes").status_code == 403
        person.get("/console/me")
        assert person.post(f"/console/fakes/{reported}", finding="fake").status_code == 403


def test_a_form_of_another_page_or_an_unknown_finding_closes_nothing(house: ConsoleHouse, reported: str) -> None:
    with house.logged_in(Role.REGISTRAR) as person:
        person.get("/console/fakes")
        assert person.post(f"/console/fakes/{reported}", csrf="0" * 64, finding="fake").status_code == 403
        assert person.post(f"/console/fakes/{reported}", finding="maybe").status_code == 422
        assert person.post("/console/fakes/AAAAAAAAAA", finding="fake").status_code == 422
        assert person.get("/console/fakes", shown="other").status_code == 404
        assert reported in person.get("/console/fakes").text


def test_a_registrar_reads_one_looks_its_code_up_and_closes_it_once(house: ConsoleHouse, reported: str) -> None:
    with house.logged_in(Role.REGISTRAR) as person:
        page = person.get("/console/fakes").text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; buram" in page
        assert 'href="/v/ABCDE23456"' in page
        assert "'=1+1" in person.get("/console/fakes", format="csv").text
        person.get("/console/fakes")
        answer = person.post(f"/console/fakes/{reported}", finding="fake")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/fakes")
        assert "Tidak ada laporan yang menunggu" in person.get("/console/fakes").text
        closed = person.get("/console/fakes", shown="closed").text
        assert (reported in closed, "Palsu" in closed, "registrar" in closed) == (True, True, True)
        assert person.post(f"/console/fakes/{reported}", finding="genuine").status_code == 422
