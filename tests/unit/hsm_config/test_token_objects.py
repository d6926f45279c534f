"""What the permanent keys can and cannot do, tried on the real token through an open session."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass

from hsm_config import mechanisms
from hsm_config.errors import HsmMisconfigured
from hsm_config.gate import Gate
from hsm_config.settings import KeyLabels
from hsm_config.token_objects import list_labels, make_ec_key
from hsm_config.wrapping import make_session_pair
from tests.support.token_secrets import make_kek, make_pepper

pytestmark = pytest.mark.hsm
KEYS = KeyLabels()
SECRET, PRIVATE = ObjectClass.SECRET_KEY, ObjectClass.PRIVATE_KEY

PERMANENT = [(SECRET, KEYS.kek), (SECRET, KEYS.pepper), (PRIVATE, KEYS.issuing_ca), (PRIVATE, KEYS.ocsp)]


def refused(gate: Gate, object_class: ObjectClass, label: str, attempt: Callable[[Any, Any], object]) -> str:
    """The text of the refusal when `attempt(session, key)` is made; fails when it succeeds."""
    with pytest.raises(HsmMisconfigured) as refusal:
        gate.run(lambda session: attempt(session, gate.handle(object_class, label)))
    return str(refusal.value)


def wrap_it_with_a_key_of_ours(session: Any, key: Any) -> bytes:
    ours = session.generate_key(KeyType.AES, 256, capabilities=MechanismFlag.WRAP)
    try:
        return bytes(ours.wrap_key(key, mechanism=mechanisms.VENDORS["softhsm"].wrap))
    finally:
        ours.destroy()


def switch_on(name: Attribute) -> Callable[[Any, Any], None]:
    def attempt(_: Any, key: Any) -> None:
        key[name] = True

    return attempt


def wrap_unpadded(session: Any, kek: Any) -> bytes:
    pair = make_session_pair(session)
    try:
        return bytes(kek.wrap_key(pair[1], mechanism=Mechanism.AES_KEY_WRAP))
    finally:
        for half in pair:
            half.destroy()


@pytest.mark.parametrize(("object_class", "label"), PERMANENT, ids=str)
def test_a_permanent_key_can_be_neither_read_nor_copied_nor_wrapped_nor_changed(
    softhsm_gate: Gate, object_class: ObjectClass, label: str
) -> None:
    def attempt(act: Callable[[Any, Any], object]) -> str:
        return refused(softhsm_gate, object_class, label, act)

    assert "AttributeSensitive" in attempt(lambda _, key: key[Attribute.VALUE])
    assert "0x1b" in attempt(lambda _, key: key.copy({Attribute.LABEL: "copy"}))
    assert "KeyUnextractable" in attempt(wrap_it_with_a_key_of_ours)
    for name in (Attribute.DECRYPT, Attribute.EXTRACTABLE, Attribute.MODIFIABLE, Attribute.COPYABLE):
        assert "0x1b" in attempt(switch_on(name))


def test_the_kek_wraps_and_unwraps_by_its_one_mechanism_only(softhsm_gate: Gate) -> None:
    def uses(_: Any) -> tuple[list[int], dict[Any, Any]]:
        kek = softhsm_gate.handle(SECRET, KEYS.kek)
        switches = [Attribute.ENCRYPT, Attribute.DECRYPT, Attribute.SIGN, Attribute.DERIVE]
        return kek[Attribute.ALLOWED_MECHANISMS], kek.get_attributes([*switches, Attribute.WRAP, Attribute.UNWRAP])

    allowed, switches = softhsm_gate.run(uses)
    assert allowed == [0x210A]
    assert {name for name, on in switches.items() if on} == {Attribute.WRAP, Attribute.UNWRAP}
    assert "MechanismInvalid" in refused(softhsm_gate, SECRET, KEYS.kek, wrap_unpadded)


def test_the_pepper_makes_hmac_sha256_only(softhsm_gate: Gate) -> None:
    def sign(mechanism: Mechanism) -> Callable[[Any, Any], bytes]:
        return lambda _, pepper: bytes(pepper.sign(b"message", mechanism=mechanism))

    made = softhsm_gate.run(lambda s: sign(mechanisms.PEPPER)(s, softhsm_gate.handle(SECRET, KEYS.pepper)))
    assert len(made) == 32
    assert "MechanismInvalid" in refused(softhsm_gate, SECRET, KEYS.pepper, sign(Mechanism.SHA512_HMAC))


@pytest.mark.parametrize(
    "make",
    [
        lambda gate, label: make_ec_key(gate, label, ec.SECP256R1()),
        make_kek,
        make_pepper,
    ],
    ids=["ec", "kek", "pepper"],
)
@pytest.mark.parametrize("label", [KEYS.kek, KEYS.ocsp])
def test_a_label_is_never_given_twice(softhsm_gate: Gate, make: Callable[[Gate, str], object], label: str) -> None:
    before = softhsm_gate.run(lambda session: len(list(session.get_objects())))
    with pytest.raises(HsmMisconfigured, match=f"label '{label}' is taken"):
        make(softhsm_gate, label)
    assert softhsm_gate.run(lambda session: len(list(session.get_objects()))) == before


def test_a_key_without_label_is_refused(softhsm_gate: Gate) -> None:
    with pytest.raises(HsmMisconfigured, match="needs a label"):
        make_kek(softhsm_gate, "")


def test_a_curve_that_we_do_not_use_is_refused(softhsm_gate: Gate) -> None:
    with pytest.raises(HsmMisconfigured, match="secp521r1"):
        make_ec_key(softhsm_gate, "ca-521", ec.SECP521R1())


def test_the_labels_of_the_token_are_listed_once_each(softhsm_gate: Gate) -> None:
    named = (KEYS.root, KEYS.issuing_ca, KEYS.ocsp, KEYS.tsu, KEYS.kek, KEYS.pepper)
    assert list_labels(softhsm_gate) == tuple(sorted(named))
