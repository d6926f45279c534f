"""Verifications counted by day, face and outcome."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, insert, select, update

from store.base import table_of
from store.database import Database
from store.errors import AlreadyExists
from store.figure_tables import VerificationCountRow

_COUNTS = table_of(VerificationCountRow)
_C = _COUNTS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One way in which checks end on one day."""

    day: date
    """As the office's calendar has it."""
    face: str
    """Where it was asked for: a word of ours."""
    outcome: str
    """How it ended: a word of ours."""


class SqlVerificationCounts:
    """Added to by every process; nothing of whom or what was verified is here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, counted: Mapping[Verified, int]) -> None:
        """Each on top of what was counted before, all of them or none. Processes may add at once: the order of the
        rows is the same for each, so that no two wait for each other."""
        rows = sorted(counted, key=lambda each: (each.day, each.face, each.outcome))
        for each in rows:
            self._begin(each)
        with self._database.transaction() as session:
            for each in rows:
                more = update(_COUNTS).where(*_is(each)).values(count=_C["count"] + counted[each])
                session.execute(more)

    def between(self, first: date, last: date) -> Mapping[Verified, int]:
        """What was counted from `first` to `last`, both included."""
        query = select(_C.day, _C.face, _C.outcome, _C["count"].label("times")).where(_C.day >= first, _C.day <= last)
        with self._database.transaction() as session:
            return {
                Verified(day=row.day, face=row.face, outcome=row.outcome): row.times for row in session.execute(query)
            }

    def _begin(self, each: Verified) -> None:
        with self._database.transaction() as session:
            if session.execute(select(_C.day).where(*_is(each))).one_or_none() is not None:
                return
        row = {"day": each.day, "face": each.face, "outcome": each.outcome, "count": 0}
        with suppress(AlreadyExists), self._database.transaction() as session:  # another process may be quicker
            session.execute(insert(_COUNTS).values(row))


def _is(each: Verified) -> tuple[ColumnElement[bool], ...]:
    return (_C.day == each.day, _C.face == each.face, _C.outcome == each.outcome)
