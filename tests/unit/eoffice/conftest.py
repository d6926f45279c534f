"""An office of its own for each test: its database on SQLite and on PostgreSQL, its folder, its people."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from eoffice.features import load_features
from eoffice.files import Files
from eoffice.model import Agency, Person, Role
from eoffice.rendering import Printer
from eoffice.service import PaperService
from eoffice.store.database import Database, open_database
from eoffice.store.papers import Papers
from eoffice.store.people import People

from tests.support.databases import PostgresDatabases

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
DINAS = Agency(id="dinas", name="Dinas Contoh", code="CONTOH", address="Jalan Contoh Nomor 1")
BIRO = Agency(id="biro", name="Biro Umum Contoh", code="UMUM", address="Jalan Contoh Nomor 2")
DRAFTER = Person(id="gede", name="I Gede Contoh", office="Konseptor", agency_id="dinas")
HEAD = Person(
    id="luh",
    name="Ni Luh Contoh Lestari, S.Kom.",
    office="Kepala Dinas Contoh",
    agency_id="dinas",
    rank="Pembina Tk. I (IV/b)",
    credential="credential-of-luh",
    roles=frozenset({Role.STAFF, Role.LEADER}),
)
SECRETARY = Person(
    id="made",
    name="I Made Contoh",
    office="Sekretaris Dinas Contoh",
    agency_id="dinas",
    credential="credential-of-made",
)
STRANGER = Person(id="wayan", name="I Wayan Contoh", office="Tata Usaha", agency_id="biro")

LETTER = {
    "subject": ["Undangan rapat"],
    "classification": ["005"],
    "agencies": ["biro"],
    "body": ["Alinea pertama.\n\nAlinea kedua."],
    "initials": ["made", "", ""],
    "signatory": ["luh"],
    "copies": ["Arsip"],
    "secrecy": ["biasa"],
    "urgency": ["segera"],
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def office_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Empty tables, and four people of two agencies."""
    if request.param == "sqlite":
        url = f"sqlite+pysqlite:///{tmp_path / 'office.sqlite3'}"
    else:
        databases: PostgresDatabases = request.getfixturevalue("postgres")
        url = databases.empty()
    database = open_database(url)
    database.prepare()
    people = People(database)
    for agency in (DINAS, BIRO):
        people.put_agency(agency)
    for person in (DRAFTER, HEAD, SECRETARY, STRANGER):
        people.put_person(person)
    yield database
    database.close()


@pytest.fixture
def service(office_database: Database, tmp_path: Path) -> PaperService:
    """What people do, over that database."""
    turns = iter(range(1_000_000))
    return PaperService(
        features=load_features(),
        papers=Papers(office_database),
        people=People(office_database),
        files=Files(tmp_path / "documents"),
        printer=Printer([]),
        government="Pemerintah Provinsi Contoh",
        place="Kota Contoh",
        utc_offset_hours=8,
        now=lambda: NOON,
        new_id=lambda: f"{next(turns):032x}",
    )
