"""Upload and register: the same worker, and a standing that only equal bytes earn."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.support.pki import Pki
from tests.vectors.letters import pages, sign, timestamp_document
from verifier.errors import TooLarge
from verifier.limits import Limits
from verifier.model import Indication, Relation, TrustSnapshot
from verifier.policy import ValidationPolicy
from verifier.revisions import MAX_PREFIXES, prefix_digests
from verifier.service import VerificationService
from verifier.worker import WorkerPool


class OneTrust:
    """A `TrustSource` that never changes."""

    def __init__(self, snapshot: TrustSnapshot) -> None:
        self._snapshot = snapshot

    def snapshot(self, at: datetime) -> TrustSnapshot:
        return self._snapshot


class SmallRegister:
    """A `Register` in memory."""

    def __init__(self, *known: bytes) -> None:
        self._known = {hashlib.sha256(each).hexdigest() for each in known}

    def relation(self, *, sha256: str, prefix_sha256s: tuple[str, ...]) -> tuple[Relation, str | None]:
        if sha256 in self._known:
            return Relation.SAME_BYTES, "CODE"
        if self._known.intersection(prefix_sha256s):
            return Relation.EXTENDS, "CODE"
        return Relation.NOT_REGISTERED, None


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1, Limits()) as workers:
        yield workers


@pytest.fixture
def service(
    pool: WorkerPool, pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> VerificationService:
    return VerificationService(
        pool,
        OneTrust(trust),
        SmallRegister(letter_b_t),
        policy=policy,
        limits=Limits(document_bytes=200_000),
        now=lambda: pki.at + timedelta(hours=1),
    )


def test_the_registered_bytes_are_recognised(service: VerificationService, letter_b_t: bytes) -> None:
    verification = service.by_upload(letter_b_t)
    assert verification.report.indication is Indication.TOTAL_PASSED
    assert (verification.relation, verification.code) == (Relation.SAME_BYTES, "CODE")


def test_a_letter_that_grew_extends_the_registered_one(
    service: VerificationService, letter_b_t: bytes, pki: Pki
) -> None:
    verification = service.by_upload(timestamp_document(letter_b_t, pki, pki.at))
    assert verification.report.indication is Indication.TOTAL_PASSED
    assert verification.relation is Relation.EXTENDS


def test_a_strangers_letter_is_judged_and_not_registered(service: VerificationService, pki: Pki) -> None:
    verification = service.by_upload(sign(pages("Lain"), pki.official, claimed=pki.at))
    assert verification.report.indication is Indication.TOTAL_PASSED
    assert (verification.relation, verification.code) == (Relation.NOT_REGISTERED, None)


def test_a_kept_letter_is_judged_now(service: VerificationService, letter_b_b: bytes, pki: Pki) -> None:
    report = service.registered(letter_b_b, known_since=pki.at)
    assert report.validated_at == pki.at + timedelta(hours=1)
    assert report.signatures[0].proven_at == pki.at


def test_too_large_is_refused_with_the_field(service: VerificationService) -> None:
    with pytest.raises(TooLarge) as refusal:
        service.by_upload(b"x" * 200_001)
    assert refusal.value.field == "document"


def test_every_earlier_revision_has_its_digest_newest_first(letter_b_t: bytes, pki: Pki) -> None:
    plain = pages("Surat dinas")
    grown = timestamp_document(letter_b_t, pki, pki.at)
    digests = prefix_digests(grown)
    old, young = (hashlib.sha256(each).hexdigest() for each in (plain, letter_b_t))
    assert digests.index(young) < digests.index(old)
    assert hashlib.sha256(grown).hexdigest() not in digests
    assert len(prefix_digests(b"%%EOF\n" * 10_000)) == 2 * MAX_PREFIXES
