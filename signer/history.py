"""What one signatory has signed: found again by its words, the newest first."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Final, Protocol

from signer.model import SignatureRecord, SigningAct

MOST: Final = 5_000
"""Lines of one export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of a history is asked for; what is `None` or empty leaves nothing out."""

    words: str = ""
    """In subject, number or kind."""
    act: SigningAct | None = None
    since: date | None = None
    """First day, as the office's calendar counts."""
    until: date | None = None
    """Last day, it included."""


class HistoryStore(Protocol):
    """The log of signatures by who signed."""

    def of(
        self,
        signatory_id: str,
        /,
        *,
        words: str,
        act: SigningAct | None,
        since: datetime | None,
        before: datetime | None,
        after: str,
        limit: int,
    ) -> tuple[SignatureRecord, ...]:
        """At most `limit` that are signed, the newest first, those behind the signing with the token `after`."""
        ...


class History:
    """For one signatory who is logged in. `utc_offset_hours`: of the office's calendar."""

    def __init__(self, store: HistoryStore, *, utc_offset_hours: int) -> None:
        self._store = store
        self._zone = timezone(timedelta(hours=utc_offset_hours))

    def of(self, signatory_id: str, wanted: Wanted, *, after: str, limit: int) -> tuple[SignatureRecord, ...]:
        """At most `limit` of theirs behind the token `after`, the newest first."""
        return self._store.of(
            signatory_id,
            words=wanted.words.strip(),
            act=wanted.act,
            since=self._begins(wanted.since),
            before=self._begins(None if wanted.until is None else wanted.until + timedelta(days=1)),
            after=after,
            limit=limit,
        )

    def _begins(self, day: date | None) -> datetime | None:
        return None if day is None else datetime.combine(day, time(), tzinfo=self._zone)
