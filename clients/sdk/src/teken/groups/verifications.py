"""Judging signed documents, ours and others'."""

from typing import Final

from teken.core import operations
from teken.core.content import PDF, Document, Form, Sent
from teken.core.group import Group, Target
from teken.core.session import Call
from teken.core.steps import RunnerT_co, Steps, operation
from teken.errors import AnswerUnreadable
from teken.groups.signatures import Saved
from teken.types import DigestBody, DigestRequest, RecordBody, ReportBody

XML: Final = "application/xml"


class Verifications(Group[RunnerT_co]):
    """Verification; open to everybody, and nothing that is sent is kept."""

    @operation
    def upload(self, document: Document, *, password: str | None = None) -> Steps[ReportBody]:
        """What the service makes of a file, now. A bad signature is an answer, never an error."""
        return self.session.told(_judging(document, password), ReportBody)

    @operation
    def etsi_report(self, document: Document, *, password: str | None = None) -> Steps[bytes]:
        """The same as XML of ETSI TS 119 102-2."""
        answer = yield from self.session.ask(_judging(document, password, accept=XML))
        return answer.body

    @operation
    def receipt(self, document: Document, to: Target, *, password: str | None = None) -> Steps[Saved]:
        """The same as a sealed page (PDF/A), written to `to`."""
        saved = yield from self._saved(_judging(document, password, accept=PDF), to)
        return Saved(size=saved.size, sha256=saved.sha256)

    @operation
    def by_digest(self, sha256: str) -> Steps[DigestBody]:
        """How registered bytes stand, by their SHA-256 (hexadecimal); the file is not sent."""
        return self._by_digest(sha256)

    @operation
    def by_code(self, code: str) -> Steps[DigestBody]:
        """How a letter of yours stands, by its long or short code: its kept document is judged now."""
        record = yield from self._get(RecordBody, operations.GET_SIGNATURE, code=code)
        if record.document_sha256 is None:
            raise AnswerUnreadable("This signing has no document.")
        return (yield from self._by_digest(record.document_sha256))

    def _by_digest(self, sha256: str) -> Steps[DigestBody]:
        return self._post(DigestBody, operations.VERIFY_DIGEST, DigestRequest(sha256=sha256), harmless=True)


def _judging(document: Document, password: str | None, *, accept: str = "application/json") -> Call:
    sent = Sent(document)
    content = sent if password is None else Form({"password": ("text/plain", password.encode())}, sent)
    return Call(operation=operations.VERIFY_DOCUMENT, content=content, headers={"Accept": accept}, harmless=True)
