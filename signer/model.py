"""The nouns of signing. All frozen, all keyword-only; times are aware and in UTC, lengths in PDF points."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from signer.document import Content, Document


class SignatureLevel(Enum):
    """PAdES baseline level (EN 319 142-1, clause 6)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"

    @property
    def needs_timestamp(self) -> bool:
        """Whether the signature carries a timestamp token."""
        return self is not SignatureLevel.B_B

    @property
    def needs_validation_data(self) -> bool:
        """Whether certificates and revocation status go into the DSS."""
        return self in (SignatureLevel.B_LT, SignatureLevel.B_LTA)


class CredentialState(Enum):
    """Where a credential stands. Expired is computed from the certificate, never stored."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    RETIRED = "retired"
    AWAITING_CERTIFICATE = "awaiting certificate"
    """The key exists and its CSR was handed out; the answer of another issuer may take days."""


class SigningState(Enum):
    """Where one signing stands in the log."""

    RESERVED = "reserved"
    SIGNED = "signed"
    FAILED = "failed"


class SigningAct(Enum):
    """What one official does to a document. Initials are never called a signature."""

    SIGNATURE = "signature"
    INITIALS = "initials"
    """*Paraf*."""


class Certify(Enum):
    """How much may change after a certification: `/P` of DocMDP (ISO 32000-2, table 257)."""

    NO_CHANGES = 1
    FORMS_AND_SIGNATURES = 2
    ANNOTATIONS_TOO = 3


class LockAction(Enum):
    """Which form fields a signature locks (ISO 32000-2, table 259)."""

    ALL = "all"
    INCLUDE = "include"
    EXCLUDE = "exclude"


class Secrecy(Enum):
    """*Sifat* of a letter; rules what the public page may show."""

    BIASA = "biasa"
    TERBATAS = "terbatas"
    RAHASIA = "rahasia"
    SANGAT_RAHASIA = "sangat rahasia"


class Urgency(Enum):
    """*Derajat* of a letter."""

    BIASA = "biasa"
    SEGERA = "segera"
    SANGAT_SEGERA = "sangat segera"


class Secret:
    """A text that must never be shown: passphrase, PIN. Its `repr` and `str` say nothing."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; call it only where it is used up."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"


