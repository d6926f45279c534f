import copy
import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID
from pkcs11 import Attribute, KeyType, ObjectClass

from hsm_config import wrapping
from hsm_config.errors import HsmError, HsmMisconfigured, WrappedKeyRefused
from hsm_config.gate import Gate
from hsm_config.private_keys import HsmEcKey, WrappedEcKey, token_key
from hsm_config.settings import HsmSettings, KeyLabels

pytestmark = pytest.mark.hsm
ECDSA = ec.ECDSA(hashes.SHA256())
KEYS = KeyLabels()
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Pejabat Contoh")])


def new_blob(gate: Gate, kek_label: str = KEYS.kek) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    spki, blob = gate.run(lambda session: wrapping.make_wrapped_key(gate, session, kek_label=kek_label))
    public_key = serialization.load_der_public_key(spki)
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    return public_key, blob


def wrapped_key(gate: Gate, public_key: ec.EllipticCurvePublicKey, blob: bytes) -> WrappedEcKey:
    return WrappedEcKey(gate, kek_label=KEYS.kek, wrapped=blob, public_key=public_key)


def nothing_is_left(gate: Gate) -> bool:
    left = gate.run(lambda session: list(session.get_objects({Attribute.TOKEN: False})))
    return left == [] and gate.counters.live_handles == 0


@pytest.fixture(params=["token P-256", "token P-384", "wrapped P-256"])
def key(request: pytest.FixtureRequest, softhsm_gate: Gate) -> HsmEcKey | WrappedEcKey:
    match request.param:
        case "token P-256":
            return token_key(softhsm_gate, KEYS.ocsp)
        case "token P-384":
            return token_key(softhsm_gate, KEYS.issuing_ca)
        case _:
            return wrapped_key(softhsm_gate, *new_blob(softhsm_gate))


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()], ids=lambda a: a.name)
def test_a_signature_verifies_with_the_public_key(
    key: HsmEcKey | WrappedEcKey, algorithm: hashes.HashAlgorithm
) -> None:
    key.public_key().verify(key.sign(b"letter", ec.ECDSA(algorithm)), b"letter", ec.ECDSA(algorithm))


def test_a_digest_made_elsewhere_is_signed_as_it_is(key: HsmEcKey | WrappedEcKey) -> None:
    hasher = hashes.Hash(hashes.SHA256())
    hasher.update(b"letter")
    prehashed = ec.ECDSA(utils.Prehashed(hashes.SHA256()))
    key.public_key().verify(key.sign(hasher.finalize(), prehashed), b"letter", ECDSA)


def test_a_digest_of_the_wrong_length_is_refused(key: HsmEcKey | WrappedEcKey) -> None:
    with pytest.raises(ValueError, match="32 octets"):
        key.sign(b"too short", ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def test_deterministic_signing_is_refused_rather_than_silently_ignored(key: HsmEcKey | WrappedEcKey) -> None:
    with pytest.raises(UnsupportedAlgorithm):
        key.sign(b"letter", ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def test_pyca_builds_a_request_and_a_certificate_with_it(key: HsmEcKey | WrappedEcKey) -> None:
    assert x509.CertificateSigningRequestBuilder().subject_name(NAME).sign(key, hashes.SHA256()).is_signature_valid
    now = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(NAME, NAME, key.public_key(), 4711, now, now + datetime.timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA384())
    certificate.verify_directly_issued_by(certificate)


def test_it_never_gives_itself_away(key: HsmEcKey | WrappedEcKey) -> None:
    with pytest.raises(TypeError, match="stays in the HSM"):
        key.private_numbers()
    with pytest.raises(TypeError, match="stays in the HSM"):
        key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with pytest.raises(TypeError, match="only signs"):
        key.exchange(ec.ECDH(), key.public_key())


def test_it_describes_itself_as_pyca_expects(key: HsmEcKey | WrappedEcKey) -> None:
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.key_size == key.public_key().key_size
    assert key.curve.name in repr(key)
    assert copy.copy(key) is copy.deepcopy(key) is key


def test_a_token_key_needs_both_halves(softhsm_gate: Gate, softhsm_settings: HsmSettings) -> None:
    with pytest.raises(HsmMisconfigured, match="no PRIVATE_KEY labelled 'kek-official-1'"):
        token_key(softhsm_gate, softhsm_settings.keys.kek)


def test_signing_with_wrapped_keys_leaves_nothing_on_the_token(softhsm_gate: Gate) -> None:
    key = wrapped_key(softhsm_gate, *new_blob(softhsm_gate))
    for _ in range(20):
        key.sign(b"letter", ECDSA)
    assert nothing_is_left(softhsm_gate)


@pytest.mark.parametrize("octet", [0, 8, 40, 79])
def test_a_changed_blob_is_an_integrity_alarm_without_a_new_login(softhsm_gate: Gate, octet: int) -> None:
    public_key, blob = new_blob(softhsm_gate)
    changed = blob[:octet] + bytes([blob[octet] ^ 1]) + blob[octet + 1 :]
    before = softhsm_gate.counters.reconnects
    with pytest.raises(WrappedKeyRefused, match="integrity alarm"):
        wrapped_key(softhsm_gate, public_key, changed).sign(b"letter", ECDSA)
    assert softhsm_gate.counters.reconnects == before
    assert nothing_is_left(softhsm_gate)


@pytest.mark.parametrize("blob", [b"", bytes(8), bytes(77), bytes(80), bytes(4096)], ids=len)
def test_what_is_no_blob_at_all_is_refused_alike(softhsm_gate: Gate, blob: bytes) -> None:
    public_key, _ = new_blob(softhsm_gate)
    with pytest.raises(WrappedKeyRefused):
        wrapped_key(softhsm_gate, public_key, blob).sign(b"letter", ECDSA)
    assert nothing_is_left(softhsm_gate)


def test_a_secret_of_another_kind_under_the_right_kek_is_refused_and_swept_away(softhsm_gate: Gate) -> None:
    public_key, _ = new_blob(softhsm_gate)

    def wrap_something_else(session: Any) -> bytes:
        kek = softhsm_gate.handle(ObjectClass.SECRET_KEY, KEYS.kek)

        def make() -> tuple[Any]:
            return (session.generate_key(KeyType.AES, 256, template={Attribute.EXTRACTABLE: True}),)

        with softhsm_gate.short_lived(make) as (secret,):
            return bytes(kek.wrap_key(secret, mechanism=softhsm_gate.vendor.wrap))

    blob = softhsm_gate.run(wrap_something_else)
    with pytest.raises(WrappedKeyRefused, match="FunctionFailed"):
        wrapped_key(softhsm_gate, public_key, blob).sign(b"letter", ECDSA)
    assert nothing_is_left(softhsm_gate)


def test_another_official_s_blob_signs_nothing_that_leaves(softhsm_gate: Gate) -> None:
    mine, _ = new_blob(softhsm_gate)
    _, theirs = new_blob(softhsm_gate)
    with pytest.raises(WrappedKeyRefused, match="not the one of this public key"):
        wrapped_key(softhsm_gate, mine, theirs).sign(b"letter", ECDSA)


def test_a_key_that_was_put_away_signs_no_more(softhsm_gate: Gate) -> None:
    key = wrapped_key(softhsm_gate, *new_blob(softhsm_gate))
    key.forget()
    with pytest.raises(HsmError, match="open the sealed key again"):
        key.sign(b"letter", ECDSA)


def test_a_blob_shows_in_no_repr(softhsm_gate: Gate) -> None:
    assert repr(wrapped_key(softhsm_gate, *new_blob(softhsm_gate))) == "WrappedEcKey(secp256r1)"
