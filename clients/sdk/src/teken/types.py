"""What is sent and answered, as the OpenAPI document has it. Written by `generate.py`; do not edit."""

from __future__ import annotations  # bodies name each other in any order

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from msgspec import field

from teken.core.wire import Body, Word


class SignatureLevel(Word):
    """PAdES baseline level (EN 319 142-1, clause 6)."""

    B_B = "B-B"
    B_LT = "B-LT"
    B_LTA = "B-LTA"
    B_T = "B-T"


Certify = Literal[1, 2, 3]
"""How much may change after a certification: `/P` of DocMDP (ISO 32000-2, table 257)."""


class LockAction(Word):
    """Which form fields a signature locks (ISO 32000-2, table 259)."""

    ALL = "all"
    EXCLUDE = "exclude"
    INCLUDE = "include"


class Secrecy(Word):
    """*Sifat* of a letter; rules what the public page may show."""

    BIASA = "biasa"
    RAHASIA = "rahasia"
    SANGAT_RAHASIA = "sangat rahasia"
    TERBATAS = "terbatas"


class Urgency(Word):
    """*Derajat* of a letter."""

    BIASA = "biasa"
    SANGAT_SEGERA = "sangat segera"
    SEGERA = "segera"


class SigningState(Word):
    """Where one signing stands in the log."""

    FAILED = "failed"
    RESERVED = "reserved"
    SIGNED = "signed"


class Indication(Word):
    """EN 319 102-1, clause 5.1.3, table 5; `NO_SIGNATURE` and `UNREADABLE` are ours, for files without a verdict."""

    INDETERMINATE = "INDETERMINATE"
    NO_SIGNATURE = "NO-SIGNATURE"
    TOTAL_FAILED = "TOTAL-FAILED"
    TOTAL_PASSED = "TOTAL-PASSED"
    UNREADABLE = "UNREADABLE"


class Relation(Word):
    """How an uploaded file stands to the register."""

    EXTENDS = "extends"
    NOT_REGISTERED = "not-registered"
    SAME_BYTES = "same-bytes"


class StandingWord(Word):
    """How a letter stands; the first that is true, in this order."""

    EXPIRED = "expired"
    REPLACED = "replaced"
    STANDS = "stands"
    WITHDRAWN = "withdrawn"


class SignatureKind(Word):
    """What kind of act a signature field holds."""

    DOCUMENT_TIMESTAMP = "document-timestamp"
    SIGNATURE = "signature"


class SigningAct(Word):
    """What one official does to a document. Initials are never called a signature."""

    INITIALS = "initials"
    SIGNATURE = "signature"


class ChangeKind(Word):
    """What a later revision did, as far as the policy names it."""

    ANNOTATION = "annotation"
    DOCUMENT_TIMESTAMP = "document-timestamp"
    FORM_FILLING = "form-filling"
    OTHER = "other"
    SIGNATURE = "signature"
    VALIDATION_DATA = "validation-data"


class ActivationKind(Word):
    """What a request is about."""

    BATCH = "batch"
    DOCUMENTS = "documents"
    HASHES = "hashes"
    STEP = "step"


class WithdrawalReason(Word):
    """Why a letter is withdrawn. Told to its client and to the audit trail, never to the public."""

    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"
    ORDERED = "ordered"
    OTHER = "other"
    WRONG_CONTENT = "wrong-content"
    WRONG_SIGNATORY = "wrong-signatory"


class FlowState(Word):
    """How far a flow has come."""

    CANCELLED = "cancelled"
    COMPLETED = "completed"
    OPEN = "open"


class HolderKind(Word):
    """Whose a certificate is."""

    OFFICIAL = "official"
    SEAL = "seal"


