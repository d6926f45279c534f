"""How much a client or a credential may sign in a minute and in a day, counted where every process sees it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from signer.quotas import Limits, Window
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

    def take(self, subject: str, window: Window, most: int) -> int | None:
        """Count one in `window` where fewer than `most` are; how many are now, or `None` where it is full.

        One conditional statement, so that of all processes together no more than `most` get in.
        """
        counted = (
            update(QuotaCountRow)
            .where(QuotaCountRow.subject == subject, QuotaCountRow.window == window.word)
            .where(QuotaCountRow.starts_at == window.starts_at, QuotaCountRow.count < most)
            .values(count=QuotaCountRow.count + 1)
            .returning(QuotaCountRow.count)
        )
        for _ in range(2):
            with self._database.transaction() as session:
                count: int | None = session.scalar(counted)
                if count is not None:
                    return count
                place = (subject, window.word, window.starts_at)
                if session.get(QuotaCountRow, place) is not None or most < 1:
                    return None
            try:
                with self._database.transaction() as session:
                    row = {"subject": subject, "window": window.word, "starts_at": window.starts_at, "count": 1}
                    session.execute(insert(QuotaCountRow).values(**row))
            except AlreadyExists:
                continue  # another process was quicker with the first one of this window
            return 1
        return None

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
