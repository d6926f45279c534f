"""Who has to report what, how often and by when; and which reports are there, which are late.

One agency reads (the regional secretary's), others report; an administrator writes down who owes what. An obligation
and each report that was delivered on it are records of the feature; the list is made out of both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from eoffice.errors import Refused
from eoffice.feature import Directory
from eoffice.features.reports.kinds import KINDS
from eoffice.features.reports.periods import Every, Period, ended, period_at, period_of
from eoffice.model import Record

FEATURE: Final = "reports"
OBLIGATION: Final = "obligation"
DELIVERY: Final = "delivery"
ASKED: Final = "asked"
OVER: Final = "over"
DELIVERED: Final = "delivered"
WITHDRAWN: Final = "withdrawn"
MOST_OBLIGATIONS: Final = 1_000
MOST_DELIVERIES: Final = 1_000
MOST_PERIODS: Final = 12
"""Of one obligation, on the list."""
MOST_DAYS: Final = 120
"""After the end of a period."""
_ASKED_FOR: Final = ("reader", "agency", "kind", "every", "days", "since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One report that an agency owes again and again."""

    id: str
    reader_id: str
    """The agency that asks for it."""
    agency_id: str
    """The agency that reports."""
    kind: str
    every: Every
    days: int
    """From the end of the period to the day on which it is due."""
    since: date
    """Periods that ended before are not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list: a report that is there, or one that is missed."""

    obligation: Obligation
    period: Period
    delivery: Record | None

    @property
    def due(self) -> date:
        """The last day for it."""
        return self.period.due(self.obligation.days)

    @property
    def is_there(self) -> bool:
        """Delivered, and not withdrawn since."""
        return self.delivery is not None and self.delivery.state == DELIVERED

    def days_late(self, today: date) -> int:
        """So many days over its time: of a missing one until today, of the other until it came; 0 or less: in time."""
        came = date.fromisoformat(self.delivery.data["on"]) if self.delivery is not None and self.is_there else today
        return (came - self.due).days


def obligation_of(record: Record) -> Obligation:
    """As the record keeps it."""
    said = record.data
    return Obligation(
        id=record.id,
        reader_id=record.agency_id,
        agency_id=said["agency"],
        kind=said["kind"],
        every=Every(said["every"]),
        days=said["days"],
        since=date.fromisoformat(said["since"]),
    )


def read_obligation(sent: Mapping[str, Sequence[str]], directory: Directory) -> Mapping[str, Any]:
    """What was asked for in a form: the data of a record, and `reader`. Raises `Refused`, which names the field."""
    said = {name: "".join(sent.get(name, [])[:1]).strip() for name in _ASKED_FOR}
    if said["reader"] not in directory.agencies:
        raise Refused("Pilih instansi pembaca. · Choose who reads it.", field="reader")
    if said["agency"] not in directory.agencies or said["agency"] == said["reader"]:
        raise Refused("Pilih instansi pelapor lain. · Choose another agency that reports.", field="agency")
    if said["kind"] not in {each.name for each in KINDS}:
        raise Refused("Pilih jenis laporan. · Choose a kind of report.", field="kind")
    if said["every"] not in set(Every):
        raise Refused("Pilih periodenya. · Choose how often.", field="every")
    if not said["days"].isdecimal() or len(said["days"]) > 3 or int(said["days"]) > MOST_DAYS:
        raise Refused(f"Antara 0 dan {MOST_DAYS} hari. · Between 0 and {MOST_DAYS} days.", field="days")
    try:
        since = date.fromisoformat(said["since"])
        period_of(since.isoformat())
    except (ValueError, Refused):
        raise Refused("Tulis tanggal sebagai tttt-bb-hh. · Write the day as yyyy-mm-dd.", field="since") from None
    return {**said, "days": int(said["days"]), "since": since.isoformat()}


def key_of(obligation: Obligation, word: str) -> str:
    """Of the delivery of one period."""
    return f"{obligation.id}:{word}"


def periods_asked(obligation: Obligation, today: date) -> Iterable[Period]:
    """Those that a report is asked for: the running one, and the newest that are over."""
    running = period_at(obligation.every, today)
    if running.last >= obligation.since:
        yield running
    yield from ended(obligation.every, since=obligation.since, today=today, most=MOST_PERIODS)


def rows_of(obligations: Iterable[Obligation], deliveries: Iterable[Record], *, today: date) -> list[Row]:
    """The list: what is missing first, the longest missed at the top; then what is there, the newest first."""
    came = {each.key: each for each in deliveries}
    rows = [
        Row(obligation=each, period=period, delivery=came.get(key_of(each, period.word)))
        for each in obligations
        for period in _periods(each, came, today)
    ]
    missing = sorted((row for row in rows if not row.is_there), key=lambda row: row.due)
    there = sorted((row for row in rows if row.is_there), key=lambda row: row.period.last, reverse=True)
    return [*missing, *there]


def _periods(obligation: Obligation, came: Mapping[str, Record], today: date) -> Iterable[Period]:
    """Those that are over; and the running one, where its report is there already."""
    running = period_at(obligation.every, today)
    if key_of(obligation, running.word) in came:
        yield running
    yield from ended(obligation.every, since=obligation.since, today=today, most=MOST_PERIODS)