class EventType(Word):
    """What happened. A word once used keeps its meaning; new ones may come, and receivers ignore what they do not know.
    In the order of the page that explains them."""

    ACTIVATION_APPROVED = "activation.approved"
    ACTIVATION_DENIED = "activation.denied"
    ACTIVATION_ENDED = "activation.ended"
    ACTIVATION_EXPIRED = "activation.expired"
    BATCH_CANCELLED = "batch.cancelled"
    BATCH_FINISHED = "batch.finished"
    BATCH_ITEM_FAILED = "batch.item-failed"
    CERTIFICATE_ISSUED = "certificate.issued"
    CERTIFICATE_RESUMED = "certificate.resumed"
    CERTIFICATE_REVOKED = "certificate.revoked"
    CERTIFICATE_SUSPENDED = "certificate.suspended"
    FLOW_CANCELLED = "flow.cancelled"
    FLOW_FINISHED = "flow.finished"
    FLOW_STEP_DONE = "flow.step-done"
    FLOW_STEP_HANDED_OVER = "flow.step-handed-over"
    LETTER_EXPIRED = "letter.expired"
    LETTER_REPLACED = "letter.replaced"
    LETTER_WITHDRAWN = "letter.withdrawn"
    SEAL_ACTIVATED = "seal.activated"
    SEAL_ENDED = "seal.ended"
    SIGNATURE_FAILED = "signature.failed"
    SIGNATURE_RAISED = "signature.raised"
    SIGNATURE_RENEWED = "signature.renewed"
    SIGNATURE_SIGNED = "signature.signed"
    WEBHOOK_TEST = "webhook.test"


class WebhookState(Word):
    """Whether anything is delivered."""

    ACTIVE = "active"
    FAILING = "failing"
    PAUSED = "paused"


class DeliveryState(Word):
    """Where the delivery of one event stands."""

    DELIVERED = "delivered"
    FAILED = "failed"
    WAITING = "waiting"


class ItemState(Word):
    """Where one document of a batch stands."""

    CANCELLED = "cancelled"
    FAILED = "failed"
    FINISHED = "finished"
    PREPARED = "prepared"
    RECEIVED = "received"
    RESERVED = "reserved"
    SIGNED = "signed"


class BatchState(Word):
    """Where a batch stands as a whole."""

    CANCELLED = "cancelled"
    CLOSED = "closed"
    COMPLETED = "completed"
    OPEN = "open"


class StatusWord(Word):
    """Where an official stands, in the words that e-offices know (gateway contract, 4.3)."""

    EXPIRED = "EXPIRED"
    ISSUE = "ISSUE"
    NEW = "NEW"
    NOT_REGISTERED = "NOT_REGISTERED"
    NO_CERTIFICATE = "NO_CERTIFICATE"
    RENEW = "RENEW"
    REVOKE = "REVOKE"
    SUSPEND = "SUSPEND"
    WAITING_FOR_VERIFICATION = "WAITING_FOR_VERIFICATION"


class ActingForm(Word):
    """How one acts in an office (Permendagri 1/2023)."""

    PJ = "pj"
    PJS = "pjs"
    PLH = "plh"
    PLT = "plt"


class Problem(Body, frozen=True, kw_only=True):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    """What was wrong this time; absent where it is our fault."""
    field: str | None = None
    """The part of the request to change."""
    reason: str | None = None
    """Stable word for machines."""
    next_step: str
    """What to do now."""
    request_id: str


class SignBody(Body, frozen=True, kw_only=True):
    """Who signs, how, and what the letter is."""

    _masked = frozenset(["passphrase"])

    credential: str
    """The signatory's credential."""
    passphrase: str
    """The signatory's passphrase; used once and kept nowhere."""
    level: SignatureLevel | None = None
    """PAdES level; where absent that of the letter's kind, else the service's default."""
    stamp: StampBody | None = None
    """Absent or null: an invisible signature."""
    footer: str | None = None
    """A mark on every page, before the first signature: a template's name, or * for the agency's."""
    reason: str | None = None
    """Why it is signed; ends in the PDF."""
    location: str | None = None
    """Where it is signed; ends in the PDF."""
    certify: Certify | None = None
    """DocMDP of a first signature: 1 no changes, 2 forms and signatures, 3 annotations too."""
    lock: LockBody | None = None
    signed_as: SignedAsBody | None = None
    letter: LetterBody | None = None


class StampBody(Body, frozen=True, kw_only=True):
    """Where the visible stamp goes: a box in PDF points, origin at the lower left of the page as seen. Its place is
    named in one way: x and y, or tag, or field, or box; in none: the lower right corner."""

    page: int | None = None
    """From 1, or from the end when negative; absent: the last one, or whichever has the tag."""
    x: float | None = None
    """Left edge."""
    y: float | None = None
    """Lower edge."""
    tag: str | None = None
    """A text of the document; the stamp is centred over it."""
    occurrence: int | None = None
    """Which of several places of the tag; absent: it has to be the only one."""
    field: str | None = None
    """An empty signature field, whose rectangle and lock are kept."""
    box: str | None = None
    """A saved box."""
    width: float | None = None
    """Of the box; absent: the stamp's own."""
    height: float | None = None
    """Of the box; absent: the stamp's own."""
    template: str | None = None
    """Which stamp; absent: the agency's, or the default."""
    nip: str | None = None
    """18 digits, printed under the name and kept nowhere else; only where the letter's form asks."""


