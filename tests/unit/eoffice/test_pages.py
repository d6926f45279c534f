"""The office as browsers see it, with a feature from elsewhere that brings pages and duties of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from eoffice.app import create_app
from eoffice.compose import Office, compose
from eoffice.errors import Misconfigured
from eoffice.features import load_features
from eoffice.model import PaperState
from eoffice.passwords import hash_of
from eoffice.settings import Settings, TekenSettings
from litestar.testing import TestClient

from tests.unit.eoffice.conftest import BIRO, DINAS, DRAFTER, HEAD, LETTER, NOON, SECRETARY

LOANS = """
from datetime import timedelta
from typing import Any

from eoffice.compose import Office
from eoffice.feature import Duty, Feature, Link
from eoffice.features.letters import FEATURE as LETTERS
from eoffice.model import Paper, Record, Role
from eoffice.pages.visit import Visits
from eoffice.text import Text
from litestar import Controller, Response, get


def kept(office: Office, key: str) -> None:
    office.records.add_once(
        Record(
            id=office.new_id(), feature="loans", kind="note", key=key, agency_id="dinas", state="new", data={},
            created_at=office.now(), changed_at=office.now(),
        )
    )


class LoanPages(Controller):
    path = "/loans"

    @get("/shelf", sync_to_thread=True)
    def shelf(self, visit: Visits) -> Response[Any]:
        return visit.show("loans/shelf.html", who=visit.person.name)


def told(office: Office, paper: Paper) -> None:
    if paper.problem == "gagal":
        raise RuntimeError("as written")
    kept(office, f"{paper.state} {paper.version}")


FEATURE = Feature(
    name="loans",
    title=Text("Peminjaman", "Loans"),
    says=Text("Contoh.", "An example."),
    kinds=LETTERS.kinds[:1],
    pages=(LoanPages,),
    links=(
        Link(path="/loans/shelf", title=Text("Rak", "Shelf")),
        Link(path="/loans/all", title=Text("Semua rak", "All shelves"), roles=frozenset({Role.ADMINISTRATOR})),
    ),
    on_paper=told,
    duties=(Duty(name="count", every=timedelta(hours=1), do=lambda office: kept(office, "counted")),),
)
"""
SHELF = '{% extends "base.html" %}{% block title %}Rak{% endblock %}{% block main %}<p>{{ who }}</p>{% endblock %}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "own"
    (own / "pages").mkdir(parents=True)
    (own / "loans.py").write_text(LOANS)
    (own / "pages" / "shelf.html").write_text(SHELF)
    return own


@pytest.fixture
def office(folder: Path, tmp_path: Path) -> Iterator[Office]:
    """No Teken answers it."""
    (tmp_path / "secret").write_text("secret")
    house = TekenSettings(url="http://127.0.0.1:9", client="office", secret_file=tmp_path / "secret")
    with compose(Settings(folder=tmp_path, features=(folder,), teken=house), now=lambda: NOON) as made:
        for agency in (DINAS, BIRO):
            made.people.put_agency(agency)
        for person in (DRAFTER, HEAD, SECRETARY):
            made.people.put_person(person)
        made.people.put_person(DRAFTER, password_hash=hash_of("sandi-contoh"))
        yield made


@pytest.fixture
def guest(office: Office) -> Iterator[TestClient]:
    with TestClient(create_app(office, work=False)) as client:
        yield client


@pytest.fixture
def browser(guest: TestClient) -> TestClient:
    guest.post("/login", data={"name": "gede", "password": "sandi-contoh"})
    return guest


def test_a_feature_shows_pages_of_its_own_to_who_is_logged_in(browser: TestClient) -> None:
    assert DRAFTER.name in browser.get("/loans/shelf").text
    for page in ("/", "/f/loans"):
        text = browser.get(page).text
        assert 'href="/loans/shelf"' in text
        assert "/loans/all" not in text
    assert browser.get("/f/letters").status_code == 200
    browser.post("/logout")
    assert browser.get("/loans/shelf", follow_redirects=False).headers["location"] == "/login"


def test_a_feature_is_told_what_became_of_its_papers_until_it_understands(office: Office) -> None:
    paper = office.service.draft(DRAFTER, "loans", "surat dinas", LETTER)
    other = office.service.draft(DRAFTER, "letters", "surat dinas", LETTER)
    for each in (paper, other):
        office.service.release(DRAFTER, each.id, version=0)
        office.papers.submitted(each.id, reference=each.id, at=NOON)
    office.papers.signed(paper.id, code="K", page="", signed="0" * 64, done=2, dispatch=None, at=NOON)
    office.papers.returned(other.id, problem="", at=NOON)
    while office.messenger.carry_one():
        pass
    assert [each.key for each in office.records.listed("loans", "note")] == ["signed 4"]

    office.papers.withdrawn(paper.id, note="gagal", at=NOON)
    before = office.errands.waiting()
    assert office.messenger.carry_one()
    assert office.errands.waiting() == before, "it stumbled, and is told again"
    assert office.papers.get(paper.id).state is PaperState.WITHDRAWN


def test_a_features_duty_is_done_with_the_office(office: Office) -> None:
    assert office.duties.do_due() == 1
    assert office.records.by_key("loans", "note", "counted") is not None
    assert office.duties.do_due() == 0


@pytest.mark.parametrize(
    ("said", "instead"),
    [('path = "/loans"', 'path = "/f/loans"'), ('path = "/loans"', ""), ('name="loans"', 'name="in"')],
)
def test_a_feature_cannot_take_the_offices_own_addresses(folder: Path, said: str, instead: str) -> None:
    (folder / "loans.py").write_text(LOANS.replace(said, instead or "pass"))
    with pytest.raises(Misconfigured):
        load_features([folder])
