"""Authorities in order: what makes a token bad, who is asked next, who rests."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from signer.cms_check import CmsUnsound
from signer.errors import TimestampUnavailable
from signer.timestamping import TimestampAuthorities, check_token
from tests.support.pki import NOON, Holder, Pki, make_pki
from tests.support.signer_memory import PkiTimestamper

DIGEST = sha256(b"a signature value").digest()


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@dataclass
class Fixed:
    """An authority that always gives the same octets."""

    token: bytes
    chain: tuple[x509.Certificate, ...]
    asked: int = 0

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        self.asked += 1
        return self.token


def authorities(*members: Fixed | PkiTimestamper, clock: Iterable[datetime] = ()) -> TimestampAuthorities:
    times = iter(clock)
    return TimestampAuthorities(members, now=lambda: next(times, NOON))


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


def test_a_good_token_says_when(pki: Pki) -> None:
    stamped = authorities(PkiTimestamper(pki=pki)).timestamp(DIGEST)
    assert stamped.at == pki.at
    assert stamped.token


def test_an_authority_that_fails_three_times_rests_and_is_then_asked_again(pki: Pki) -> None:
    broken, good = PkiTimestamper(pki=pki, broken=True), PkiTimestamper(pki=pki)
    both = authorities(broken, good, clock=[NOON, NOON, NOON + timedelta(seconds=31)])
    for _ in range(4):
        both.timestamp(DIGEST)
    assert broken.asked == 3
    both.timestamp(DIGEST)
    assert broken.asked == 4


def test_the_expected_size_is_enough_before_and_after_the_first_token(pki: Pki) -> None:
    unit = authorities(PkiTimestamper(pki=pki))
    before = unit.expected_size()
    token = unit.timestamp(DIGEST).token
    assert before >= len(token)
    assert len(token) <= unit.expected_size() < before
