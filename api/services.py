"""What the faces need, as one record; `api/compose.py` fills it, and tests fill it with parts in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from api.alarms import Alarm
from api.auth import ClientStore
from api.batches.build import ClientBatches
from api.csc.ports import CscServices
from api.esign.build import Esign
from api.health import HealthCheck
from api.letters.build import Letters
from api.oauth.server import OAuthServices
from api.office.build import People
from api.office.handovers import HandoverOffice
from api.office.health import HealthOffice
from api.office.stamps import StampOffice
from api.settings import Settings
from ca.model import PublishedCrl
from signer.activation import ActivationRequest
from signer.activation_requests import Asked, WantedDocument
from signer.after import Standing
from signer.archive import ArchiveProgress, DocumentVersion, Raised
from signer.document import Document
from signer.events import Event, EventType
from signer.hooks.model import WebhookHealth
from signer.hooks.service import WebhookService
from signer.model import SignatureLevel, SignatureRecord, SignedDocument, SignRequest
from signer.timestamping import AuthorityCount
from signer.workflow import Flows
from verifier.model import Relation, ValidationReport


class Signing(Protocol):
    """`signer.service.SigningService`."""

    def sign(self, request: SignRequest, /) -> SignedDocument:
        """Sign one document; raises `signer.errors.SignerError`."""
        ...


class SignatureRegister(Protocol):
    """The reading half of `signer.ports.SignatureLog`."""

    def find(self, code: str, /) -> SignatureRecord | None:
        """By long token or short code, normalised."""
        ...

    def of_letter(self, client_id: str, external_id: str, /, *, after: str, limit: int) -> tuple[SignatureRecord, ...]:
        """That client's signings of what it calls so, with a long token above `after`, by token."""
        ...

    def of_request(self, request_key: str, /) -> SignatureRecord | None:
        """The signing of that request which did not fail."""
        ...


class Documents(Protocol):
    """The reading half of `signer.ports.DocumentVault`."""

    def get(self, sha256: str, /) -> bytes | None: ...

    def open(self, sha256: str, /) -> Document | None: ...


class VerifiedUpload(Protocol):
    """A file judged, and how it stands to the register."""

    @property
    def report(self) -> ValidationReport: ...

    @property
    def relation(self) -> Relation: ...

    @property
    def record(self) -> SignatureRecord | None:
        """The signing that the file is, or extends."""
        ...

    @property
    def standing(self) -> Standing:
        """What became of that letter."""
        ...


class VerifiedDigest(VerifiedUpload, Protocol):
    """Registered bytes judged, of which somebody sent the digest."""

    @property
    def newest(self) -> bool:
        """Whether no later version of the document is kept."""
        ...


class Verification(Protocol):
    """The judging of strangers' files."""

    def by_upload(self, pdf: bytes, password: str = "", /) -> VerifiedUpload:
        """Judge the bytes now, opened with `password` where they are encrypted. Nothing is kept.

        Raises `verifier.errors.VerifierError`.
        """
        ...

    def by_digest(self, sha256: str, /) -> "VerifiedDigest | None":
        """The registered bytes with this digest judged now; `None` where there are none. Raises likewise."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BothLanguages:
    """One sentence for people, in Indonesian and in English."""

    id: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A verdict in words, from the same catalogue as the public page."""

    state: str
    """Stable word of the headline, in kebab-case (`genuine`, `changed` ...)."""
    headline: BothLanguages
    sentence: BothLanguages


class Archive(Protocol):
    """Raising the level of signed documents; `signer.archive.ArchiveService` with its versions."""

    def raise_file(self, document: bytes, level: SignatureLevel, /, *, sha256: str, client_id: str) -> Raised:
        """A file raised; kept where the same client had it signed here. Raises `signer.errors.SignerError`."""
        ...

    def raise_registered(self, token: str, level: SignatureLevel, /, *, client_id: str) -> Raised:
        """The newest version of a signing raised and kept; likewise."""
        ...

    def versions(self, token: str, /) -> tuple[DocumentVersion, ...]:
        """Every version of one signing, the signed one first."""
        ...


class OcspAnswer(Protocol):
    """One OCSPResponse, and how long it may be kept (RFC 5019, 6)."""

    @property
    def der(self) -> bytes: ...

    @property
    def this_update(self) -> datetime | None:
        """Present exactly when the answer may be cached: pre-signed, without nonce, never `unknown`."""
        ...

    @property
    def next_update(self) -> datetime | None: ...


