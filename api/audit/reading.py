"""Where the trail is read: only auditors come in, and who is turned away is noted.

Administrators, registrars and approvers have no right to read it, whatever else they may do. The command line asks for
an auditor's account as well; that the trail is whole may be checked by the operator, who sees no entry by it.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.audit.check import Verdict, check_trail
from api.audit.copies import CopiesFolder
from api.audit.export import export_lines
from api.audit.trust import AuditTrust
from api.permissions import Permission
from store.audit import Act, AuditEntry, AuditTrail, Outcome
from store.checkpoints import Checkpoint, SqlCheckpoints

MOST: Final = 1000


class NotAnAuditor(Exception):
    """The caller has no right to read the trail; safe to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks."""

    actor: str
    permissions: Collection[str]


class KeptTrail:
    """The trail of the database, as `api.audit.check.Trail`."""

    def __init__(self, trail: AuditTrail, checkpoints: SqlCheckpoints) -> None:
        self.entries = trail.entries
        self.stamps = checkpoints.outside.every
        self.head = trail.head
        self.checkpoints: Callable[[], Iterator[tuple[int, Checkpoint]]] = checkpoints.every


class AuditReading:
    """Read, verify and export. Every method raises `NotAnAuditor` for a reader without `audit:read`."""

    def __init__(
        self,
        *,
        trail: AuditTrail,
        checkpoints: SqlCheckpoints,
        trust: Callable[[], AuditTrust],
        copies: CopiesFolder | None,
        limit: timedelta,
        software: str,
        now: Callable[[], datetime],
    ) -> None:
        """`limit`: how long an entry may wait for its checkpoint; `trust` is read at each verification."""
        self._trail = trail
        self._kept = KeptTrail(trail, checkpoints)
        self._trust = trust
        self._copies = copies
        self._limit = limit
        self._software = software
        self._now = now

    def read(
        self,
        reader: Reader,
        *,
        after: int = 0,
        limit: int = 100,
        actor: str | None = None,
        object: str | None = None,
        act: Act | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        newest_first: bool = False,
    ) -> tuple[AuditEntry, ...]:
        """As `AuditTrail.read`; never more than `MOST` at once."""
        self._admit(reader)
        return self._trail.read(
            after=after,
            limit=min(limit, MOST),
            actor=actor,
            object=object,
            act=act,
            since=since,
            until=until,
            before=before,
            newest_first=newest_first,
        )

    def verify(self, reader: Reader, *, progress: Callable[[int], object] = lambda _: None) -> Verdict:
        """Check the whole trail; that it was checked is noted with the result."""
        self._admit(reader)
        return self.verified(actor=reader.actor, progress=progress)

    def export(self, reader: Reader) -> Iterator[str]:
        """The lines of an export; that it was taken is noted first, and so stands in it."""
        self._admit(reader)
        return self.exported(actor=reader.actor)

    def verified(self, *, actor: str, progress: Callable[[int], object] = lambda _: None) -> Verdict:
        """`verify` without the door: for the nightly job and for the operator at the machine."""
        verdict = self.judged(progress=progress)
        finding = verdict.finding
        self._trail.record(
            Act.TRAIL_CHECK,
            "trail",
            at=self._now(),
            actor=actor,
            outcome=Outcome.DONE if finding is None else Outcome.FAILED,
            reason=finding.kind.value if finding else None,
            details={
                "entries": verdict.entries,
                "covered": verdict.covered,
                "sequence": finding.sequence if finding else None,
            },
        )
        return verdict

    def judged(self, *, progress: Callable[[int], object] = lambda _: None) -> Verdict:
        """`verified` without a note, for whoever must change nothing."""
        return check_trail(
            self._kept, self._trust(), copies=self._copies, at=self._now(), limit=self._limit, progress=progress
        )

    def exported(self, *, actor: str) -> Iterator[str]:
        """`export` without the door."""
        self._trail.record(Act.TRAIL_EXPORT, "trail", at=self._now(), actor=actor)
        return export_lines(self._kept, software=self._software, at=self._now())

    def last_check(self) -> AuditEntry | None:
        """The entry about the last check, however it ended."""
        return self._trail.newest(Act.TRAIL_CHECK)

    def _admit(self, reader: Reader) -> None:
        if Permission.AUDIT_READ not in reader.permissions:
            self._trail.record(
                Act.TRAIL_READ,
                "trail",
                at=self._now(),
                actor=reader.actor,
                outcome=Outcome.REFUSED,
                reason="not-an-auditor",
            )
            raise NotAnAuditor("Only auditors read the audit trail: ask for the permission audit:read.")
