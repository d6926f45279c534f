"""Somebody else's timestamps: every way in which an answer is none."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.errors import TimestampUnavailable
from signer.outside_authority import CLOCK_SKEW, OutsideAuthority, OutsideTrust
from signer.timestamp_check import check_token
from signer.timestamping import TimestampAuthorities
from tests.support.pki import Pki, make_pki
from tests.support.signing import counted_bytes
from tests.support.tsa import TSA_POLICY, OpensslAuthority, OtherAuthority

DIGEST = sha256(b"a signature value").digest()


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def authority(pki: Pki, ask: object, *, policies: frozenset[str] = frozenset({TSA_POLICY})) -> OutsideAuthority:
    return OutsideAuthority(
        name="other",
        ask=ask,  # type: ignore[arg-type]  # whatever a test puts behind the wire
        trust=OutsideTrust(anchors=(pki.root.certificate,), policies=policies),
        now=lambda: pki.at,
        random_bytes=counted_bytes(),
    )


def test_a_good_answer_is_a_token_with_its_chain(pki: Pki) -> None:
    own = authority(pki, OtherAuthority(pki))
    assert own.chain == ()
    stamped = own.timestamp(DIGEST, "sha256")
    assert check_token(stamped.token, DIGEST, pki.tsu.certificate).at == pki.at
    assert stamped.chain == own.chain == pki.tsu.chain


def bad_answers(pki: Pki) -> dict[str, OtherAuthority]:
    good, second = OtherAuthority(pki), timedelta(seconds=1)
    expired = pki.tsu_with(not_after=pki.at - 30 * second)
    return {
        "refused": replace(good, status=2),
        "over another digest": replace(good, wrong_imprint=True),
        "another nonce": replace(good, nonce=lambda nonce: nonce + 1),
        "no nonce": replace(good, nonce=lambda _: None),
        "another policy": replace(good, policy=f"{TSA_POLICY}.9"),
        "of a stranger": OtherAuthority(make_pki()),
        "by a unit that ended": replace(good, unit=expired, at=pki.at - 31 * second),
        "by an official": replace(good, unit=pki.official),
        "for code too": replace(
            good,
            unit=pki.tsu_with(extended_key_usage=[ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING]),
        ),
        "without its certificate": replace(good, name_in_token=False),
        "of tomorrow": replace(good, at=pki.at + CLOCK_SKEW + second),
        "of yesterday": replace(good, at=pki.at - CLOCK_SKEW - second),
    }


@pytest.mark.parametrize("fault", list(bad_answers(make_pki())))
def test_each_fault_is_no_timestamp(pki: Pki, fault: str) -> None:
    with pytest.raises(TimestampUnavailable):
        authority(pki, bad_answers(pki)[fault]).timestamp(DIGEST, "sha256")


def test_any_policy_is_good_where_none_is_named(pki: Pki) -> None:
    ask = replace(OtherAuthority(pki), policy=f"{TSA_POLICY}.9")
    assert authority(pki, ask, policies=frozenset()).timestamp(DIGEST, "sha256").token


def test_the_only_allowed_policy_is_asked_for_and_no_nonce_comes_twice(pki: Pki) -> None:
    asked: list[bytes] = []
    other = OtherAuthority(pki)

    def ask(request: bytes) -> bytes:
        asked.append(request)
        return other(request)

    own = authority(pki, ask)
    for _ in range(3):
        own.timestamp(DIGEST, "sha256")
    read = [tsp.TimeStampReq.load(each) for each in asked]
    assert {each["req_policy"].native for each in read} == {TSA_POLICY}
    assert len({each["nonce"].native for each in read}) == 3


@settings(max_examples=200, deadline=None)
@given(
    where=st.integers(0, 9_999),
    how=st.sampled_from(["cut", "flip", "add"]),
    octets=st.binary(min_size=1, max_size=9),
    flip=st.integers(1, 255),
)
def test_no_changed_answer_is_believed(pki: Pki, where: int, how: str, octets: bytes, flip: int) -> None:
    """Whatever is cut, changed or added on the wire: a token that is believed is over our digest, by the unit."""
    good = OtherAuthority(pki)

    def ask(request: bytes) -> bytes:
        answer = good(request)
        at = where % len(answer)
        if how == "cut":
            return answer[:at]
        if how == "add":
            return answer + octets
        return answer[:at] + bytes([answer[at] ^ flip]) + answer[at + 1 :]

    try:
        stamped = authority(pki, ask).timestamp(DIGEST, "sha256")
    except TimestampUnavailable:
        return
    assert check_token(stamped.token, DIGEST, pki.tsu.certificate).at == pki.at
    assert stamped.chain == pki.tsu.chain


@settings(max_examples=200, deadline=None)
@given(rubbish=st.binary(max_size=300))
def test_rubbish_is_no_timestamp(pki: Pki, rubbish: bytes) -> None:
    with pytest.raises(TimestampUnavailable):
        authority(pki, lambda _: rubbish).timestamp(DIGEST, "sha256")


def test_the_next_authority_answers_where_this_one_does_not(pki: Pki) -> None:
    bad = authority(pki, OtherAuthority(make_pki()))
    good = authority(pki, OtherAuthority(pki))
    both = TimestampAuthorities([bad, good], now=lambda: pki.at)
    assert both.timestamp(DIGEST).chain == pki.tsu.chain
    assert both.expected_size() >= len(both.timestamp(DIGEST).token)


@pytest.mark.judge
def test_openssls_responder_is_believed(tmp_path: Path) -> None:
    pki = make_pki(datetime.now(UTC).replace(microsecond=0))
    own = OutsideAuthority(
        name="openssl",
        ask=OpensslAuthority(tmp_path, pki.tsu),
        trust=OutsideTrust(anchors=(pki.root.certificate,), policies=frozenset({TSA_POLICY})),
        now=lambda: datetime.now(UTC),
        random_bytes=counted_bytes(),
    )
    for _ in itertools.repeat(None, 2):
        assert own.timestamp(DIGEST, "sha256").chain == pki.tsu.chain
