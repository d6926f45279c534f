"""The parts of the audit, built once from the settings; `api/parts.py` and the command line take what they need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from api.alarms import Watch
from api.audit.checkpointing import Checkpointer
from api.audit.copies import CopiesFolder
from api.audit.guard import CheckpointGuard, trail_proven
from api.audit.nightly import ASK, NightlyCheck
from api.audit.outside_stamping import ASK as ASK_OUTSIDE
from api.audit.outside_stamping import OutsideStamping
from api.audit.reading import AuditReading
from api.audit.trust import key_in_use, read_trust
from api.given import Now
from api.health import HealthCheck
from api.jobs import Job
from api.settings import Settings
from signer.ports import Timestamper
from signer.timestamping import TimestampAuthorities
from store.audit import AuditTrail
from store.checkpoints import SqlCheckpoints

SOFTWARE: Final = "teken"
_LANE: Final = "audit"  # a slow CRL or import must not delay a checkpoint
_OUTSIDE_LANE: Final = "audit-outside"  # waits for somebody else's server
_CHECK_LANE: Final = "audit-check"  # reads for minutes where the trail is long


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOffice:
    """The audit at work."""

    guard: CheckpointGuard
    checkpointer: Checkpointer
    reading: AuditReading
    nightly: NightlyCheck
    every: timedelta

    def jobs(self) -> tuple[Job, ...]:
        """The checkpoint each minute, the check each day."""
        return (
            Job(name="checkpoint", every=self.every, run=self.make_checkpoints, lane=_LANE),
            Job(name="audit-check", every=ASK, run=self.nightly.run, lane=_CHECK_LANE),
        )

    def checks(self) -> tuple[HealthCheck, ...]:
        """Red while acts are refused, and once the trail was found broken."""
        return trail_proven(self.guard), self.nightly.health()

    def make_checkpoints(self) -> int:
        """How many were made; the guard hears of it."""
        try:
            return self.checkpointer.run()
        finally:
            self.guard.forget()


def audit_guard(settings: Settings, checkpoints: SqlCheckpoints, *, now: Now) -> CheckpointGuard:
    """What signing, issuing and revoking ask first."""
    return CheckpointGuard(checkpoints.waiting_since, limit=_limit(settings), now=now)


def audit_reading(settings: Settings, trail: AuditTrail, checkpoints: SqlCheckpoints, *, now: Now) -> AuditReading:
    """Reading and checking; needs no HSM."""
    return AuditReading(
        trail=trail,
        checkpoints=checkpoints,
        trust=lambda: read_trust(settings.pki.certificates, settings.pki.anchors),
        copies=_copies(settings),
        limit=_limit(settings),
        software=SOFTWARE,
        now=now,
    )


def audit_office(
    settings: Settings,
    trail: AuditTrail,
    checkpoints: SqlCheckpoints,
    *,
    guard: CheckpointGuard,
    key_of: Callable[[str], ec.EllipticCurvePrivateKey],
    timestamp: Callable[[bytes, str], bytes],
    now: Now,
) -> AuditOffice:
    """Everything. Raises `AuditKeyMissing`, or what `key_of` raises: without its audit key the service does not start.

    `key_of` gives a key of the token by its label; `timestamp` is that of our time-stamping authority.
    """
    folder: Path = settings.pki.certificates
    reading = audit_reading(settings, trail, checkpoints, now=now)
    checkpointer = Checkpointer(
        checkpoints=checkpoints,
        key=key_in_use(folder, key_of),
        timestamp=timestamp,
        trust=lambda: read_trust(folder),
        copies=_copies(settings),
        now=now,
    )
    return AuditOffice(
        guard=guard,
        checkpointer=checkpointer,
        reading=reading,
        nightly=NightlyCheck(reading, now=now),
        every=timedelta(seconds=settings.audit.checkpoint_seconds),
    )


def outside_stamping(
    settings: Settings,
    checkpoints: SqlCheckpoints,
    authorities: Sequence[Timestamper],
    *,
    now: Now,
) -> tuple[tuple[Job, ...], tuple[Watch, ...]]:
    """The daily stamp of another house, and what is watched about it; nothing where `audit.stamped_by` names nobody.

    `authorities`: those of `[[tsa.outside]]`.
    """
    by_name = {each.name: each for each in authorities}
    chosen = [by_name[name] for name in settings.audit.stamped_by]
    if not chosen:
        return (), ()
    stamping = OutsideStamping(
        checkpoints=checkpoints,
        timestamp=TimestampAuthorities(chosen, now=now).timestamp,
        trust=lambda: read_trust(settings.pki.certificates, settings.pki.anchors),
        copies=_copies(settings),
        now=now,
    )
    job = Job(name="audit-outside-stamp", every=ASK_OUTSIDE, run=stamping.run, lane=_OUTSIDE_LANE)
    return (job,), (Watch(name="audit-outside-stamp", look=stamping.alarms),)


def _copies(settings: Settings) -> CopiesFolder | None:
    folder = settings.audit.checkpoints_to
    return None if folder is None else CopiesFolder(folder)


def _limit(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.audit.refuse_after_minutes)
