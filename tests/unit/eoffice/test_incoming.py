"""Incoming letters: registered once, read, passed on with a deadline, and reported upon."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import teken
from eoffice.errors import NotFound, NotYours, Refused
from eoffice.files import Files
from eoffice.intake import Intake
from eoffice.model import Incoming, Person, Role, Verdict
from eoffice.store.database import Database
from eoffice.store.incoming import Arrival, IncomingLetters
from eoffice.store.people import People

from tests.unit.eoffice.conftest import DRAFTER, HEAD, NOON, SECRETARY, STRANGER

VERDICT = Verdict(
    state="valid",
    headline_id="Dokumen asli dan utuh",
    headline_en="Genuine and unchanged",
    passed=True,
    signers=("CN=Contoh",),
    relation="same-bytes",
    at=NOON,
)
TOMORROW = date(2026, 11, 23)


def arrival(number: int, agency: str = "dinas") -> Arrival:
    return Arrival(
        id=f"{number:032x}",
        agency_id=agency,
        sender="Instansi Contoh",
        subject="Permintaan data",
        number="005/1/LUAR/2026",
        dated=None,
        sha256=f"{number % 50:064x}",
        verdict=VERDICT,
        paper_id=None,
    )


@pytest.fixture
def letters(office_database: Database) -> IncomingLetters:
    return IncomingLetters(office_database)


@pytest.fixture
def intake(office_database: Database, letters: IncomingLetters, tmp_path_factory: pytest.TempPathFactory) -> Intake:
    turns = iter(range(1_000_000))
    return Intake(
        letters=letters,
        people=People(office_database),
        files=Files(tmp_path_factory.mktemp("files")),
        client=teken.Teken("http://127.0.0.1:9", retries=teken.Retries(seconds=0)),
        utc_offset_hours=8,
        now=lambda: NOON,
        new_id=lambda: f"{next(turns):032x}",
    )


@pytest.fixture
def letter(letters: IncomingLetters) -> Incoming:
    return letters.register(arrival(1), at=NOON, year=2026)


def test_a_hundred_arrivals_of_fifty_letters_make_fifty_lines_without_a_gap(letters: IncomingLetters) -> None:
    with ThreadPoolExecutor(10) as callers:
        came = list(callers.map(lambda n: letters.register(arrival(n), at=NOON, year=2026), range(100)))
    assert sorted({each.agenda for each in came}) == list(range(1, 51))
    assert len({each.id for each in came}) == 50


def test_the_first_reader_is_noted_and_other_agencies_see_nothing(
    letters: IncomingLetters, intake: Intake, letter: Incoming
) -> None:
    assert letter.read_by is None
    assert intake.read(HEAD, letter.id).read_by == "luh"
    assert intake.read(SECRETARY, letter.id).read_by == "luh"
    assert letters.get(letter.id, agency_id="dinas").verdict == VERDICT
    with pytest.raises(NotFound):
        intake.read(STRANGER, letter.id)


def test_a_letter_is_passed_on_and_on_and_reported_upon(
    letters: IncomingLetters, intake: Intake, letter: Incoming
) -> None:
    first = intake.dispose(HEAD, letter.id, to="made", instruction="Siapkan", until=TOMORROW, parent_id=None)
    second = intake.dispose(
        SECRETARY, letter.id, to="gede", instruction="Kumpulkan data", until=None, parent_id=first.id
    )
    assert [(task.instruction, of.subject) for task, of in letters.mine("gede")] == [
        ("Kumpulkan data", "Permintaan data")
    ]
    intake.done(DRAFTER, second.id, report="Data terlampir")
    assert letters.mine("gede") == ()
    assert [each.report for each in letters.dispositions(letter.id)] == [None, "Data terlampir"]
    for act in (
        lambda: intake.done(DRAFTER, second.id, report="lagi"),
        lambda: intake.done(DRAFTER, first.id, report="bukan milik saya"),
    ):
        with pytest.raises(NotFound):
            act()


@pytest.mark.parametrize(
    ("who", "said", "refusal"),
    [
        (SECRETARY, ("gede", None, None), NotYours),
        (HEAD, ("wayan", None, None), Refused),
        (HEAD, ("luh", None, None), Refused),
        (HEAD, ("nobody", None, None), Refused),
        (HEAD, ("made", NOON.date() - timedelta(days=1), None), Refused),
        (DRAFTER, ("made", None, "0" * 32), NotYours),
        (STRANGER, ("gede", None, None), NotFound),
    ],
)
def test_who_may_pass_on_to_whom(
    intake: Intake, letter: Incoming, who: Person, said: tuple[str, date | None, str | None], refusal: type[Refused]
) -> None:
    to, until, parent = said
    with pytest.raises(refusal):
        intake.dispose(who, letter.id, to=to, instruction="Kerjakan", until=until, parent_id=parent)


def test_only_the_records_unit_takes_in_files(intake: Intake) -> None:
    with pytest.raises(NotYours):
        intake.upload(DRAFTER, b"%PDF-1.7", sender="Luar", subject="Surat", number=None, dated=None)
    clerk = Person(id="tu", name="TU", office="TU", agency_id="dinas", roles=frozenset({Role.RECORDS}))
    with pytest.raises(teken.Unavailable):
        intake.upload(clerk, b"%PDF-1.7", sender="Luar", subject="Surat", number=None, dated=None)
