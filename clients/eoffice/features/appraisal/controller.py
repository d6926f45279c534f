"""The pages of appraisal: one's own goals, one sheet, and those whom one appraises."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery

from eoffice.errors import NotFound, Outdated, Refused
from eoffice.features.appraisal.desk import Desk
from eoffice.features.appraisal.periods import period_named, period_of, period_on
from eoffice.features.appraisal.sheet import (
    BEST_MARK,
    MOST_GOALS,
    STAGES,
    Move,
    Stage,
    final_mark,
    rating,
    sheet_of,
    with_goals,
)
from eoffice.pages.visit import Visit, Visits, to

_GOALS_SHOWN = 5
"""Empty lines for new goals, at least."""


class AppraisalController(Controller):
    """Appraisal."""

    path = "/appraisal"

    @get("/", sync_to_thread=True)
    def own(self, visit: Visits, period: FromQuery[str] = "") -> Response[Any]:
        """One's own goals."""
        return _own(visit, period)

    @post("/goals")
    async def goals(self, visit: Visits) -> Response[Any]:
        """Keep them, and propose them where that is asked for."""
        sent = await visit.form()
        return await sync_to_thread(_set_goals, visit, sent)

    @get("/team", sync_to_thread=True)
    def team(self, visit: Visits, period: FromQuery[str] = "") -> Response[Any]:
        """Whom one appraises."""
        return _team(visit, period)

    @post("/team/release")
    async def release(self, visit: Visits) -> Response[Any]:
        """Have everything that is ready signed."""
        sent = await visit.form()
        return await sync_to_thread(_released, visit, sent)

    @get("/sheets/{record_id:str}", sync_to_thread=True)
    def sheet(self, visit: Visits, record_id: FromPath[str]) -> Response[Any]:
        """One sheet, and what its reader can do with it now."""
        return _sheet(visit, record_id)

    @post("/sheets/{record_id:str}")
    async def move(self, visit: Visits, record_id: FromPath[str]) -> Response[Any]:
        """Bring it on."""
        sent = await visit.form()
        return await sync_to_thread(_moved, visit, record_id, sent)

    @get("/sheets/{record_id:str}/signed.pdf", sync_to_thread=True)
    def signed(self, visit: Visits, record_id: FromPath[str]) -> Response[bytes]:
        """The signed sheet, for its employee too, who may have it checked as a file."""
        record = Desk(visit.office).read(visit.person, record_id)
        paper = visit.office.papers.get(record.paper_id or "")
        if paper.signed is None:
            raise NotFound("Belum ditandatangani. · Not signed yet.", field="paper")
        headers = {"Content-Disposition": f'inline; filename="{paper.id}.pdf"'}
        return Response(visit.office.files.read(paper.signed), media_type="application/pdf", headers=headers)


def _own(
    visit: Visit, period: str, error: Refused | None = None, sent: dict[str, list[str]] | None = None
) -> Response[Any]:
    office, person = visit.office, visit.person
    now = period_on(office.today())
    chosen = period_of(period, today=office.today())
    record = Desk(office).own(person, chosen)
    kept = [] if record is None else [(goal["text"], goal["target"]) for goal in record.data["goals"]]
    typed = list(zip(sent.get("goal", []), sent.get("target", []), strict=False)) if sent else kept
    empty = [("", "")] * max(_GOALS_SHOWN - len(typed), min(2, MOST_GOALS - len(typed)))
    return visit.show(
        "appraisal/own.html",
        error=error,
        period=chosen,
        periods=[now, now.before],
        record=record,
        stages=STAGES,
        lines=[*typed, *empty][:MOST_GOALS],
        appraiser=_one(sent or {}, "appraiser") or (record.data["appraiser"] if record else ""),
        able=[each for each in office.people.people().values() if each.credential and each.id != person.id],
    )


def _set_goals(visit: Visit, sent: dict[str, list[str]]) -> Response[Any]:
    office, desk = visit.office, Desk(visit.office)
    try:
        period = period_of(_one(sent, "period"), today=office.today())
        goals = with_goals(sent.get("goal", []), sent.get("target", []))
        record = desk.set_goals(visit.person, period, _one(sent, "appraiser"), goals)
        if _one(sent, "act") == Move.PROPOSE:
            desk.move(visit.person, record.id, Move.PROPOSE, version=record.version, said=sent)
            return to(f"/appraisal/sheets/{record.id}")
    except Outdated:
        raise
    except Refused as error:
        return _own(visit, "" if error.field == "period" else _one(sent, "period"), error, sent)
    return to(f"/appraisal?period={period.name}")


def _team(visit: Visit, period: str) -> Response[Any]:
    office, desk = visit.office, Desk(visit.office)
    now = period_on(office.today())
    chosen = period_of(period, today=office.today())
    sheets = desk.team(visit.person, chosen)
    return visit.show(
        "appraisal/team.html",
        period=chosen,
        periods=[now, now.before],
        sheets=sheets,
        ready=len(desk.ready(sheets)),
        at={stage: sum(each.state == stage for each in sheets) for stage in Stage},
        people=office.people.people(),
        stages=STAGES,
        teken=office.settings.teken.url,
    )


def _released(visit: Visit, sent: dict[str, list[str]]) -> Response[Any]:
    period = period_of(_one(sent, "period"), today=visit.office.today())
    Desk(visit.office).release(visit.person, period)
    return to(f"/appraisal/team?period={period.name}")


def _sheet(visit: Visit, record_id: str, error: Refused | None = None) -> Response[Any]:
    office, desk = visit.office, Desk(visit.office)
    record = desk.read(visit.person, record_id)
    sheet, people = sheet_of(record.data), office.people.people()
    employee = people.get(sheet.employee)
    marked = all(goal.mark is not None for goal in sheet.goals)
    mark = final_mark(sheet.goals) if marked else None
    return visit.show(
        "appraisal/sheet.html",
        error=error,
        record=record,
        sheet=sheet,
        period=period_named(sheet.period),
        stage=Stage(record.state),
        stages=STAGES,
        people=people,
        mine=visit.person.id == sheet.employee,
        initials=employee is not None and employee.credential is not None,
        mark=mark,
        rating=None if mark is None else rating(mark),
        best=BEST_MARK,
        paper=office.papers.get(record.paper_id) if record.paper_id else None,
    )


def _moved(visit: Visit, record_id: str, sent: dict[str, list[str]]) -> Response[Any]:
    try:
        move = Move(_one(sent, "move"))
    except ValueError:
        raise NotFound("Langkah tidak dikenal. · There is no such step.", field="move") from None
    version = _one(sent, "version")
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else -1
    try:
        Desk(visit.office).move(visit.person, record_id, move, version=number, said=sent)
    except (NotFound, Outdated):
        raise
    except Refused as error:
        return _sheet(visit, record_id, error)
    return to(f"/appraisal/sheets/{record_id}")


def _one(sent: dict[str, list[str]], name: str) -> str:
    return "".join(sent.get(name, [])[:1]).strip()
