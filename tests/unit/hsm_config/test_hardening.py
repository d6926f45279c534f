"""Each attribute of the permanent keys by name: a missing one is a way in."""

from typing import Any, get_args, get_type_hints

import pytest
from pkcs11 import Attribute, Mechanism, ObjectClass

import api.settings
from hsm_config import mechanisms
from hsm_config.gate import Gate
from hsm_config.settings import HsmSettings, KeyLabels

KEYS = KeyLabels()
SECRET, PRIVATE = ObjectClass.SECRET_KEY, ObjectClass.PRIVATE_KEY
LOCKED = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.COPYABLE: False,
    Attribute.MODIFIABLE: False,
    Attribute.DECRYPT: False,
    Attribute.DERIVE: False,
}
SIGNER = {**LOCKED, Attribute.SIGN: True, Attribute.UNWRAP: False, Attribute.ALLOWED_MECHANISMS: [Mechanism.ECDSA]}
KEK = {
    **LOCKED,
    Attribute.SIGN: False,
    Attribute.WRAP: True,
    Attribute.UNWRAP: True,
    Attribute.ENCRYPT: False,
    Attribute.ALLOWED_MECHANISMS: [Mechanism.AES_KEY_WRAP_PAD],
}
PEPPER = {
    **LOCKED,
    Attribute.SIGN: True,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
    Attribute.ENCRYPT: False,
    Attribute.ALLOWED_MECHANISMS: [Mechanism.SHA256_HMAC],
}
KEYS_AND_THEIR_ATTRIBUTES = [
    (object_class, label, name, value)
    for object_class, label, attributes in (
        (SECRET, KEYS.kek, KEK),
        (SECRET, KEYS.pepper, PEPPER),
        (PRIVATE, KEYS.root, SIGNER),
        (PRIVATE, KEYS.issuing_ca, SIGNER),
        (PRIVATE, KEYS.ocsp, SIGNER),
        (PRIVATE, KEYS.tsu, SIGNER),
    )
    for name, value in attributes.items()
]


@pytest.mark.hsm
@pytest.mark.parametrize(
    ("object_class", "label", "name", "value"),
    KEYS_AND_THEIR_ATTRIBUTES,
    ids=[f"{label}-{name.name}" for _, label, name, _ in KEYS_AND_THEIR_ATTRIBUTES],
)
def test_a_permanent_key_has_this_attribute(
    softhsm_gate: Gate, object_class: ObjectClass, label: str, name: Attribute, value: Any
) -> None:
    assert softhsm_gate.run(lambda _: softhsm_gate.handle(object_class, label)[name]) == value


@pytest.mark.parametrize("template", [mechanisms.kek(mechanisms.VENDORS["softhsm"]), mechanisms.PEPPER_KEY])
def test_modifiable_is_the_last_attribute_because_softhsm_refuses_what_follows_it(template: dict[Any, Any]) -> None:
    assert list(template)[-1] is Attribute.MODIFIABLE


def test_each_family_names_its_own_wrap_mechanism() -> None:
    numbers = {name: vendor.wrap_number for name, vendor in mechanisms.VENDORS.items()}
    assert numbers == {"softhsm": 0x210A, "luna": 0x210B, "nshield": 0x210B, "utimaco": 0x210A}
    for vendor in mechanisms.VENDORS.values():
        assert mechanisms.kek(vendor)[Attribute.ALLOWED_MECHANISMS] == [vendor.wrap]


def test_the_setting_knows_exactly_the_families_of_the_table() -> None:
    assert set(get_args(get_type_hints(api.settings.HsmSettings)["vendor"])) == set(mechanisms.VENDORS)
    assert get_type_hints(HsmSettings)["vendor"] is str
