"""How much a client or a credential may sign in a minute and in a day, counted where every process sees it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signer.quotas import Limits, Share, Window
from store.audit import Act, append
from store.database import Database
from store.errors import AlreadyExists
from store.letter_tables import QuotaCountRow, QuotaLimitRow


class SqlQuotas:
    """`signer.quotas.QuotaStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def limits_of(self, subject: str) -> Limits | None:
        """What was decided for `client:<id>` or `credential:<id>`; `None` where nothing was."""
        with self._database.transaction() as session:
            row = session.get(QuotaLimitRow, subject)
            return Limits(per_minute=row.per_minute, per_day=row.per_day) if row else None

    def set_limits(self, subject: str, limits: Limits | None, *, actor: str, at: datetime) -> None:
        """Decide; `None` gives the subject the limits of the settings again."""
        with self._database.transaction() as session:
            session.execute(delete(QuotaLimitRow).where(QuotaLimitRow.subject == subject))
            if limits is not None:
                row = {"per_minute": limits.per_minute, "per_day": limits.per_day}
                session.execute(insert(QuotaLimitRow).values(subject=subject, **row))
            details: Mapping[str, int | None] = {
                "per_minute": limits.per_minute if limits is not None else None,
                "per_day": limits.per_day if limits is not None else None,
            }
            append(session, Act.QUOTA_SET, subject, at=at, actor=actor, details=details)

    def take(self, shares: Sequence[Share], count: int) -> Share | None:
        """Count `count` in all of `shares`, or in none: then the one that is full.

        Conditional statements in one transaction, always in the same order, so that of all processes together no more
        than `most` get in and no two wait for each other.
        """
        for share in shares:
            self._begin(share)
        try:
            with self._database.transaction() as session:
                for share in shares:
                    if session.scalar(_counted(share, count)) is None:
                        raise _Full(share)
        except _Full as full:
            return full.share
        return None

    def _begin(self, share: Share) -> None:
        """The row of its window, empty where it is the first one."""
        row = {"subject": share.subject, "window": share.window.word, "starts_at": share.window.starts_at}
        with self._database.transaction() as session:
            if session.get(QuotaCountRow, tuple(row.values())) is not None:
                return
        with suppress(AlreadyExists), self._database.transaction() as session:  # another process may be quicker
            session.execute(insert(QuotaCountRow).values(**row, count=0))

    def used(self, subject: str, window: Window) -> int:
        """How many are counted in a window."""
        query = select(QuotaCountRow.count).where(
            QuotaCountRow.subject == subject,
            QuotaCountRow.window == window.word,
            QuotaCountRow.starts_at == window.starts_at,
        )
        with self._database.transaction() as session:
            return session.scalar(query) or 0

    def purge(self, before: datetime) -> int:
        """Forget windows that began before `before`; returns how many."""
        old = delete(QuotaCountRow).where(QuotaCountRow.starts_at < before).returning(QuotaCountRow.subject)
        with self._database.transaction() as session:
            return len(session.scalars(old).all())


class _Full(Exception):
    def __init__(self, share: Share) -> None:
        super().__init__(share.subject)
        self.share = share


def _counted(share: Share, count: int) -> ReturningUpdate[tuple[int]]:
    return (
        update(QuotaCountRow)
        .where(QuotaCountRow.subject == share.subject, QuotaCountRow.window == share.window.word)
        .where(QuotaCountRow.starts_at == share.window.starts_at, QuotaCountRow.count + count <= share.most)
        .values(count=QuotaCountRow.count + count)
        .returning(QuotaCountRow.count)
    )
