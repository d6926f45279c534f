"""When documents that are kept valid get their next timestamp: counts by stretch, and those that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from sqlalchemy import func, select

from store.archive_tables import ArchivedRow
from store.base import table_of
from store.database import Database
from store.tables import SignatureRow

_A: Final = table_of(ArchivedRow).c
_S: Final = table_of(SignatureRow).c


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingRenewal:
    """A document whose last attempt failed. Named by its digest: its code opens its page."""

    sha256: str
    """Of its newest version."""
    kind: str | None
    due_at: datetime | None
    good_until: datetime | None
    attempts: int
    failure: str | None
    next_attempt_at: datetime


class SqlArchiveCalendar:
    """Reads what `store.archive` writes; changes nothing. Times are aware."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, bounds: Sequence[datetime]) -> tuple[int, ...]:
        """How many documents are due before the first of `bounds`, between each two, and from the last one on."""
        edges = [None, *bounds, None]
        with self._database.transaction() as session:
            found = []
            for since, until in pairwise(edges):
                query = select(func.count()).select_from(table_of(ArchivedRow)).where(_A.due_at.is_not(None))
                if since is not None:
                    query = query.where(_A.due_at >= since)
                if until is not None:
                    query = query.where(_A.due_at < until)
                found.append(int(session.scalar(query) or 0))
            return tuple(found)

    def failing(self, *, limit: int) -> tuple[FailingRenewal, ...]:
        """Those that fail, the one whose proof ends first at the beginning."""
        query = (
            select(table_of(ArchivedRow), _S.kind)
            .join_from(table_of(ArchivedRow), table_of(SignatureRow), _S.token == _A.token)
            .where(_A.attempts > 0)
            .order_by(_A.good_until, _A.sha256)
            .limit(limit)
        )
        with self._database.transaction() as session:
            return tuple(
                FailingRenewal(
                    sha256=row.sha256,
                    kind=row.kind,
                    due_at=row.due_at,
                    good_until=row.good_until,
                    attempts=row.attempts,
                    failure=row.failure,
                    next_attempt_at=row.next_attempt_at,
                )
                for row in session.execute(query)
            )
