"""Certificate revocation lists: full, version 2, one per CA (RFC 5280, 5; X.509, 9.5.2.6 for expiredCertsOnCRL).

A list is built, signed, verified, linted and stored under its number; only then do readers see it. Whatever fails
before that leaves the old one current. Expired certificates stay listed, so that old signatures stay provable.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import Misconfigured, RevocationRefused
from ca.extensions import EXPIRED_CERTS_ON_CRL
from ca.issuer import key_identifier
from ca.lints import CRL_LINTS, CrlCandidate, check
from ca.model import NEVER, PublishedCrl, RevokedEntry, StatusPeriods
from ca.ports import CertificateLog, CrlStore
from ca.signing import hash_for, holds, key_in_use


class CrlPublisher:
    """Publishes the CRL of one CA."""

    def __init__(
        self,
        *,
        issuer_id: str,
        certificate: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
        log: CertificateLog,
        crl_store: CrlStore,
        periods: StatusPeriods,
        now: Callable[[], datetime],
    ) -> None:
        """Raises `Misconfigured` where key and certificate do not belong together."""
        if certificate.public_key() != key.public_key():
            raise Misconfigured(f"{issuer_id}: the key is not the certificate's; look at the key label in the settings")
        self._issuer_id = issuer_id
        self._certificate = certificate
        self._key = key
        self._log = log
        self._store = crl_store
        self._periods = periods
        self._now = now
        self._one_at_a_time = Lock()

    def publish(self) -> PublishedCrl:
        """Build and store the next CRL; from then on it is the current one.

        Its number is taken before the revocations are read, so a higher number never knows less. Raises
        `SigningKeyUnavailable`, `LintObjected`, or what log and store raise; the old CRL then stays current.
        """
        return self._publish(is_last=False)

    def publish_last(self) -> PublishedCrl:
        """The last list of a CA that retires: its nextUpdate is `NEVER`, and no list follows it.

        Raises `RevocationRefused` while a certificate of the CA is valid, other than an OCSP responder's, and as
        `publish`. Whoever issues has to ask `is_final` first.
        """
        self.require_ended()
        return self._publish(is_last=True)

    def require_ended(self) -> None:
        """Nothing that a relying party could ask about is valid any more; else `RevocationRefused`."""
        if self._log.standing(self._issuer_id, at=self._now()):
            raise RevocationRefused(
                "Certificates of this CA are still valid. Wait for their end, or revoke them, before its last CRL.",
                field="operation",
                reason="certificates-stand",
            )

    def _publish(self, *, is_last: bool) -> PublishedCrl:
        with self._one_at_a_time:
            at = self._now().replace(microsecond=0)
            previous = self._store.current(self._issuer_id)
            if is_final(previous):
                raise RevocationRefused("The last CRL was published.", field="operation", reason="last-crl")
            number = self._store.next_number(self._issuer_id)
            entries = list(self._log.revoked(self._issuer_id))
            crl = self._build(number, entries, at, NEVER if is_last else at + self._valid())
            self._check(crl, number, entries, previous, is_last=is_last)
            published = self._published(crl, number)
            self._store.publish(published, at=at)
            return published

    def publish_if_due(self) -> PublishedCrl | None:
        """Publish when there is no CRL, the current one is old enough, or the log knows more than it says; never after
        the last one."""
        current = self._store.current(self._issuer_id)
        if is_final(current):
            return None
        if current is None or self._now() - current.this_update >= self._every() or self._knows_more_than(current):
            return self.publish()
        return None

    def _every(self) -> timedelta:
        """How often without need; a root's list, which takes a ceremony, at half its life."""
        return self._periods.root_crl_valid / 2 if self._is_root() else self._periods.crl_every

    def _valid(self) -> timedelta:
        return self._periods.root_crl_valid if self._is_root() else self._periods.crl_valid

    def _is_root(self) -> bool:
        return self._certificate.issuer == self._certificate.subject

    def _knows_more_than(self, current: PublishedCrl) -> bool:
        listed, entries = x509.load_der_x509_crl(current.der), list(self._log.revoked(self._issuer_id))
        if len(listed) != len(entries):
            return True  # the usual case, without a look at thousands of entries
        said = {(one.serial_number, one.revocation_date_utc, _reason(one)) for one in listed}
        return said != {(one.serial, one.revoked_at, one.reason) for one in entries}

    def _build(
        self, number: int, entries: Iterable[RevokedEntry], at: datetime, next_update: datetime
    ) -> x509.CertificateRevocationList:
        builder = (
            # All entries at once: add_revoked_certificate copies the list each time, which is quadratic.
            x509.CertificateRevocationListBuilder(revoked_certificates=[_encoded(entry) for entry in entries])
            .issuer_name(self._certificate.subject)
            .last_update(at)
            .next_update(next_update)
            .add_extension(x509.AuthorityKeyIdentifier(key_identifier(self._certificate), None, None), critical=False)
            .add_extension(x509.CRLNumber(number), critical=False)
            .add_extension(self._expired_stay_since(), critical=False)
        )
        with key_in_use(f"CRL {number} of {self._issuer_id}"):
            return builder.sign(self._key, hash_for(self._key.curve))

    def _expired_stay_since(self) -> x509.UnrecognizedExtension:
        since = asn1.GeneralizedTime(self._certificate.not_valid_before_utc)
        return x509.UnrecognizedExtension(EXPIRED_CERTS_ON_CRL, asn1.encode_der(since))

    def _check(
        self,
        crl: x509.CertificateRevocationList,
        number: int,
        entries: list[RevokedEntry],
        previous: PublishedCrl | None,
        *,
        is_last: bool,
    ) -> None:
        if not holds(self._certificate.public_key(), crl.signature, crl.tbs_certlist_bytes):
            raise Misconfigured(f"CRL {number} of {self._issuer_id}: its signature does not verify; check the token")
        candidate = CrlCandidate(
            crl=crl,
            issuer=self._certificate,
            expected=entries,
            previous_number=previous.number if previous else 0,
            longest=self._valid(),
            is_last=is_last,
        )
        check(candidate, CRL_LINTS, field="crl")

    def _published(self, crl: x509.CertificateRevocationList, number: int) -> PublishedCrl:
        der = crl.public_bytes(Encoding.DER)
        next_update = crl.next_update_utc
        if next_update is None:
            raise Misconfigured("a CRL without nextUpdate cannot be published")
        return PublishedCrl(
            issuer_id=self._issuer_id,
            number=number,
            der=der,
            this_update=crl.last_update_utc,
            next_update=next_update,
            sha256=sha256(der).hexdigest(),
        )


def is_final(crl: PublishedCrl | None) -> bool:
    """Whether a CA has said its last word: it issues and revokes nothing any more."""
    return crl is not None and crl.next_update == NEVER


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    """Counts too: what was on hold and is revoked now keeps its date."""
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return None


def _encoded(entry: RevokedEntry) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(serial_number=entry.serial).revocation_date(entry.revoked_at)
    if entry.reason is not None:
        builder = builder.add_extension(x509.CRLReason(entry.reason), critical=False)
    if entry.invalidity_date is not None:
        builder = builder.add_extension(x509.InvalidityDate(entry.invalidity_date), critical=False)
    return builder.build()
