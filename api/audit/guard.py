"""No checkpoint, no act: signing, issuing and revoking stop when entries wait too long.

The answer is kept for some seconds, so asking before every signature costs nothing; a suspended credential stays
suspendable, because suspending needs no key.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from api.health import HealthCheck, NotReady
from ca.model import IssuedCertificate
from store.certificates import SqlCertificateLog
from store.database import Database
from store.errors import TrailNotProven

ASK_EVERY: Final = timedelta(seconds=5)


class CheckpointGuard:
    """Knows since when entries wait for a checkpoint; shared between threads."""

    def __init__(
        self, waiting_since: Callable[[], datetime | None], *, limit: timedelta, now: Callable[[], datetime]
    ) -> None:
        """`waiting_since` asks the database: another process may be the one that makes the checkpoints."""
        self._waiting_since = waiting_since
        self._limit = limit
        self._now = now
        self._known: tuple[datetime, datetime | None] | None = None

    def require(self) -> None:
        """Return where acts may go on. Raises `TrailNotProven`, or `StoreError` where the database does not answer."""
        at = self._now()
        known = self._known
        if known is None or not timedelta(0) <= at - known[0] < ASK_EVERY:
            known = self._known = at, self._waiting_since()
        since = known[1]
        if since is not None and at - since > self._limit:
            raise TrailNotProven(
                f"entries of the audit trail wait for a signed checkpoint since {since:%Y-%m-%d %H:%M} UTC: look at the"
                " job `checkpoint` in the log, or run `teken work --once`; `teken audit verify` tells more"
            )

    def forget(self) -> None:
        """Ask anew next time; to be called when a checkpoint was made."""
        self._known = None


class GuardedCertificateLog(SqlCertificateLog):
    """The certificate log, which begins nothing new and changes no status while the guard says no.

    What was begun goes on: an intent that is recorded has to be explained, whatever the trail is like.
    """

    def __init__(self, database: Database, require: Callable[[str], object]) -> None:
        """`require` is called with the id of the issuer whose turn it would be."""
        super().__init__(database)
        self._require = require

    def reserve(self, **intent: Any) -> None:
        """As `SqlCertificateLog.reserve`; raises `TrailNotProven` first."""
        self._require(intent["issuer_id"])
        super().reserve(**intent)

    def revoke(self, **revocation: Any) -> IssuedCertificate:
        """As `SqlCertificateLog.revoke`; raises `TrailNotProven` first."""
        self._require(revocation["issuer_id"])
        return super().revoke(**revocation)

    def hold(self, **hold: Any) -> IssuedCertificate:
        """As `SqlCertificateLog.hold`; raises `TrailNotProven` first."""
        self._require(hold["issuer_id"])
        return super().hold(**hold)

    def release(self, **release: Any) -> IssuedCertificate:
        """As `SqlCertificateLog.release`; raises `TrailNotProven` first."""
        self._require(release["issuer_id"])
        return super().release(**release)

    def raise_to_key_compromise(self, **raising: Any) -> IssuedCertificate:
        """As `SqlCertificateLog.raise_to_key_compromise`; raises `TrailNotProven` first."""
        self._require(raising["issuer_id"])
        return super().raise_to_key_compromise(**raising)


def trail_proven(guard: CheckpointGuard) -> HealthCheck:
    """Readiness: red from the moment on from which acts are refused."""

    def ask() -> None:
        try:
            guard.require()
        except TrailNotProven as error:
            raise NotReady(str(error)) from None

    return HealthCheck(name="audit", ask=ask)