class LockBody(Body, frozen=True, kw_only=True):
    """Form fields whose values nobody changes any more (FieldMDP)."""

    action: LockAction
    fields: Sequence[str] = ()
    """Full names; those locked for include, those left open for exclude."""
    closes: bool = False
    """Only with all: nobody signs any more; validation data and timestamps may follow (P 1)."""


class SignedAsBody(Body, frozen=True, kw_only=True):
    """In which office somebody signs; printed in the stamp and kept with the signing."""

    office: str | None = None
    """Jabatan."""
    agency: str | None = None
    """Instansi."""
    rank: str | None = None
    """Pangkat."""
    on_behalf: str | None = None
    """The form above the office; several lines are parted by semicolons."""


class LetterBody(Body, frozen=True, kw_only=True):
    """What the calling system knows of the letter; shown in public only as its secrecy allows."""

    external_id: str | None = None
    """Your identifier."""
    kind: str | None = None
    """Jenis naskah."""
    number: str | None = None
    """Nomor surat."""
    subject: str | None = None
    """Hal."""
    secrecy: Secrecy = Secrecy.BIASA
    """Sifat."""
    urgency: Urgency = Urgency.BIASA
    """Derajat."""
    classification: str | None = None
    """Klasifikasi."""
    copies_to: Sequence[str] = ()
    """Tembusan; never public."""
    valid_until: date | None = None
    """Last day on which it holds, for permits."""
    replaces: str | None = None
    """Code of your earlier letter whose place it takes."""
    preview: bool = True
    """Whether the public page may show the pages."""


class RecordBody(Body, frozen=True, kw_only=True):
    """One signing as the register remembers it."""

    code: str
    """Long verification code."""
    short_code: str
    """The code that people type."""
    state: SigningState
    failure: str | None
    """Why it failed, a stable word; null unless it failed."""
    level: str
    """PAdES level."""
    credential: str
    signatory: str
    """Name in the certificate."""
    certificate_serial: str
    """Hexadecimal."""
    reserved_at: str
    ended_at: str | None
    """When it was signed or failed."""
    input_sha256: str
    """Digest of the document as it came in."""
    document_sha256: str | None
    """Digest of the signed document."""
    document_size: int | None
    """Bytes."""
    page_count: int | None
    external_id: str | None
    """Your own identifier, as you sent it."""
    links: RecordLinks


class RecordLinks(Body, frozen=True, kw_only=True):
    """Where to go from here; absolute addresses."""

    self: str
    document: str | None
    """The signed PDF; null while there is none."""
    page: str
    """The public page; the QR in the document leads to it."""


class IndexBody(Body, frozen=True, kw_only=True):
    """Where to go from here; absolute addresses."""

    service: str
    version: str
    links: Mapping[str, str]


class PassphraseRequest(Body, frozen=True, kw_only=True):
    """Another passphrase for the same key; both go through memory once and are kept nowhere."""

    _masked = frozenset(["passphrase", "new_passphrase"])

    credential: str
    passphrase: str
    """The one of today; a wrong one counts as when signing."""
    new_passphrase: str
    """The next one: 12 characters and more, not a common one."""


class PassphraseBody(Body, frozen=True, kw_only=True):
    """It was changed."""

    credential: str


class ReportBody(Body, frozen=True, kw_only=True):
    """What one policy makes of one file, as of one time."""

    indication: Indication
    reason: str | None
    """Sub-indication (EN 319 102-1, table 6); null exactly when passed."""
    detail: str
    """One technical sentence."""
    verdict: VerdictBody
    policy: str
    """Name and version of the validation policy."""
    validated_at: str
    document: ReportDocumentBody
    register: RegisterBody
    signatures: Sequence[SignatureBody]


