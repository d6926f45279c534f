"""Reports of suspicious documents on both databases: once each, not endless, and nothing of a person in them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from api.pages.scrub import scrub
from signer import fakes
from signer.errors import FakeReportRefused
from signer.fakes import FakeReports, Finding, Suspicion, is_reference
from store.audit import Act, AuditEntry, AuditTrail
from store.database import Database
from store.fakes import SqlFakeReports
from tests.unit.store.samples import NOON, together

ODD = Suspicion(code="ABCDE 23456", place="papan pengumuman", text="Nomor suratnya dua kali dipakai.")


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reports(database: Database, clock: Clock) -> FakeReports:
    return FakeReports(SqlFakeReports(database), clean=scrub, now=clock)


def entries(database: Database) -> list[AuditEntry]:
    return list(AuditTrail(database).entries(2**31))


def refusal(act: Callable[[], object]) -> tuple[str | None, str]:
    with pytest.raises(FakeReportRefused) as error:
        act()
    return error.value.field, error.value.reason


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Suspicion(code="", place="", text=""), ("text", "empty")),
        (Suspicion(code="  ", place="di pasar", text="\n\t"), ("text", "empty")),
        (Suspicion(code="A" * 105, place="", text=""), ("code", "too-long")),
        (Suspicion(code="", place="p" * 201, text="x"), ("place", "too-long")),
        (Suspicion(code="", place="", text="x" * 1001), ("text", "too-long")),
    ],
)
def test_what_says_nothing_or_too_much_is_refused(reports: FakeReports, said: Suspicion, why: tuple[str, str]) -> None:
    assert refusal(lambda: reports.report(said)) == why
    assert reports.waiting() == (0, None)


def test_no_number_of_a_person_and_no_address_is_kept(reports: FakeReports) -> None:
    reports.report(
        Suspicion(
            code="1234567890123456",
            place="rumah warga@contoh.example",
            text="NIK 5100 0000 0000 0000 dan NIP 19700101 200001 1 001 tertulis di situ",
        )
    )
    [kept] = reports.page(waiting=True)
    assert (kept.code, kept.place) == ("•••", "rumah •••")
    assert kept.text == "NIK ••• dan NIP ••• tertulis di situ"


def test_pressed_twice_or_ten_times_at_once_it_is_one_report(reports: FakeReports, database: Database) -> None:
    references = {reports.report(ODD), *together(10, lambda _: reports.report(ODD))}
    assert len(references) == 1
    assert reports.waiting() == (1, NOON)
    assert [each.act for each in entries(database)] == [Act.FAKE_REPORT.value]
    assert all(is_reference(each) for each in references)


def test_other_words_or_another_day_are_another_report(reports: FakeReports, clock: Clock) -> None:
    first = reports.report(ODD)
    other = reports.report(Suspicion(code=ODD.code, place=ODD.place, text="Stempelnya buram."))
    clock.at += timedelta(days=1)
    assert len({first, other, reports.report(ODD)}) == 3


def test_a_code_is_kept_in_its_one_form(reports: FakeReports) -> None:
    reports.report(ODD)
    assert reports.page(waiting=True)[0].code == "ABCDE23456"


def test_of_too_many_on_one_day_the_rest_is_refused_and_the_next_day_is_free(
    reports: FakeReports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes, "MOST_A_DAY", 2)
    known = [reports.report(Suspicion(code="", place="", text=each)) for each in ("satu", "dua")]
    assert refusal(lambda: reports.report(ODD)) == ("text", "too-many")
    assert reports.report(Suspicion(code="", place="", text="satu")) == known[0]
    clock.at += timedelta(days=1, seconds=1)
    assert reports.report(ODD)


def test_they_are_read_page_by_page_and_closed_once(reports: FakeReports, clock: Clock, database: Database) -> None:
    told = []
    for each in ("satu", "dua", "tiga"):
        told.append(reports.report(Suspicion(code="", place="", text=each)))
        clock.at += timedelta(minutes=1)
    first = reports.page(waiting=True, limit=2)
    rest = reports.page(waiting=True, after=first[-1].id, limit=2)
    assert [each.id for each in (*first, *rest)] == told
    assert reports.page(waiting=True, after="tidak-ada") == ()

    closed = reports.close(told[0], Finding.FAKE, actor="registrar")
    assert (closed.finding, closed.closed_by, closed.closed_at) == (Finding.FAKE, "registrar", clock.at)
    assert refusal(lambda: reports.close(told[0], Finding.GENUINE, actor="registrar")) == ("id", "unknown")
    assert refusal(lambda: reports.close("AAAAAAAAAA", Finding.FAKE, actor="registrar")) == ("id", "unknown")
    assert reports.page(waiting=False) == (closed,)
    assert reports.waiting() == (2, NOON + timedelta(minutes=1))
    last = entries(database)[-1]
    assert (last.act, last.actor, last.reason) == (Act.FAKE_CLOSE.value, "registrar", "fake")
