"""What issuing needs of others, in issuing's words.

A method that changes something commits the change and its audit entry in one transaction before it returns.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from cryptography import x509

from ca.model import IssuedCertificate, KeptAnswer, PresignedAnswer, PublishedCrl, RevokedEntry, TimestampRecord


class CertificateLog(Protocol):
    """The only code that writes certificate rows."""

    def reserve(self, *, serial: int, issuer_id: str, profile: str, subject: str, actor: str, at: datetime) -> None:
        """State `reserved`, under a unique index on (issuer, serial): a serial is never used twice.

        This and every other move raises `LogRefused` where `CertificateState.may_become` says no.
        """
        ...

    def record_intent(self, *, serial: int, issuer_id: str, tbs: bytes, linters: str, at: datetime) -> None:
        """`reserved -> prepared`: the to-be-signed bytes, before the CA key signs them."""
        ...

    def record_issued(self, *, serial: int, issuer_id: str, certificate: x509.Certificate, at: datetime) -> None:
        """`prepared -> issued`, with the certificate, its validity and the SHA-256 of its public key."""
        ...

    def abandon(self, *, serial: int, issuer_id: str, why: str, at: datetime) -> None:
        """`reserved | prepared -> abandoned`; what was prepared gets `revoked_at = at`, for a signature may exist."""
        ...

    def abandon_stale(self, *, before: datetime, at: datetime) -> int:
        """Abandon what is reserved or prepared and was reserved before `before`; returns how many."""
        ...

    def revoke(
        self,
        *,
        serial: int,
        issuer_id: str,
        reason: x509.ReasonFlags | None,
        invalidity_date: datetime | None,
        actor: str,
        at: datetime,
    ) -> IssuedCertificate:
        """`issued | held -> revoked`. Revoking again changes nothing and returns the row as it is.

        Raises `RevocationRefused` for a serial that was never issued.
        """
        ...

    def hold(self, *, serial: int, issuer_id: str, actor: str, at: datetime) -> IssuedCertificate:
        """`issued -> held`, with reason certificateHold. Holding again changes nothing and returns the row as it is.

        Raises `RevocationRefused` for a serial that was never issued, and for a revoked one.
        """
        ...

    def release(self, *, serial: int, issuer_id: str, actor: str, at: datetime) -> IssuedCertificate:
        """`held -> issued`: time, reason and invalidity date go. Raises `RevocationRefused` for what is not held."""
        ...

    def raise_to_key_compromise(
        self, *, serial: int, issuer_id: str, invalidity_date: datetime | None, actor: str, at: datetime
    ) -> IssuedCertificate:
        """What is revoked gets the reason keyCompromise and keeps its time; raised again, nothing changes.

        Raises `RevocationRefused` for what is not revoked.
        """
        ...

    def find(self, *, serial: int, issuer_id: str) -> IssuedCertificate | None: ...

    def of_key(self, spki_sha256: str) -> IssuedCertificate | None:
        """The certificate that this public key has, whatever its state."""
        ...

    def is_key_known(self, spki_sha256: str) -> bool:
        """Whether this public key was ever certified."""
        ...

    def standing(self, issuer_id: str, *, at: datetime) -> bool:
        """Whether a certificate, other than an OCSP responder's, is issued or held, and not ended at `at` (aware); or
        is in the making."""
        ...

    def revoked(self, issuer_id: str) -> Iterable[RevokedEntry]:
        """Everything that belongs on the CRL, sorted by serial: revoked, held, and abandoned *intents*."""
        ...


class CrlStore(Protocol):
    """CRLs by number; the newest one is the current one."""

    def next_number(self, issuer_id: str) -> int:
        """Strictly growing, also when two ask at once."""
        ...

    def publish(self, crl: PublishedCrl, *, at: datetime) -> None: ...

    def current(self, issuer_id: str) -> PublishedCrl | None: ...


class OcspAnswerStore(Protocol):
    """Answers signed before they are asked for. The certificate log forgets those of a certificate in the very
    transaction that changes its status, so what is found here is never out of date."""

    def find(self, *, issuer_id: str, serial: int, hash_name: str) -> KeptAnswer | None: ...

    def keep(self, answers: Sequence[PresignedAnswer]) -> int:
        """Store or replace them; an answer whose certificate no longer stands as in its row is left out. How many."""
        ...

    def due(self, *, issuer_id: str, before: datetime, at: datetime, limit: int) -> list[int]:
        """Serials, at most `limit`, of certificates that are issued, held or revoked, not expired at `at`, and lack
        an answer made after `before`."""
        ...


class TimestampLog(Protocol):
    """Every token, before its release; serials are unique."""

    def record(self, record: TimestampRecord) -> None: ...

    def count(self, tsu_id: str) -> int:
        """How many tokens that unit has made."""
        ...
