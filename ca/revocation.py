"""Revoking a certificate (RFC 5280, 5.3.1): one row, final, and at once in OCSP and on the next CRL.

A hold is the reversible stop, where the settings allow it. It leaves signatures made meanwhile ambiguous for good: an
old status inside a document says *revoked*, a newer one says *good*. Suspending the credential has no such price.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from cryptography import x509

from ca.errors import RevocationRefused
from ca.model import CertificateState, IssuedCertificate
from ca.ports import CertificateLog

_log = logging.getLogger(__name__)

ACCEPTED_REASONS: Final = frozenset(
    {
        x509.ReasonFlags.unspecified,
        x509.ReasonFlags.key_compromise,
        x509.ReasonFlags.affiliation_changed,
        x509.ReasonFlags.superseded,
        x509.ReasonFlags.cessation_of_operation,
        x509.ReasonFlags.privilege_withdrawn,
    }
)
"""Not removeFromCRL (delta CRLs only), not certificateHold (an act of its own: `hold`), not cACompromise and
aACompromise (they end a hierarchy, in a ceremony of two)."""


class RevocationService:
    """Revokes, holds and releases what the certificate log holds."""

    def __init__(
        self,
        *,
        log: CertificateLog,
        ask_for_crl: Callable[[str], object],
        renew_status: Callable[[str, int], object],
        allow_hold: bool = False,
        now: Callable[[], datetime],
    ) -> None:
        """After each change: `renew_status` is called with issuer id and serial and signs the new OCSP
        answers (`PresignedAnswers.renew`); `ask_for_crl` with the issuer's id, and wakes the job that publishes."""
        self._certificate_log = log
        self._ask_for_crl = ask_for_crl
        self._renew_status = renew_status
        self._allow_hold = allow_hold
        self._now = now

    def revoke(
        self,
        *,
        serial: int,
        issuer_id: str,
        reason: x509.ReasonFlags | None,
        actor: str,
        invalidity_date: datetime | None = None,
    ) -> IssuedCertificate:
        """Revoke a certificate for good; OCSP says so when this returns, and a fresh CRL has been asked for.

        What was on hold keeps the hold's date. Revoking again changes nothing: the row that comes back has the first
        time and the first reason. Raises `RevocationRefused` for an unknown serial, a reason that nobody may give, or
        an invalidity date (aware, UTC) that stands beside another reason than keyCompromise or lies in the future.
        Status that cannot be published now does not undo the revocation: it is logged, and the jobs publish it.
        """
        at = self._whole_second()
        self._check(reason, invalidity_date, at)
        row = self._certificate_log.revoke(
            serial=serial,
            issuer_id=issuer_id,
            reason=None if reason is x509.ReasonFlags.unspecified else reason,  # never encoded
            invalidity_date=invalidity_date.replace(microsecond=0) if invalidity_date else None,
            actor=actor,
            at=at,
        )
        self._publish(serial, issuer_id)
        return row

    def is_revoked(self, *, serial: int, issuer_id: str) -> bool | None:
        """Whether it is revoked for good already: then revoking changes nothing. `None`: not issued here."""
        row = self._certificate_log.find(serial=serial, issuer_id=issuer_id)
        return None if row is None else row.state is CertificateState.REVOKED

    def is_held(self, *, serial: int, issuer_id: str) -> bool:
        """Whether it is on hold now."""
        row = self._certificate_log.find(serial=serial, issuer_id=issuer_id)
        return row is not None and row.state is CertificateState.HELD

    def raise_to_key_compromise(
        self, *, serial: int, issuer_id: str, actor: str, invalidity_date: datetime | None = None
    ) -> IssuedCertificate:
        """What was revoked for another reason turns out to be a lost key; time of revocation as it was.

        Raises `RevocationRefused` for what is not revoked, and for an invalidity date as `revoke`.
        """
        at = self._whole_second()
        self._check(x509.ReasonFlags.key_compromise, invalidity_date, at)
        row = self._certificate_log.raise_to_key_compromise(
            serial=serial,
            issuer_id=issuer_id,
            invalidity_date=invalidity_date.replace(microsecond=0) if invalidity_date else None,
            actor=actor,
            at=at,
        )
        self._publish(serial, issuer_id)
        return row

    def require_holds(self) -> None:
        """Nothing, or `RevocationRefused` where the settings do not allow holds."""
        if not self._allow_hold:
            raise RevocationRefused(
                "Holds are not allowed here: suspend the credential, or set [pki] allow_hold = true.",
                field="reason",
                reason="hold-not-allowed",
            )

    def hold(self, *, serial: int, issuer_id: str, actor: str) -> IssuedCertificate:
        """Stop a certificate until `release`; status follows as for `revoke`.

        Holding again changes nothing. Raises as `require_holds`, and for what is not issued.
        """
        self.require_holds()
        row = self._certificate_log.hold(serial=serial, issuer_id=issuer_id, actor=actor, at=self._whole_second())
        self._publish(serial, issuer_id)
        return row

    def release(self, *, serial: int, issuer_id: str, actor: str) -> IssuedCertificate:
        """End a hold: OCSP says good when this returns, and the next CRL, asked for at once, has no entry any more.

        Allowed also where new holds are not. Raises `RevocationRefused` for what is not on hold.
        """
        row = self._certificate_log.release(serial=serial, issuer_id=issuer_id, actor=actor, at=self._whole_second())
        self._publish(serial, issuer_id)
        return row

    def _publish(self, serial: int, issuer_id: str) -> None:
        """Two steps, and neither waits for the other's health: what fails is made up for by its job."""
        try:
            self._renew_status(issuer_id, serial)
        except Exception:
            _log.exception("the status changed, but no fresh OCSP answer is stored yet: it is signed when asked for")
        try:
            self._ask_for_crl(issuer_id)
        except Exception:
            _log.exception("the status changed, but no fresh CRL of %s yet", issuer_id)

    def _whole_second(self) -> datetime:
        return self._now().replace(microsecond=0)

    def _check(self, reason: x509.ReasonFlags | None, invalidity_date: datetime | None, at: datetime) -> None:
        if reason is not None and reason not in ACCEPTED_REASONS:
            raise RevocationRefused(
                f"reason {reason.value} is not accepted; choose another one", field="reason", reason="not-accepted"
            )
        if invalidity_date is None:
            return
        if reason is not x509.ReasonFlags.key_compromise:
            raise RevocationRefused(
                "an invalidity date goes with keyCompromise only", field="invalidity_date", reason="other-reason"
            )
        if invalidity_date > at:
            raise RevocationRefused(
                "the invalidity date lies in the future", field="invalidity_date", reason="in-the-future"
            )
