"""Mechanisms and attribute templates, all of them constants.

A template with an attribute that the binding cannot pack kills the process, so templates are written here, tried by the
tests, and nothing from outside ever reaches one. Another HSM vendor differs in this file first: run the tests of
`tests/unit/hsm_config` against its module before its settings are written.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pkcs11 import Attribute, Mechanism, MechanismFlag
from pkcs11.attributes import AttributeMapper
from pkcs11.constants import DEFAULT

Template = Mapping[Attribute, Any]

SIGN: Final = Mechanism.ECDSA
"""Raw ECDSA over a digest made in software: SoftHSM 2.6.1 has no ECDSA_SHA256."""
WRAP: Final = Mechanism.AES_KEY_WRAP_PAD
"""RFC 5649. Always named: the binding's default for AES is the unpadded mechanism."""
WRAP_NUMBER: Final = 0x210A
"""Stored beside each blob, because other vendors use 0x210B (AES_KEY_WRAP_KWP) for the same algorithm."""
PEPPER: Final = Mechanism.SHA256_HMAC
MAKE_PEPPER: Final = Mechanism.GENERIC_SECRET_KEY_GEN

SIGNING_PAIR: Final = MechanismFlag.SIGN | MechanismFlag.VERIFY
WRAPPING_ONLY: Final = MechanismFlag.WRAP | MechanismFlag.UNWRAP
SIGNING_ONLY: Final = MechanismFlag.SIGN

CURVES: Final = ("secp256r1", "secp384r1")
"""The curves that we make keys on, by the name that pyca and asn1crypto share."""

_LOCKED: Final[Template] = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.COPYABLE: False,
}

PERMANENT_SIGNER: Final[Template] = {**_LOCKED, Attribute.ALLOWED_MECHANISMS: [SIGN], Attribute.MODIFIABLE: False}
"""Private half of a key that stays in the token for good."""
PERMANENT_PUBLIC: Final[Template] = {Attribute.MODIFIABLE: False}

KEK: Final[Template] = {**_LOCKED, Attribute.ALLOWED_MECHANISMS: [WRAP], Attribute.MODIFIABLE: False}
"""Each attribute closes a way to read wrapped keys:

- MODIFIABLE=false: otherwise any session switches DECRYPT on, and ECB decryption undoes RFC 5649;
- COPYABLE=false: otherwise the same on a copy;
- ALLOWED_MECHANISMS: otherwise every other AES mechanism;
- EXTRACTABLE=false, SENSITIVE=true: otherwise the key itself leaves;
- WRAP and UNWRAP as its only uses: ENCRYPT or DECRYPT would be an oracle.
"""
PEPPER_KEY: Final[Template] = {**_LOCKED, Attribute.ALLOWED_MECHANISMS: [PEPPER], Attribute.MODIFIABLE: False}

BORN_TO_BE_WRAPPED: Final[Template] = {Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: True}
"""Private half of an official's key, for the moment between its making and its wrapping: a key that is not
extractable cannot be wrapped."""

UNWRAPPED_FOR_USE: Final[Template] = {
    Attribute.ENCRYPT: DEFAULT,  # these three do not belong to a private key, and the binding sends them unless dropped
    Attribute.WRAP: DEFAULT,
    Attribute.VERIFY: DEFAULT,
    **_LOCKED,
    Attribute.MODIFIABLE: False,  # last: SoftHSM applies attributes in order and refuses whatever comes after it
}
"""An official's key while it signs: a session object that can neither be read nor wrapped again."""


def attribute_mapper() -> AttributeMapper:
    """The binding's mapper, taught to pack ALLOWED_MECHANISMS (an array of CK_MECHANISM_TYPE, PKCS#11 2.40, 4.8)."""
    mapper = AttributeMapper()
    mapper.register_handler(Attribute.ALLOWED_MECHANISMS, _pack_mechanisms, _unpack_mechanisms)
    return mapper


def _pack_mechanisms(mechanisms: Sequence[int]) -> bytes:
    return b"".join(struct.pack("@L", int(mechanism)) for mechanism in mechanisms)


def _unpack_mechanisms(packed: bytes) -> list[int]:
    return [number for (number,) in struct.iter_unpack("@L", packed)]
