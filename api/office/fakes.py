"""Reports of suspicious documents at the desk: registrars, who may withdraw letters, look at each and close it."""

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.fakes import FakeReport, FakeReports, Finding


class FakesOffice:
    """Every act names its caller."""

    def __init__(self, *, desk: Desk, reports: FakeReports) -> None:
        self._desk = desk
        self._reports = reports

    def page(self, caller: Caller, *, waiting: bool, after: str, limit: int) -> tuple[FakeReport, ...]:
        """The oldest first, after the one with that id; those that wait, or those that are closed."""
        with self._desk.acting(caller, Permission.LETTER_WITHDRAW):
            return self._reports.page(waiting=waiting, after=after, limit=limit)

    def close(self, caller: Caller, report_id: str, finding: Finding) -> FakeReport:
        """What it was found to be, for good; raises `FakeReportRefused`."""
        with self._desk.acting(caller, Permission.LETTER_WITHDRAW) as member:
            return self._reports.close(report_id, finding, actor=member.id)
