"""Papers looked up: one, a page of them, what happened to one. Nothing is changed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, or_, select

from eoffice.errors import NotFound
from eoffice.model import Paper, PaperState
from eoffice.store import tables as t
from eoffice.store.database import Database
from eoffice.store.paper_rows import paper_of

MOST_ON_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a paper's history."""

    at: datetime
    who: str | None
    """A person of the office; none: Teken, or the clock."""
    what: str
    note: str | None


class PaperLists:
    """All papers of the office, as they stand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replacement_of(self, paper_id: str) -> Paper | None:
        """The paper that is to take its place, or has taken it."""
        with self._database.reading() as connection:
            return replacement(connection, paper_id)

    def under_way(self, *, before: datetime, after: str, limit: int) -> tuple[Paper, ...]:
        """Papers at Teken of which nothing was heard since `before`; by id, those behind `after`."""
        p = t.papers.c
        query = select(t.papers).where(p.state == PaperState.SIGNING.value, p.changed_at < before, p.id > after)
        with self._database.reading() as connection:
            return tuple(paper_of(row) for row in connection.execute(query.order_by(p.id).limit(limit)))

    def get(self, paper_id: str) -> Paper:
        """Raises `NotFound`."""
        with self._database.reading() as connection:
            return _one(connection, paper_id)

    def by_reference(self, reference: str) -> Paper | None:
        """The paper that Teken calls so."""
        with self._database.reading() as connection:
            row = connection.execute(select(t.papers).where(t.papers.c.reference == reference)).one_or_none()
            return paper_of(row) if row else None

    def by_code(self, code: str) -> Paper | None:
        """The paper whose newest signature has this verification code."""
        with self._database.reading() as connection:
            row = connection.execute(select(t.papers).where(t.papers.c.code == code)).one_or_none()
            return paper_of(row) if row else None

    def page(
        self,
        *,
        agency_id: str,
        feature: str | None = None,
        states: tuple[PaperState, ...] = (),
        drafter_id: str | None = None,
        words: str = "",
        before: tuple[datetime, str] | None = None,
    ) -> tuple[Paper, ...]:
        """Newest first, at most `MOST_ON_A_PAGE`; `words`: part of a subject or a number; `before`: time and id of the
        last one that was shown."""
        query = select(t.papers).where(t.papers.c.agency_id == agency_id)
        if feature is not None:
            query = query.where(t.papers.c.feature == feature)
        if states:
            query = query.where(t.papers.c.state.in_([each.value for each in states]))
        if drafter_id is not None:
            query = query.where(t.papers.c.drafter_id == drafter_id)
        if words:
            said = [each.icontains(words, autoescape=True) for each in (t.papers.c.subject, t.papers.c.number)]
            query = query.where(or_(*said))
        if before is not None:
            at, last = before
            query = query.where((t.papers.c.changed_at < at) | ((t.papers.c.changed_at == at) & (t.papers.c.id < last)))
        query = query.order_by(t.papers.c.changed_at.desc(), t.papers.c.id.desc()).limit(MOST_ON_A_PAGE)
        with self._database.reading() as connection:
            return tuple(paper_of(row) for row in connection.execute(query))

    def with_step_of(self, person_id: str, states: Sequence[PaperState]) -> tuple[Paper, ...]:
        """Those in which somebody has a step, of whatever agency; newest first, at most `MOST_ON_A_PAGE`."""
        p = t.papers.c
        query = (
            select(t.papers)
            .join(t.signers, t.signers.c.paper_id == p.id)
            .where(t.signers.c.person_id == person_id, p.state.in_([each.value for each in states]))
            .order_by(p.changed_at.desc(), p.id.desc())
            .limit(MOST_ON_A_PAGE)
        )
        with self._database.reading() as connection:
            return tuple(paper_of(row) for row in connection.execute(query))

    def history(self, paper_id: str) -> tuple[Line, ...]:
        """What happened to it, oldest first."""
        query = select(t.history).where(t.history.c.paper_id == paper_id).order_by(t.history.c.id)
        with self._database.reading() as connection:
            return tuple(
                Line(at=row.at, who=row.who, what=row.what, note=row.note) for row in connection.execute(query)
            )


def replacement(connection: Connection, paper_id: str) -> Paper | None:
    """The paper that is to take its place, or has taken it."""
    p = t.papers.c
    query = select(t.papers).where(p.replaces == paper_id, p.state != PaperState.CANCELLED.value)
    row = connection.execute(query).one_or_none()
    return paper_of(row) if row else None


def _one(connection: Connection, paper_id: str) -> Paper:
    row = connection.execute(select(t.papers).where(t.papers.c.id == paper_id)).one_or_none()
    if row is None:
        raise NotFound("Naskah tidak ditemukan. · There is no such paper.", field="paper")
    return paper_of(row)
