"""The numbered steps, and what is left behind when each of them fails."""

import re
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.csr import request_for
from ca.errors import (
    IssuedOtherThanPrepared,
    LintObjected,
    Misconfigured,
    RequestRefused,
    SigningKeyUnavailable,
)
from ca.issuance import IssuanceService
from ca.issuer import Issuer
from ca.lints import CERTIFICATE_LINTS, LINTERS, Candidate, Finding
from ca.model import CertificateState
from ca.profiles import ISSUING_CA, OFFICIAL
from tests.support.ca_hierarchy import NAMES, PERSON, World, new_world
from tests.support.ca_keys import RemoteKey, SilentKey, WrongKey
from tests.support.ca_memory import MemoryCertificateLog


@pytest.fixture
def world() -> World:
    return new_world()


def issue(service: IssuanceService, key: ec.EllipticCurvePrivateKey | None = None) -> x509.Certificate:
    key = key or ec.generate_private_key(ec.SECP256R1())
    return service.issue(request_for(key, PERSON.common_name), PERSON, OFFICIAL, "officer-1")


def newest(world: World) -> tuple[CertificateState, list[str]]:
    """State of the newest row, and the acts of its serial in order."""
    serial = world.log.audit[-1].serial
    acts = [line.act for line in world.log.audit if line.serial == serial]
    return world.log.rows["ca-1-g1", serial].state, acts


def always_objecting(_: Candidate) -> Iterator[Finding]:
    yield Finding(code="test.always", detail="on purpose")


def test_a_certificate_is_reserved_prepared_and_recorded_in_this_order(world: World) -> None:
    certificate = issue(world.issuance())
    assert newest(world) == (CertificateState.ISSUED, ["reserve", "record_intent", "record_issued"])
    row = world.log.find(serial=certificate.serial_number, issuer_id="ca-1-g1")
    assert row is not None
    assert row.der == certificate.public_bytes(Encoding.DER)
    assert row.profile == "official/1"
    assert world.log.intents["ca-1-g1", certificate.serial_number] == certificate.tbs_certificate_bytes
    assert [line.detail for line in world.log.audit[-3:]] == ["officer-1", LINTERS, ""]


def test_linters_are_named_with_their_versions() -> None:
    assert re.fullmatch(r"house/\d+ pkilint/\d+\.\d+\.\d+", LINTERS)


def test_a_refused_request_leaves_no_row(world: World) -> None:
    rows = dict(world.log.rows)
    p384 = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(RequestRefused):
        issue(world.issuance(), p384)
    assert world.log.rows == rows


def test_a_key_is_certified_once(world: World) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    issue(world.issuance(), key)
    with pytest.raises(RequestRefused) as refused:
        issue(world.issuance(), key)
    assert refused.value.reason == "key-already-certified"


def test_a_profile_that_this_issuer_does_not_issue_leaves_no_row(world: World) -> None:
    rows = dict(world.log.rows)
    key = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(Misconfigured):
        world.issuance().issue(request_for(key, PERSON.common_name), PERSON, ISSUING_CA, "officer-1")
    assert world.log.rows == rows


def test_an_objecting_lint_burns_the_serial_and_never_reaches_the_ca_key(world: World) -> None:
    key = RemoteKey(world.keys["ca-1-g1"])
    service = world.issuance(issuer=world.issuer(key), lints=[*CERTIFICATE_LINTS, always_objecting])
    with pytest.raises(LintObjected, match=r"test\.always"):
        issue(service)
    assert key.signatures == 0
    assert newest(world) == (CertificateState.ABANDONED, ["reserve", "abandon"])
    assert list(world.log.revoked("ca-1-g1")) == []


def test_without_lints_nothing_is_issued(world: World) -> None:
    key = RemoteKey(world.keys["ca-1-g1"])
    with pytest.raises(Misconfigured):
        issue(world.issuance(issuer=world.issuer(key), lints=[]))
    assert key.signatures == 0


def test_a_key_that_does_not_answer_is_asked_once_and_the_intent_is_abandoned(world: World) -> None:
    key = SilentKey(world.keys["ca-1-g1"])
    with pytest.raises(SigningKeyUnavailable):
        issue(world.issuance(issuer=world.issuer(key)))
    assert key.signatures == 1
    state, acts = newest(world)
    assert (state, acts) == (CertificateState.ABANDONED, ["reserve", "record_intent", "abandon"])
    (entry,) = world.log.revoked("ca-1-g1")
    assert (entry.serial, entry.reason) == (world.log.audit[-1].serial, None)


