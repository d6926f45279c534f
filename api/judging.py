"""The verifier as the signer's `Judge`: its reports in the words of whoever keeps documents valid."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from cryptography import x509

from signer.model import JudgedDocument, JudgedField, SignatureLevel, ValidationData
from verifier.model import (
    Indication,
    SignatureKind,
    SignatureReport,
    SubIndication,
    TrustSnapshot,
    ValidationReport,
)
from verifier.policy import ValidationPolicy
from verifier.ports import TrustSource
from verifier.worker import WorkerPool

_LEVELS: Final = {f"-{level.value.removeprefix('B-')}": level for level in SignatureLevel}


class WorkerJudge:
    """`signer.ports.Judge` over the processes that judge strangers' files; nothing is fetched."""

    def __init__(
        self, pool: WorkerPool, trust: TrustSource, *, policy: ValidationPolicy, now: Callable[[], datetime]
    ) -> None:
        self._pool, self._trust, self._policy, self._now = pool, trust, policy, now

    def judge(self, document: bytes, *, known: ValidationData | None = None) -> JudgedDocument:
        """Raises `verifier.errors.VerificationUnavailable` where no worker answers."""
        at = self._now()
        snapshot = self._trust.snapshot(at)
        if known is not None:
            snapshot = replace(
                snapshot,
                crls=tuple(dict.fromkeys((*snapshot.crls, *known.crls))),
                ocsp_responses=tuple(dict.fromkeys((*snapshot.ocsp_responses, *known.ocsp_responses))),
            )
        return _judged(self._pool.validate(document, self._policy, snapshot, at))

    def judge_alone(self, document: bytes) -> JudgedDocument:
        """Raises as `judge`."""
        at = self._now()
        bare = TrustSnapshot(anchors=self._trust.snapshot(at).anchors, intermediates=(), crls=())
        return _judged(self._pool.validate(document, self._policy, bare, at))


def _judged(report: ValidationReport) -> JudgedDocument:
    passed = report.indication is Indication.TOTAL_PASSED
    reason = report.reason.name if report.reason is not None else report.indication.value
    return JudgedDocument(
        passed=passed,
        reason=None if passed else reason,
        page_count=report.page_count,
        fields=tuple(_field(each) for each in sorted(report.signatures, key=lambda each: each.revision)),
    )


def _field(each: SignatureReport) -> JudgedField:
    stamp = each.timestamp
    chains = (each.certificates, stamp.chain if stamp is not None else ())
    return JudgedField(
        name=each.field_name,
        is_timestamp=each.kind is SignatureKind.DOCUMENT_TIMESTAMP,
        passed=each.passed,
        awaits_status=each.reason is SubIndication.TRY_LATER and bool(each.certificates),
        reason=each.reason.name if each.reason is not None else None,
        level=_level(each.level),
        chains=tuple(dict.fromkeys(tuple(map(x509.load_der_x509_certificate, ders)) for ders in chains if ders)),
        good_until=stamp.good_until if stamp is not None else None,
    )


def _level(form: str | None) -> SignatureLevel | None:
    """By its form: `PAdES-B-LT` and `PKCS7-LT` alike, because what is added to either is the same."""
    if form is None:
        return None
    if form in ("PAdES-B-B", "PKCS7"):
        return SignatureLevel.B_B
    return next((level for ending, level in _LEVELS.items() if form.endswith(ending)), None)
