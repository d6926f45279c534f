"""What a crash left undone: the credential is revoked, its certificate is not. At start, and every minute."""

from collections.abc import Callable

import structlog
from cryptography import x509

from store.owed_revocations import OwedRevocation

ACTOR = "reconciliation"

_log = structlog.get_logger("teken.revocation")


class OwedRevocations:
    """Looks for them and makes them. Where the reason is not known, somebody may be between the two steps at this very
    moment, and knows it: such a one has to be seen in two looks before it is made without a reason."""

    def __init__(
        self,
        *,
        owed: Callable[[], tuple[OwedRevocation, ...]],
        revoke: Callable[[x509.Certificate, x509.ReasonFlags, str], object],
    ) -> None:
        self._owed = owed
        self._revoke = revoke
        self._seen: frozenset[str] = frozenset()

    def run(self) -> int:
        """How many were made; the first that fails ends the look, and the next one begins with it."""
        owed = self._owed()
        before, self._seen = self._seen, frozenset(each.credential.id for each in owed)
        made = 0
        for each in owed:
            if each.reason is not None or each.credential.id in before:
                self._revoke(each.credential.certificate, each.reason or x509.ReasonFlags.unspecified, ACTOR)
                _log.warning("revoked what a crash had left", credential=each.credential.id)
                made += 1
        return made
