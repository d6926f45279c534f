"""From findings to reports: the last step, without any judgement of its own but which of several is the worst."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from verifier.cms import Refused
from verifier.document import OpenedDocument
from verifier.examination import Examined
from verifier.facts import facts_of
from verifier.judgement import Standing
from verifier.model import (
    Indication,
    SignatureKind,
    SignatureReport,
    SubIndication,
    TimestampReport,
    ValidationReport,
)
from verifier.policy import ValidationPolicy

_SEVERITY: Final = (Indication.TOTAL_FAILED, Indication.INDETERMINATE, Indication.TOTAL_PASSED)
_NO_STANDING: Final = Standing(reason=None, detail="", chain=None)


def signature_report(
    each: Examined,
    document: OpenedDocument,
    refused: Refused | None,
    *,
    level: str | None = None,
    standing: Standing = _NO_STANDING,
    proven_at: datetime | None = None,
    timestamp: TimestampReport | None = None,
    remark: str = "",
) -> SignatureReport:
    """The report on one field; `refused` is the first thing against it, `None` when it passed."""
    signer = each.content.signer if each.content else None
    return SignatureReport(
        field_name=each.field.name,
        kind=each.field.kind,
        revision=each.field.revision + 1,
        covers_whole_file=each.fault is None and not document.pdf[each.field.end :].strip(b"\r\n"),
        indication=refused.reason.indication if refused else Indication.TOTAL_PASSED,
        reason=refused.reason if refused else None,
        detail=(refused.detail if refused else "every check passed") + remark,
        level=level,
        intact=each.fault is None,
        signer=signer.summary if signer else None,
        chain=standing.chain.names if standing.chain else (),
        anchor=standing.chain.entry.name if standing.chain else None,
        claimed_at=each.content.claimed_at if each.content else None,
        proven_at=proven_at,
        timestamp=timestamp,
        revocation=standing.source,
        modifications=each.modifications,
        certified=standing.chain.entry.certified if standing.chain else None,
        certificates=standing.chain.ders if standing.chain else (),
        facts=facts_of(each, timestamp),
    )


def settled(reports: Sequence[SignatureReport]) -> tuple[SignatureReport, ...]:
    """A stamp put on a certified document later is a change of it, unless its own signature passed.

    The sneaky signature attack ("Breaking the Specification", 5.3) covers the page with the stamp of a signature that
    nobody would believe. Newest first, because a stamp may depend on a later one. A name that stands twice is nobody's.
    """
    passed: set[str] = set()
    names = Counter(each.field_name for each in reports)
    found: dict[int, SignatureReport] = {}
    for index, report in sorted(enumerate(reports), key=lambda each: -each[1].revision):
        found[index] = judged = _without_sneaky_stamps(report, passed)
        if judged.passed and names[judged.field_name] == 1:
            passed.add(judged.field_name)
    return tuple(found[index] for index in range(len(reports)))


def _without_sneaky_stamps(report: SignatureReport, passed: set[str]) -> SignatureReport:
    sneaky = [each for each in report.modifications if each.needs_passing and each.field not in passed]
    if not report.passed or not sneaky:
        return report
    return replace(
        report,
        indication=SubIndication.DOCUMENT_CHANGED.indication,
        reason=SubIndication.DOCUMENT_CHANGED,
        detail=f"revision {sneaky[0].revision}: the stamp of a signature that does not pass is on a certified document",
        modifications=tuple(replace(each, allowed=False) if each in sneaky else each for each in report.modifications),
    )


def broken_report(name: str, detail: str, document: OpenedDocument) -> SignatureReport:
    """The report on a field whose value cannot even be read."""
    return SignatureReport(
        field_name=name,
        kind=SignatureKind.SIGNATURE,
        revision=document.revisions,
        covers_whole_file=False,
        indication=Indication.TOTAL_FAILED,
        reason=SubIndication.FORMAT_FAILURE,
        detail=detail,
        level=None,
        intact=False,
        signer=None,
        chain=(),
        anchor=None,
        claimed_at=None,
        proven_at=None,
        timestamp=None,
        revocation=None,
        modifications=(),
    )


def file_report(
    document: OpenedDocument, reports: tuple[SignatureReport, ...], policy: ValidationPolicy, at: datetime
) -> ValidationReport:
    """The report on the whole file: that of its worst signature, or why there is none."""
    worst = _worst(reports)
    if worst is not None:
        indication, reason, detail = worst.indication, worst.reason, worst.detail
    elif document.hidden_signatures:
        indication, reason = Indication.TOTAL_FAILED, SubIndication.DOCUMENT_CHANGED
        detail = "the file holds a signature that was removed from its form"
    else:
        indication, reason, detail = Indication.NO_SIGNATURE, None, "there is no signature in the file"
    return ValidationReport(
        indication=indication,
        reason=reason,
        detail=detail,
        policy=policy.id,
        validated_at=at,
        document_sha256=hashlib.sha256(document.pdf).hexdigest(),
        document_size=len(document.pdf),
        page_count=document.page_count,
        revisions=document.revisions,
        signatures=reports,
    )


def _worst(reports: Sequence[SignatureReport]) -> SignatureReport | None:
    """The worst decides. A document timestamp that merely cannot be judged says nothing against the signatures."""
    signatures = [each for each in reports if each.kind is SignatureKind.SIGNATURE]
    counted = [
        each
        for each in reports
        if not signatures or each.kind is SignatureKind.SIGNATURE or each.indication is Indication.TOTAL_FAILED
    ]
    return min(counted, key=lambda each: _SEVERITY.index(each.indication), default=None)


def unreadable_report(
    pdf: bytes, policy: ValidationPolicy, at: datetime, *, reason: SubIndication, detail: str
) -> ValidationReport:
    """The report on a file that nobody could judge."""
    return ValidationReport(
        indication=Indication.UNREADABLE,
        reason=reason,
        detail=detail,
        policy=policy.id,
        validated_at=at,
        document_sha256=hashlib.sha256(pdf).hexdigest(),
        document_size=len(pdf),
        page_count=None,
        revisions=None,
        signatures=(),
    )
