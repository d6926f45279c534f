"""Taking an import: each row once, a refused row alone, any crash survived."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from signer.appointments import ActingForm
from signer.bulk.model import Progress, RowState
from signer.bulk.service import ImportService, row_key
from signer.errors import ImportRefused, RegistrationRefused
from store.bulk import SqlAppointmentStore, SqlImportLog
from store.database import Database
from tests.support.signing import counted_bytes

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
KNOWN_ID = "K5QXA2LBONUWC3TB"
FILE = (
    "jenis;nama;id_penanda_tangan;unit_kerja;bentuk;jabatan;mulai;sampai\n"
    "pejabat;I Wayan Contoh;;Biro Satu;;;;\n"
    ";Ni Luh Tolak;;Biro Satu;;;;\n"
    f"mutasi;;{KNOWN_ID};Biro Dua;;;;\n"
    f"penugasan;;{KNOWN_ID};;Plh;Kepala Dinas Contoh;2026-11-20;2026-11-30\n"
).encode()


class Crash(BaseException):
    """The process dies here."""


class Office:
    """A registration office that keeps its port's promise: the same key is the same proposal."""

    def __init__(self) -> None:
        self.proposals: dict[str, Mapping[str, str]] = {}
        self.calls = 0
        self.die_before: int | None = None
        self.die_after: int | None = None

    def propose(self, content: Mapping[str, str], *, key: str, actor: str) -> str:
        self.calls += 1
        if self.calls == self.die_before:
            raise Crash
        if "Tolak" in content.get("name", ""):
            raise RegistrationRefused("No.", field="name", reason="too-long")
        self.proposals.setdefault(key, dict(content))
        if self.calls == self.die_after:
            raise Crash
        return f"proposal-{key}"

    transfer = propose

    def names(self) -> frozenset[tuple[str, str, str]]:
        return frozenset()

    def ids(self) -> frozenset[str]:
        return frozenset({KNOWN_ID})


class Desk:
    """An import service whose clock a test moves."""

    def __init__(self, database: Database) -> None:
        self.at = NOON
        self.office = Office()
        self.log = SqlImportLog(database)
        self.appointments = SqlAppointmentStore(database)
        self.service = ImportService(
            log=self.log,
            known=self.office,
            register=self.office,
            appointments=self.appointments,
            organisation=("Pemerintah Provinsi Contoh", "NTRID-0000000000"),
            now=lambda: self.at,
            random_bytes=counted_bytes(),
        )

    def begin(self, content: bytes = FILE) -> str:
        return self.service.begin("pejabat.csv", self.service.check(content), actor="ra-1")

    def run(self, import_id: str) -> Progress:
        return self.service.run(import_id, actor="ra-1")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_each_row_goes_where_it_belongs_and_a_refused_one_fails_alone(desk: Desk) -> None:
    done = desk.run(desk.begin())
    assert done.counts == {RowState.REGISTERED: 2, RowState.DONE: 1, RowState.FAILED: 1}
    assert done.open == 0
    official, transfer = desk.office.proposals.values()
    assert official["organisation"] == "Pemerintah Provinsi Contoh"
    assert transfer == {"signatory_id": KNOWN_ID, "unit": "Biro Dua"}
    (failed,) = desk.service.failures(done.import_id)
    assert (failed.row.number, failed.reason) == (3, "name: too-long")
    (appointment,) = desk.appointments.of(KNOWN_ID)
    assert (appointment.form, appointment.ends_on) == (ActingForm.PLH, date(2026, 11, 30))


def test_a_file_with_one_bad_row_takes_nothing_in(desk: Desk) -> None:
    with pytest.raises(ImportRefused) as refused:
        desk.begin(b"nama\nI Wayan\n=1\n")
    assert refused.value.reason == "findings"


def test_the_same_file_again_is_the_same_import(desk: Desk) -> None:
    first = desk.begin()
    desk.run(first)
    calls = desk.office.calls
    assert desk.service.known(FILE) == first
    assert desk.begin() == first
    assert desk.run(first).open == 0
    assert desk.office.calls == calls


def test_an_unknown_import_is_refused(desk: Desk) -> None:
    with pytest.raises(ImportRefused) as refused:
        desk.run("unknown")
    assert refused.value.field == "import"


@pytest.mark.parametrize("where", ["die_before", "die_after"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_crash_in_any_row_leaves_nothing_twice_and_nothing_out(desk: Desk, where: str, call: int) -> None:
    import_id = desk.begin(FILE.replace(b"Tolak", b"Contoh"))
    setattr(desk.office, where, call)
    with pytest.raises(Crash):
        desk.run(import_id)
    setattr(desk.office, where, None)

    assert desk.run(import_id).open == 1, "a row that another process may still hold is left to it"
    desk.at += timedelta(minutes=3)
    done = desk.run(import_id)
    assert done.counts == {RowState.REGISTERED: 3, RowState.DONE: 1}
    assert set(desk.office.proposals) == {row_key(import_id, number) for number in (2, 3, 4)}


def test_two_processes_share_the_rows(desk: Desk, database: Database) -> None:
    content = b"nama\n" + b"".join(b"Pejabat %s\n" % name.encode() for name in _names(60))
    import_id = desk.begin(content)
    other = Desk(database)
    first = desk.log.take_next(import_id, at=NOON, lost_before=NOON - timedelta(minutes=2))
    second = other.log.take_next(import_id, at=NOON, lost_before=NOON - timedelta(minutes=2))
    assert first is not None
    assert second is not None
    assert first.row.number != second.row.number
    assert desk.run(import_id).counts[RowState.REGISTERED] == 58


def test_progress_is_told_while_it_runs(desk: Desk) -> None:
    import_id = desk.begin(b"nama\n" + b"".join(b"Pejabat %s\n" % name.encode() for name in _names(120)))
    told: list[int] = []
    desk.service.run(import_id, actor="ra-1", tell=lambda progress: told.append(progress.open))
    assert told == [120, 70, 20, 0]


def _names(count: int) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [letters[number // 26] + letters[number % 26] for number in range(count)]
