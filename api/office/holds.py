"""Holds on certificates, whichever generation of our CA issued them."""

from dataclasses import dataclass
from datetime import datetime

from ca.revocation import RevocationService


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateHolds:
    """`api.office.registry.Holds`: the holds of our issuers."""

    revocation: RevocationService
    issuer_ids: tuple[str, ...]
    """The generations of our CA, the newest last."""

    def require_allowed(self) -> None:
        """Nothing, or `RevocationRefused`."""
        self.revocation.require_holds()

    def is_revoked(self, serial: int) -> bool | None:
        """Whether it is revoked for good already; `None` for another issuer's."""
        return self.revocation.is_revoked(serial=serial, issuer_id=self._issuer_of(serial))

    def is_held(self, serial: int) -> bool:
        """Whether it is on hold now."""
        return self.revocation.is_held(serial=serial, issuer_id=self._issuer_of(serial))

    def raise_to_key_compromise(self, serial: int, actor: str, *, invalid_since: datetime | None) -> object:
        """The reason of a revoked one becomes keyCompromise."""
        return self.revocation.raise_to_key_compromise(
            serial=serial, issuer_id=self._issuer_of(serial), actor=actor, invalidity_date=invalid_since
        )

    def hold(self, serial: int, actor: str) -> object:
        """Put on hold."""
        return self.revocation.hold(serial=serial, issuer_id=self._issuer_of(serial), actor=actor)

    def release(self, serial: int, actor: str) -> object:
        """Good again."""
        return self.revocation.release(serial=serial, issuer_id=self._issuer_of(serial), actor=actor)

    def _issuer_of(self, serial: int) -> str:
        """Whose it is (serials are random, so no two issuers share one); the newest where it is nobody's of ours."""
        known = (
            each for each in self.issuer_ids if self.revocation.is_revoked(serial=serial, issuer_id=each) is not None
        )
        return next(known, self.issuer_ids[-1])
