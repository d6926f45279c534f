"""From a request to a certificate: the numbered steps.

    1 check the request        possession, key policy, names
    2 choose the profile       may this issuer issue it, for that long?
    3 reserve a serial         stored
    4 prepare                  throw-away signature, lints
    5 record the intent        stored: from here on a signature may exist
    6 issue                    the CA key signs, once
    7 compare                  with what was linted and recorded
    8 record the certificate   stored
    9 publish the status       the first OCSP answers are signed and stored; "good" is said from step 8 on
   10 hand over                the caller gets it

Whatever fails after 3 leaves a row that says so. An intent whose outcome is unknown is abandoned and stands on the CRL:
ECDSA is randomised, so a second signature would be a second certificate of the same number.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ca.csr import proven_key
from ca.errors import CaError
from ca.issuer import CertificateSigner, IssuanceToken
from ca.key_policy import accept_key
from ca.lints import LINTERS, CertificateLint
from ca.model import Subject
from ca.ports import CertificateLog
from ca.profiles import Profile
from ca.serials import new_serial
from ca.subjects import name_of

_events = logging.getLogger(__name__)

STALE: Final = timedelta(minutes=10)
"""No run of the steps takes as long: what is still open then was interrupted."""


class IssuanceService:
    """Issues certificates in the name of one issuer."""

    def __init__(
        self,
        *,
        log: CertificateLog,
        issuer: CertificateSigner,
        lints: Sequence[CertificateLint],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        publish_status: Callable[[int], object] | None = None,
        in_force: Callable[[Profile], Profile] = lambda profile: profile,
    ) -> None:
        """`in_force` gives the version of a profile that issues now, and is asked for each certificate.
        `publish_status` is called with the serial at step 9; `None` where nobody answers for this issuer yet."""
        self._publish_status = publish_status
        self._in_force = in_force
        self._log = log
        self._issuer = issuer
        self._lints = tuple(lints)
        self._now = now
        self._random_bytes = random_bytes

    def issue(
        self, csr: x509.CertificateSigningRequest, subject: Subject, profile: Profile, actor: str
    ) -> x509.Certificate:
        """A new certificate for the key in `csr` and the registered `subject`, under the version of `profile` in force.

        Raises `RequestRefused` and `LintObjected` (nothing was signed), `SigningKeyUnavailable` and
        `IssuedOtherThanPrepared` (the intent is abandoned), `Misconfigured`, and whatever the log raises.
        """
        at = self._whole_second()
        profile = self._in_force(profile)
        name, public_key = self._check_request(csr, subject, profile)
        self._issuer.check(profile, at)
        serial = self._reserve(name, profile, actor, at)
        token = self._prepare(profile, serial, name, public_key, at)
        self._record_intent(token, at)
        certificate = self._issue(token)
        self._record_issued(certificate)
        self._publish(certificate.serial_number)
        return certificate

    def reconcile(self) -> int:
        """Abandon what an interrupted run left behind; returns how many. To be called at start and every 5 minutes."""
        at = self._whole_second()
        return self._log.abandon_stale(before=at - STALE, at=at)

    def _check_request(
        self, csr: x509.CertificateSigningRequest, subject: Subject, profile: Profile
    ) -> tuple[x509.Name, ec.EllipticCurvePublicKey]:
        name = name_of(subject, profile, self._issuer.names)
        return name, accept_key(proven_key(csr, subject), profile, self._log.is_key_known)

    def _reserve(self, name: x509.Name, profile: Profile, actor: str, at: datetime) -> int:
        serial = new_serial(self._random_bytes)
        self._log.reserve(
            serial=serial,
            issuer_id=self._issuer.identity.id,
            profile=str(profile),
            subject=name.rfc4514_string(),
            actor=actor,
            at=at,
        )
        return serial

    def _prepare(
        self, profile: Profile, serial: int, name: x509.Name, public_key: ec.EllipticCurvePublicKey, at: datetime
    ) -> IssuanceToken:
        try:
            draft = self._issuer.draft(profile, serial=serial, subject=name, public_key=public_key, at=at)
            return self._issuer.prepare(draft, lints=self._lints, at=at)
        except CaError as failure:
            self._abandon(serial, failure)
            raise

    def _record_intent(self, token: IssuanceToken, at: datetime) -> None:
        self._log.record_intent(
            serial=token.serial, issuer_id=self._issuer.identity.id, tbs=token.tbs, linters=LINTERS, at=at
        )

    def _issue(self, token: IssuanceToken) -> x509.Certificate:
        try:
            return self._issuer.issue(token)
        except CaError as failure:
            self._abandon(token.serial, failure)
            raise

    def _record_issued(self, certificate: x509.Certificate) -> None:
        self._log.record_issued(
            serial=certificate.serial_number,
            issuer_id=self._issuer.identity.id,
            certificate=certificate,
            at=self._whole_second(),
        )

    def _publish(self, serial: int) -> None:
        """A failure here does not lose the certificate: the live responder knows it, and the job signs again."""
        if self._publish_status is None:
            return
        try:
            self._publish_status(serial)
        except Exception:
            _events.exception("issued, but its OCSP answers are not stored yet")

    def _abandon(self, serial: int, failure: CaError) -> None:
        self._log.abandon(
            serial=serial,
            issuer_id=self._issuer.identity.id,
            why=f"{type(failure).__name__}: {failure}",
            at=self._whole_second(),
        )

    def _whole_second(self) -> datetime:
        return self._now().replace(microsecond=0)