class VerdictBody(Body, frozen=True, kw_only=True):
    """The verdict in words, the same as on the public page."""

    state: str
    """Stable word of the headline."""
    headline: SentenceBody
    sentence: SentenceBody


class SentenceBody(Body, frozen=True, kw_only=True):
    """One sentence for people."""

    id: str
    """Bahasa Indonesia."""
    en: str
    """English."""


class ReportDocumentBody(Body, frozen=True, kw_only=True):
    """The file that was judged."""

    sha256: str
    size: int
    page_count: int | None
    revisions: int | None


class RegisterBody(Body, frozen=True, kw_only=True):
    """What our register says of the file; it never makes a signature better."""

    relation: Relation
    code: str | None
    """Verification code of the registered document."""
    page: str | None
    """Its public page."""
    standing: LetterStandingBody | None
    """Whether the letter still holds; null where it is not registered."""


class LetterStandingBody(Body, frozen=True, kw_only=True):
    """What became of the letter, as far as its secrecy lets it be told."""

    state: StandingWord
    """withdrawn, replaced, expired or stands."""
    withdrawn_at: str | None
    replaced_by: str | None
    """Number of the letter that took its place."""
    valid_until: date | None


class SignatureBody(Body, frozen=True, kw_only=True):
    """What the policy makes of one signature."""

    field_name: str
    """As the file has it: a stranger's text, escape it."""
    kind: SignatureKind
    is_seal: bool
    """Whether it is the electronic seal (segel elektronik) of a body, and nobody's signature."""
    act: SigningAct | None
    """As our register has it; null for a file that it does not know."""
    revision: int
    covers_whole_file: bool
    indication: Indication
    reason: str | None
    """Sub-indication (EN 319 102-1, table 6); null exactly when passed."""
    explanation: ReasonBody | None
    """The reason in words; null exactly when passed."""
    detail: str
    level: str | None
    intact: bool
    """Digest and signature value hold for the signed bytes."""
    signer: ReportCertificateBody | None
    chain: Sequence[str]
    """Subjects up to the anchor, leaf first."""
    anchor: str | None
    claimed_at: str | None
    """What the signer's computer said; proves nothing."""
    proven_at: str | None
    """Earliest time at which the signature provably existed."""
    timestamp: TimestampBody | None
    revocation: str | None
    """Where the status came from: crl, ocsp, or null."""
    modifications: Sequence[ModificationBody]


class ReasonBody(Body, frozen=True, kw_only=True):
    """Why a signature did not pass, and what to do next."""

    sentence: SentenceBody
    next_step: SentenceBody


class ReportCertificateBody(Body, frozen=True, kw_only=True):
    """What is told of the signer's certificate."""

    subject: str
    organisation: str | None
    issuer: str
    serial: str
    """Hexadecimal."""
    not_before: str
    not_after: str


class TimestampBody(Body, frozen=True, kw_only=True):
    """A timestamp over the signature."""

    time: str
    authority: str
    trusted: bool
    detail: str


class ModificationBody(Body, frozen=True, kw_only=True):
    """What one later revision changed."""

    revision: int
    kind: ChangeKind
    allowed: bool
    page: int | None
    field: str | None
    """The form field, as the file has it: escape it."""
    sentence: SentenceBody
    """For people; names the field, so escape it."""
    detail: str
    """May quote the file: escape it before you show it."""


class DigestRequest(Body, frozen=True, kw_only=True):
    """Which bytes are meant."""

    sha256: str
    """Of the file, lower-case hexadecimal."""


class DigestBody(Body, frozen=True, kw_only=True):
    """What is known of a file by its digest. The kept bytes were judged now; nobody saw the caller's."""

    sha256: str
    register: RegisterBody
    newest: bool | None
    """Whether no later version is kept; null where the digest is not registered."""
    verdict: VerdictBody
    indication: Indication | None
    """Of the kept bytes; null where there are none."""
    reason: str | None
    """Sub-indication (EN 319 102-1, table 6); null exactly when passed."""
    policy: str | None
    validated_at: str | None


class AugmentBody(Body, frozen=True, kw_only=True):
    """To which level."""

    level: SignatureLevel
    """PAdES level: B-T, B-LT or B-LTA."""


class AskBody(Body, frozen=True, kw_only=True):
    """Whom a client asks, and for what."""

    credential: str
    """The signatory's credential."""
    documents: Sequence[WantedBody]
    """Each once; nothing else is ever signed with it."""


