"""Judge a PDF: bytes in, a report out. Pure: no network, no clock, no key, and no exception for a bad file.

Steps as in EN 319 102-1, 5; pyHanko and certvalidator do parts of steps 1, 2, 4 and 6 behind `translation`.
"""

import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography.utils import CryptographyDeprecationWarning

from verifier.cms import Refused
from verifier.document import Encrypted, OpenedDocument, Unreadable, open_document
from verifier.evidence import evidence_of
from verifier.examination import Examined, examine
from verifier.judgement import SIGNATURE, Basis, Moment, judge_certificate
from verifier.levels import level_of
from verifier.limits import Limits
from verifier.model import Indication, SignatureReport, SubIndication, TimestampReport, TrustSnapshot, ValidationReport
from verifier.paths import material_of
from verifier.policy import ValidationPolicy
from verifier.reports import broken_report, file_report, settled, signature_report, unreadable_report
from verifier.times import Clock, JudgedToken

_DEFAULT_LIMITS: Final = Limits()


def validate(
    pdf: bytes,
    policy: ValidationPolicy,
    trust: TrustSnapshot,
    at: datetime,
    *,
    known_since: datetime | None = None,
    password: str = "",
    limits: Limits = _DEFAULT_LIMITS,
) -> ValidationReport:
    """Judge every signature in `pdf` under `policy`, as of `at` (aware), knowing only what `trust` holds.

    1. The file can be read within limits.                        else FORMAT_FAILURE
    2. Byte ranges, digest and signature value hold (5.2.7).      else FORMAT_FAILURE, HASH_FAILURE, SIG_CRYPTO_FAILURE
    3. Later revisions changed only what `policy` names.          else DOCUMENT_CHANGED
    4. A time is proven by a timestamp we trust (5.5), by our register (`known_since`), or is `at`.
    5. The certificate chains to `trust` at that time (5.2.6).    else NO_CERTIFICATE_CHAIN_FOUND, OUT_OF_BOUNDS_NO_POE
    6. Key, usage and algorithms are fit for that time (5.2.8).   else CHAIN_CONSTRAINTS_FAILURE, CRYPTO_CONSTRAINTS_…
    7. Its status is fresh enough for that time (5.2.5).          else REVOKED, REVOKED_NO_POE, TRY_LATER

    `password`: what opens the file, where it is encrypted.

    The caller still owes two things: a `trust` as young as the policy wants, and a process that it can kill.
    `MemoryError` is let through, because only that process can tell what to do about it.
    """
    if at.tzinfo is None or (known_since is not None and known_since.tzinfo is None):
        raise ValueError("a time without a zone")
    with warnings.catch_warnings():
        # strangers' certificates with serial number 0; cryptography reads them and we judge them like any other
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        try:
            document = open_document(pdf, limits, password)  # 1
            examined = examine(document, policy, limits)  # 2, 3
            evidence = evidence_of(document, [content for each in examined for content in each.contents], limits)
            basis = Basis(evidence=evidence, trust=material_of(trust), policy=policy)
            clock = Clock(at=at, known_since=min(at, known_since or at), basis=basis)
            reports = _judge(document, examined, clock)  # 4 to 7
        except Unreadable as error:
            return _unreadable(pdf, policy, at, error)
        except MemoryError:
            raise
        except Exception as error:  # the last net: a hostile file makes a parser raise anything, anywhere
            return _unreadable(pdf, policy, at, Unreadable(f"the file cannot be judged: {type(error).__name__}"))
    return file_report(document, reports, policy, at)


def _judge(document: OpenedDocument, examined: Sequence[Examined], clock: Clock) -> tuple[SignatureReport, ...]:
    timestamps = [(each.field, each.tokens[0]) for each in examined if each.is_document_timestamp and not each.fault]
    judged, existence = clock.existence(timestamps)  # 4
    reports = [broken_report(name, detail, document) for name, detail in document.broken_fields]
    for each in examined:
        level = level_of(each, document, clock.basis.evidence, [field for field, _ in timestamps])
        if each.fault is not None:
            reports.append(signature_report(each, document, _worse(each.fault, each), level=level))
        elif each.is_document_timestamp:
            reports.append(_judge_document_timestamp(each, document, judged[each.field.byte_range]))
        else:
            existed_by = existence.get(each.field.revision, clock.known_since)
            reports.append(_judge_signature(each, document, clock, existed_by, level))
    return settled(reports)  # 3 again: what may stay only if it passes


def _judge_signature(
    each: Examined, document: OpenedDocument, clock: Clock, existed_by: datetime, level: str | None
) -> SignatureReport:
    content = each.content
    if content is None or content.signer is None:  # `_holds` refuses such signatures
        raise ValueError("a signature without its certificate")
    judged = [clock.judge_token(token, existed_by) for token in each.tokens]  # 4
    trusted = [token.report.time for token in judged if token.report.trusted]
    moment = Moment(proven=min((*trusted, existed_by)), is_of_act=bool(trusted), now=clock.at)
    standing = judge_certificate(content.signer, SIGNATURE, moment, clock.basis)  # 5–7
    reason, detail = _changed(each) or (standing.reason, standing.detail)  # 3 comes first: it is the worse news
    weak = [name for name in sorted(content.digests) if not clock.basis.policy.accepts_digest(name, moment.proven)]
    if reason is None and weak:
        reason = SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
        detail = f"the digest {weak[0]} is not safe enough for the proven time"
    return signature_report(
        each,
        document,
        Refused(reason, detail) if reason is not None else None,
        level=level,
        standing=standing,
        proven_at=moment.proven,
        timestamp=_shown(judged),
        remark="".join(f"; a timestamp was left aside: {why}" for why in each.left_aside),
    )


def _judge_document_timestamp(each: Examined, document: OpenedDocument, judged: JudgedToken) -> SignatureReport:
    standing = judged.standing
    reason, detail = _changed(each) or (standing.reason, standing.detail)
    return signature_report(
        each,
        document,
        Refused(reason, detail) if reason is not None else None,
        standing=standing,
        proven_at=judged.report.time if judged.report.trusted else None,
        timestamp=judged.report,
    )


def _worse(fault: Refused, each: Examined) -> Refused:
    """What cannot be judged may still be known to be changed."""
    changed = _changed(each)
    return Refused(*changed) if changed and fault.reason.indication is Indication.INDETERMINATE else fault


def _changed(each: Examined) -> tuple[SubIndication, str] | None:
    forbidden = next((change for change in each.modifications if not change.allowed), None)
    if forbidden is None:
        return None
    return SubIndication.DOCUMENT_CHANGED, f"revision {forbidden.revision}: {forbidden.detail}"


def _shown(judged: Sequence[JudgedToken]) -> TimestampReport | None:
    """The earliest trusted one, else the first."""
    trusted = [each.report for each in judged if each.report.trusted]
    return min(trusted, key=lambda each: each.time) if trusted else next((each.report for each in judged), None)


def _unreadable(pdf: bytes, policy: ValidationPolicy, at: datetime, error: Unreadable) -> ValidationReport:
    return unreadable_report(
        pdf,
        policy,
        at,
        reason=error.reason if isinstance(error, Encrypted) else SubIndication.FORMAT_FAILURE,
        detail=str(error),
    )
