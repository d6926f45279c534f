"""Reminders of reports that are due: one for each report, on the start page of the agency that owes it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from eoffice.errors import Outdated, Refused
from eoffice.feature import Line, Link, Waiting
from eoffice.features.reports import obligations as o
from eoffice.features.reports.kinds import KINDS
from eoffice.features.reports.periods import period_of
from eoffice.features.reports.sheets import word_of
from eoffice.model import Paper, PaperState, Person, Record, Role
from eoffice.text import Text
from eoffice.words import on_day

if TYPE_CHECKING:
    from eoffice.compose import Office

REMINDER: Final = "reminder"
OPEN: Final = "open"
SETTLED: Final = "settled"
"""It came, or is asked for no longer."""
SETTING: Final = "setting"
DAYS: Final = 3
"""Before the due day, where no administrator says otherwise."""
MOST_DAYS: Final = 30
MOST_SHOWN: Final = 100
_ON_ITS_WAY: Final = (PaperState.DRAFT, PaperState.RETURNED, PaperState.QUEUED, PaperState.SIGNING)
_AT_ONCE: Final = 1_000
_KEY: Final = "reminders"
_WHO: Final = frozenset({Role.STAFF, Role.LEADER})
_TITLES: Final = {each.name: each.title for each in KINDS}


def days_before(office: "Office") -> int:
    """From how many days before it is due a report is reminded of."""
    kept = office.records.by_key(o.FEATURE, SETTING, _KEY)
    return DAYS if kept is None else int(kept.data["days"])


def set_days(office: "Office", person: Person, sent: Mapping[str, Sequence[str]]) -> None:
    """As an administrator says, from now on. Raises `Refused`, and `Outdated` where another one was faster."""
    said = "".join(sent.get("remind", [])[:1]).strip()
    if not said.isascii() or not said.isdecimal() or len(said) > 2 or int(said) > MOST_DAYS:
        raise Refused(f"Antara 0 dan {MOST_DAYS} hari. · Between 0 and {MOST_DAYS} days.", field="remind")
    data = {"days": int(said)}
    kept, new = office.records.add_once(_fresh(office, SETTING, _KEY, person.agency_id, data))
    if not new:
        office.records.change(kept.id, version=kept.version, data=data, at=office.now())
    remind(office)


def remind(office: "Office") -> None:
    """Bring all reminders to where they belong today; doing it twice changes nothing.

    1. What is missing, and due in so many days, today, or long ago.
    2. Each of these has one reminder, open; a report that was withdrawn is reminded of again.
    3. Every other reminder is settled.
    """
    until = office.today() + timedelta(days=days_before(office))
    missing = {o.key_of(row.obligation, row.period.word): row for row in _missing(office) if row.due <= until}
    kept = office.records.by_keys(o.FEATURE, REMINDER, list(missing))
    fresh = {key: _reminder(office, key, row) for key, row in missing.items()}
    office.records.add_many([each for key, each in fresh.items() if key not in kept])
    for key, record in kept.items():
        _change(office, record, OPEN, fresh[key].data)
    for record in _open(office):
        if record.key not in missing:
            _change(office, record, SETTLED, record.data)


def settle(office: "Office", key: str) -> None:
    """A report came."""
    record = office.records.by_key(o.FEATURE, REMINDER, key)
    if record is not None:
        _change(office, record, SETTLED, record.data)


def waits(office: "Office", person: Person) -> list[Waiting]:
    """What the person's agency owes, the longest missed at the top; for who writes reports, and who leads."""
    found = (
        office.records.listed(o.FEATURE, REMINDER, agency_id=person.agency_id, state=OPEN, limit=MOST_SHOWN)
        if person.roles & _WHO
        else []
    )
    agencies, papers = (office.people.agencies(), _under_way(office, person)) if found else ({}, {})
    lines = []
    for record in sorted(found, key=lambda each: (each.data["due"], each.key)):
        kind, due, reader = record.data["kind"], date.fromisoformat(record.data["due"]), record.data["reader"]
        paper = papers.get((kind, record.data["period"]))
        state, tone = _standing((due - office.today()).days)
        small = f"tenggat {on_day(due)} · {agencies[reader].name if reader in agencies else reader}"
        write = f"/f/{o.FEATURE}/new/{quote(kind)}" if Role.STAFF in person.roles else "/reports/due"
        lines.append(
            Line(
                path=write if paper is None else f"/p/{paper.id}",
                title=f"{_TITLES[kind].id}, {period_of(record.data['period']).title.id}",
                small=small if paper is None else f"{small} · naskahnya sedang berjalan",
                state=state,
                tone=tone,
            )
        )
    return [
        Waiting(
            name="reports-due",
            title=Text("Laporan yang ditunggu", "Reports that are due"),
            lines=lines,
            more=Link(path="/reports/due", title=Text("Tenggat laporan", "What you owe")),
        )
    ]


def _under_way(office: "Office", person: Person) -> dict[tuple[str, str], Paper]:
    """Reports of the agency that are on their way and that this person may read, by kind and period."""
    papers = office.papers.page(agency_id=person.agency_id, feature=o.FEATURE, states=_ON_ITS_WAY)
    return {(each.kind, word_of(each.form)): each for each in papers if office.service.may_read(person, each)}


def _standing(left: int) -> tuple[Text, str]:
    if left < 0:
        return Text(f"Terlambat {-left} hari", f"{-left} days late"), "returned"
    if left == 0:
        return Text("Hari ini", "Today"), "returned"
    return Text(f"{left} hari lagi", f"in {left} days"), ""


def _missing(office: "Office") -> list[o.Row]:
    """Reports that are asked for and are not there."""
    asked = office.records.listed(o.FEATURE, o.OBLIGATION, state=o.ASKED, limit=o.MOST_OBLIGATIONS)
    wanted = {
        o.key_of(each, period.word): (each, period)
        for each in map(o.obligation_of, asked)
        for period in o.periods_asked(each, office.today())
    }
    came = office.records.by_keys(o.FEATURE, o.DELIVERY, list(wanted))
    rows = [
        o.Row(obligation=obligation, period=period, delivery=came.get(key))
        for key, (obligation, period) in wanted.items()
    ]
    return [row for row in rows if not row.is_there]


def _open(office: "Office") -> list[Record]:
    found: list[Record] = []
    while page := office.records.listed(
        o.FEATURE, REMINDER, state=OPEN, after=found[-1].id if found else None, limit=_AT_ONCE
    ):
        found += page
    return found


def _reminder(office: "Office", key: str, row: o.Row) -> Record:
    asked = row.obligation
    data = {"kind": asked.kind, "period": row.period.word, "due": row.due.isoformat(), "reader": asked.reader_id}
    return _fresh(office, REMINDER, key, asked.agency_id, data)


def _fresh(office: "Office", kind: str, key: str, agency_id: str, data: Mapping[str, Any]) -> Record:
    return Record(
        id=office.new_id(),
        feature=o.FEATURE,
        kind=kind,
        key=key,
        agency_id=agency_id,
        state=OPEN,
        data=data,
        created_at=office.now(),
        changed_at=office.now(),
    )


def _change(office: "Office", record: Record, state: str, data: Mapping[str, Any]) -> None:
    if (record.state, record.data) == (state, data):
        return
    try:
        office.records.change(record.id, version=record.version, state=state, data=data, at=office.now())
    except Outdated:  # a report came, or another process was faster: the next turn sees it
        return