class OcspResponder(Protocol):
    """The OCSP responder; answers every input, garbage included, and raises nothing on purpose."""

    def respond(self, request: bytes, /) -> OcspAnswer: ...


class TimestampAuthority(Protocol):
    """The RFC 3161 authority; answers every input, with a refusal where it must."""

    def respond(self, request: bytes, /) -> bytes:
        """TimeStampReq in, TimeStampResp out (DER)."""
        ...


class PublishedCrls(Protocol):
    """The reading half of `ca.ports.CrlStore`."""

    def current(self, issuer_id: str, /) -> PublishedCrl | None: ...


class Events(Protocol):
    """The reading half of the events."""

    def page(
        self, client_id: str, /, *, after: str | None, types: Sequence[EventType], limit: int
    ) -> tuple[Event, ...]:
        """Events of this client behind the one with the id `after`, oldest first; raises `CursorUnknown`."""
        ...


class Requests(Protocol):
    """`signer.activation_requests.ActivationRequests`, and those for batches and steps."""

    def ask(self, client_id: str, credential_id: str, documents: tuple[WantedDocument, ...], /) -> Asked: ...

    def ask_batch(self, client_id: str, batch_id: str, /) -> Asked: ...

    def ask_step(self, client_id: str, flow_id: str, number: int, /) -> Asked: ...

    def asked_again(self, client_id: str, request_id: str, /) -> Asked | None: ...

    def receive(self, client_id: str, request_id: str, position: int, pdf: bytes, /) -> ActivationRequest: ...

    def read(self, client_id: str, request_id: str, /) -> ActivationRequest: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """How applications ask signatories for consent."""

    requests: Requests
    page_of: Callable[[str], str]
    """The address of a request's page by its link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that stands behind the doors."""

    settings: Settings
    now: Callable[[], datetime]
    """Aware, UTC."""
    random_bytes: Callable[[int], bytes]
    """Fit for secrets (`secrets.token_bytes`)."""
    signing: Signing
    signatures: SignatureRegister
    documents: Documents
    archive: Archive
    verification: Verification
    gateway_verification: Verification
    """The same, counted as the gateway's."""
    explain: Callable[[VerifiedUpload | None], Explanation]
    """In words; `None` is a digest that nobody registered."""
    clients: ClientStore
    oauth: OAuthServices
    """Who may act for whom, with which tokens."""
    receipt: Callable[[VerifiedUpload], bytes]
    """Of what was just judged: a sealed PDF. Raises `signer.errors.SignerError` and `verifier.errors.WorkerBusy`."""
    ocsp: OcspResponder
    tsa: TimestampAuthority
    crls: PublishedCrls
    flows: Flows
    """Documents of several signatories."""
    letters: Letters
    """What surrounds a signature."""
    events: Events
    """What became of each client's things."""
    webhooks: WebhookService
    """Where it is delivered."""
    certificates: Mapping[str, bytes]
    """The certificates of our own CAs by their id, DER."""
    checks: tuple[HealthCheck, ...] = ()
    alarms: Callable[[], Iterable[Alarm]] = tuple
    """What is raised now, for the metrics."""
    timestamping: Callable[[], Iterable[AuthorityCount]] = tuple
    """What became of asking each time-stamping authority, for the metrics."""
    archive_progress: Callable[[], ArchiveProgress | None] = lambda: None
    """Where the archive stands, for the metrics."""
    webhook_health: Callable[[], WebhookHealth | None] = lambda: None
    """How delivery goes, for staff and for the metrics."""
    gate_counters: Callable[[], Mapping[str, float]] = field(default=dict)
    """What the HSM gate counts, by name."""
    batches: ClientBatches | None = None
    """Many documents under one consent; `None` in a process that does not serve them."""
    consent: Consent | None = None
    """`None` in a process that does not sign."""
    esign: Esign | None = None
    """What the gateway needs; `None` in a process that does not serve it."""
    csc: CscServices | None = None
    """Remote signing for the CSC API; `None` in a process that does not serve it."""
    health: HealthOffice | None = None
    """How the service stands, for administrators; `None` where nobody serves them."""
    stamps: StampOffice | None = None
    """Stamp templates, for administrators; likewise."""
    handovers: HandoverOffice | None = None
    """Steps handed over by administrators with a second person; `None` in a process that does not serve them."""
    people: People | None = None
    """The registration office and what belongs to it; `None` in a process that does not serve it."""
