"""What signing needs of others, in signing's words; whoever fits, fits.

Every method may raise `signer.errors.Unavailable` (or a leaf) when its side does not answer. A method that changes
something commits the change and its audit entry together before it returns.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from signer.model import (
    Activation,
    CertificateRequest,
    Credential,
    CredentialState,
    SealedKey,
    Secret,
    SignatureRecord,
    SigningIntent,
    SigningOutcome,
    ValidationData,
    VerificationCode,
)

CsrMaker = Callable[[ec.EllipticCurvePrivateKey], x509.CertificateSigningRequest]


class KeyVault(Protocol):
    """Where officials' keys are made and used; they never leave it readable."""

    def generate(
        self, *, key_id: str, signatory_id: str, passphrase: Secret, make_csr: CsrMaker
    ) -> tuple[SealedKey, x509.CertificateSigningRequest]:
        """A new P-256 key, sealed under `passphrase`; `make_csr` is called while the key is live."""
        ...

    def open(self, key: SealedKey, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
        """A pyca key whose every `sign()` unwraps, signs and destroys in the HSM.

        Raises `signer.errors.PassphraseWrong` when the seal does not open (which is all that can be known).
        Costs one Argon2id run (64 MiB, tens to hundreds of ms); keep the result for one activation, never longer.
        """
        ...


class CertificateIssuer(Protocol):
    """Our own CA or a national one; signing cannot tell."""

    def issue(self, request: CertificateRequest) -> tuple[x509.Certificate, ...]:
        """The new chain, leaf first, root last. The leaf is published before this returns."""
        ...

    def revoke(self, certificate: x509.Certificate, *, reason: x509.ReasonFlags, actor: str) -> None:
        """Revoke a certificate that this issuer issued."""
        ...


class CredentialStore(Protocol):
    """What is remembered of officials and their keys."""

    def add(self, credential: Credential, *, actor: str, at: datetime) -> None: ...

    def get(self, credential_id: str) -> Credential | None: ...

    def set_state(self, credential_id: str, state: CredentialState, *, actor: str, at: datetime) -> None:
        """Suspend, resume, revoke or retire; refused moves raise `CredentialUnusable`."""
        ...

    def begin_attempt(self, credential_id: str, *, at: datetime) -> Credential:
        """Count one attempt *before* the passphrase is tried, so that parallel guesses are all counted.

        Raises `PassphraseLocked` (nothing counted) while the credential waits or is locked. The waits: from the 5th
        failure 1 minute, doubling to 1 hour; after 10 in a row the credential is suspended.
        """
        ...

    def clear_attempts(self, credential_id: str, *, at: datetime) -> None:
        """The passphrase was right: the counter starts anew."""
        ...


class ActivationStore(Protocol):
    """Consents, each used once for each of its digests."""

    def grant(self, activation: Activation) -> None: ...

    def redeem(self, activation_id: str, *, client_id: str, credential_id: str, digest: str, at: datetime) -> None:
        """Use the consent up for one digest in one conditional update; raises `ActivationRefused` otherwise."""
        ...


class SignatureLog(Protocol):
    """What must never be forgotten about a signing."""

    def reserve(self, intent: SigningIntent) -> None:
        """Before any key is used. From here on, a crash leaves a trace."""
        ...

    def record(self, code: VerificationCode, outcome: SigningOutcome) -> None:
        """A failure is an outcome too. Recording twice is an error, not an overwrite."""
        ...

    def find(self, code: str) -> SignatureRecord | None:
        """By long token or by short code (already normalised)."""
        ...

    def settle_abandoned(self, *, before: datetime, at: datetime) -> int:
        """Record as failed (`interrupted`) what was reserved before `before` and never ended; returns how many."""
        ...


class DocumentVault(Protocol):
    """Bytes by their SHA-256: created once, never changed, durable when `put` returns."""

    def put(self, content: bytes) -> str: ...

    def get(self, sha256: str) -> bytes | None:
        """The bytes, after their digest was computed again and found equal."""
        ...


class StatusSource(Protocol):
    """Fresh revocation status for our own signatures."""

    def status_for(self, chain: tuple[x509.Certificate, ...]) -> ValidationData:
        """Everything a verifier needs for each certificate of `chain` (leaf first, root last)."""
        ...


class Timestamper(Protocol):
    """One RFC 3161 authority."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The unit's certificate first, root last: their status belongs into the DSS as well."""
        ...

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        """A TimeStampToken (ContentInfo, DER) over `digest`, made with `algorithm` (`sha256` ...)."""
        ...
