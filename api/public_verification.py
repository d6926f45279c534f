"""Verification as the doors see it: a file or a code in; report, standing in the register and record out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from api.faces.public.ports import CodeResult, DigestResult, UploadResult
from signer.after import NOTHING_KNOWN, Standing
from signer.archive import DocumentVersion
from signer.document import Document
from signer.model import SignatureRecord
from signer.ports import DocumentVault, SignatureLog
from verifier.errors import CannotDraw
from verifier.model import ValidationReport
from verifier.pictures import Comparison
from verifier.service import UploadVerification
from verifier.signed_revision import SignedRevision


class Originals(DocumentVault, Protocol):
    """The vault, from which a document may leave in pieces."""

    def open(self, sha256: str) -> Document | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """What the verifier offers: two ways to a report, and pictures of pages."""

    by_upload: Callable[[bytes, str], UploadVerification]
    registered: Callable[[bytes, datetime], ValidationReport]
    """The kept bytes, and since when the register has held them."""
    page_image: Callable[[bytes, int], bytes | None]
    compare: Callable[[bytes, SignedRevision], Comparison]
    """Raises `verifier.errors.CannotDraw`."""


class RegisteredVerification:
    """`api.faces.public.ports.PublicVerification`, and the `Verification` of the REST face."""

    def __init__(
        self,
        *,
        judges: Judges,
        log: SignatureLog,
        vault: Originals,
        versions: Callable[[str], tuple[DocumentVersion, ...]],
        standing: Callable[[str], Standing],
        code_of: Callable[[str], str | None],
        note: Callable[[ValidationReport | None], None] = lambda _: None,
    ) -> None:
        """`versions`: of the signing with a long code, the signed one first; `standing`: of its letter.

        `code_of`: the long code of the registered bytes with a SHA-256; `note` is told how each check ended, with
        nothing where none of that code or digest is on record.
        """
        self._judges = judges
        self._versions = versions
        self._log = log
        self._vault = vault
        self._standing = standing
        self._code_of = code_of
        self._note = note

    def record(self, code: str) -> SignatureRecord | None:
        """The signing of that code as the log has it."""
        return self._log.find(code)

    def by_code(self, code: str) -> CodeResult | None:
        """The kept bytes of a signed document, validated now."""
        found = self._kept(code)
        if found is None:
            self._note(None)
            return None
        record, newest, pdf = found
        report = self._judges.registered(pdf, newest.made_at)
        self._note(report)
        return CodeResult(
            record=record,
            report=report,
            pages=newest.page_count or report.page_count or 1,
            standing=self._standing(record.intent.code.token),
        )

    def by_upload(self, pdf: bytes, password: str = "") -> UploadResult:
        """A stranger's file judged now and compared with the register."""
        judged = self._judges.by_upload(pdf, password)
        self._note(judged.report)
        record = self._log.find(judged.code) if judged.code else None
        standing = self._standing(judged.code) if judged.code else NOTHING_KNOWN
        return UploadResult(report=judged.report, relation=judged.relation, record=record, standing=standing)

    def by_digest(self, sha256: str) -> DigestResult | None:
        """The registered bytes with this digest, validated now; they may be an older version of what is kept."""
        found = self._registered(sha256)
        self._note(None if found is None else found.report)
        return found

    def _registered(self, sha256: str) -> DigestResult | None:
        code = self._code_of(sha256)
        record = self._log.find(code) if code else None
        if record is None:
            return None
        token = record.intent.code.token
        versions = self._versions(token)
        version = next((each for each in versions if each.sha256 == sha256), None)
        pdf = self._vault.get(sha256) if version else None
        if version is None or pdf is None:
            return None
        return DigestResult(
            record=record,
            report=self._judges.registered(pdf, version.made_at),
            standing=self._standing(token),
            newest=version == versions[-1],
        )

    def compare(self, pdf: bytes, revision: SignedRevision) -> Comparison | None:
        """That revision beside the whole file, in pictures."""
        try:
            return self._judges.compare(pdf, revision)
        except CannotDraw:
            return None

    def page_image(self, code: str, page: int) -> bytes | None:
        """One page of the kept document as WebP."""
        found = self._kept(code)
        return self._judges.page_image(found[2], page) if found else None

    def original(self, code: str) -> Document | None:
        """The kept document, its newest version; a large one stays out of memory."""
        newest = self._newest(code)
        return self._vault.open(newest[1].sha256) if newest else None

    def _kept(self, code: str) -> tuple[SignatureRecord, DocumentVersion, bytes] | None:
        newest = self._newest(code)
        pdf = self._vault.get(newest[1].sha256) if newest else None
        return (*newest, pdf) if newest and pdf is not None else None

    def _newest(self, code: str) -> tuple[SignatureRecord, DocumentVersion] | None:
        """The newest version: it holds the signed one, and longer than that."""
        record = self._log.find(code)
        versions = self._versions(record.intent.code.token) if record is not None else ()
        return (record, versions[-1]) if record is not None and versions else None
