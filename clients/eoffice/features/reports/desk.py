"""The reader's list, one report with its verdict, what one's own agency owes, and who asks for what."""

from datetime import datetime
from typing import Any

import teken
from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery

from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours, Refused
from eoffice.features.reports import delivery, reminders
from eoffice.features.reports import obligations as o
from eoffice.features.reports.kinds import KINDS
from eoffice.features.reports.periods import EVERY
from eoffice.model import Person, Record, Role
from eoffice.pages.visit import Visit, Visits, to

_TITLES = {each.name: each.title for each in KINDS}


class ReportsController(Controller):
    """Reports, for who reads them and for who owes them."""

    path = "/reports"

    @get("/", sync_to_thread=True)
    def show(self, visit: Visits, only: FromQuery[str] = "") -> Response[Any]:
        """Everything that the own agency reads: one list, what is missing at the top."""
        _require(visit.person, Role.LEADER)
        rows = delivery.rows_of(visit.office, _read_by(visit.office, visit.person))
        chosen = [row for row in rows if only not in ("missing", "there") or row.is_there == (only == "there")]
        return _shown(visit, "reports/list.html", rows=chosen, chosen=only, everything=rows)

    @get("/due", sync_to_thread=True)
    def due(self, visit: Visits) -> Response[Any]:
        """What the own agency owes."""
        rows = delivery.rows_of(visit.office, delivery.owed(visit.office, visit.person.agency_id))
        return _shown(visit, "reports/due.html", rows=rows)

    @get("/r/{record_id:str}", sync_to_thread=True)
    def report(self, visit: Visits, record_id: FromPath[str]) -> Response[Any]:
        """One report, its verdict first."""
        return _report(visit, record_id)

    @post("/r/{record_id:str}/check", sync_to_thread=True)
    def check(self, visit: Visits, record_id: FromPath[str]) -> Response[Any]:
        """Ask Teken again."""
        record = _delivered(visit, record_id)
        try:
            delivery.check(visit.office, record)
        except (teken.Unavailable, teken.RateLimited):
            away = "Teken sedang tidak dapat dihubungi. Coba lagi. · Teken cannot be reached now. Try again."
            raise Refused(away, field="report") from None
        return to(f"/reports/r/{record_id}")

    @get("/r/{record_id:str}/report.pdf", sync_to_thread=True)
    def file(self, visit: Visits, record_id: FromPath[str]) -> Response[bytes]:
        """The signed bytes."""
        content = _content(visit, _delivered(visit, record_id))
        name = {"Content-Disposition": f'inline; filename="{record_id}.pdf"'}
        return Response(content, media_type="application/pdf", headers=name)

    @get("/r/{record_id:str}/pages/{number:int}", sync_to_thread=True)
    def picture(self, visit: Visits, record_id: FromPath[str], number: FromPath[int]) -> Response[bytes]:
        """One page as a picture, for a tablet."""
        content = _content(visit, _delivered(visit, record_id))
        return Response(visit.office.page_pictures.page(content, number), media_type="image/webp")

    @get("/asked", sync_to_thread=True)
    def asked(self, visit: Visits) -> Response[Any]:
        """Who owes what to whom."""
        _require(visit.person, Role.ADMINISTRATOR)
        return _asked(visit, {})

    @post("/asked")
    async def ask(self, visit: Visits) -> Response[Any]:
        """One more."""
        _require(visit.person, Role.ADMINISTRATOR)
        sent = await visit.form()
        try:
            await sync_to_thread(_ask, visit, sent)
        except Refused as error:
            return await sync_to_thread(_asked, visit, sent, error)
        return to("/reports/asked")

    @post("/asked/{record_id:str}/end", sync_to_thread=True)
    def end(self, visit: Visits, record_id: FromPath[str]) -> Response[Any]:
        """Asked for no longer; what came stays."""
        _require(visit.person, Role.ADMINISTRATOR)
        record = _of_kind(visit.office, record_id, o.OBLIGATION)
        visit.office.records.change(record.id, version=record.version, state=o.OVER, at=visit.office.now())
        reminders.remind(visit.office)
        return to("/reports/asked")

    @post("/reminders")
    async def remind(self, visit: Visits) -> Response[Any]:
        """From how many days before reports are reminded of."""
        _require(visit.person, Role.ADMINISTRATOR)
        sent = await visit.form()
        try:
            await sync_to_thread(reminders.set_days, visit.office, visit.person, sent)
        except Refused as error:
            return await sync_to_thread(_asked, visit, sent, error)
        return to("/reports/asked")