ROTATION = "key-rotation"
"""The actor of a key that was moved to a newer KEK or pepper."""
SEAL_PREFIX = "seal-"
"""What the signatory's id of an organisation's seal begins with; no base32 does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """The person who signs: an official. No NIK and no NIP here, nor anything computed from them."""

    id: str
    """Opaque and random (base32, at least 80 bits), stable over renewals; ends in the subject's serialNumber."""
    name: str
    """Full legal name as recorded, at most 64 characters; never split by software."""
    organisation: str
    """Official name of the government body (O)."""
    organisation_identifier: str
    """`VATID-<NPWP>` or `NTRID-…` (EN 319 412-1, clause 5.1.4)."""
    unit: str | None = None
    """Organisational unit (OU)."""
    surname: str | None = None
    """Only where a registration officer filled it on purpose."""

    @property
    def is_seal(self) -> bool:
        """Whether this is the seal of an organisation, and nobody."""
        return self.id.startswith(SEAL_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKey:
    """An official's private key as the database holds it: wrapped by the HSM, then sealed by the passphrase."""

    key_id: str
    signatory_id: str
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""
    sealed: bytes
    """AES-256-GCM of the wrapped key, tag included."""
    nonce: bytes
    salt: bytes
    argon2_memory_kib: int
    argon2_passes: int
    argon2_lanes: int
    layer_version: int
    pepper_label: str
    kek_label: str
    wrap_mechanism: int
    """PKCS#11 number of the mechanism that wrapped it (0x210A on SoftHSM)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Key, certificate chain, owner and state (CSC API v2, 11.4)."""

    id: str
    signatory: Signatory
    key: SealedKey
    chain: tuple[x509.Certificate, ...]
    """Signatory's certificate first, then its issuers up to and including the root; empty while it is awaited."""
    state: CredentialState
    failed_attempts: int = 0
    """Wrong passphrases since the last right one."""
    locked_until: datetime | None = None

    @property
    def certificate(self) -> x509.Certificate:
        """The signatory's own certificate."""
        return self.chain[0]

    @property
    def is_seal(self) -> bool:
        """Whether it is an organisation's: no person signs with it, and no passphrase opens it."""
        return self.signatory.is_seal


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenKey:
    """A credential whose key the passphrase has opened. For one activation, in one request; never kept."""

    credential: Credential
    key: ec.EllipticCurvePrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAs:
    """In which office somebody signs; copied at signing time, because offices change."""

    office: str | None = None
    """*Jabatan*, e.g. `Kepala Dinas Contoh`."""
    agency: str | None = None
    rank: str | None = None
    on_behalf: str | None = None
    """The form printed above the office, lines parted by semicolons: `Plt.`, `a.n. Gubernur Bali; Sekretaris Daerah;
    u.b.` (`signer/on_behalf.py`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterMetadata:
    """What the calling system says about the document. All optional; shown in public only as secrecy allows."""

    external_id: str | None = None
    kind: str | None = None
    number: str | None = None
    subject: str | None = None
    secrecy: Secrecy = Secrecy.BIASA
    urgency: Urgency = Urgency.BIASA
    classification: str | None = None
    """*Klasifikasi*, e.g. `000.1.2`."""
    copies_to: tuple[str, ...] = ()
    """*Tembusan*; never on the public page."""
    valid_until: date | None = None
    """Last day on which the letter holds, as the office's calendar counts; for permits."""
    replaces: str | None = None
    """Verification code of the client's earlier letter that this one takes the place of."""
    preview: bool = True
    """Whether the public page may show the pages; only ever effective for `biasa`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What an application wants to be seen instead of a stamp of ours: it fills its box, on opaque white.

    Its box goes where the application says: over a tag exactly around the origin of its first glyph, and always moved
    onto the page as seen.
    """

    picture: bytes | None = field(default=None, repr=False)
    """PNG or JPEG."""
    qr: str | None = None
    """What a QR says where there is no picture; `None`: the address at which the signing is verified."""
    text: str | None = None
    """Beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StampPlacement:
    """Where the visible stamp goes: a box in PDF points on one page, origin at the lower left of the page as seen.

    The box is given by `x` and `y`, or by `tag`, or by `field_name`, or by `box`; by none of them, it is in the lower
    right corner, inside the margin.
    """

    page: int | None = None
    """From 1; from the end when negative (-1 is the last page). `None`: the last page, or whichever has the tag."""
    x: float | None = None
    """Left edge."""
    y: float | None = None
    tag: str | None = None
    """A text of the document, over which the stamp is centred."""
    occurrence: int | None = None
    """Which of several places of the tag, from 1 or from the end; `None`: there has to be exactly one."""
    field_name: str | None = None
    """An empty signature field, whose rectangle is kept; its full name."""
    box: str | None = None
    """The name of a saved box."""
    width: float | None = None
    """Of the box that the stamp is fitted into; `None`: the template's own size."""
    height: float | None = None
    template: str | None = None
    """Which stamp is drawn; `None`: the agency's, or the default."""
    mark: Mark | None = None
    """Drawn instead of a template; then `width` and `height` are the box itself."""
    from_top: bool = False
    """Whether `y` counts down from the upper edge of the page, to the upper edge of the box; of a mark alone."""
    nip: str | None = field(default=None, repr=False)
    """Printed under the name where the letter's form asks for it; in the document and nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundText:
    """One place of a text on a page; coordinates in the page's default user space (ISO 32000-2, 8.3.2.3)."""

    page_index: int
    """From 0."""
    origin: tuple[float, float]
    """Where the first glyph stands: its left edge on the baseline."""
    box: tuple[float, float, float, float]
    """Left, bottom, right, top of the whole text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLock:
    """Form fields whose values stay as they are from this signature on."""

    action: LockAction
    fields: tuple[str, ...] = ()
    """Full names; for `include` those that are locked, for `exclude` those that are not."""
    closes: bool = False
    """Nothing but validation data and timestamps may follow (`/P 1` of the lock, ISO 32000-2, table 236)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStep:
    """Which step of a document with several signatories a signing is. Each place is taken once."""

    flow_id: str
    number: int
    revision: int
    """How many steps were signed before: two cannot both sign the document as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningTerms:
    """Who signs, how, and what is said about it."""

    credential_id: str
    client_id: str
    """The application that asks; consent is bound to it."""
    level: SignatureLevel = SignatureLevel.B_LT
    stamp: StampPlacement | None = None
    """`None`: an invisible signature."""
    footer: str | None = None
    """Template of a mark on every page, drawn before the first signature; `*`: the agency's; `None`: none."""
    reason: str | None = None
    location: str | None = None
    signed_as: SignedAs = field(default_factory=SignedAs)
    letter: LetterMetadata = field(default_factory=LetterMetadata)
    act: SigningAct = SigningAct.SIGNATURE
    certify: Certify | None = None
    """Only for the first signature of a document."""
    lock: FieldLock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningTask(SigningTerms):
    """One document to be signed by one credential, whoever opens its key."""

    document: Content
    flow: FlowStep | None = None
    request_key: str | None = None
    """A name of this request (hex): under the same name nothing is ever signed twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignRequest(SigningTask):
    """The same with the passphrase beside it."""

    passphrase: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationCode:
    """The random names of one signing: a long one for the QR, a short one for people to type."""

    token: str
    """26 characters of Crockford base32: 130 random bits."""
    short: str
    """10 characters from an alphabet without look-alikes; printed in two groups of five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIntent:
    """What is written down before a key is used; from here on a crash leaves a trace."""

    code: VerificationCode
    credential_id: str
    client_id: str
    signatory_name: str
    certificate_serial: int
    input_sha256: str
    """Hex digest of the document as it came in."""
    level: SignatureLevel
    signed_as: SignedAs
    letter: LetterMetadata
    reserved_at: datetime
    act: SigningAct = SigningAct.SIGNATURE
    flow: FlowStep | None = None
    request_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningOutcome:
    """How a reserved signing ended: signed, or failed with a reason."""

    state: SigningState
    at: datetime
    document_sha256: str | None = None
    """Hex digest of the signed document in the vault; present exactly when signed."""
    document_size: int | None = None
    page_count: int | None = None
    field_name: str | None = None
    """Of the signature field; present where signed."""
    failure: str | None = None
    """A stable word and no secret; present exactly when failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRecord:
    """One signing as the log remembers it."""

    intent: SigningIntent
    outcome: SigningOutcome | None
    """`None` while it is only reserved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPlace:
    """Where a tag was found."""

    page: int
    """From 1."""
    matches: int
    """How many places of it there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDocument:
    """What the caller gets back."""

    document: Document
    record: SignatureRecord
    tag: TagPlace | None = None
    """Where its stamp went, if over a tag."""

    @property
    def pdf(self) -> bytes:
        """All of it in memory."""
        return self.document.content()


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """The signatory's consent, bound to one client, one credential and exactly these digests."""

    id: str
    credential_id: str
    client_id: str
    digests: frozenset[str]
    """SHA-256, hex, of the documents as they came in."""
    factors: tuple[str, ...]
    """What the signatory proved, e.g. `("passphrase",)`."""
    granted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequest:
    """What an issuer needs to certify an official."""

    csr: x509.CertificateSigningRequest
    signatory: Signatory


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationData:
    """Certificates and status that make a signature verifiable later (EN 319 142-1, 5.4: the DSS)."""

    certificates: tuple[x509.Certificate, ...]
    ocsp_responses: tuple[bytes, ...]
    """OCSPResponse, DER."""
    crls: tuple[bytes, ...]
    """CertificateList, DER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedField:
    """One signature or document timestamp as the verifier found it."""

    name: str
    is_timestamp: bool
    """Whether it is a document timestamp."""
    passed: bool
    awaits_status: bool
    """Whether nothing speaks against it but that its status is not known, or too old."""
    reason: str | None
    """The verifier's word for what speaks against it; `None` exactly when it passed."""
    level: SignatureLevel | None
    """By its form; `None` for document timestamps and what cannot be read."""
    chains: tuple[tuple[x509.Certificate, ...], ...]
    """Its own and that of its timestamp, as far as they end in an anchor; leaf first, anchor last."""
    good_until: datetime | None
    """When chain or algorithms of its timestamp end; `None` without a trusted one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDocument:
    """A signed document as the verifier found it."""

    passed: bool
    """Whether every signature in it passed every check."""
    reason: str | None
    """The verifier's word for the worst of it; `None` exactly when it passed."""
    page_count: int | None
    fields: tuple[JudgedField, ...]
    """In the order of their revisions."""

    @property
    def signatures(self) -> tuple[JudgedField, ...]:
        """Without the document timestamps."""
        return tuple(each for each in self.fields if not each.is_timestamp)

    @property
    def level(self) -> SignatureLevel | None:
        """The lowest of its signatures; `None` where one has none, or there is none."""
        levels = [each.level for each in self.signatures]
        return None if None in levels else min(levels, key=list(SignatureLevel).index, default=None)  # type: ignore[arg-type]  # no None is left

    @property
    def chains(self) -> tuple[tuple[x509.Certificate, ...], ...]:
        """All chains, each once."""
        return tuple(dict.fromkeys(chain for each in self.fields for chain in each.chains))

    @property
    def good_until(self) -> datetime | None:
        """By when something newer has to prove that it existed: the end of its newest document timestamp, or of the
        first of its signatures' timestamps where it has none."""
        newest = [each.good_until for each in self.fields if each.is_timestamp and each.good_until is not None]
        if newest:
            return newest[-1]
        ends = [each.good_until for each in self.signatures]
        return None if None in ends else min(ends, default=None)  # type: ignore[type-var]  # no None is left


@dataclass(frozen=True, slots=True, kw_only=True)
class StampedToken:
    """What one time-stamping authority answered, and who in it signed."""

    token: bytes
    """TimeStampToken (ContentInfo, DER), exactly as it came."""
    chain: tuple[x509.Certificate, ...]
    """The unit's certificate first, root last."""
