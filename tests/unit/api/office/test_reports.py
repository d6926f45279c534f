"""Reports: figures for those who may see them, and savings that anybody can reckon again."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.office.reports import ReportOffice
from api.verification_counts import Face, Outcome, VerificationTally
from signer.errors import NotPermitted, Refused
from signer.model import LetterMetadata
from signer.people import Role
from store.database import Database
from store.signatures import SqlSignatureLog
from store.verification_counts import SqlVerificationCounts, Verified
from tests.support.office import TestOffice, office_in
from tests.support.pki import NOON, make_pki
from tests.unit.store.samples import intent, signed

DAY = date(2026, 11, 21)


@pytest.fixture
def office(tmp_path: Path, database: Database) -> TestOffice:
    return office_in(tmp_path, database, make_pki())


@pytest.fixture
def reports(office: TestOffice) -> ReportOffice:
    return office.people.reports


def sign(database: Database, number: int, *, pages: int, copies_to: tuple[str, ...] = (), days: int = 0) -> None:
    log, wanted = (
        SqlSignatureLog(database),
        intent(number, letter=LetterMetadata(kind="nota-dinas", copies_to=copies_to)),
    )
    log.reserve(wanted)
    log.record(wanted.code, replace(signed(str(number), page_count=pages), at=NOON + timedelta(days=days)))


def test_pages_not_printed_are_pages_times_copies_and_those_of_the_addressees(
    reports: ReportOffice, office: TestOffice, database: Database
) -> None:
    sign(database, 1, pages=3, copies_to=("Arsip", "Biro Contoh"))
    sign(database, 2, pages=1000)
    report = reports.report(office.caller(Role.REGISTRAR), DAY, DAY)
    assert (report.savings.copies, report.savings.rupiah_per_page) == (2, 250)
    assert report.count == 2
    assert report.savings.not_printed == 1003 * 2 + 3 * 2
    assert report.savings.rupiah == 2012 * 250
    assert report.savings.kilograms == 10
    assert [(each.kind, each.letters) for each in report.letters] == [("nota-dinas", 2)]


def test_a_day_begins_at_midnight_in_bali(reports: ReportOffice, office: TestOffice, database: Database) -> None:
    sign(database, 1, pages=1)
    log, late = SqlSignatureLog(database), intent(2)
    log.reserve(late)
    log.record(late.code, replace(signed("late"), at=NOON.replace(hour=16)))  # 00.00 WITA of the next day
    caller = office.caller(Role.ADMINISTRATOR)
    assert reports.report(caller, DAY, DAY).count == 1
    assert reports.report(caller, DAY + timedelta(days=1), DAY + timedelta(days=1)).count == 1
    assert reports.today() == DAY


def test_a_short_stretch_is_told_by_days_and_a_long_one_by_months(
    reports: ReportOffice, office: TestOffice, database: Database
) -> None:
    for number, days in ((1, 0), (2, 1), (3, 40)):
        sign(database, number, pages=2, days=days)
    SqlVerificationCounts(database).add({Verified(day=DAY, face="page", outcome="passed"): 5})
    caller = office.caller(Role.APPROVER)
    days = reports.report(caller, DAY - timedelta(days=1), DAY + timedelta(days=1))
    assert days.daily
    assert [(each.letters, each.pages_not_printed, each.checks) for each in days.steps] == [
        (0, 0, 0),
        (1, 4, 5),
        (1, 4, 0),
    ]
    months = reports.report(caller, date(2026, 10, 30), date(2026, 12, 31))
    assert not months.daily
    assert [(each.first, each.last, each.letters) for each in months.steps] == [
        (date(2026, 10, 30), date(2026, 10, 31), 0),
        (date(2026, 11, 1), date(2026, 11, 30), 2),
        (date(2026, 12, 1), date(2026, 12, 31), 1),
    ]
    assert (months.count, months.checked) == (3, 5)


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (DAY, DAY - timedelta(days=1), "before-the-first"),
        (date(2001, 1, 1), DAY, "too-long"),
        (date.min, DAY, "no-day"),
        (DAY, date.max, "no-day"),
    ],
)
def test_no_report_is_made_of_no_stretch_or_an_endless_one(
    reports: ReportOffice, office: TestOffice, first: date, last: date, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        reports.report(office.caller(Role.REGISTRAR), first, last)
    assert refused.value.reason == reason


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CUSTODIAN])
def test_whose_work_it_is_not_gets_none(reports: ReportOffice, office: TestOffice, role: Role) -> None:
    with pytest.raises(NotPermitted):
        reports.report(office.caller(role), DAY, DAY)


def test_checks_are_counted_in_memory_and_written_by_the_job(database: Database) -> None:
    counts = SqlVerificationCounts(database)
    tally = VerificationTally(counts, now=lambda: NOON)
    note = tally.at(Face.PAGE)
    note(None)
    note(None)
    assert counts.between(DAY, DAY) == {}
    with tally.kept():
        tally.at(Face.GATEWAY)(None)
    tally.write()
    assert counts.between(DAY, DAY) == {
        Verified(day=DAY, face="page", outcome=Outcome.NOT_FOUND.value): 2,
        Verified(day=DAY, face="gateway", outcome=Outcome.NOT_FOUND.value): 1,
    }


def test_what_could_not_be_written_is_written_later(database: Database) -> None:
    class Fails(SqlVerificationCounts):
        def add(self, counted: object) -> None:
            raise OSError("no database")

    tally = VerificationTally(Fails(database), now=lambda: NOON)
    tally.at(Face.API)(None)
    with pytest.raises(OSError, match="no database"):
        tally.write()
    tally.at(Face.API)(None)
    with tally.kept():
        pass  # nobody fails because figures cannot be written
    tally._counts = SqlVerificationCounts(database)
    tally.write()
    assert list(SqlVerificationCounts(database).between(DAY, DAY).values()) == [2]
