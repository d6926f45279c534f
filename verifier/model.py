"""The nouns of judging, in the words of EN 319 102-1. All frozen, keyword-only; times are aware and in UTC."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Never


class Indication(Enum):
    """EN 319 102-1, clause 5.1.3, table 5; `NO_SIGNATURE` and `UNREADABLE` are ours, for files without a verdict."""

    TOTAL_PASSED = "TOTAL-PASSED"
    TOTAL_FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"
    NO_SIGNATURE = "NO-SIGNATURE"
    UNREADABLE = "UNREADABLE"


class SubIndication(Enum):
    """Why a signature did not pass (EN 319 102-1, table 6). Closed; the wire name is the member's name."""

    FORMAT_FAILURE = auto(), Indication.TOTAL_FAILED
    HASH_FAILURE = auto(), Indication.TOTAL_FAILED
    SIG_CRYPTO_FAILURE = auto(), Indication.TOTAL_FAILED
    REVOKED = auto(), Indication.TOTAL_FAILED
    EXPIRED = auto(), Indication.TOTAL_FAILED
    NOT_YET_VALID = auto(), Indication.TOTAL_FAILED
    DOCUMENT_CHANGED = auto(), Indication.TOTAL_FAILED
    """Ours: the signed bytes hold, and a later revision changed what the policy does not allow."""
    SIG_CONSTRAINTS_FAILURE = auto(), Indication.INDETERMINATE
    CHAIN_CONSTRAINTS_FAILURE = auto(), Indication.INDETERMINATE
    CERTIFICATE_CHAIN_GENERAL_FAILURE = auto(), Indication.INDETERMINATE
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = auto(), Indication.INDETERMINATE
    NO_SIGNING_CERTIFICATE_FOUND = auto(), Indication.INDETERMINATE
    NO_CERTIFICATE_CHAIN_FOUND = auto(), Indication.INDETERMINATE
    REVOKED_NO_POE = auto(), Indication.INDETERMINATE
    OUT_OF_BOUNDS_NO_POE = auto(), Indication.INDETERMINATE
    REVOCATION_OUT_OF_BOUNDS_NO_POE = auto(), Indication.INDETERMINATE
    NO_POE = auto(), Indication.INDETERMINATE
    TIMESTAMP_ORDER_FAILURE = auto(), Indication.INDETERMINATE
    TRY_LATER = auto(), Indication.INDETERMINATE
    UNSUPPORTED = auto(), Indication.INDETERMINATE
    """Ours: an algorithm or a format that this version does not judge; never "broken"."""
    PASSWORD_NEEDED = auto(), Indication.INDETERMINATE
    """Ours: the file opens with a password alone, and none was given."""
    PASSWORD_WRONG = auto(), Indication.INDETERMINATE
    """Ours: the password that was given does not open the file."""

    def __init__(self, _: int, indication: Indication) -> None:
        self.indication = indication  # a reason and its verdict cannot disagree


class SignatureKind(Enum):
    """What kind of act a signature field holds."""

    SIGNATURE = "signature"
    DOCUMENT_TIMESTAMP = "document-timestamp"


