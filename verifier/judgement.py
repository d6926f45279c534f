"""Was this certificate good for this act at this time? One question a function, one reason an exit.

EN 319 102-1: 5.2.6 (chain), 5.2.5 (freshness of status), 5.2.8 (algorithms and constraints).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from verifier.certificates import Certificate
from verifier.evidence import Evidence
from verifier.model import SubIndication
from verifier.paths import Chain, NoChain, TrustMaterial
from verifier.policy import ValidationPolicy
from verifier.status import CertificateStatus

TIMESTAMP: Final = "timestamp"
SIGNATURE: Final = "signature"
_COMPROMISES: Final = (
    None,
    x509.ReasonFlags.unspecified,
    x509.ReasonFlags.key_compromise,
    x509.ReasonFlags.ca_compromise,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The time for which a certificate is judged, and how sure it is."""

    proven: datetime
    """The act is proven to have happened by then."""
    is_of_act: bool
    """Whether `proven` is also about when the act happened: a signature timestamp is made at signing (B-T), so what it
    finds ended or revoked was so when signing. Any other proof only says that the act is not younger."""
    now: datetime
    token_time: datetime | None = None
    """Only for timestamp units: the time that the token claims."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """All that a judgement rests on besides the time."""

    evidence: Evidence
    trust: TrustMaterial
    policy: ValidationPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is found about one certificate."""

    reason: SubIndication | None
    detail: str
    chain: Chain | None
    source: str | None = None
    """Where the status of the certificate itself came from."""


def judge_certificate(leaf: Certificate, purpose: str, moment: Moment, basis: Basis) -> Standing:
    """The best standing that any chain of `leaf` gives it at `moment`."""
    chains = basis.trust.chains(leaf, purpose, basis.evidence.certificates)
    if isinstance(chains, NoChain):
        return Standing(reason=chains.reason, detail=chains.detail, chain=None)
    standings = []
    for chain in sorted(chains, key=lambda each: not each.not_before <= moment.proven <= each.not_after):
        standing = _judge_chain(chain, purpose, moment, basis)
        if standing.reason is None:
            return standing
        standings.append(standing)
    return standings[0]


def _judge_chain(chain: Chain, purpose: str, moment: Moment, basis: Basis) -> Standing:
    leaf, policy = chain.certificates[0], basis.policy
    fault = (
        outside_window(chain, moment)
        or wrong_usage(leaf, purpose, policy)
        or weak_algorithm(chain, moment.proven, policy)
    )
    if fault is not None:
        return Standing(reason=fault[0], detail=fault[1], chain=chain)
    source = None
    for subject, issuer in zip(chain.certificates, chain.certificates[1:], strict=False):
        known = [*basis.trust.status.statuses(subject, issuer), *basis.evidence.status.statuses(subject, issuer)]
        fault, used = judge_status(subject, known, moment, policy, is_leaf=subject is leaf)
        source = used if subject is leaf else source
        if fault is not None:
            return Standing(reason=fault[0], detail=fault[1], chain=chain, source=source)
    return Standing(reason=None, detail="every check passed", chain=chain, source=source)


def outside_window(chain: Chain, moment: Moment) -> tuple[SubIndication, str] | None:
    """Was every certificate of the chain, the anchor included, valid at the proven time?"""
    leaf, proven = chain.certificates[0], moment.proven
    if chain.not_before <= proven <= chain.not_after:
        if chain.entry.historical and proven >= moment.now:
            detail = "the anchor counts for the past alone, and nothing proves that the signature is from it"
            return SubIndication.OUT_OF_BOUNDS_NO_POE, detail
        return None
    if proven < leaf.not_before:
        return SubIndication.NOT_YET_VALID, "the certificate was not yet valid at the proven time"
    if proven > leaf.not_after:
        if moment.is_of_act:
            return SubIndication.EXPIRED, "the certificate had ended when the document was signed"
        return SubIndication.OUT_OF_BOUNDS_NO_POE, "the certificate ended, and nothing proves an earlier signing time"
    return SubIndication.OUT_OF_BOUNDS_NO_POE, "the issuer's certificate was not valid at the proven time"