class WantedBody(Body, frozen=True, kw_only=True):
    """One document that shall be signed."""

    sha256: str
    """SHA-256 of the PDF, lower-case hex."""
    name: str
    """What the signatory reads; shown as your claim."""
    level: SignatureLevel | None = None
    """PAdES level; as for a signing where absent."""
    stamp: StampBody | None = None
    """Absent or null: an invisible signature."""
    footer: str | None = None
    """A mark on every page, before the first signature: a template's name, or * for the agency's."""
    reason: str | None = None
    """Why it is signed; ends in the PDF."""
    location: str | None = None
    """Where it is signed; ends in the PDF."""
    certify: Certify | None = None
    """DocMDP of a first signature: 1 no changes, 2 forms and signatures, 3 annotations too."""
    lock: LockBody | None = None
    signed_as: SignedAsBody | None = None
    letter: LetterBody | None = None


class ActivationBody(Body, frozen=True, kw_only=True):
    """Where a request for consent stands."""

    _masked = frozenset(["page"])

    id: str
    kind: ActivationKind
    """What it is about."""
    about: str | None
    """Address of the batch, or of the document whose step it is; else null."""
    state: str
    """`pending`, `granted`, `denied`, `ended` (wrong factors) or `expired`."""
    credential: str
    reason: str | None
    """Why the signatory said no, in their words."""
    count: int
    """How many signatures are asked for, and not one more."""
    asked_at: str
    expires_at: str
    """Of the request; shorter once the signatory has opened it."""
    page: str | None
    """Where the signatory goes. Told once, in the answer to the request; give it to nobody else."""
    documents: Sequence[ActivationDocumentBody]


class ActivationDocumentBody(Body, frozen=True, kw_only=True):
    """One document of a request."""

    position: int
    """From 1; send it to `documents/{position}`."""
    sha256: str
    name: str
    pages: int | None
    """Counted by the service; null until the document is here."""
    signature: str | None
    """Address of the signing; null until it is signed."""
    failure: str | None
    """Why it was not signed although consent was given."""
    left_out: bool
    """By the signatory: the consent does not cover it."""


class DocumentRequest(Body, frozen=True, kw_only=True):
    """A letter and everybody who is to sign it."""

    steps: Sequence[StepRequest]
    level: SignatureLevel | None = None
    certify: Certify | None = None
    """DocMDP of the first step: 2 or 3."""
    footer: str | None = None
    """A mark on every page, with the first signature: a template's name, or * for the agency's."""
    letter: LetterBody | None = None


class StepRequest(Body, frozen=True, kw_only=True):
    """What one official is asked to do."""

    credential: str
    act: SigningAct = SigningAct.SIGNATURE
    """initials (paraf) come before every signature."""
    order: int | None = None
    """Steps of one order go side by side; absent: as listed, one after the other."""
    stamp: StampBody | None = None
    """Absent or null: invisible."""
    reason: str | None = None
    signed_as: SignedAsBody | None = None
    lock: LockBody | None = None
    """FieldMDP of this signature; all fields, or all but some, only in the last step."""


class KindsBody(Body, frozen=True, kw_only=True):
    """Every list that holds for the caller; none: every kind is signed. Case, spaces, dots and dashes do not matter."""

    lists: Sequence[KindListBody]


class KindListBody(Body, frozen=True, kw_only=True):
    """One list that holds for the caller."""

    name: str
    version: int
    author: str
    date: str
    """Day of this version."""
    says: str
    """What was stated, for people."""
    kinds: Sequence[ExcludedKindBody]


class ExcludedKindBody(Body, frozen=True, kw_only=True):
    """One kind, and how it may be written."""

    name: str
    spellings: Sequence[str]
    """One that ends in ` *` stands for all that begin so."""


class StandingBody(Body, frozen=True, kw_only=True):
    """What became of a letter; its signatures stay as they are."""

    state: StandingWord
    """The first that is true: withdrawn, replaced, expired, stands."""
    withdrawal: WithdrawalBody | None
    replaced_by: OtherLetterBody | None
    replaces: OtherLetterBody | None
    valid_until: date | None
    """Last day, as the office's calendar counts."""


class WithdrawalBody(Body, frozen=True, kw_only=True):
    """A withdrawal, for good."""

    at: str
    reason: WithdrawalReason
    note: str | None


