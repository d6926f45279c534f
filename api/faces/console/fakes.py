"""Reports of suspicious documents, as readers sent them in: the oldest first, each closed with what was found."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.faces.console.visit import Visits, to
from api.pages.tables import csv_answer
from api.pages.text import Text
from signer.fakes import FakeReport, Finding
from signer.verification_code import parse

FAKES: Final = "/console/fakes"
FINDINGS: Final = {
    Finding.FAKE: Text("Palsu", "Fake"),
    Finding.GENUINE: Text("Asli", "Genuine"),
    Finding.UNCLEAR: Text("Tidak jelas", "Unclear"),
}
_PAGE: Final = 50
_MOST_IN_FILE: Final = 5000
_HEADINGS: Final = ("nomor", "diterima", "kode", "isi", "tempat", "ditutup", "oleh", "hasil")
_SHOWN: Final = ("waiting", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingForm:
    """What somebody found."""

    csrf: str = ""
    finding: str = ""


class FakesController(Controller):
    """For registrars."""

    include_in_schema = False

    @get(FAKES, sync_to_thread=True)
    def page(
        self,
        visit: Visits,
        *,
        shown: FromQuery[str] = "waiting",
        after: FromQuery[str] = "",
        format: FromQuery[str] = "",
    ) -> Response[Any]:
        """Those that wait, or with `shown=closed` those that somebody looked at."""
        if shown not in _SHOWN:
            raise HTTPException(status_code=404)
        office, waiting = visit.doors.people.fakes, shown == "waiting"
        if format == "csv":
            found = office.page(visit.caller, waiting=waiting, after=after, limit=_MOST_IN_FILE)
            return csv_answer("laporan-dokumen-mencurigakan.csv", _HEADINGS, [_row(each) for each in found])
        found = office.page(visit.caller, waiting=waiting, after=after, limit=_PAGE)
        whole = {"shown": shown, "format": "csv"}
        more = {"shown": shown, "after": found[-1].id} if len(found) == _PAGE else None
        return visit.show(
            "fakes.html",
            found=found,
            waiting=waiting,
            findings=FINDINGS,
            codes={each.id: parse(each.code) for each in found},
            next_page=f"{FAKES}?{urlencode(more)}" if more else None,
            csv=f"{FAKES}?{urlencode(whole)}",
        )

    @post(f"{FAKES}/{{report:str}}", status_code=200, sync_to_thread=True)
    def close(self, visit: Visits, report: FromPath[str], data: URLEncodedBody[FindingForm]) -> Response[Any]:
        """Looked at, for good."""
        caller = visit.own(data.csrf)
        finding = next((each for each in Finding if each.value == data.finding), None)
        if finding is None:
            raise HTTPException(status_code=422)
        visit.doors.people.fakes.close(caller, report, finding)
        return to(FAKES)


def _row(report: FakeReport) -> tuple[str, ...]:
    closed = report.closed_at.isoformat() if report.closed_at else ""
    finding = FINDINGS[report.finding].id if report.finding else ""
    told = (report.code, report.text, report.place)
    return (report.id, report.at.isoformat(), *told, closed, report.closed_by or "", finding)