def wrong_usage(leaf: Certificate, purpose: str, policy: ValidationPolicy) -> tuple[SubIndication, str] | None:
    """May the key do this at all? Checked here because pyHanko weakens the stricter setting."""
    named, critical = leaf.extended_key_usages
    if leaf.is_authority:
        return SubIndication.CHAIN_CONSTRAINTS_FAILURE, "the certificate belongs to a certification authority"
    if purpose == TIMESTAMP:
        if named != {ExtendedKeyUsageOID.TIME_STAMPING.dotted_string} or not critical:  # RFC 3161, 2.3
            return SubIndication.CHAIN_CONSTRAINTS_FAILURE, "the certificate is not one for timestamps alone"
        return None
    if not leaf.key_usages & policy.key_usages:
        return SubIndication.CHAIN_CONSTRAINTS_FAILURE, "the certificate's key usage does not allow signing documents"
    if named and not named & policy.extended_key_usages:
        return SubIndication.CHAIN_CONSTRAINTS_FAILURE, "the certificate was issued for another purpose"
    return None


def weak_algorithm(chain: Chain, proven: datetime, policy: ValidationPolicy) -> tuple[SubIndication, str] | None:
    """Were keys and digests of the chain still safe at the proven time? The anchor's own signature is not used."""
    for each in chain.certificates:
        kind, bits = each.key_kind
        if not policy.accepts_key(kind, bits, proven):
            detail = f"a {kind} key of {bits} bits is not safe enough for the proven time"
            return SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, detail
    for each in chain.certificates[:-1]:
        name = each.signature_digest
        if name is not None and not policy.accepts_digest(name, proven):
            detail = f"a certificate signed with {name} is not safe enough for the proven time"
            return SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, detail
    return None


def judge_status(
    subject: Certificate,
    known: Iterable[CertificateStatus],
    moment: Moment,
    policy: ValidationPolicy,
    *,
    is_leaf: bool,
) -> tuple[tuple[SubIndication, str] | None, str | None]:
    """The fault, if any, and the source of the status that decided."""
    usable = [each for each in known if _speaks_of(each, subject, moment.now + policy.clock_skew)]
    latest = max(usable, key=lambda each: each.this_update, default=None)
    revocations = [
        each
        for each in usable
        if each.revoked_at is not None and (each is latest or each.reason is not x509.ReasonFlags.certificate_hold)
    ]
    for each in revocations:
        fault = _revoked(each, moment, is_leaf=is_leaf)
        if fault is not None:
            return fault, each.source
    max_age = policy.status_max_age if is_leaf else policy.authority_status_max_age
    fresh = next((each for each in usable if not stale(each, moment.proven, max_age)), None)
    if fresh is not None:
        return None, fresh.source
    if latest is None:
        return (SubIndication.TRY_LATER, "the revocation status is not known"), None
    return (SubIndication.TRY_LATER, "the revocation status known here is too old"), latest.source


def stale(status: CertificateStatus, proven: datetime, max_age: timedelta) -> bool:
    """Is the status too old to speak for the proven time? (EN 319 102-1, 5.2.5)"""
    if status.this_update >= proven:
        return False  # made after the act existed, so it tells of everything before
    if proven - status.this_update > max_age:
        return True
    return status.next_update is not None and proven > status.next_update


def _speaks_of(status: CertificateStatus, subject: Certificate, latest: datetime) -> bool:
    """Lists may drop certificates that ended: their silence then proves nothing (RFC 5280, 3.3)."""
    if status.this_update > latest:
        return False
    if status.revoked_at is not None or status.this_update <= subject.not_after:
        return True
    return status.covers_expired is not None and status.covers_expired <= subject.not_after


def _revoked(status: CertificateStatus, moment: Moment, *, is_leaf: bool) -> tuple[SubIndication, str] | None:
    if status.revoked_at is None:
        return None
    if moment.token_time is not None and status.revoked_at > moment.token_time and status.reason not in _COMPROMISES:
        return None  # RFC 3161, 4: a unit that was merely retired leaves its earlier tokens good
    if status.revoked_at > moment.proven:
        return None
    if not is_leaf:
        return SubIndication.REVOKED_NO_POE, "an issuer's certificate is revoked"
    if moment.is_of_act:
        return SubIndication.REVOKED, "the certificate had been revoked when the document was signed"
    return SubIndication.REVOKED_NO_POE, "the certificate is revoked, and nothing proves an earlier signing time"