class OtherLetterBody(Body, frozen=True, kw_only=True):
    """The other end of a replacement."""

    code: str
    """Long verification code of its newest signing."""
    number: str | None
    external_id: str | None


class WithdrawalRequest(Body, frozen=True, kw_only=True):
    """Why a letter is withdrawn; kept in the audit trail, never shown to the public."""

    reason: WithdrawalReason
    note: str | None = None
    """In your own words."""


class RecordPage(Body, frozen=True, kw_only=True):
    """Some of them, by code."""

    items: Sequence[RecordBody]
    next: str | None
    """Send it as `cursor` for what follows; null at the end."""


class FlowPage(Body, frozen=True, kw_only=True):
    """Some of them, by id."""

    items: Sequence[FlowBody]
    next: str | None
    """Send it as `cursor` for what follows; null at the end."""


class FlowBody(Body, frozen=True, kw_only=True):
    """A document of several signatories, and how far it has come."""

    id: str
    state: FlowState
    level: str
    external_id: str | None
    created_at: str
    cancelled_at: str | None
    returned_by: int | None
    """The step whose official gave it back, which cancelled it."""
    returned_reason: str | None
    """In the official's words."""
    document_sha256: str
    """Of the document as it stands now."""
    steps: Sequence[StepBody]


class StepBody(Body, frozen=True, kw_only=True):
    """One step, and whether it is done."""

    number: int
    order: int
    act: SigningAct
    credential: str
    state: str
    """waiting, ready, busy or done."""
    signatory: str | None
    code: str | None
    """Verification code of the signing."""
    done_at: str | None


class StepSignature(Body, frozen=True, kw_only=True):
    """One step signed by its official."""

    _masked = frozenset(["passphrase"])

    credential: str
    passphrase: str
    """Used once and kept nowhere."""
    nip: str | None = None
    """18 digits, where the stamp prints them; kept nowhere."""


class UsableCredentialPage(Body, frozen=True, kw_only=True):
    """Officials by name, seals by id."""

    items: Sequence[UsableCredentialBody]
    next: str | None
    """Send it as `cursor` for what follows; null at the end."""


class UsableCredentialBody(Body, frozen=True, kw_only=True):
    """A credential that may sign today."""

    credential: str
    """What a request for consent, a batch or a step names."""
    kind: HolderKind
    """`official`: consents to each document; `seal`: is lent to you."""
    signatory: str
    """Opaque identifier, the same over renewals."""
    name: str
    organisation: str
    unit: str | None
    serial: str
    """Of the certificate, hexadecimal."""
    not_after: str
    documents_left: int | None
    """Of a seal: how many may still be sealed."""
    until: str | None
    """Of a seal: until when it is lent."""


class EnrolmentAsk(Body, frozen=True, kw_only=True):
    """Whom the office should look at."""

    name: str
    email: str


class EnrolmentReceived(Body, frozen=True, kw_only=True):
    """The same for an address that is known already: who has a certificate is not told so."""

    email: str


class EventPage(Body, frozen=True, kw_only=True):
    """Some of them, oldest first."""

    items: Sequence[EventBody]
    next: str | None
    """Send it as `after` for what follows, now or later; what you sent where nothing is new."""


class EventBody(Body, frozen=True, kw_only=True):
    """One event. New types and new data may come: ignore what you do not know."""

    id: str
    """The same however often it is read or delivered."""
    type: EventType
    at: str
    """When it happened, UTC."""
    subject: str
    """Verification code, or id of a batch, document, request, credential."""
    external_id: str | None
    """Your own name of it, where you gave one."""
    data: Mapping[str, str | int | bool | None]
    """What else there is to say; which, the type says."""


class WebhookRequest(Body, frozen=True, kw_only=True):
    """Where your events shall go."""

    url: str
    types: Sequence[EventType] = ()
    """Only these are delivered; an empty list: every type."""


class WebhookWithSecret(Body, frozen=True, kw_only=True):
    """A webhook with its secret, which is told once."""

    _masked = frozenset(["secret"])

    webhook: WebhookBody
    secret: str
    """Keep it: what is delivered is signed with all of this text."""


