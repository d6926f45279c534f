"""What the citizen's pages need of others, in their words; the composition root gives it."""

from dataclasses import dataclass
from typing import Protocol

from signer.after import NOTHING_KNOWN, Standing
from signer.document import Document
from signer.fakes import Suspicion
from signer.model import Credential, Secret, SignatureRecord
from signer.people import Registration
from verifier.model import Relation, ValidationReport
from verifier.pictures import Comparison
from verifier.signed_revision import SignedRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadResult:
    """What is known of a file that somebody sent in."""

    report: ValidationReport
    relation: Relation
    record: SignatureRecord | None
    """The signing that the file is, or extends; `None` exactly when it is not registered."""
    standing: Standing = NOTHING_KNOWN
    """What became of that letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestResult:
    """What is known of registered bytes of which somebody sent the digest: they were judged now, the sender's never."""

    report: ValidationReport
    record: SignatureRecord
    standing: Standing
    newest: bool
    """Whether no later version of the document is kept."""

    @property
    def relation(self) -> Relation:
        """Equal digests are equal bytes."""
        return Relation.SAME_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeResult:
    """What is known of a registered document: its record, and what its kept bytes are worth at this moment."""

    record: SignatureRecord
    report: ValidationReport
    pages: int
    """How many pages the kept document has, at least 1."""
    standing: Standing = NOTHING_KNOWN
    """What became of the letter."""


class PublicVerification(Protocol):
    """Verification as the public sees it. Codes arrive normalised, token or short.

    What secrecy hides is decided by the face, so these methods answer for every signed document. Each may raise
    `verifier.errors.VerifierError` (or a leaf); the pages turn it into words.
    """

    def record(self, code: str) -> SignatureRecord | None:
        """The signing of that code as the log has it; cheap, judges nothing."""
        ...

    def by_code(self, code: str) -> CodeResult | None:
        """The kept bytes of a signed document, validated now; `None` where no signed document has that code."""
        ...

    def by_upload(self, pdf: bytes, password: str = "") -> UploadResult:
        """The file judged now and compared with the register; the bytes are not kept."""
        ...

    def by_digest(self, sha256: str) -> DigestResult | None:
        """The registered bytes with this SHA-256 (lower-case hex) judged now; `None` where there are none."""
        ...

    def compare(self, pdf: bytes, revision: SignedRevision) -> Comparison | None:
        """That revision of the file beside the whole of it, in pictures; `None` where none can be drawn."""
        ...

    def page_image(self, code: str, page: int) -> bytes | None:
        """Page `page` (from 1) of the kept document as WebP; `None` where there is no such page."""
        ...

    def original(self, code: str) -> Document | None:
        """The kept document, for reading in pieces."""
        ...


class ReportsOfFakes(Protocol):
    """`signer.fakes.FakeReports`, as far as readers need it."""

    def report(self, suspicion: Suspicion, /) -> str:
        """The reference; raises `signer.errors.FakeReportRefused`."""
        ...


class Receipts(Protocol):
    """Receipts of checks."""

    def __call__(self, result: UploadResult, /) -> bytes:
        """A sealed PDF. Raises `verifier.errors.WorkerBusy` and `signer.errors.SignerError`."""
        ...


class Enrolment(Protocol):
    """`signer.registrations.RegistrationService`, as far as the holder of a one-time link needs it."""

    def behind(self, token: str, /) -> Registration:
        """Whom the link is for; raises `signer.errors.LinkRefused`."""
        ...

    def complete(self, token: str, passphrase: Secret, /) -> Credential:
        """The credential; raises `signer.errors.SignerError`."""
        ...
