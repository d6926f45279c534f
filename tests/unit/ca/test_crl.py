"""Building, checking and publishing the list of what is revoked."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from asn1crypto import core
from asn1crypto import crl as asn1_crl
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import SignatureAlgorithmOID

from ca.crl import CrlPublisher
from ca.errors import LintObjected, Misconfigured, RevocationRefused, SigningKeyUnavailable
from ca.model import NEVER, StatusPeriods
from tests.support.ca_hierarchy import NOON, World, new_world
from tests.support.ca_keys import SilentKey, WrongKey
from tests.support.ca_memory import MemoryCrlStore

HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return new_world()


def publisher(world: World, key: ec.EllipticCurvePrivateKey) -> CrlPublisher:
    return CrlPublisher(
        issuer_id="ca-1-g1",
        certificate=world.issuing_ca,
        key=key,
        log=world.log,
        crl_store=world.crl_store,
        periods=world.periods,
        now=world.clock,
    )


def test_an_empty_crl_says_who_when_and_which_number(world: World) -> None:
    published = world.publisher().publish()
    crl = x509.load_der_x509_crl(published.der)
    assert crl.issuer == world.issuing_ca.subject
    assert crl.is_signature_valid(world.keys["ca-1-g1"].public_key())
    assert crl.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA384
    assert (crl.last_update_utc, crl.next_update_utc) == (NOON, NOON + 48 * HOUR)
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 1
    assert len(crl) == 0
    assert (published.number, published.this_update, published.next_update) == (1, NOON, NOON + 48 * HOUR)
    assert published.sha256 == sha256(published.der).hexdigest()
    assert world.crl_store.current("ca-1-g1") == published


def test_expired_certificates_stay_listed_from_the_beginning_of_the_ca(world: World) -> None:
    parsed = asn1_crl.CertificateList.load(world.publisher().publish().der, strict=True)
    extensions = {one["extn_id"].dotted: one for one in parsed["tbs_cert_list"]["crl_extensions"]}
    assert set(extensions) == {"2.5.29.35", "2.5.29.20", "2.5.29.60"}
    assert not any(one["critical"].native for one in extensions.values())
    since = core.GeneralizedTime.load(extensions["2.5.29.60"]["extn_value"].native, strict=True)
    assert since.native == world.issuing_ca.not_valid_before_utc


def test_a_certificate_stays_on_the_crl_after_it_expired(world: World) -> None:
    certificate = world.official()
    world.revoke(certificate)
    world.clock.advance(days=3 * 365)
    crl = x509.load_der_x509_crl(world.publisher().publish().der)
    assert crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None


def test_the_root_has_its_own_crl_with_a_longer_life(world: World) -> None:
    published = world.hierarchy.root_crl
    assert (published.issuer_id, published.number) == ("root-g1", 1)
    crl = x509.load_der_x509_crl(published.der)
    assert crl.is_signature_valid(world.keys["root-g1"].public_key())
    assert crl.next_update_utc == NOON + timedelta(days=365)


def test_numbers_grow(world: World) -> None:
    assert [world.publisher().publish().number for _ in range(3)] == [1, 2, 3]


def test_a_crl_is_due_when_there_is_none_when_it_is_old_and_when_something_was_revoked(world: World) -> None:
    due = world.publisher().publish_if_due
    certificate = world.official()
    assert due() is not None
    assert due() is None
    world.clock.advance(hours=6, seconds=-1)
    assert due() is None
    world.clock.advance(seconds=1)
    assert due() is not None
    world.log.revoke(
        serial=certificate.serial_number,
        issuer_id="ca-1-g1",
        reason=None,
        invalidity_date=None,
        actor="officer-1",
        at=world.clock(),
    )
    assert due() is not None
    assert due() is None


def test_a_key_that_does_not_answer_leaves_the_old_crl_current(world: World) -> None:
    old = world.publisher().publish()
    with pytest.raises(SigningKeyUnavailable):
        publisher(world, SilentKey(world.keys["ca-1-g1"])).publish()
    assert world.crl_store.current("ca-1-g1") == old


def test_a_signature_that_does_not_verify_leaves_the_old_crl_current(world: World) -> None:
    old = world.publisher().publish()
    with pytest.raises(Misconfigured, match="does not verify"):
        publisher(world, WrongKey(world.keys["ca-1-g1"])).publish()
    assert world.crl_store.current("ca-1-g1") == old


def test_a_store_whose_numbers_do_not_grow_is_noticed(world: World) -> None:
    class StandingStill(MemoryCrlStore):
        def next_number(self, issuer_id: str) -> int:
            return 1

    world.crl_store = StandingStill()
    world.publisher().publish()
    with pytest.raises(LintObjected) as objected:
        world.publisher().publish()
    assert (objected.value.field, objected.value.reason) == ("crl", "rfc5280.crl_number")


def test_a_key_of_another_ca_is_refused_at_once(world: World) -> None:
    with pytest.raises(Misconfigured, match="key is not the certificate's"):
        publisher(world, world.keys["root-g1"])


def test_publishing_from_many_threads_gives_each_number_once(world: World) -> None:
    it = world.publisher()
    with ThreadPoolExecutor(4) as threads:
        numbers = [crl.number for crl in threads.map(lambda _: it.publish(), range(12))]
    assert sorted(numbers) == list(range(1, 13))


def test_the_periods_are_settings(world: World) -> None:
    world.periods = replace(StatusPeriods(), crl_valid=12 * HOUR)
    assert world.publisher().publish().next_update == NOON + 12 * HOUR


def test_a_ca_says_its_last_word_only_when_nothing_stands(world: World) -> None:
    """The time-stamping unit is valid, so somebody may still ask."""
    with pytest.raises(RevocationRefused) as refused:
        world.publisher().publish_last()
    assert refused.value.reason == "certificates-stand"
    assert world.publisher().publish().next_update == NOON + 48 * HOUR


def test_the_last_list_never_ends_and_none_follows(world: World) -> None:
    tsu = world.hierarchy.tsu.serial_number
    world.log.revoke(
        serial=tsu,
        issuer_id="ca-1-g1",
        reason=x509.ReasonFlags.cessation_of_operation,
        invalidity_date=None,
        actor="x",
        at=NOON,
    )
    last = world.publisher().publish_last()
    crl = x509.load_der_x509_crl(last.der)
    assert last.next_update == crl.next_update_utc == NEVER
    assert asn1_crl.CertificateList.load(last.der)["tbs_cert_list"]["next_update"].chosen.contents == b"99991231235959Z"
    assert [entry.serial_number for entry in crl] == [tsu]
    world.clock.advance(days=4000)
    assert world.publisher().publish_if_due() is None
    for again in (world.publisher().publish, world.publisher().publish_last):
        with pytest.raises(RevocationRefused) as refused:
            again()
        assert refused.value.reason == "last-crl"
    assert world.crl_store.current("ca-1-g1") == last


def test_certificates_that_ended_do_not_stand(world: World) -> None:
    world.clock.advance(days=365 * 9)
    assert world.publisher().publish_last().next_update == NEVER