class WebhookBody(Body, frozen=True, kw_only=True):
    """One webhook."""

    id: str
    url: str
    types: Sequence[EventType]
    state: WebhookState
    """failing: nothing was taken for more than a day."""
    waiting: int
    """Deliveries that are lined up."""
    failures: int
    """In a row, since something was taken."""
    failing_since: str | None
    created_at: str


class WebhookList(Body, frozen=True, kw_only=True):
    """All of yours."""

    items: Sequence[WebhookBody]


class WebhookChange(Body, frozen=True, kw_only=True):
    """What shall be different; what is left out stays."""

    url: str | None = None
    types: Sequence[EventType] | None = None
    state: Literal["active", "paused"] | None = None
    """paused: nothing is sent, and nothing is lost."""


class SecretRequest(Body, frozen=True, kw_only=True):
    """How long the old secret signs as well."""

    overlap_hours: int = 24


class DeliveryPage(Body, frozen=True, kw_only=True):
    """Some of them, the newest first."""

    items: Sequence[DeliveryBody]
    next: str | None
    """Send it as `cursor` for what follows; null at the end."""


class DeliveryBody(Body, frozen=True, kw_only=True):
    """One event on its way to one webhook, and its last attempt."""

    number: int
    event_id: str
    type: EventType
    state: DeliveryState
    attempts: int
    attempted_at: str | None
    status: int | None
    """HTTP status of the last answer."""
    failure: str | None
    """Why it was not taken: a stable word."""
    milliseconds: int | None
    next_attempt_at: str | None


class ReplayRequest(Body, frozen=True, kw_only=True):
    """From when on events shall be delivered anew."""

    since: datetime


class ReplayBody(Body, frozen=True, kw_only=True):
    """What is delivered anew."""

    events: int
    """Of all types; those that the webhook does not want are passed over."""


class BatchBody(Body, frozen=True, kw_only=True):
    """Who signs all documents of a batch, and how."""

    credential: str
    """The signatory's credential."""
    level: SignatureLevel | None = None
    """PAdES level; the service's default where absent."""
    stamp: StampBody | None = None
    """Absent or null: invisible signatures."""
    footer: str | None = None
    """A mark on every page of each document: a template's name, or * for the agency's."""
    reason: str | None = None
    """Why they are signed; ends in each PDF."""
    location: str | None = None
    """Where they are signed; ends in each PDF."""
    signed_as: SignedAsBody | None = None


class BatchDocumentBody(Body, frozen=True, kw_only=True):
    """What is said beside one document of a batch."""

    letter: LetterBody | None = None


class BatchItemBody(Body, frozen=True, kw_only=True):
    """One document of a batch."""

    position: int
    """From 0, in the order of arrival."""
    state: ItemState
    sha256: str
    """Of the document as it came in."""
    external_id: str | None
    """Your own identifier, as you sent it."""
    failure: str | None
    """Why it failed, or is not finished yet; a stable word."""
    code: str | None
    """Long verification code, once it is prepared."""
    signature: str | None
    """Where its record is; null until it is finished."""


class BatchItemPage(Body, frozen=True, kw_only=True):
    """Some documents of a batch."""

    items: Sequence[BatchItemBody]
    next: str | None
    """The cursor of what follows; null at the end."""


class BatchStatusBody(Body, frozen=True, kw_only=True):
    """A batch and how far it is."""

    id: str
    state: BatchState
    """`completed`: each document is finished, failed or cancelled."""
    credential: str
    level: str
    documents: int
    counts: BatchCounts
    created_at: str
    completed_at: str | None
    """When the last document had its outcome."""


class BatchCounts(Body, frozen=True, kw_only=True):
    """Documents by state."""

    received: int
    prepared: int
    """Wait for the signatory's consent."""
    reserved: int
    signed: int
    """Signed, and on their way to a finished document."""
    finished: int
    failed: int
    cancelled: int


class ConsentBody(Body, frozen=True, kw_only=True):
    """The signatory's consent to the documents of a batch."""

    _masked = frozenset(["passphrase"])

    passphrase: str
    """The signatory's passphrase; used once and kept nowhere."""
    digests: Sequence[str] | None = None
    """SHA-256 of the documents that are meant, as they came in; absent: all that are prepared."""


class OfficialPage(Body, frozen=True, kw_only=True):
    """Officials, by name."""

    items: Sequence[OfficialBody]
    next: str | None
    """Send it as `cursor` for what follows; null at the end."""