def _read_by(office: Office, person: Person) -> list[o.Obligation]:
    asked = office.records.listed(
        o.FEATURE, o.OBLIGATION, agency_id=person.agency_id, state=o.ASKED, limit=o.MOST_OBLIGATIONS
    )
    return [o.obligation_of(each) for each in asked]


def _delivered(visit: Visit, record_id: str) -> Record:
    """A report to the own agency, for its leader."""
    _require(visit.person, Role.LEADER)
    record = _of_kind(visit.office, record_id, o.DELIVERY)
    if record.agency_id != visit.person.agency_id:
        raise _unknown()
    return record


def _report(visit: Visit, record_id: str) -> Response[Any]:
    record = _delivered(visit, record_id)
    paper = visit.office.papers.get(record.paper_id or "")
    return _shown(
        visit,
        "reports/report.html",
        record=record,
        paper=paper,
        checked=datetime.fromisoformat(record.data["verdict"]["at"]),
        pictures=visit.office.page_pictures.count(_content(visit, record)),
    )


def _content(visit: Visit, record: Record) -> bytes:
    return visit.office.files.read(visit.office.papers.get(record.paper_id or "").signed or "")


def _ask(visit: Visit, sent: dict[str, list[str]]) -> None:
    office, at = visit.office, visit.office.now()
    data = o.read_obligation(sent, office.service.directory())
    wanted = Record(
        id=office.new_id(),
        feature=o.FEATURE,
        kind=o.OBLIGATION,
        key=f"{data['reader']}:{data['agency']}:{data['kind']}",
        agency_id=data["reader"],
        owner_id=visit.person.id,
        state=o.ASKED,
        data=data,
        created_at=at,
        changed_at=at,
    )
    kept, new = office.records.add_once(wanted)
    if not new:  # asked again, or otherwise than before
        office.records.change(kept.id, version=kept.version, state=o.ASKED, data=data, at=at)
    reminders.remind(office)


def _asked(visit: Visit, sent: dict[str, list[str]], error: Refused | None = None) -> Response[Any]:
    records = visit.office.records.listed(o.FEATURE, o.OBLIGATION, state=o.ASKED, limit=o.MOST_OBLIGATIONS)
    agencies = visit.office.service.directory().agencies.values()
    return _shown(
        visit,
        "reports/asked.html",
        error=error,
        asked=[o.obligation_of(each) for each in records],
        sent=sent,
        remind=reminders.days_before(visit.office),
        most_days=reminders.MOST_DAYS,
        agencies=[(each.id, each.name) for each in agencies],
        kinds=[(name, title.id) for name, title in _TITLES.items()],
        rhythms=[(each.value, title.id) for each, title in EVERY.items()],
    )


def _of_kind(office: Office, record_id: str, kind: str) -> Record:
    record = office.records.get(record_id)
    if (record.feature, record.kind) != (o.FEATURE, kind):
        raise _unknown()
    return record


def _shown(visit: Visit, template: str, *, error: Refused | None = None, **content: Any) -> Response[Any]:
    return visit.show(
        template,
        error=error,
        titles=_TITLES,
        every=EVERY,
        directory=visit.office.service.directory(),
        today=visit.office.today(),
        **content,
    )


def _require(person: Person, role: Role) -> None:
    if role not in person.roles:
        raise NotYours("Peran Anda tidak membuka halaman ini. · Your role does not open this page.", field="role")


def _unknown() -> NotFound:
    return NotFound("Laporan tidak ditemukan. · There is no such report.", field="report")
