"""How the service stands: checks, alarms, what ends when; and the calendar of renewals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from babel.dates import format_date
from litestar import Controller, Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromQuery

from api.alarms import Severity
from api.endings import Ending
from api.faces.console.charts import column_chart
from api.faces.console.machine_words import CHECKS, ENDINGS, SUCCESSORS
from api.faces.console.reports import in_groups
from api.faces.console.visit import Visit, Visits
from api.office.health import HealthOffice
from api.pages.moments import in_words
from api.pages.tables import csv_answer
from api.pages.text import Text

HEALTH: Final = "/console/health"
CALENDAR: Final = "/console/renewals"
_NOTED: Final = 0.25
"""Of a life: with less than that left, it is pointed out."""
_DUE_HEADINGS: Final = ("bulan", "dokumen")
_FAILING_HEADINGS: Final = ("sha256", "jenis_naskah", "bukti_berlaku_sampai", "percobaan", "sebab", "dicoba_lagi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """One thing that ends, in words."""

    words: Text
    name: str
    left: Text
    until: Text
    share: float
    """Of its life, in hundredths."""
    tone: str
    successor: Text


class HealthController(Controller):
    """For administrators."""

    include_in_schema = False

    @get(HEALTH, sync_to_thread=True)
    def page(self, visit: Visits, format: FromQuery[str] = "") -> Response[Any]:
        """Everything at one look."""
        report = _office(visit).look(visit.caller)
        offset = visit.doors.settings.utc_offset_hours
        countdowns = [countdown(each, report.at, offset) for each in report.endings]
        if format == "csv":
            cells = ((each.words.id, each.name, each.until.id, each.left.id, each.successor.id) for each in countdowns)
            return csv_answer("masa-berlaku.csv", ("apa", "nama", "sampai", "sisa", "penggantian"), cells)
        return visit.show(
            "health.html",
            at=in_words(report.at, utc_offset_hours=offset),
            checks=[(name, *CHECKS[word]) for name, word in report.checks.items()],
            critical=[each for each in report.alarms if each.severity is Severity.CRITICAL],
            warnings=[each for each in report.alarms if each.severity is Severity.WARNING],
            countdowns=countdowns,
            timestamping=report.timestamping,
            gate=report.gate,
            workers=visit.doors.people.jobs.workers(visit.caller),
            number=in_groups,
            csv=f"{HEALTH}?format=csv",
        )

    @get(CALENDAR, sync_to_thread=True)
    def renewals(self, visit: Visits, format: FromQuery[str] = "") -> Response[Any]:
        """When kept documents get their next timestamp."""
        calendar = _office(visit).calendar(visit.caller)
        offset = visit.doors.settings.utc_offset_hours
        if format == "csv":
            rows = ((each.month.isoformat()[:7], str(each.due)) for each in calendar.months)
            return csv_answer("perpanjangan.csv", _DUE_HEADINGS, rows)
        if format == "failing":
            cells = (
                (
                    each.sha256,
                    each.kind or "",
                    each.good_until.isoformat() if each.good_until else "",
                    str(each.attempts),
                    each.failure or "",
                    each.next_attempt_at.isoformat(),
                )
                for each in calendar.failing
            )
            return csv_answer("perpanjangan-gagal.csv", _FAILING_HEADINGS, cells)
        months = [
            (format_date(each.month, "MMMM y", locale="id"), format_date(each.month, "MMM yy", locale="id"), each.due)
            for each in calendar.months
        ]
        return visit.show(
            "renewals.html",
            calendar=calendar,
            chart=column_chart(months),
            failing=[
                (
                    each,
                    in_words(each.good_until, utc_offset_hours=offset) if each.good_until else None,
                    in_words(each.next_attempt_at, utc_offset_hours=offset),
                )
                for each in calendar.failing
            ],
            next_due=None
            if calendar.progress is None or calendar.progress.next_due_at is None
            else in_words(calendar.progress.next_due_at, utc_offset_hours=offset),
            number=in_groups,
            csv=f"{CALENDAR}?format=csv",
        )


def countdown(ending: Ending, at: datetime, utc_offset_hours: int) -> Countdown:
    """How long it lasts yet, with a tone: bad where it is over, noted in the last quarter of its life."""
    share = ending.left(at)
    return Countdown(
        words=ENDINGS[ending.kind],
        name=ending.name,
        left=_left(ending.ends - at),
        until=in_words(ending.ends, utc_offset_hours=utc_offset_hours),
        share=round(100 * share, 1),
        tone="bad" if ending.ends <= at else "note" if share < _NOTED else "good",
        successor=SUCCESSORS[ending.successor],
    )


def _left(left: timedelta) -> Text:
    if left <= timedelta(0):
        return Text("sudah berakhir", "over")
    if left.days >= 2:
        return Text(f"{in_groups(left.days)} hari lagi", f"{left.days} days left")
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    return Text(f"{hours} jam {minutes} menit lagi", f"{hours} h {minutes} min left")


def _office(visit: Visit) -> HealthOffice:
    if visit.doors.services.health is None:
        raise HTTPException(status_code=404)
    return visit.doors.services.health