class OfficialBody(Body, frozen=True, kw_only=True):
    """One official and the credential of today."""

    signatory: str
    """Opaque identifier of the official, the same over renewals."""
    kind: HolderKind
    """`seal`: an organisation's, and nobody's."""
    name: str
    organisation: str
    unit: str | None
    status: StatusWord
    """`ISSUE` is the only one that may sign."""
    credential: str | None
    serial: str | None
    """Of the certificate, hexadecimal."""
    not_after: str | None


class CertificatePage(Body, frozen=True, kw_only=True):
    """Certificates, those that end first at the beginning."""

    items: Sequence[CertificateBody]
    next: str | None
    """Send it as `cursor` for what follows; null at the end."""


class CertificateBody(Body, frozen=True, kw_only=True):
    """One certificate of an official, of today or before."""

    serial: str
    """Hexadecimal."""
    status: StatusWord
    """Of this certificate; `RENEW`: a newer one took its place. `ISSUE` is the only one that signs."""
    not_after: str
    signatory: str
    """Opaque identifier of the official, or of the seal."""
    kind: HolderKind
    name: str
    organisation: str
    unit: str | None
    credential: str


class ContactBody(Body, frozen=True, kw_only=True):
    """Where notices go."""

    signatory: str
    email: str | None
    """Null where nobody noted one."""


class AppointmentList(Body, frozen=True, kw_only=True):
    """Some that were not withdrawn, by first day."""

    items: Sequence[AppointmentBody]
    next: str | None
    """Send it as `cursor` for what follows; null at the end."""


class AppointmentBody(Body, frozen=True, kw_only=True):
    """One acting appointment."""

    id: str
    signatory: str
    form: ActingForm
    office: str
    starts_on: date
    ends_on: date


class SealRequest(Body, frozen=True, kw_only=True):
    """Whose seal, and how it is called."""

    name: str
    """As people will read it."""
    organisation: str | None = None
    """The service's own where absent."""
    organisation_identifier: str | None = None
    """`VATID-…` or `NTRID-…`."""


class SealBody(Body, frozen=True, kw_only=True):
    """One credential of a seal."""

    credential: str
    """What a batch names; another one after each renewal."""
    seal: str
    """Opaque identifier of the seal, the same over renewals."""
    name: str
    organisation: str
    organisation_identifier: str
    status: StatusWord
    """`ISSUE` is the only one that seals; `RENEW`: a newer one does."""
    serial: str
    """Of the certificate, hexadecimal."""
    not_after: str


class SealPage(Body, frozen=True, kw_only=True):
    """Some credentials of seals, by id."""

    items: Sequence[SealBody]
    next: str | None
    """Send it as `cursor` for what follows; null at the end."""


class SealActivationRequest(Body, frozen=True, kw_only=True):
    """What one application may do with a seal."""

    client: str
    """The application."""
    networks: Sequence[str]
    documents: int
    """How many, at most."""
    hours: int = 24


class SealActivationBody(Body, frozen=True, kw_only=True):
    """One permission to seal."""

    activation: str
    credential: str
    client: str
    networks: Sequence[str]
    documents: int
    used: int
    """Counted before the key is used, whatever became of each document."""
    granted_at: str
    expires_at: str
    ended_at: str | None
    """When it was taken back."""


class SealActivationList(Body, frozen=True, kw_only=True):
    """Some permissions of a seal, the newest first."""

    items: Sequence[SealActivationBody]
    next: str | None
    """Send it as `cursor` for what follows; null at the end."""


class TokenBody(Body, frozen=True, kw_only=True):
    """A new access token (RFC 6749, 5.1; RFC 9396, 7; CSC API 2.0.0.2, 8.4.3)."""

    _masked = frozenset(["access_token", "refresh_token"])

    access_token: str = field(name="access_token")
    token_type: str = field(name="token_type")
    expires_in: int = field(name="expires_in")
    scope: str
    refresh_token: str | None = field(default=None, name="refresh_token")
    credential_id: str | None = field(default=None, name="credentialID")
    authorization_details: Sequence[Mapping[str, Any]] | None = field(default=None, name="authorization_details")


class OAuthError(Body, frozen=True, kw_only=True):
    """RFC 6749, 5.2."""

    error: str
    error_description: str = field(name="error_description")
