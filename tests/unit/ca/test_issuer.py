"""The only place where a CA key signs a certificate."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from ca.errors import (
    CaError,
    IssuedOtherThanPrepared,
    LintObjected,
    Misconfigured,
    SigningKeyUnavailable,
    TokenAlreadyRedeemed,
    TokenOfAnotherIssuer,
)
from ca.issuer import IssuanceToken, Issuer
from ca.lints import CERTIFICATE_LINTS
from ca.lints.house_serial import house_serial
from ca.profiles import ISSUING_CA, OFFICIAL, ROOT_CA, TSU, Profile
from ca.serials import new_serial
from ca.subjects import name_of
from tests.support.ca_hierarchy import NAMES, NOON, PERSON, World, new_world
from tests.support.ca_keys import RemoteKey, SilentKey, WrongKey

P256, P384 = ec.SECP256R1(), ec.SECP384R1()


@pytest.fixture(scope="module")
def world() -> World:
    return new_world()


def prepared(issuer: Issuer, *, serial: int | None = None) -> IssuanceToken:
    draft = issuer.draft(
        OFFICIAL,
        serial=serial or new_serial(secrets.token_bytes),
        subject=name_of(PERSON, OFFICIAL, NAMES),
        public_key=ec.generate_private_key(P256).public_key(),
        at=NOON,
    )
    return issuer.prepare(draft, lints=CERTIFICATE_LINTS, at=NOON)


def ca_key(world: World) -> RemoteKey:
    return RemoteKey(world.keys["ca-1-g1"])


def test_what_is_issued_is_what_was_prepared(world: World) -> None:
    key = ca_key(world)
    issuer = world.issuer(key)
    token = prepared(issuer)
    assert key.signatures == 0
    certificate = issuer.issue(token)
    assert certificate.tbs_certificate_bytes == token.tbs
    assert certificate.serial_number == token.serial
    certificate.verify_directly_issued_by(world.issuing_ca)
    assert key.signatures == 1


def test_a_token_is_good_once(world: World) -> None:
    key = ca_key(world)
    issuer = world.issuer(key)
    token = prepared(issuer)
    issuer.issue(token)
    with pytest.raises(TokenAlreadyRedeemed):
        issuer.issue(token)
    assert key.signatures == 1


def test_a_token_is_good_once_for_many_threads(world: World) -> None:
    key = ca_key(world)
    issuer = world.issuer(key)
    token = prepared(issuer)

    def attempt(_: int) -> bool:
        try:
            issuer.issue(token)
        except TokenAlreadyRedeemed:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(32))) == 1
    assert key.signatures == 1


def test_a_token_is_good_at_its_own_issuer(world: World) -> None:
    key = ca_key(world)
    token = prepared(world.issuer())
    with pytest.raises(TokenOfAnotherIssuer):
        world.issuer(key).issue(token)
    assert key.signatures == 0


def test_a_token_is_good_once_even_if_the_key_does_not_answer(world: World) -> None:
    key = SilentKey(world.keys["ca-1-g1"])
    issuer = world.issuer(key)
    token = prepared(issuer)
    with pytest.raises(SigningKeyUnavailable):
        issuer.issue(token)
    with pytest.raises(TokenAlreadyRedeemed):
        issuer.issue(token)
    assert key.signatures == 1


def test_a_lint_that_objects_leaves_the_ca_key_alone(world: World) -> None:
    key = ca_key(world)
    with pytest.raises(LintObjected) as objected:
        prepared(world.issuer(key), serial=5)
    assert (objected.value.field, objected.value.reason) == ("certificate", "house.serial")
    assert key.signatures == 0


def test_nothing_is_prepared_without_lints(world: World) -> None:
    issuer = world.issuer()
    draft = issuer.draft(
        OFFICIAL,
        serial=new_serial(secrets.token_bytes),
        subject=name_of(PERSON, OFFICIAL, NAMES),
        public_key=ec.generate_private_key(P256).public_key(),
        at=NOON,
    )
    with pytest.raises(Misconfigured):
        issuer.prepare(draft, lints=(), at=NOON)
    assert issuer.prepare(draft, lints=(house_serial,), at=NOON).serial == draft.serial


def test_a_signature_of_another_key_is_noticed(world: World) -> None:
    issuer = world.issuer(WrongKey(world.keys["ca-1-g1"]))
    with pytest.raises(IssuedOtherThanPrepared, match="does not verify"):
        issuer.issue(prepared(issuer))


def test_a_throw_away_key_of_another_kind_is_noticed(world: World) -> None:
    issuer = Issuer(
        id="ca-1-g1",
        certificate=world.issuing_ca,
        key=world.keys["ca-1-g1"],
        chain=(world.root,),
        names=NAMES,
        now=world.clock,
        throw_away_key=lambda _: ec.generate_private_key(P256),
    )
    with pytest.raises(IssuedOtherThanPrepared, match="to-be-signed bytes differ"):
        issuer.issue(prepared(issuer))


def refused(world: World, **changes: object) -> str:
    good: dict[str, object] = {
        "id": "ca-1-g1",
        "certificate": world.issuing_ca,
        "key": world.keys["ca-1-g1"],
        "chain": (world.root,),
        "names": NAMES,
        "now": world.clock,
    }
    with pytest.raises(Misconfigured) as misconfigured:
        Issuer(**(good | changes))
    return str(misconfigured.value)


def test_a_set_up_that_makes_no_ca_is_refused(world: World) -> None:
    other = ec.generate_private_key(P384)
    assert "key is not the certificate's" in refused(world, key=other)
    assert "chain is broken" in refused(world, chain=(world.issuing_ca,))
    assert "chain is broken" in refused(world, chain=())
    tsu = {"certificate": world.hierarchy.tsu, "key": world.keys[world.hierarchy.tsu_id]}
    assert "is no CA" in refused(world, **tsu, chain=(world.issuing_ca, world.root))
    soon = world.issuing_ca.not_valid_after_utc - timedelta(days=29)
    assert "set up its successor" in refused(world, now=lambda: soon)


def resigned(world: World, *changed: x509.ExtensionType) -> x509.Certificate:
    """The issuing CA's certificate with some extensions replaced."""
    ca = world.issuing_ca
    by_oid = {value.oid: value for value in changed}
    builder = (
        x509.CertificateBuilder()
        .subject_name(ca.subject)
        .issuer_name(ca.issuer)
        .public_key(world.keys["ca-1-g1"].public_key())
        .serial_number(ca.serial_number)
        .not_valid_before(ca.not_valid_before_utc)
        .not_valid_after(ca.not_valid_after_utc)
    )
    for extension in ca.extensions:
        builder = builder.add_extension(by_oid.get(extension.oid, extension.value), extension.critical)
    return builder.sign(world.keys["root-g1"], ca.signature_hash_algorithm)


