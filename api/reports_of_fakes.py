"""Reports of suspicious documents, and the alarm that tells staff of those that wait."""

from collections.abc import Iterator

from api.alarms import Alarm, Severity, Watch
from api.given import Now
from api.pages.scrub import scrub
from signer.fakes import FakeReports
from store.database import Database
from store.fakes import SqlFakeReports


def build_fake_reports(database: Database, *, now: Now) -> FakeReports:
    """What readers report is kept here, without numbers of persons and addresses."""
    return FakeReports(SqlFakeReports(database), clean=scrub, now=now)


def fakes_watch(reports: FakeReports) -> Watch:
    """A warning while a report waits that nobody has looked at."""

    def look() -> Iterator[Alarm]:
        count, oldest = reports.waiting()
        if oldest is not None:
            text = f"{count} reports of suspicious documents wait, the oldest since {oldest:%Y-%m-%d}: look at them"
            yield Alarm(name="reports-of-fakes", severity=Severity.WARNING, text=text)

    return Watch(name="reports-of-fakes", look=look)
