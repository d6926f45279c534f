"""What signing needs of others, in signing's words; whoever fits, fits.

Every method may raise `signer.errors.Unavailable` (or a leaf) when its side does not answer. A method that changes
something commits the change and its audit entry together before it returns.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from signer.document import Content
from signer.model import (
    Activation,
    CertificateRequest,
    Credential,
    CredentialState,
    FoundText,
    JudgedDocument,
    SealedKey,
    Secret,
    SignatureRecord,
    SigningIntent,
    SigningOutcome,
    StampedToken,
    ValidationData,
    VerificationCode,
)
from signer.people import (
    Approval,
    ApprovalKind,
    ApprovalQuery,
    ApprovalState,
    NumberHashes,
    Official,
    OfficialQuery,
    Registration,
)

CsrMaker = Callable[[ec.EllipticCurvePrivateKey], x509.CertificateSigningRequest]


class KeyVault(Protocol):
    """Where officials' keys are made and used; they never leave it readable."""

    def generate(
        self, *, key_id: str, signatory_id: str, passphrase: Secret, make_csr: CsrMaker
    ) -> tuple[SealedKey, x509.CertificateSigningRequest]:
        """A new P-256 key, sealed under `passphrase`; `make_csr` is called while the key is live."""
        ...

    def require_ready(self) -> None:
        """Raises `KeyUnavailable` where no key could be opened now. Cheap; asked before an attempt is counted."""
        ...

    def open(self, key: SealedKey, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
        """A pyca key whose every `sign()` unwraps, signs and destroys in the HSM.

        Raises `signer.errors.PassphraseWrong` when the seal does not open (which is all that can be known).
        Costs one Argon2id run (64 MiB, tens to hundreds of ms); keep the result for one activation, never longer.
        """
        ...

    def sign_all(self, key: ec.EllipticCurvePrivateKey, digests: Sequence[bytes]) -> tuple[bytes, ...]:
        """Signature values (DER) over SHA-256 `digests`, in one turn with one unwrapping of an open `key`.

        Each was verified with the public key. Raises `KeyUnavailable`; none of the values is given out then.
        """
        ...

    def reseal(self, key: SealedKey, old: Secret, new: Secret) -> SealedKey:
        """The same key sealed under `new`, with a new salt; raises `signer.errors.PassphraseWrong` for `old`.

        What is newest where keys live is used: this also moves an outdated key, with `new` the same as `old`.
        """
        ...

    def is_outdated(self, key: SealedKey) -> bool:
        """Whether it is sealed or wrapped under a secret that has a newer version; `reseal` moves it."""
        ...


class CertificateIssuer(Protocol):
    """Our own CA or a national one; signing cannot tell."""

    def issue(self, request: CertificateRequest) -> tuple[x509.Certificate, ...]:
        """The new chain, leaf first, root last; the leaf is published before this returns.

        Empty where the answer comes later: the request is kept, and the credential waits for its certificate.
        """
        ...

    def revoke(
        self,
        certificate: x509.Certificate,
        *,
        reason: x509.ReasonFlags,
        actor: str,
        invalid_since: datetime | None = None,
    ) -> None:
        """Revoke a certificate that this issuer issued; `invalid_since` (aware) with keyCompromise only."""
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

    def install(
        self,
        credential: Credential,
        *,
        replaces: str | None,
        ended: CredentialState,
        registration_id: str | None,
        actor: str,
        at: datetime,
    ) -> None:
        """A new credential in the place of an old one, in one transaction: the new one is added, the one that it
        `replaces` becomes `ended` and its sealed key is erased, the registration is completed.

        Raises `RegistrationRefused` where the registration is not approved (any more) and `CredentialUnusable` where
        the old one has ended otherwise: nothing changed then.
        """
        ...

    def reseal(self, credential_id: str, *, old: SealedKey, new: SealedKey, actor: str, at: datetime) -> None:
        """The same key under another passphrase; raises `CredentialUnusable` where `old` is not what is kept."""
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

    def put(self, content: Content) -> str: ...

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
    def name(self) -> str:
        """A stable word for logs and metrics."""
        ...

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The unit that will probably answer, its root last; empty where nobody knows yet."""
        ...

    def timestamp(self, digest: bytes, algorithm: str) -> StampedToken:
        """A token over `digest`, made with `algorithm` (`sha256` ...); raises `TimestampUnavailable`."""
        ...


class Judge(Protocol):
    """The verifier, as somebody sees it who keeps documents valid. It works in a process that can be killed."""

    def judge(self, document: bytes, *, known: ValidationData | None = None) -> JudgedDocument:
        """The document as it stands now, with `known` beside what the verifier knows itself."""
        ...

    def judge_alone(self, document: bytes) -> JudgedDocument:
        """The same by what the document carries and the anchors, and nothing else."""
        ...


class TextFinder(Protocol):
    """Reads the text of a stranger's pages, which is done in a process that can be killed."""

    def find(self, document: bytes, text: str) -> tuple[FoundText, ...]:
        """Every place of `text`, in the order of pages; raises `StampRefused` where the pages cannot be read."""
        ...


class ApprovalStore(Protocol):
    """What needs a second person. A refused decision or use is in the trail."""

    def add(self, approval: Approval) -> None: ...

    def get(self, approval_id: str) -> Approval | None: ...

    def decide(self, approval_id: str, state: ApprovalState, *, actor: str, note: str | None, at: datetime) -> Approval:
        """`proposed -> approved | rejected`, and the registrations that wait for it with it, in one transaction.

        Raises `ApprovalRefused` where it is unknown, decided already, expired, or `actor` proposed it: of two who
        decide at once, one is refused.
        """
        ...

    def use(self, approval_id: str, *, kind: ApprovalKind, object: str, actor: str, at: datetime) -> None:
        """`approved -> used`, where everything fits and `actor` proposed it; raises `ApprovalRefused` otherwise."""
        ...

    def waiting(self, *, at: datetime, after: str, limit: int) -> tuple[Approval, ...]:
        """Proposed and not expired at `at`, with an id above `after`, by id."""
        ...

    def search(self, query: ApprovalQuery, *, at: datetime) -> tuple[Approval, ...]:
        """At most `query.limit`, the newest first."""
        ...


class RegistrationStore(Protocol):
    """Requests for certificates, and the one-time links that lead to them."""

    def propose(self, registration: Registration, approval: Approval | None, numbers: NumberHashes) -> None:
        """Official (where new), registration and approval in one transaction.

        Raises `RegistrationRefused` where another official has one of the numbers, or where an open registration of
        the same official exists.
        """
        ...

    def get(self, registration_id: str) -> Registration | None: ...

    def list_open(self, *, after: str, limit: int) -> tuple[Registration, ...]:
        """Proposed or approved, with an id above `after`, by id."""
        ...

    def of(self, signatory_id: str, *, limit: int) -> tuple[Registration, ...]:
        """Every registration of one official, the newest first."""
        ...

    def links(self, registration_ids: Collection[str], *, at: datetime) -> Mapping[str, datetime]:
        """Until when the unused link of each of them is good; those without one are absent."""
        ...

    def issue_link(
        self, registration_id: str, token_sha256: str, *, expires_at: datetime, actor: str, at: datetime
    ) -> None:
        """A new link in place of every earlier one; raises `RegistrationRefused` unless it is approved."""
        ...

    def find_link(self, token_sha256: str, *, at: datetime) -> Registration | None:
        """The approved registration behind a link that is neither used nor expired."""
        ...

    def claim_link(self, token_sha256: str, *, at: datetime) -> Registration:
        """Use the link up, in one conditional update; raises `LinkRefused` otherwise."""
        ...

    def return_link(self, token_sha256: str, *, at: datetime) -> None:
        """What the link was claimed for did not happen, and that was not its holder's doing."""
        ...


class OfficialStore(Protocol):
    """Officials, to be found."""

    def get(self, signatory_id: str) -> Official | None: ...

    def find_by_number(self, *, nik: str | None = None, nip: str | None = None) -> Official | None:
        """By the keyed hash of one of the numbers."""
        ...

    def search(self, query: OfficialQuery, *, at: datetime) -> tuple[Official, ...]:
        """At most `query.limit`, by folded name, then id; `at` decides who has expired."""
        ...