def test_after_an_abandoned_intent_the_same_key_gets_a_new_serial(world: World) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(SigningKeyUnavailable):
        issue(world.issuance(issuer=world.issuer(SilentKey(world.keys["ca-1-g1"]))), key)
    burnt = world.log.audit[-1].serial
    assert issue(world.issuance(), key).serial_number != burnt


@pytest.mark.parametrize("cause", ["another signature", "another throw-away key"])
def test_a_certificate_other_than_the_prepared_one_is_abandoned(world: World, cause: str) -> None:
    if cause == "another signature":
        issuer = world.issuer(WrongKey(world.keys["ca-1-g1"]))
    else:
        issuer = Issuer(
            id="ca-1-g1",
            certificate=world.issuing_ca,
            key=world.keys["ca-1-g1"],
            chain=(world.root,),
            names=NAMES,
            now=world.clock,
            throw_away_key=lambda _: ec.generate_private_key(ec.SECP256R1()),
        )
    with pytest.raises(IssuedOtherThanPrepared):
        issue(world.issuance(issuer=issuer))
    assert newest(world)[0] is CertificateState.ABANDONED
    assert len(list(world.log.revoked("ca-1-g1"))) == 1


class Power(Exception):
    """The process dies here."""


@dataclass
class DyingLog:
    """A log that dies at one of its methods, before or after it wrote."""

    log: MemoryCertificateLog
    at: str
    after: bool

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = getattr(self.log, name)
        if name != self.at:
            return method

        def dying(**arguments: object) -> None:
            if self.after:
                method(**arguments)
            raise Power

        return dying


@pytest.mark.parametrize(
    ("step", "after", "left", "signed", "on_crl"),
    [
        ("reserve", False, None, 0, False),
        ("reserve", True, CertificateState.ABANDONED, 0, False),
        ("record_intent", False, CertificateState.ABANDONED, 0, False),
        ("record_intent", True, CertificateState.ABANDONED, 0, True),
        ("record_issued", False, CertificateState.ABANDONED, 1, True),
        ("record_issued", True, CertificateState.ISSUED, 1, False),
    ],
)
def test_storage_that_dies_at_a_step_leaves_what_the_table_says(
    step: str, after: bool, left: CertificateState | None, signed: int, on_crl: bool
) -> None:
    """The states of docs/issuing.md after reconciliation."""
    world = new_world()
    log = MemoryCertificateLog()
    key = RemoteKey(world.keys["ca-1-g1"])
    service = IssuanceService(
        log=DyingLog(log, step, after),
        issuer=world.issuer(key),
        lints=CERTIFICATE_LINTS,
        now=world.clock,
        random_bytes=secrets.token_bytes,
    )
    with pytest.raises(Power):
        issue(service)
    world.clock.advance(minutes=11)
    world.log = log
    world.issuance().reconcile()
    states = [row.state for row in log.rows.values()]
    assert states == ([] if left is None else [left])
    assert key.signatures == signed
    assert bool(list(log.revoked("ca-1-g1"))) == on_crl


def test_reconciliation_waits_ten_minutes(world: World) -> None:
    service = world.issuance()
    world.log.reserve(serial=5, issuer_id="ca-1-g1", profile="official/1", subject="", actor="test", at=world.clock())
    world.clock.advance(minutes=10)
    assert service.reconcile() == 0
    world.clock.advance(seconds=1)
    assert service.reconcile() == 1
    assert world.log.rows["ca-1-g1", 5].state is CertificateState.ABANDONED


def test_no_subject_ever_holds_a_number_of_a_person(world: World) -> None:
    numbered = replace(PERSON, common_name="Contoh 1234567890123456")
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(LintObjected) as objected:
        world.issuance().issue(request_for(key, numbered.common_name), numbered, OFFICIAL, "officer-1")
    assert "house.identity_numbers" in objected.value.reason
    assert "1234567890123456" not in str(objected.value)


def test_issuing_stops_in_time_before_the_ca_ends(world: World) -> None:
    service = world.issuance()
    world.clock.at = world.issuing_ca.not_valid_after_utc - OFFICIAL.validity + timedelta(days=74)
    with pytest.raises(Misconfigured, match="successor"):
        issue(service)


def test_many_threads_issue_at_once(world: World) -> None:
    service = world.issuance()
    with ThreadPoolExecutor(4) as threads:
        serials = {certificate.serial_number for certificate in threads.map(lambda _: issue(service), range(24))}
    assert len(serials) == 24
    assert all(world.log.rows["ca-1-g1", serial].state is CertificateState.ISSUED for serial in serials)