def test_a_ca_with_another_path_length_or_key_usage_is_refused(world: World) -> None:
    assert "path length" in refused(world, certificate=resigned(world, x509.BasicConstraints(True, None)))
    assert "path length" in refused(world, certificate=resigned(world, x509.BasicConstraints(True, 1)))
    usage = world.issuing_ca.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.crl_sign
    no_crl = x509.KeyUsage(False, False, False, False, False, True, False, False, False)
    assert "keyCertSign and cRLSign" in refused(world, certificate=resigned(world, no_crl))


def test_keys_on_other_curves_are_refused(world: World) -> None:
    key = ec.generate_private_key(ec.SECP521R1())
    ca = world.issuing_ca
    odd = (
        x509.CertificateBuilder()
        .subject_name(ca.subject)
        .issuer_name(ca.issuer)
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(ca.not_valid_before_utc)
        .not_valid_after(ca.not_valid_after_utc)
        .add_extension(x509.BasicConstraints(True, 0), True)
        .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(world.keys["root-g1"], ca.signature_hash_algorithm)
    )
    assert "secp521r1" in refused(world, certificate=odd, key=key)


@pytest.mark.parametrize("profile", [ROOT_CA, ISSUING_CA], ids=str)
def test_an_issuing_ca_issues_no_ca(world: World, profile: Profile) -> None:
    with pytest.raises(Misconfigured, match="does not issue"):
        world.issuer().check(profile, NOON)


@pytest.mark.parametrize("profile", [OFFICIAL, TSU], ids=str)
def test_a_root_issues_nothing_but_cas(world: World, profile: Profile) -> None:
    root = Issuer(
        id="root-g1", certificate=world.root, key=world.keys["root-g1"], chain=(), names=NAMES, now=world.clock
    )
    with pytest.raises(Misconfigured, match="does not issue"):
        root.check(profile, NOON)
    root.check(ISSUING_CA, NOON)


def test_validity_ends_with_the_issuer_and_a_cut_of_more_than_a_tenth_is_refused(world: World) -> None:
    issuer = world.issuer()
    end = world.issuing_ca.not_valid_after_utc
    a_little_late = end - OFFICIAL.validity * 0.91
    draft = issuer.draft(
        OFFICIAL,
        serial=5,
        subject=name_of(PERSON, OFFICIAL, NAMES),
        public_key=ec.generate_private_key(P256).public_key(),
        at=a_little_late,
    )
    assert draft.validity.not_after == end
    with pytest.raises(Misconfigured, match="set up its successor"):
        issuer.check(OFFICIAL, end - OFFICIAL.validity * 0.89)


def test_a_token_of_nobody_cannot_be_made_to_fit(world: World) -> None:
    token = prepared(world.issuer())
    draft = token.redeem(token._issuer)
    forged = IssuanceToken(world.issuer(), replace(draft, serial=new_serial(secrets.token_bytes)), token.tbs)
    with pytest.raises(CaError):
        world.issuer().issue(forged)
