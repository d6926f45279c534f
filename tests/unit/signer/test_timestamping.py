"""Authorities in order: what makes a token bad, who is asked next, who rests and how they come back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from signer.breaker import LONGEST_REST, REST, Breaker
from signer.cms_check import CmsUnsound
from signer.errors import TimestampUnavailable
from signer.model import StampedToken
from signer.timestamp_check import check_token
from signer.timestamping import TimestampAuthorities
from tests.support.pki import NOON, Holder, Pki, make_pki
from tests.support.signer_memory import PkiTimestamper

DIGEST = sha256(b"a signature value").digest()


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@dataclass
class Clock:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Fixed:
    """An authority that always gives the same octets."""

    token: bytes
    chain: tuple[x509.Certificate, ...]
    asked: int = 0
    name: str = "fixed"

    def timestamp(self, digest: bytes, algorithm: str) -> StampedToken:
        self.asked += 1
        return StampedToken(token=self.token, chain=self.chain)


@dataclass
class House:
    """Authorities and their clock."""

    members: list[Fixed | PkiTimestamper]
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.authorities = TimestampAuthorities(self.members, now=self.clock)


def authorities(*members: Fixed | PkiTimestamper) -> TimestampAuthorities:
    return House(list(members)).authorities


def test_no_authority_is_no_timestamp() -> None:
    with pytest.raises(TimestampUnavailable):
        authorities().timestamp(DIGEST)


def bad_tokens(pki: Pki) -> dict[str, tuple[bytes, Holder]]:
    other, plain = make_pki(), pki.tsu_with(critical=False)
    both = pki.tsu_with(extended_key_usage=[ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING])
    expired = pki.tsu_with(not_after=pki.at - timedelta(days=1))
    good = pki.token(DIGEST)
    return {
        "nothing": (b"", pki.tsu),
        "noise": (b"\x30\x03\x02\x01\x00", pki.tsu),
        "over another digest": (pki.token(sha256(b"other").digest()), pki.tsu),
        "by another unit": (other.token(DIGEST), pki.tsu),
        "a changed octet": (good[:-1] + bytes([good[-1] ^ 1]), pki.tsu),
        "key usage not critical": (pki.token(DIGEST, unit=plain), plain),
        "key usage not alone": (pki.token(DIGEST, unit=both), both),
        "by an expired unit": (pki.token(DIGEST, unit=expired), expired),
        "by an official": (pki.token(DIGEST, unit=pki.official), pki.official),
    }


@pytest.mark.parametrize("fault", list(bad_tokens(make_pki())))
def test_a_bad_token_is_passed_over_and_the_next_authority_asked(pki: Pki, fault: str) -> None:
    token, unit = bad_tokens(pki)[fault]
    with pytest.raises(CmsUnsound):
        check_token(token, DIGEST, unit.certificate)
    bad, good = Fixed(token, unit.chain), PkiTimestamper(pki=pki)
    assert authorities(bad, good).timestamp(DIGEST).chain == pki.tsu.chain
    assert (bad.asked, good.asked) == (1, 1)


def test_a_digest_of_the_same_length_by_another_hash_is_another_digest(pki: Pki) -> None:
    with pytest.raises(CmsUnsound, match="another digest"):
        check_token(pki.token(DIGEST, "sha384"), DIGEST, pki.tsu.certificate)


def test_a_good_token_says_when(pki: Pki) -> None:
    stamped = authorities(PkiTimestamper(pki=pki)).timestamp(DIGEST)
    assert stamped.at == pki.at
    assert stamped.token


def test_an_authority_that_fails_three_times_rests_and_is_then_asked_again(pki: Pki) -> None:
    broken, good = PkiTimestamper(pki=pki, broken=True, name="broken"), PkiTimestamper(pki=pki, name="good")
    house = House([broken, good])
    for _ in range(4):
        house.authorities.timestamp(DIGEST)
    assert broken.asked == 3
    assert [(each.name, each.granted, each.failed, each.rests) for each in house.authorities.counts()] == [
        ("broken", 0, 3, True),
        ("good", 4, 0, False),
    ]
    house.clock.at += REST
    broken.broken = False
    house.authorities.timestamp(DIGEST)
    assert (broken.asked, good.asked) == (4, 4)
    assert not any(each.rests for each in house.authorities.counts())


def test_after_a_rest_one_caller_tries_while_the_others_go_on() -> None:
    clock = Clock()
    breaker = Breaker(now=clock)
    for _ in range(3):
        assert breaker.permits()
        breaker.failed()
    assert not breaker.permits()
    clock.at += REST
    assert breaker.permits()
    assert not breaker.permits(), "half-open: the trial has not ended"
    breaker.succeeded()
    assert breaker.permits()
    assert breaker.permits()


def test_each_failed_trial_doubles_the_rest_up_to_a_limit() -> None:
    clock = Clock()
    breaker = Breaker(now=clock)
    for _ in range(3):
        breaker.failed()
    rests = []
    for _ in range(8):
        before = clock.at
        while not breaker.permits():
            clock.at += timedelta(seconds=1)
        rests.append(clock.at - before)
        breaker.failed()
    assert rests[:3] == [REST, 2 * REST, 4 * REST]
    assert rests[-1] == LONGEST_REST


def test_a_trial_that_never_ends_does_not_close_the_door_for_good() -> None:
    clock = Clock()
    breaker = Breaker(now=clock)
    for _ in range(3):
        breaker.failed()
    clock.at += REST
    assert breaker.permits()
    clock.at += REST
    assert breaker.permits()


def test_the_expected_size_is_enough_before_and_after_the_first_token(pki: Pki) -> None:
    unit = authorities(PkiTimestamper(pki=pki))
    before = unit.expected_size()
    token = unit.timestamp(DIGEST).token
    assert before >= len(token)
    assert len(token) <= unit.expected_size() < before
