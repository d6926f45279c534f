"""The audit trail, for auditors alone: searched from its newest entry, checked as a whole, taken away."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Stream

from api.audit.reading import NotAnAuditor
from api.audit.trust import AuditKeyMissing
from api.faces.console.visit import Visit, Visits
from api.office.trail import ACTS
from api.pages.rendering import NEITHER_KEPT_NOR_FOUND
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.permissions import Permission
from signer.appointments import OFFICE_CLOCK

TRAIL: Final = "/console/audit"
_PAGE: Final = 50
_FILE: Final = 1000
_LONGEST: Final = 200
_HEADINGS: Final = ("urutan", "waktu_utc", "pelaku", "peran", "tindakan", "objek", "hasil", "sebab", "permintaan")
_NO_DAY: Final = Text("Tulis tanggalnya sebagai tahun-bulan-hari.", "Write days as year-month-day.")
_DIGITS: Final = 18


class Entry(Protocol):
    """`store.audit.AuditEntry`."""

    @property
    def sequence(self) -> int: ...

    @property
    def time(self) -> str: ...

    @property
    def actor(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def act(self) -> str: ...

    @property
    def object(self) -> str: ...

    @property
    def outcome(self) -> str: ...

    @property
    def reason(self) -> str | None: ...

    @property
    def request_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailForm:
    """A button of the page."""

    csrf: str = ""
    even_if_broken: str = ""


class TrailController(Controller):
    """Whoever else asks is turned away, and that is an entry."""

    include_in_schema = False

    @get(TRAIL, sync_to_thread=True)
    def page(
        self,
        visit: Visits,
        *,
        actor: FromQuery[str] = "",
        object: FromQuery[str] = "",
        act: FromQuery[str] = "",
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
        before: FromQuery[str] = "",
        format: FromQuery[str] = "",
    ) -> Response[Any]:
        """Entries that fit, the newest first; days are those of the office, `until` included."""
        given = {"actor": actor, "object": object, "act": act, "since": since, "until": until}
        given = {name: value.strip()[:_LONGEST] for name, value in given.items()}
        try:
            begin, end = _begin(given["since"]), _begin(given["until"])
        except ValueError:
            visit.require(Permission.AUDIT_READ)
            return _shown(visit, given, (), error=_NO_DAY)
        with _auditors_alone():
            found = visit.doors.people.trail.search(
                visit.caller,
                before=_number(before),
                limit=_FILE if format == "csv" else _PAGE,
                actor=given["actor"] or None,
                object=given["object"] or None,
                act=given["act"] or None,
                since=begin,
                until=end and end + timedelta(days=1),
            )
        if format == "csv":
            return csv_answer("jejak-audit.csv", _HEADINGS, map(_cells, found))
        return _shown(visit, given, found)

    @post(f"{TRAIL}/check", status_code=200, sync_to_thread=True)
    def check(self, visit: Visits, data: URLEncodedBody[TrailForm]) -> Response[Any]:
        """The whole trail, every hash of it; that it was checked is an entry."""
        caller = visit.own(data.csrf)
        with _auditors_alone():
            verdict = visit.doors.people.trail.check(caller)
        return visit.show("trail_check.html", status=200 if verdict.whole else 409, verdict=verdict)

    @post(f"{TRAIL}/export", status_code=200, sync_to_thread=True)
    def export(self, visit: Visits, data: URLEncodedBody[TrailForm]) -> Response[Any]:
        """All of it as one file, after it was checked; a broken one only for who asks for it knowingly."""
        caller, trail = visit.own(data.csrf), visit.doors.people.trail
        visit.confirmed(TRAIL)
        with _auditors_alone():
            verdict = trail.check(caller)
            if not verdict.whole and not data.even_if_broken:
                return visit.show("trail_check.html", status=409, verdict=verdict)
            lines = trail.export(caller)
        name = f"jejak-audit-{visit.doors.now():%Y%m%dT%H%M%SZ}.jsonl"
        headers = NEITHER_KEPT_NOR_FOUND | {"Content-Disposition": f'attachment; filename="{name}"'}
        return Stream((f"{line}\n" for line in lines), media_type="application/jsonl", headers=headers)


@contextmanager
def _auditors_alone() -> Iterator[None]:
    """Whoever is none is told so as on every other page; the trail has it already. 503 where nothing can be checked."""
    try:
        yield
    except NotAnAuditor:
        raise HTTPException(status_code=403) from None
    except AuditKeyMissing:
        raise HTTPException(status_code=503) from None


def _shown(visit: Visit, given: dict[str, str], found: Sequence[Entry], *, error: Text | None = None) -> Response[Any]:
    query = {name: value for name, value in given.items() if value}
    older = {**query, "before": str(found[-1].sequence)} if len(found) == _PAGE else None
    return visit.show(
        "trail.html",
        error=error,
        given=given,
        entries=found,
        acts=ACTS,
        is_confirmed=visit.session.confirmed(visit.doors.now()),
        next_page=f"{TRAIL}?{urlencode(older)}" if older else None,
        csv=f"{TRAIL}?{urlencode({**query, 'format': 'csv'})}",
    )


def _begin(day: str) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), time(), OFFICE_CLOCK) if day else None


def _number(before: str) -> int | None:
    if not before:
        return None
    if not before.isascii() or not before.isdigit() or len(before) > _DIGITS:
        raise HTTPException(status_code=404)
    return int(before)


def _cells(entry: Entry) -> tuple[str, ...]:
    return (
        str(entry.sequence),
        entry.time,
        entry.actor,
        entry.role,
        entry.act,
        entry.object,
        entry.outcome,
        entry.reason or "",
        entry.request_id or "",
    )
