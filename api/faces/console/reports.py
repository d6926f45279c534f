"""Reports: letters, checks and pages that nobody printed, with charts that print and tables that are files."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from babel.dates import format_date
from litestar import Controller, Response, get
from litestar.params import FromQuery

from api.faces.console.charts import ColumnChart, column_chart, share
from api.faces.console.machine_words import FACES, NO_PERIOD, OUTCOMES
from api.faces.console.visit import Visits
from api.office.reports import Report
from api.pages.moments import on_day
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.verification_counts import Face, Outcome
from signer.errors import Refused
from signer.model import SigningAct

REPORTS: Final = "/console/reports"
_USUAL: Final = timedelta(days=29)
_AGENCIES: Final = 12
"""Agencies that are drawn; the table beneath has all of them."""
_LETTER_HEADINGS: Final = ("instansi", "jenis_naskah", "surat", "halaman", "halaman_tembusan", "halaman_tidak_dicetak")
_CHECK_HEADINGS: Final = ("tanggal", "tempat", "hasil", "jumlah")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One agency, and how long its bar is."""

    words: str
    value: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """Checks of one outcome, at each face and together."""

    words: Text
    counts: tuple[int, ...]
    total: int


class ReportsController(Controller):
    """For administrators, registrars and approvers; no person is in it."""

    include_in_schema = False

    @get(REPORTS, sync_to_thread=True)
    def page(
        self,
        visit: Visits,
        first: FromQuery[str] = "",
        last: FromQuery[str] = "",
        format: FromQuery[str] = "",
        table: FromQuery[str] = "",
    ) -> Response[Any]:
        """The last thirty days where nothing else is asked for."""
        reports, error = visit.doors.people.reports, None
        today = reports.today()
        usual = (today - _USUAL, today)
        begin, end = _day(first, usual[0]), _day(last, usual[1])
        try:
            if begin is None or end is None:
                raise Refused("This is no day.", field="first" if begin is None else "last", reason="no-day")
            report = reports.report(visit.caller, begin, end)
        except Refused as refused:
            if refused.field not in ("first", "last"):
                raise
            error = NO_PERIOD.get(refused.reason, NO_PERIOD["no-day"])
            report = reports.report(visit.caller, *usual)
        if format == "csv" and error is None:
            return _letters_file(report) if table != "checks" else _checks_file(report)
        return visit.show("reports.html", error=error, **_content(report, today))


def _content(report: Report, today: date) -> dict[str, Any]:
    agencies: Counter[str] = Counter()
    for each in report.letters:
        agencies[each.agency] += each.letters
    most = max(agencies.values(), default=1)
    within = f"first={report.first}&last={report.last}"
    return {
        "report": report,
        "period": (on_day(report.first), on_day(report.last)),
        "stretches": [
            (words, f"{REPORTS}?first={begin}&last={end}", (begin, end) == (report.first, report.last))
            for words, begin, end in _presets(today)
        ],
        "charts": {
            "letters": _chart(report, "letters"),
            "pages": _chart(report, "pages_not_printed"),
            "checks": _chart(report, "checks"),
        },
        "agencies": [
            Line(words=name, value=count, share=share(count, most)) for name, count in agencies.most_common(_AGENCIES)
        ],
        "others": max(0, len(agencies) - _AGENCIES),
        "faces": [FACES[each] for each in Face],
        "checks": _check_lines(report),
        "signatures": report.signings[SigningAct.SIGNATURE],
        "initials": report.signings[SigningAct.INITIALS],
        "number": in_groups,
        "csv_letters": f"{REPORTS}?{within}&format=csv&table=letters",
        "csv_checks": f"{REPORTS}?{within}&format=csv&table=checks",
    }


def in_groups(number: int) -> str:
    """As Indonesians write it: 1.234.567."""
    return f"{number:,}".replace(",", ".")


def _chart(report: Report, what: str) -> ColumnChart:
    short = "d MMM" if report.daily else "MMM yy"
    full = "d MMMM y" if report.daily else "MMMM y"
    return column_chart(
        [
            (
                format_date(each.first, full, locale="id"),
                format_date(each.first, short, locale="id"),
                int(getattr(each, what)),
            )
            for each in report.steps
        ]
    )


def _check_lines(report: Report) -> list[CheckLine]:
    counted: Counter[tuple[str, str]] = Counter()
    for each, count in report.checks.items():
        counted[each.outcome, each.face] += count
    return [
        CheckLine(
            words=OUTCOMES[outcome],
            counts=tuple(counted[outcome.value, face.value] for face in Face),
            total=sum(counted[outcome.value, face.value] for face in Face),
        )
        for outcome in Outcome
    ]


def _presets(today: date) -> Iterator[tuple[Text, date, date]]:
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    before = month - timedelta(days=1)
    yield Text("30 hari terakhir", "Last 30 days"), today - _USUAL, today
    yield Text("Bulan ini", "This month"), month, today
    yield Text("Bulan lalu", "Last month"), before.replace(day=1), before
    yield Text("Tahun ini", "This year"), year, today
    yield Text("Tahun lalu", "Last year"), year.replace(year=year.year - 1), year - timedelta(days=1)


def _day(given: str, otherwise: date) -> date | None:
    if not given:
        return otherwise
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _letters_file(report: Report) -> Response[bytes]:
    copies = report.savings.copies
    rows = (
        (
            each.agency,
            each.kind,
            str(each.letters),
            str(each.pages),
            str(each.copies),
            str(each.pages * copies + each.copies),
        )
        for each in report.letters
    )
    return csv_answer(f"surat-{report.first}-{report.last}.csv", _LETTER_HEADINGS, rows)


def _checks_file(report: Report) -> Response[bytes]:
    ordered = sorted(report.checks.items(), key=lambda each: (each[0].day, each[0].face, each[0].outcome))
    rows = ((each.day.isoformat(), each.face, each.outcome, str(count)) for each, count in ordered)
    return csv_answer(f"pemeriksaan-{report.first}-{report.last}.csv", _CHECK_HEADINGS, rows)
