"""When did it exist at the latest? Timestamps, judged from the newest back (EN 319 102-1, 5.5 and 5.6).

A newer document timestamp proves that everything beneath it existed at its time; so the authority of an older one only
has to have been good by then. This is how archived letters outlive the certificates that they carry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from verifier.certificates import readable_name
from verifier.document import SignatureField
from verifier.integrity import TimestampToken
from verifier.judgement import TIMESTAMP, Basis, Moment, Standing, judge_certificate
from verifier.model import SubIndication, TimestampReport
from verifier.policy import ValidationPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedToken:
    """One timestamp token and what is made of it."""

    report: TimestampReport
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Judges tokens, and remembers what document timestamps prove about which bytes."""

    at: datetime
    known_since: datetime
    """When the file is known to have existed without looking inside: `at`, or when our register first saw it."""
    basis: Basis

    def judge_token(self, token: TimestampToken, existed_by: datetime) -> JudgedToken:
        """Is the authority one that we trust, and was it good when the token is proven to have existed?"""
        unit = token.content.signer
        if unit is None:  # `token_holds` refuses such tokens
            raise ValueError("a token without its unit's certificate")
        moment = Moment(proven=existed_by, is_of_act=False, now=self.at, token_time=token.time)
        standing = judge_certificate(unit, TIMESTAMP, moment, self.basis)
        if standing.reason is None:
            standing = self._sound(token, existed_by, standing)
        report = TimestampReport(
            time=token.time,
            authority=readable_name(unit.pyca.subject),
            trusted=standing.reason is None,
            detail=standing.detail,
            chain=standing.chain.ders if standing.chain else (),
            good_until=_good_until(token, standing, self.basis.policy),
        )
        return JudgedToken(report=report, standing=standing)

    def _sound(self, token: TimestampToken, existed_by: datetime, standing: Standing) -> Standing:
        """Whether its digests, that of the imprint too, were safe, and its time fits what proves its existence."""
        policy = self.basis.policy
        digests = sorted({token.imprint, *token.content.digests})
        weak = next((name for name in digests if not policy.accepts_digest(name, existed_by)), None)
        if weak is not None:
            detail = f"the digest {weak} of the timestamp is not safe enough for the proven time"
            return replace(standing, reason=SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, detail=detail)
        if token.time > existed_by + policy.clock_skew:
            detail = "the timestamp is younger than what proves its existence"
            return replace(standing, reason=SubIndication.TIMESTAMP_ORDER_FAILURE, detail=detail)
        return standing

    def existence(
        self, documents: Sequence[tuple[SignatureField, TimestampToken]]
    ) -> tuple[dict[tuple[int, ...], JudgedToken], dict[int, datetime]]:
        """Judge all document timestamps; by byte range, and by revision when that revision existed at the latest.

        Not by name: a hostile file may use one twice, and no two timestamps without a fault share a byte range.
        """
        judged: dict[tuple[int, ...], JudgedToken] = {}
        proofs: list[tuple[int, datetime]] = []
        for field, token in sorted(documents, key=lambda each: each[0].revision, reverse=True):
            outcome = self.judge_token(token, proven_by(proofs, field.revision, self.known_since))
            judged[field.byte_range] = outcome
            if outcome.report.trusted:
                proofs.append((field.revision, token.time))
        newest = max((field.revision for field, _ in documents), default=0)
        return judged, {revision: proven_by(proofs, revision, self.known_since) for revision in range(newest + 1)}


def _good_until(token: TimestampToken, standing: Standing, policy: ValidationPolicy) -> datetime | None:
    """When the first of chain and algorithms ends: by then something newer has to prove that it existed."""
    chain = standing.chain
    if standing.reason is not None or chain is None:
        return None
    digests = {token.imprint, *token.content.digests}
    digests |= {name for each in chain.certificates[:-1] if (name := each.signature_digest) is not None}
    keys = {each.key_kind for each in chain.certificates}
    ends = [policy.digest_ends(name) for name in digests] + [policy.key_ends(kind, bits) for kind, bits in keys]
    return min((chain.not_after, *(datetime.combine(end, time(23, 59, 59), UTC) for end in ends if end is not None)))


def proven_by(proofs: Sequence[tuple[int, datetime]], revision: int, otherwise: datetime) -> datetime:
    """The earliest time proven for `revision` by timestamps of later revisions."""
    return min((time for later, time in proofs if later > revision), default=otherwise)
