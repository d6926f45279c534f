"""An HSM call that hangs: the caller hears of it in time, and no second certificate comes of it."""

from threading import Event
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ca.csr import request_for
from ca.errors import SigningKeyUnavailable
from ca.issuer import Issuer
from ca.model import CertificateState
from ca.patient_key import PatientKey
from ca.profiles import OFFICIAL
from tests.support.ca_hierarchy import NAMES, PERSON, World, new_world
from tests.support.ca_keys import RemoteKey, SilentKey


class HangingKey(RemoteKey):
    """The HSM takes the call and says nothing until it is let go; then it signs after all."""

    def __init__(self, inner: ec.EllipticCurvePrivateKey) -> None:
        super().__init__(inner)
        self.let_go, self.signed = Event(), Event()

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        self.let_go.wait(60)
        signature = super().sign(data, signature_algorithm)
        self.signed.set()
        return signature


@pytest.fixture
def world() -> World:
    return new_world()


def patient_issuer(world: World, key: ec.EllipticCurvePrivateKey) -> Issuer:
    return Issuer(
        id="ca-1-g1",
        certificate=world.issuing_ca,
        key=PatientKey(key, seconds=1),
        chain=(world.root,),
        names=NAMES,
        now=world.clock,
    )


def test_a_patient_key_signs_like_the_one_behind_it() -> None:
    inner = ec.generate_private_key(ec.SECP256R1())
    key = PatientKey(inner)
    signature = key.sign(b"data", ec.ECDSA(hashes.SHA256()))
    inner.public_key().verify(signature, b"data", ec.ECDSA(hashes.SHA256()))
    assert (key.public_key(), key.curve.name, key.key_size) == (inner.public_key(), "secp256r1", 256)
    assert key.__copy__() is key.__deepcopy__({}) is key


def test_it_gives_nothing_away() -> None:
    key = PatientKey(ec.generate_private_key(ec.SECP256R1()))
    for act in (key.private_numbers, key.private_bytes, key.exchange):
        with pytest.raises(TypeError):
            act()


def test_the_error_of_the_key_behind_comes_through() -> None:
    key = PatientKey(SilentKey(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(OSError, match="CKR_DEVICE_REMOVED"):
        key.sign(b"data", ec.ECDSA(hashes.SHA256()))


def test_the_caller_of_a_hanging_hsm_hears_in_time_and_the_intent_is_abandoned(world: World) -> None:
    hanging = HangingKey(world.keys["ca-1-g1"])
    issuance = world.issuance(issuer=patient_issuer(world, hanging))
    request = request_for(ec.generate_private_key(ec.SECP256R1()), PERSON.common_name)
    before = set(world.log.rows)
    with pytest.raises(SigningKeyUnavailable):
        issuance.issue(request, PERSON, OFFICIAL, "officer-1")

    (key,) = set(world.log.rows) - before
    row = world.log.rows[key]
    assert (row.state, row.der, row.revoked_at) == (CertificateState.ABANDONED, None, world.clock())

    hanging.let_go.set()
    assert hanging.signed.wait(60)
    assert world.log.rows[key] == row
    assert hanging.signatures == 1
    crl = world.publisher().publish()
    assert key[1].to_bytes(17, "big") in crl.der

    certificate = issuance.issue(request, PERSON, OFFICIAL, "officer-1")
    assert certificate.serial_number != key[1]
    assert hanging.signatures == 2
