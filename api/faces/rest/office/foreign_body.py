"""What registrars send and read about another CA."""

from datetime import datetime
from typing import Annotated

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec import Meta

from api.faces.rest.office.certificate_body import InvalidSince, Reason
from api.faces.rest.office.wire import Following, Note, Reference, Sent, Told
from api.office.foreign import Decision, ForeignRevocation
from signer.foreign.model import AnswerState, ForeignAnswer, ForeignRequest, OpenRevocation

Fingerprint = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the certificate, hex.")]
Why = Annotated[Note, Meta(min_length=1, description="Recorded; no NIK, no NIP.")]


class DecisionProposal(Sent, frozen=True, kw_only=True):
    """What to do with an answer whose subject differs from the registration."""

    fingerprint: Fingerprint
    take: Annotated[bool, Meta(description="False: refuse it; the request stays open.")]
    reason: Why

    @property
    def decision(self) -> Decision:
        """In the words of the office."""
        return Decision(fingerprint=self.fingerprint, take=self.take, reason=self.reason)


class ForeignDecisionRequest(DecisionProposal, frozen=True, kw_only=True):
    """Exactly what was approved, once."""

    approval: Reference


class ForeignRevocationProposal(Sent, frozen=True, kw_only=True):
    """What its issuer is asked to revoke; the credential stops here at once."""

    credential: Reference
    reason: Reason
    invalidity_date: InvalidSince = None

    @property
    def asked(self) -> ForeignRevocation:
        """In the words of the office."""
        return ForeignRevocation(
            credential_id=self.credential, reason=self.reason.flag, invalid_since=self.invalidity_date
        )


class ForeignRevocationRequest(ForeignRevocationProposal, frozen=True, kw_only=True):
    """Exactly what was approved, once."""

    approval: Reference


class ForeignRevocationBody(Told, frozen=True, kw_only=True):
    """The next export names it, until its issuer shows it."""

    credential: str


class CsrBody(Told, frozen=True, kw_only=True):
    """One request for the other CA."""

    key: Annotated[str, Meta(description="SHA-256 of the SubjectPublicKeyInfo, hex.")]
    signatory: str
    requested_at: datetime
    csr: Annotated[str, Meta(description="PKCS #10, PEM.")]

    @classmethod
    def of(cls, one: ForeignRequest) -> "CsrBody":
        """In the words of this contract."""
        pem = x509.load_der_x509_csr(one.csr).public_bytes(Encoding.PEM).decode()
        return cls(key=one.spki_sha256, signatory=one.signatory_id, requested_at=one.requested_at, csr=pem)


class AskedBody(Told, frozen=True, kw_only=True):
    """One revocation that its issuer has to be asked for."""

    issuer: str
    serial: str
    reason: str
    invalidity_date: datetime | None

    @classmethod
    def of(cls, one: OpenRevocation) -> "AskedBody":
        """In the words of this contract."""
        return cls(issuer=one.issuer, serial=one.serial, reason=one.reason, invalidity_date=one.invalid_since)


class ExportBody(Told, frozen=True, kw_only=True):
    """Everything that the other CA has to be sent."""

    requests: list[CsrBody]
    revocations: list[AskedBody]


class AnswerBody(Told, frozen=True, kw_only=True):
    """An answer that broke no rule."""

    fingerprint: str
    state: Annotated[AnswerState, Meta(description="`undecided`: the subject differs, two people decide.")]
    credential: str
    differences: Annotated[list[str], Meta(description="`attribute: registered -> certified`.")]
    findings: Annotated[list[str], Meta(description="Codes of a linter; they inform only.")]
    received_at: datetime

    @classmethod
    def of(cls, one: ForeignAnswer) -> "AnswerBody":
        """In the words of this contract."""
        return cls(
            fingerprint=one.leaf.fingerprint(hashes.SHA256()).hex(),
            state=one.state,
            credential=one.credential_id,
            differences=list(one.differences),
            findings=list(one.findings),
            received_at=one.received_at,
        )


class AnswerList(Told, frozen=True, kw_only=True):
    """Some answers that wait, oldest first."""

    items: list[AnswerBody]
    next: Following
