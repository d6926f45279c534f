"""Reports of suspicious documents: taken in once, closed once."""

from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, func, insert, or_, select, update

from signer.errors import FakeReportRefused
from signer.fakes import FakeReport, Finding
from store.audit import Act, append
from store.base import table_of
from store.database import Database
from store.errors import AlreadyExists
from store.fake_tables import FakeReportRow

_TABLE: Final = table_of(FakeReportRow)
_R: Final = _TABLE.c


class SqlFakeReports:
    """`signer.fakes.FakeReportStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, report: FakeReport, *, most: int, since: datetime) -> None:
        """Nothing where the id is known; raises `FakeReportRefused` where `most` came in after `since`."""
        with suppress(AlreadyExists), self._database.transaction() as session:  # the button was pressed twice at once
            if session.scalar(select(_R.id).where(_R.id == report.id)) is not None:
                return
            if (session.scalar(select(func.count()).select_from(_TABLE).where(_R.at > since)) or 0) >= most:
                raise FakeReportRefused("Too many reports came in today.", field="text", reason="too-many")
            session.execute(insert(_TABLE).values(asdict(report)))
            append(session, Act.FAKE_REPORT, f"fake-report:{report.id}", at=report.at)

    def page(self, *, waiting: bool, after: str, limit: int) -> tuple[FakeReport, ...]:
        """The oldest first, after the one with that id; an unknown id gives none."""
        with self._database.transaction() as session:
            query = select(_TABLE).where(_R.closed_at.is_(None) if waiting else _R.closed_at.is_not(None))
            if after:
                last = session.scalar(select(_R.at).where(_R.id == after))
                if last is None:
                    return ()
                query = query.where(or_(_R.at > last, and_(_R.at == last, _R.id > after)))
            return tuple(map(_report, session.execute(query.order_by(_R.at, _R.id).limit(limit))))

    def close(self, report_id: str, finding: Finding, *, actor: str, at: datetime) -> FakeReport | None:
        """One conditional update; `None` where no such report waits."""
        closed = (
            update(_TABLE)
            .where(_R.id == report_id, _R.closed_at.is_(None))
            .values(closed_at=at, closed_by=actor, finding=finding.value)
            .returning(*_R)
        )
        with self._database.transaction() as session:
            row = session.execute(closed).one_or_none()
            if row is None:
                return None
            append(session, Act.FAKE_CLOSE, f"fake-report:{report_id}", at=at, actor=actor, reason=finding.value)
            return _report(row)

    def waiting(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the oldest does."""
        with self._database.transaction() as session:
            count, oldest = session.execute(select(func.count(), func.min(_R.at)).where(_R.closed_at.is_(None))).one()
            return count, oldest


def _report(row: Row[Any]) -> FakeReport:
    told = {name: getattr(row, name) for name in FakeReport.__dataclass_fields__}
    return FakeReport(**told | {"finding": None if row.finding is None else Finding(row.finding)})
