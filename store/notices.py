"""The log of notices: each certificate, step and channel once, with its attempts."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, insert, or_, select, update

from signer.model import Credential, CredentialState
from signer.notices import Notice, NoticeState
from store.audit import Act, Detail, Outcome, append
from store.base import table_of
from store.bulk_tables import NoticeRow
from store.credentials import SqlCredentialStore
from store.database import Database
from store.errors import AlreadyExists
from store.people_tables import CredentialCertificateRow
from store.tables import CredentialRow

_NOTICES: Final = table_of(NoticeRow)
_ROW: Final = _NOTICES.c
_THIS: Final = (
    (_ROW.certificate_sha256 == bindparam("certificate"))
    & (_ROW.step_days == bindparam("step"))
    & (_ROW.channel == bindparam("way"))
)
_AGAIN: Final = (
    update(_NOTICES)
    .where(
        _THIS,
        or_(
            (_ROW.state == NoticeState.FAILED.value) & (_ROW.next_attempt_at <= bindparam("at")),
            (_ROW.state == NoticeState.SENDING.value) & (_ROW.next_attempt_at < bindparam("lost_before")),
        ),
    )
    .values(state=NoticeState.SENDING.value, attempts=_ROW.attempts + 1, next_attempt_at=bindparam("at"))
    .returning(_ROW.attempts)
)
_END: Final = update(_NOTICES).where(_THIS, _ROW.state == NoticeState.SENDING.value)


class SqlNoticeLog:
    """`signer.notices.NoticeLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, notice: Notice, channel: str, *, at: datetime, lost_before: datetime) -> int | None:
        """The number of this attempt, or `None` where there is nothing to do; one conditional write."""
        new = {
            "certificate_sha256": notice.certificate_sha256,
            "step_days": notice.step_days,
            "channel": channel,
            "credential_id": notice.credential_id,
            "state": NoticeState.SENDING.value,
            "attempts": 1,
            "next_attempt_at": at,
        }
        with self._database.transaction() as session:
            known = session.get(NoticeRow, (notice.certificate_sha256, notice.step_days, channel))
            if known is not None:
                where = {**_this(notice, channel), "at": at, "lost_before": lost_before}
                attempt: int | None = session.scalar(_AGAIN, where)
                return attempt
        try:
            with self._database.transaction() as session:
                session.execute(insert(_NOTICES), new)
        except AlreadyExists:
            return None  # another process was quicker
        return 1

    def sent(self, notice: Notice, channel: str, *, at: datetime) -> None:
        """It was handed over: never again."""
        with self._database.transaction() as session:
            session.execute(_END.values(state=NoticeState.SENT.value, sent_at=at, reason=None), _this(notice, channel))
            append(session, Act.NOTICE, _named(notice), at=at, details={"channel": channel, "days": notice.step_days})

    def failed(self, notice: Notice, channel: str, *, reason: str, again_at: datetime, at: datetime) -> None:
        """It was not; tried again from `again_at` on."""
        with self._database.transaction() as session:
            session.execute(
                _END.values(state=NoticeState.FAILED.value, reason=reason, next_attempt_at=again_at),
                _this(notice, channel),
            )
            details: Mapping[str, Detail] = {"channel": channel, "days": notice.step_days}
            append(session, Act.NOTICE, _named(notice), at=at, outcome=Outcome.FAILED, reason=reason, details=details)

    def failing(self, attempts: int) -> tuple[tuple[str, int], ...]:
        """Channels with the number of their notices that failed at least so often, and not yet went through."""
        query = (
            select(NoticeRow.channel, func.count())
            .where(NoticeRow.state == NoticeState.FAILED.value, NoticeRow.attempts >= attempts)
            .group_by(NoticeRow.channel)
            .order_by(NoticeRow.channel)
        )
        with self._database.transaction() as session:
            return tuple((channel, count) for channel, count in session.execute(query))


def ending(database: Database, until: datetime) -> Iterator[Credential]:
    """Active credentials whose certificate ends before `until`, found by index: there may be 50,000 others."""
    ends = table_of(CredentialCertificateRow).c
    query = (
        select(ends.credential_id)
        .join(CredentialRow, CredentialRow.id == ends.credential_id)
        .where(ends.not_after <= until, CredentialRow.state == CredentialState.ACTIVE.value)
        .distinct()
    )
    with database.transaction() as session:
        ids = [credential_id for (credential_id,) in session.execute(query)]
    credentials = SqlCredentialStore(database)
    for credential_id in ids:
        credential = credentials.get(credential_id)
        if credential is not None and credential.state is CredentialState.ACTIVE and credential.chain:
            yield credential


def _this(notice: Notice, channel: str) -> dict[str, object]:
    return {"certificate": notice.certificate_sha256, "step": notice.step_days, "way": channel}


def _named(notice: Notice) -> str:
    return f"credential:{notice.credential_id}"
