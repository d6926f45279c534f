"""Revoking a certificate (RFC 5280, 5.3.1): one row, final, and at once on the next CRL."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from cryptography import x509

from ca.errors import RevocationRefused
from ca.model import IssuedCertificate
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
"""Not removeFromCRL (delta CRLs only), not certificateHold (a signature made meanwhile stays ambiguous: suspend the
credential instead), not cACompromise and aACompromise (they end a hierarchy, in a ceremony of two)."""


class RevocationService:
    """Revokes what the certificate log holds."""

    def __init__(
        self, *, log: CertificateLog, ask_for_crl: Callable[[str], object], now: Callable[[], datetime]
    ) -> None:
        """`ask_for_crl` is called with the issuer's id after each revocation (`CrlPublisher.publish`, or a job)."""
        self._certificate_log = log
        self._ask_for_crl = ask_for_crl
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

        Revoking again changes nothing: the row that comes back has the first time and the first reason. Raises
        `RevocationRefused` for an unknown serial, a reason that nobody may give, or an invalidity date (aware, UTC)
        that stands beside another reason than keyCompromise or lies in the future. A CRL that cannot be made now does
        not undo the revocation: it is logged, and the timer makes it (`CrlPublisher.publish_if_due`).
        """
        at = self._now().replace(microsecond=0)
        self._check(reason, invalidity_date, at)
        row = self._certificate_log.revoke(
            serial=serial,
            issuer_id=issuer_id,
            reason=None if reason is x509.ReasonFlags.unspecified else reason,  # never encoded
            invalidity_date=invalidity_date.replace(microsecond=0) if invalidity_date else None,
            actor=actor,
            at=at,
        )
        try:
            self._ask_for_crl(issuer_id)
        except Exception:
            _log.exception("revoked, but no fresh CRL of %s yet", issuer_id)
        return row

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
