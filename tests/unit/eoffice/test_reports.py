"""Reports: their periods, who owes which, what is late, and who reads them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from eoffice.app import create_app
from eoffice.compose import Office
from eoffice.errors import Refused
from eoffice.features.reports import obligations as o
from eoffice.features.reports.delivery import undelivered
from eoffice.features.reports.kinds import AUDIT, DAILY, PROCUREMENT, REVENUE
from eoffice.features.reports.periods import Every, ended, period_at, period_of
from eoffice.features.reports.reminders import REMINDER, remind, settle, waits
from eoffice.model import Act, Record, Role, Secrecy
from eoffice.passwords import hash_of
from litestar.testing import TestClient

from tests.unit.eoffice.conftest import DRAFTER, HEAD, NOON, STRANGER
from tests.unit.eoffice.whole import Clock, whole_office

PASSWORD = hash_of("sandi-contoh")
ADMINISTRATOR = replace(DRAFTER, roles=frozenset({Role.STAFF, Role.ADMINISTRATOR}))
READER = replace(STRANGER, roles=frozenset({Role.LEADER}))
REVENUE_REPORT = {
    "subject": ["Pendapatan Oktober"],
    "year": ["2026"],
    "period": ["10"],
    "revenue.source": ["Pajak kendaraan", "Retribusi"],
    "revenue.target": ["1000000000", "0"],
    "revenue.realised": ["985000000", "500"],
    "initials": ["made"],
    "signatory": ["luh"],
}
AUDIT_REPORT = {
    "subject": ["Reviu kinerja"],
    "year": ["2026"],
    "period": ["Q3"],
    "audited": ["Dinas Umpama"],
    "findings.finding": ["Aset belum dicatat"],
    "findings.recommendation": ["Catat asetnya"],
    "findings.until": ["2026-12-31"],
    "conclusion": ["Cukup."],
    "initials": ["made"],
    "signatory": ["luh"],
}
DAILY_REPORT = {
    "subject": ["Penerimaan"],
    "day": ["2026-11-21"],
    "receipts.source": ["Samsat"],
    "receipts.count": ["120"],
    "receipts.amount": ["36000000"],
}
PACKAGES = {
    "subject": ["Kemajuan"],
    "year": ["2026"],
    "period": ["year"],
    "packages.package": ["Peladen"],
    "packages.method": ["tender"],
    "packages.value": ["750000000"],
    "packages.progress": ["40"],
    "signatory": ["luh"],
}


@pytest.mark.parametrize(
    ("every", "day", "word", "title", "last"),
    [
        (Every.DAY, date(2026, 2, 28), "2026-02-28", "28 Februari 2026", date(2026, 2, 28)),
        (Every.MONTH, date(2028, 2, 5), "2028-02", "Februari 2028", date(2028, 2, 29)),
        (Every.QUARTER, date(2026, 12, 31), "2026-Q4", "Triwulan IV 2026", date(2026, 12, 31)),
        (Every.QUARTER, date(2026, 4, 1), "2026-Q2", "Triwulan II 2026", date(2026, 6, 30)),
        (Every.YEAR, date(2026, 7, 1), "2026", "Tahun 2026", date(2026, 12, 31)),
    ],
)
def test_a_period_is_named_and_found_by_its_name(every: Every, day: date, word: str, title: str, last: date) -> None:
    period = period_at(every, day)
    assert (period.word, period.title.id, period.last) == (word, title, last)
    assert period_of(word) == period


@pytest.mark.parametrize("word", ["", "1999", "2026-13", "2026-Q5", "2026-02-30", "2026-1", "20261", "2026-10-01-01"])
def test_a_word_that_is_no_period_is_refused(word: str) -> None:
    with pytest.raises(Refused) as refused:
        period_of(word)
    assert refused.value.field == "period"


def test_only_periods_that_are_over_are_asked_for() -> None:
    def words(every: Every, since: date, today: date) -> list[str]:
        return [each.word for each in ended(every, since=since, today=today, most=3)]

    assert words(Every.MONTH, date(2026, 9, 30), date(2026, 11, 30)) == ["2026-10", "2026-09"]
    assert words(Every.MONTH, date(2026, 10, 1), date(2026, 12, 1)) == ["2026-11", "2026-10"]
    assert words(Every.DAY, date(2020, 1, 1), date(2026, 3, 1)) == ["2026-02-28", "2026-02-27", "2026-02-26"]
    assert words(Every.YEAR, date(2026, 1, 1), date(2026, 12, 31)) == []


def test_the_list_begins_with_what_is_missed_longest_and_counts_days() -> None:
    monthly = o.Obligation(
        id="m", reader_id="biro", agency_id="dinas", kind=REVENUE, every=Every.MONTH, days=10, since=date(2026, 8, 1)
    )
    came = [delivery("m:2026-09", "2026-10-12"), delivery("m:2026-11", "2026-11-20")]
    gone = replace(delivery("m:2026-10", "2026-11-05"), state=o.WITHDRAWN)
    rows = o.rows_of([monthly], [*came, gone], today=date(2026, 11, 22))
    assert [(row.period.word, row.is_there, row.days_late(date(2026, 11, 22))) for row in rows] == [
        ("2026-08", False, 73),
        ("2026-10", False, 12),
        ("2026-11", True, -20),
        ("2026-09", True, 2),
    ]


def delivery(key: str, on: str) -> Record:
    return Record(
        id=key,
        feature=o.FEATURE,
        kind=o.DELIVERY,
        key=key,
        agency_id="biro",
        state=o.DELIVERED,
        data={"on": on},
        created_at=NOON,
        changed_at=NOON,
    )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with whole_office(tmp_path, Clock(datetime(2026, 11, 22, 20, tzinfo=UTC)), more=(ADMINISTRATOR, READER)) as made:
        for person in (ADMINISTRATOR, READER, HEAD):
            made.people.put_person(person, password_hash=PASSWORD)
        yield made


def test_each_kind_of_report_is_drawn_signed_by_who_may_and_hidden_from_the_public(office: Office) -> None:
    made = {
        kind: office.service.write(ADMINISTRATOR, "reports", kind, form)
        for kind, form in (
            (REVENUE, REVENUE_REPORT),
            (AUDIT, AUDIT_REPORT),
            (DAILY, DAILY_REPORT),
            (PROCUREMENT, PACKAGES),
        )
    }
    assert [step.act for step in made[AUDIT].steps] == [Act.INITIALS, Act.SIGNATURE]
    assert [step.act for step in made[DAILY].steps] == [Act.SEAL]
    assert {kind: paper.secrecy for kind, paper in made.items() if kind != AUDIT} == dict.fromkeys(
        (REVENUE, DAILY, PROCUREMENT), Secrecy.TERBATAS
    )
    assert made[AUDIT].secrecy is Secrecy.RAHASIA
    assert not any(office.service.kind("reports", kind).preview for kind in made)
    assert all(len(paper.places) == 1 for paper in made.values())
    assert len({paper.number for paper in made.values()}) == 4


@pytest.mark.parametrize(
    ("kind", "form", "field"),
    [
        (REVENUE, {**REVENUE_REPORT, "year": ["1026"]}, "period"),
        (DAILY, {**DAILY_REPORT, "day": ["2026-02-30"]}, "day"),
        (PROCUREMENT, {**PACKAGES, "packages.progress": ["101"]}, "packages"),
        (AUDIT, {**AUDIT_REPORT, "initials": []}, "initials"),
    ],
)
def test_a_report_that_is_wrong_names_its_field(
    office: Office, kind: str, form: dict[str, list[str]], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        office.service.draft(ADMINISTRATOR, "reports", kind, form)
    assert refused.value.field == field


def test_an_administrator_says_who_owes_what_and_each_side_sees_its_part(office: Office) -> None:
    asked = {
        "agency": "dinas",
        "reader": "biro",
        "kind": REVENUE,
        "every": "month",
        "days": "10",
        "since": "2026-10-01",
    }
    with TestClient(create_app(office, work=False)) as browser:
        log_in(browser, "gede")
        assert browser.get("/reports").status_code == 403
        assert browser.post("/reports/asked", data={**asked, "reader": "dinas"}).status_code == 422
        assert browser.post("/reports/asked", data={**asked, "days": "-1"}).status_code == 422
        for days in ("20", "10"):
            assert browser.post("/reports/asked", data={**asked, "days": days}).status_code == 200
        (kept,) = office.records.listed(o.FEATURE, o.OBLIGATION)
        assert kept.data["days"] == 10
        due = browser.get("/reports/due").text
        assert "Oktober 2026" in due
        assert "Terlambat 13 hari" in due, "it is the 23rd already where the office is"
        assert "September 2026" not in due
        log_in(browser, "wayan")
        assert "Oktober 2026" in browser.get("/reports?only=missing").text
        assert "Oktober 2026" not in browser.get("/reports?only=there").text
        assert browser.post("/reports/asked", data=asked).status_code == 403
        assert browser.get("/reports/asked").status_code == 403
        assert browser.get(f"/reports/r/{kept.id}").status_code == 404
        log_in(browser, "luh")
        assert "Oktober 2026" not in browser.get("/reports").text, "another agency reads it"
        log_in(browser, "gede")
        browser.post(f"/reports/asked/{kept.id}/end")
        assert "Oktober 2026" not in browser.get("/reports/due").text


def test_what_was_signed_before_it_was_asked_for_is_found(office: Office) -> None:
    early, late = (
        office.service.write(ADMINISTRATOR, "reports", REVENUE, {**REVENUE_REPORT, "period": [month]})
        for month in ("08", "10")
    )
    for paper in (early, late):
        office.papers.submitted(paper.id, reference=paper.id, at=NOON)
        office.papers.signed(paper.id, code=paper.id, page="", signed="0" * 64, done=2, dispatch=None, at=NOON)
    data = {"agency": "dinas", "reader": "biro", "kind": REVENUE, "every": "month", "days": 10, "since": "2026-10-01"}
    asked = replace(delivery("biro:dinas", ""), kind=o.OBLIGATION, state=o.ASKED, data=data)
    office.records.add_once(asked)
    ((obligation, paper),) = undelivered(office)
    assert (obligation.id, paper.id) == (asked.id, late.id)
    office.records.add_once(delivery(o.key_of(obligation, "2026-10"), "2026-11-22"))
    assert undelivered(office) == []


def test_what_is_due_soon_or_late_is_reminded_of_once_until_it_is_there(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 11, 22, 20, tzinfo=UTC))  # the 23rd already where the office is
    with whole_office(tmp_path, clock, more=(ADMINISTRATOR, READER)) as office:

        def told() -> list[tuple[str, str]]:
            for _ in range(2):
                remind(office)
            (section,) = waits(office, ADMINISTRATOR)
            return [(line.title.partition(", ")[2], line.state.id) for line in section.lines if line.state]

        data = {
            "agency": "dinas",
            "reader": "biro",
            "kind": REVENUE,
            "every": "month",
            "days": 10,
            "since": "2026-10-01",
        }
        asked = replace(delivery("biro:dinas", ""), kind=o.OBLIGATION, state=o.ASKED, data=data)
        office.records.add_once(asked)
        late = ("Oktober 2026", "Terlambat 13 hari")
        assert told() == [late]
        assert waits(office, READER)[0].lines == [], "who reads it owes nothing"
        assert waits(office, replace(ADMINISTRATOR, roles=frozenset({Role.RECORDS})))[0].lines == []
        clock.moves(days=13)  # the 6th of December, four days before
        assert [each[0] for each in told()] == ["Oktober 2026"]
        clock.moves(days=1)
        assert told()[1:] == [("November 2026", "3 hari lagi")]
        clock.moves(days=3)
        assert told()[1:] == [("November 2026", "Hari ini")]
        clock.moves(days=1)
        assert told()[1:] == [("November 2026", "Terlambat 1 hari")]
        assert office.records.count(o.FEATURE, REMINDER) == 2, "one for each report, however often somebody looks"
        came, _ = office.records.add_once(delivery(f"{asked.id}:2026-11", "2026-12-11"))
        settle(office, came.key)
        assert [each[0] for each in told()] == ["Oktober 2026"]
        office.records.change(came.id, version=came.version, state=o.WITHDRAWN, at=clock())
        assert [each[0] for each in told()] == ["Oktober 2026", "November 2026"]
        office.records.change(asked.id, version=asked.version, state=o.OVER, at=clock())
        assert told() == []


def test_an_administrator_says_when_reminders_begin_and_the_start_page_shows_them(office: Office) -> None:
    asked = {"agency": "dinas", "reader": "biro", "kind": REVENUE, "every": "month", "since": "2026-11-01"}
    with TestClient(create_app(office, work=False)) as browser:
        log_in(browser, "gede")
        browser.post("/reports/asked", data={**asked, "days": "0"})
        assert "Laporan yang ditunggu" not in browser.get("/").text, "the 30th is a week away"
        for wrong in ("31", "-1", "x", "٣", ""):
            assert browser.post("/reports/reminders", data={"remind": wrong}).status_code == 422
        for days in ("0", "7"):
            assert browser.post("/reports/reminders", data={"remind": days}).status_code == 200
        start = browser.get("/").text
        assert "Laporan yang ditunggu: 1" in start
        assert "7 hari lagi" in start
        assert 'href="/f/reports/new/laporan%20pendapatan"' in start
        assert browser.get("/f/reports/new/laporan%20pendapatan").status_code == 200
        paper = office.service.draft(ADMINISTRATOR, "reports", REVENUE, {**REVENUE_REPORT, "period": ["11"]})
        (line,) = waits(office, ADMINISTRATOR)[0].lines
        assert (line.path, "sedang berjalan" in line.small) == (f"/p/{paper.id}", True), "nobody writes it twice"
        log_in(browser, "wayan")
        assert browser.post("/reports/reminders", data={"remind": "1"}).status_code == 403
        assert "Laporan yang ditunggu" not in browser.get("/").text


def log_in(browser: TestClient, person: str) -> None:
    browser.post("/logout")
    browser.post("/login", data={"name": person, "password": "sandi-contoh"})
