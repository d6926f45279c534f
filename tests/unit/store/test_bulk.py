"""`store.bulk`: a row is held by one and settled once; appointments and addresses."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from signer.appointments import ActingForm, Appointment
from signer.bulk.model import CheckedRow, ImportedRow, RowKind, RowState
from signer.model import CredentialState
from signer.people import ApprovalState, NumberHashes
from store.approvals import SqlApprovalStore
from store.audit import Act, AuditTrail
from store.bulk import SqlAppointmentStore, SqlContacts, SqlImportLog
from store.credentials import SqlCredentialStore
from store.database import Database
from store.errors import AuditRefused, IllegalMove
from store.registrations import SqlRegistrationStore
from tests.support.pki import make_pki
from tests.unit.store.samples import MINUTE, NOON, credential, digest, together
from tests.unit.store.test_people import approval, registration

IMPORT = "import-1"
LONG_AGO = NOON - timedelta(days=1)
APPOINTMENT = Appointment(
    id="appointment-1",
    signatory_id="K5QXA2LBONUWC3TB",
    form=ActingForm.PLT,
    office="Kepala Dinas Contoh",
    starts_on=date(2026, 11, 1),
    ends_on=date(2026, 12, 1),
)


def row(number: int) -> CheckedRow:
    return CheckedRow(number=number, kind=RowKind.OFFICIAL, content={"name": f"Pejabat {number}"})


@pytest.fixture
def log(database: Database) -> SqlImportLog:
    log = SqlImportLog(database)
    rows = tuple(row(number) for number in range(2, 7))
    log.begin(import_id=IMPORT, file_name="p.csv", file_sha256=digest("p"), rows=rows, actor="ra-1", at=NOON)
    return log


def take(log: SqlImportLog) -> ImportedRow:
    taken = log.take_next(IMPORT, at=NOON, lost_before=LONG_AGO)
    assert taken is not None
    return taken


def test_rows_come_in_order_and_once(log: SqlImportLog) -> None:
    assert [take(log).row for _ in range(5)] == [row(number) for number in range(2, 7)]
    assert log.take_next(IMPORT, at=NOON, lost_before=LONG_AGO) is None


def test_takers_at_once_never_get_the_same_row(log: SqlImportLog) -> None:
    taken = together(8, lambda _: log.take_next(IMPORT, at=NOON, lost_before=LONG_AGO))
    numbers = [each.row.number for each in taken if each is not None]
    assert sorted(numbers) == [2, 3, 4, 5, 6]


def test_a_row_is_settled_once(log: SqlImportLog) -> None:
    taken = take(log)
    log.settle(taken, RowState.REGISTERED, outcome="r-1", actor="ra-1", at=NOON)
    with pytest.raises(IllegalMove):
        log.settle(taken, RowState.FAILED, reason="late", actor="ra-2", at=NOON)


def test_a_row_that_nobody_reserved_is_not_settled(log: SqlImportLog) -> None:
    waiting = ImportedRow(import_id=IMPORT, row=row(2), state=RowState.WAITING)
    with pytest.raises(IllegalMove):
        log.settle(waiting, RowState.DONE, actor="ra-1", at=NOON)


def test_a_lost_row_comes_again(log: SqlImportLog) -> None:
    lost = take(log)
    again = log.take_next(IMPORT, at=NOON + 5 * MINUTE, lost_before=NOON + MINUTE)
    assert again == lost


def test_acts_are_in_the_trail_and_names_are_not(log: SqlImportLog, database: Database) -> None:
    log.settle(take(log), RowState.FAILED, reason="name: 5171010101700001", actor="ra-1", at=NOON)
    entries = AuditTrail(database).read()
    assert [(each.act, each.outcome) for each in entries] == [
        (Act.IMPORT_BEGIN.value, "done"),
        (Act.IMPORT_ROW.value, "refused"),
    ]
    assert "Pejabat" not in repr(entries)
    assert "5171" not in repr(entries)


def test_an_appointment_is_recorded_once_and_can_be_withdrawn(database: Database) -> None:
    store = SqlAppointmentStore(database)
    for _ in range(2):
        store.record(APPOINTMENT, actor="ra-1", at=NOON)
    assert store.of(APPOINTMENT.signatory_id) == (APPOINTMENT,)
    assert not store.withdraw("somebody-else", APPOINTMENT.id, actor="ra-1", at=NOON)
    assert store.withdraw(APPOINTMENT.signatory_id, APPOINTMENT.id, actor="ra-1", at=NOON)
    assert store.of(APPOINTMENT.signatory_id) == ()
    assert not store.withdraw(APPOINTMENT.signatory_id, APPOINTMENT.id, actor="ra-1", at=NOON)
    assert len(AuditTrail(database).read()) == 2


def test_an_address_is_replaced_and_never_in_the_trail(database: Database) -> None:
    contacts = SqlContacts(database)
    assert contacts.email_of("who") is None
    for email in ("a@contoh.go.id", "b@contoh.go.id"):
        contacts.set("who", email, actor="ra-1", at=NOON)
    assert contacts.email_of("who") == "b@contoh.go.id"
    assert "contoh.go.id" not in repr(AuditTrail(database).read())


def test_no_act_without_its_entry(database: Database) -> None:
    with pytest.raises(AuditRefused):
        SqlContacts(database).set("who", "a@contoh.go.id", actor="5171010101700001", at=NOON)
    assert SqlContacts(database).email_of("who") is None


def decided(database: Database, state: ApprovalState) -> SqlRegistrationStore:
    """The registration `r1` of `test_people`, after a second person's word."""
    registrations = SqlRegistrationStore(database)
    registrations.propose(registration(), approval(), NumberHashes())
    SqlApprovalStore(database).decide("a1", state, actor="adi", note=None, at=NOON)
    return registrations


def certified(database: Database) -> None:
    """Its official has the certificate."""
    new = credential(make_pki().official)
    SqlCredentialStore(database).install(
        new, replaces=None, ended=CredentialState.RETIRED, registration_id="r1", actor="x", at=NOON
    )


def test_a_row_is_done_when_its_official_has_the_certificate(log: SqlImportLog, database: Database) -> None:
    log.settle(take(log), RowState.REGISTERED, outcome="r1", actor="ra-1", at=NOON)
    decided(database, ApprovalState.APPROVED)
    assert RowState.REGISTERED in counted(log)
    certified(database)
    assert (counted(log).get(RowState.DONE), RowState.REGISTERED in counted(log)) == (1, False)


def test_a_row_that_comes_back_after_that_is_done_at_once(log: SqlImportLog, database: Database) -> None:
    decided(database, ApprovalState.APPROVED)
    certified(database)
    log.settle(take(log), RowState.REGISTERED, outcome="r1", actor="ra-1", at=NOON)
    assert counted(log).get(RowState.DONE) == 1


def test_a_row_that_somebody_decided_against_failed(log: SqlImportLog, database: Database) -> None:
    log.settle(take(log), RowState.REGISTERED, outcome="r1", actor="ra-1", at=NOON)
    decided(database, ApprovalState.REJECTED)
    assert [each.reason for each in log.failures(IMPORT)] == ["approval: rejected"]


def counted(log: SqlImportLog) -> Mapping[RowState, int]:
    progress = log.progress(IMPORT)
    assert progress is not None
    return progress.counts