class ChangeKind(Enum):
    """What a later revision did, as far as the policy names it."""

    VALIDATION_DATA = "validation-data"
    DOCUMENT_TIMESTAMP = "document-timestamp"
    SIGNATURE = "signature"
    FORM_FILLING = "form-filling"
    ANNOTATION = "annotation"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """What came after a signature, in one later revision."""

    revision: int
    """From 1 (the first revision of the file)."""
    kind: ChangeKind
    allowed: bool
    page: int | None
    """From 1, where the change is on a page."""
    detail: str
    """One technical sentence; may quote the file, so escape it."""
    field: str | None = None
    """Full name of the form field, where it is one: a stranger's text, so escape it."""
    needs_passing: bool = False
    """Allowed only if the signature in `field` passes itself: a new stamp on a certified document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSummary:
    """What people are told of a certificate."""

    subject: str
    """Common name, else the whole name."""
    organisation: str | None
    issuer: str
    serial: str
    """Hex."""
    not_before: datetime
    not_after: datetime
    legal_person: bool = False
    """Whether its subject is a body: it has the body's identifier, and nothing of a person (EN 319 412-3, 4.2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampReport:
    """A timestamp over a signature, judged."""

    time: datetime
    authority: str
    trusted: bool
    detail: str
    chain: tuple[bytes, ...] = ()
    """Certificates of the path to the anchor, DER, leaf first; empty where there is none."""
    good_until: datetime | None = None
    """When its chain or one of its algorithms ends, by the policy; present exactly when it is trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFacts:
    """What a signature field says of itself, judged or not."""

    subfilter: str
    byte_range: tuple[int, ...]
    container_sha256: str
    """Of the CMS without its padding, hex."""
    digest: str | None = None
    """Name of the digest algorithm (`sha256` …); this and what follows is `None` where it cannot be read."""
    signed_digest: bytes | None = None
    """Digest of the covered bytes, as it was signed."""
    value: bytes | None = None
    """The signature value."""
    certificate: bytes | None = None
    """Of the signer, DER."""
    token_sha256: str | None = None
    """Of the signature timestamp that the report shows, hex."""
    stated_at: datetime | None = None
    """/M of the signature dictionary; proves nothing. `None` also for a time without its zone."""
    reason: str | None = None
    """/Reason, cut at `LONGEST_TEXT` characters: a stranger's text, so escape it. Absent when empty."""
    location: str | None = None
    """/Location, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """What one policy makes of one signature, as of one time."""

    field_name: str
    """Full name of the signature field as the file has it: a stranger's text, so escape it on every page."""
    kind: SignatureKind
    revision: int
    """The revision of the file that this signature covers, from 1."""
    covers_whole_file: bool
    indication: Indication
    reason: SubIndication | None
    """The first reason for not passing; `None` exactly when the signature passed."""
    detail: str
    """One technical sentence (English)."""
    level: str | None
    """`PAdES-B-B` … `PAdES-B-LTA`, or the other format met (`PKCS7` …)."""
    intact: bool
    """Digest and signature value hold for the signed bytes."""
    signer: CertificateSummary | None
    chain: tuple[str, ...]
    """Subjects of the path to the anchor, leaf first; empty where there is none."""
    anchor: str | None
    """Name of the trust anchor, where the chain ends at one."""
    claimed_at: datetime | None
    """What the signatory's computer said; proves nothing."""
    proven_at: datetime | None
    """Earliest time at which the signature is proven to exist. Never the signatory's own claim."""
    timestamp: TimestampReport | None
    revocation: str | None
    """Where the status came from: `crl`, `ocsp`, or `None` where none was found."""
    modifications: tuple[Modification, ...]
    certified: bool | None = None
    """Whether the anchor counts as *tersertifikasi*; `None` where the chain ends at none."""

    certificates: tuple[bytes, ...] = ()
    """The path of `chain`, DER, leaf first."""
    facts: SignatureFacts | None = None
    """`None` for a field whose value cannot even be read."""

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return self.indication is Indication.TOTAL_PASSED

    @property
    def is_seal(self) -> bool:
        """Whether a body sealed it: its certificate names the body alone, and no person is ever shown for it."""
        signer = self.signer
        if signer is None or signer.organisation is None:
            return False
        return signer.legal_person or signer.subject == signer.organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """What one policy makes of one file."""

    indication: Indication
    """The worst of the signatures, or why there is none."""
    reason: SubIndication | None
    detail: str
    policy: str
    """Name and version of the validation policy."""
    validated_at: datetime
    document_sha256: str
    document_size: int
    page_count: int | None
    revisions: int | None
    signatures: tuple[SignatureReport, ...]

    def __bool__(self) -> Never:
        raise TypeError("a report is neither true nor false: read .indication or .signatures")

    @property
    def passed_fields(self) -> frozenset[str]:
        """Names of the fields whose signature passed every check."""
        return frozenset(each.field_name for each in self.signatures if each.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAnchorEntry:
    """One anchor of a snapshot."""

    name: str
    certificate: bytes
    """DER."""
    certified: bool
    """Whether signatures under it count as *tersertifikasi* in Indonesia; never true for our own root."""
    purposes: frozenset[str]
    """Subset of `signature`, `timestamp`."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    historical: bool = False
    """Whether it counts only for what is proven to be older than now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSnapshot:
    """All that a validation may believe, as of a time. Plain data: it crosses into the worker process."""

    anchors: tuple[TrustAnchorEntry, ...]
    intermediates: tuple[bytes, ...]
    """Certificates, DER."""
    crls: tuple[bytes, ...]
    """CertificateList, DER: of our own CAs and of trusted issuers, fetched by a job from listed hosts."""
    ocsp_responses: tuple[bytes, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256, hex, over everything in it: the key of every cache."""
        digest = hashlib.sha256()
        for anchor in self.anchors:
            window = (anchor.valid_from, anchor.valid_until, anchor.historical)
            digest.update(repr((anchor.name, anchor.certified, sorted(anchor.purposes), *window)).encode())
            digest.update(anchor.certificate)
        for part in (*self.intermediates, b"|", *self.crls, b"|", *self.ocsp_responses):
            digest.update(hashlib.sha256(part).digest())
        return digest.hexdigest()


class Relation(Enum):
    """How an uploaded file stands to the register."""

    SAME_BYTES = "same-bytes"
    EXTENDS = "extends"
    NOT_REGISTERED = "not-registered"
