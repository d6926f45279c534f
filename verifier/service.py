"""Verification as the rest of the house asks for it: a file in, a report and its standing in the register out."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from verifier.errors import TooLarge
from verifier.limits import Limits
from verifier.model import Relation, ValidationReport
from verifier.policy import ValidationPolicy
from verifier.ports import Register, TrustSource
from verifier.revisions import prefix_digests
from verifier.worker import WorkerPool


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadVerification:
    """What an uploaded file is, by itself and for our register."""

    report: ValidationReport
    relation: Relation
    code: str | None
    """Long verification code of the registered document; `None` exactly when the file is not registered."""


class VerificationService:
    """Verifies documents; keeps none of them."""

    def __init__(
        self,
        pool: WorkerPool,
        trust: TrustSource,
        register: Register,
        *,
        policy: ValidationPolicy,
        limits: Limits,
        now: Callable[[], datetime],
    ) -> None:
        self._pool, self._trust, self._register = pool, trust, register
        self._policy, self._limits, self._now = policy, limits, now

    def by_upload(self, pdf: bytes, password: str = "") -> UploadVerification:
        """Judge a stranger's file now, and say how it stands to the register. The password opens it, and is not kept.

        Raises `TooLarge` and, when our side fails, `WorkerBusy` or `WorkerFailed`. A bad file raises nothing.
        """
        self._refuse_if_too_large(pdf)
        report = self._judge(pdf, password=password)
        relation, code = self._register.relation(
            sha256=hashlib.sha256(pdf).hexdigest(), prefix_sha256s=prefix_digests(pdf)
        )
        return UploadVerification(report=report, relation=relation, code=code)

    def registered(self, pdf: bytes, *, known_since: datetime | None = None) -> ValidationReport:
        """Judge a kept document now: what a QR or a code leads to.

        `known_since`: when the register first held these very bytes, which proves that they existed by then.
        """
        self._refuse_if_too_large(pdf)
        return self._judge(pdf, known_since)

    def _judge(self, pdf: bytes, known_since: datetime | None = None, password: str = "") -> ValidationReport:
        at = self._now()
        trust = self._trust.snapshot(at)
        return self._pool.validate(pdf, self._policy, trust, at, known_since=known_since, password=password)

    def _refuse_if_too_large(self, pdf: bytes) -> None:
        if len(pdf) > self._limits.document_bytes:
            message = f"the document is larger than {self._limits.document_bytes} bytes: send a smaller one"
            raise TooLarge(message, field="document", reason="too-large")
