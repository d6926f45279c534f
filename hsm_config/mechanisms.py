"""Mechanisms and attribute templates, all of them constants.

A template with an attribute that the binding cannot pack kills the process, so templates are written here, tried by the
tests, and nothing from outside ever reaches one. Another HSM vendor differs in this file first: run the tests of
`tests/unit/hsm_config` against its module before its settings are written.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pkcs11 import MGF, Attribute, Mechanism, MechanismFlag
from pkcs11.attributes import AttributeMapper
from pkcs11.constants import DEFAULT

Template = Mapping[Attribute, Any]

SIGN: Final = Mechanism.ECDSA
"""Raw ECDSA over a digest made in software: SoftHSM 2.6.1 has no ECDSA_SHA256."""
TRANSPORT: Final = Mechanism.RSA_PKCS_OAEP
"""Carries a KEK or a pepper from token to token (RFC 8017, 7.1)."""
PEPPER: Final = Mechanism.SHA256_HMAC
MAKE_PEPPER: Final = Mechanism.GENERIC_SECRET_KEY_GEN

SIGNING_PAIR: Final = MechanismFlag.SIGN | MechanismFlag.VERIFY
WRAPPING_ONLY: Final = MechanismFlag.WRAP | MechanismFlag.UNWRAP
SIGNING_ONLY: Final = MechanismFlag.SIGN
WRAP_ONLY: Final = MechanismFlag.WRAP

CURVES: Final = ("secp256r1", "secp384r1")
"""The curves that we make keys on, by the name that pyca and asn1crypto share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """What differs between HSM families; `hsm_config/vendors/` has a page for each."""

    wrap: Mechanism
    """RFC 5649. Always named: the binding's default for AES is the unpadded mechanism."""
    oaep: tuple[Mechanism, MGF, None]
    """Hash, mask and label of RSA-OAEP (RFC 8017, 7.1)."""

    @property
    def wrap_number(self) -> int:
        """Stored beside each blob: families call the same algorithm 0x210A or 0x210B."""
        return int(self.wrap)


_SHA1: Final = (Mechanism.SHA_1, MGF.SHA1, None)  # the only one that SoftHSM takes; OAEP does not rest on collisions
_SHA256: Final = (Mechanism.SHA256, MGF.SHA256, None)

VENDORS: Final[Mapping[str, Vendor]] = MappingProxyType(
    {
        "softhsm": Vendor(wrap=Mechanism.AES_KEY_WRAP_PAD, oaep=_SHA1),  # 0x210A
        "luna": Vendor(wrap=Mechanism.AES_KEY_WRAP_KWP, oaep=_SHA256),  # 0x210B
        "nshield": Vendor(wrap=Mechanism.AES_KEY_WRAP_KWP, oaep=_SHA256),  # 0x210B
        "utimaco": Vendor(wrap=Mechanism.AES_KEY_WRAP_PAD, oaep=_SHA256),  # 0x210A
    }
)
"""Only `softhsm` was ever run; the others are what documentation says, and their pages say what to try first."""

_LOCKED: Final[Template] = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.COPYABLE: False,
}

PERMANENT_SIGNER: Final[Template] = {**_LOCKED, Attribute.ALLOWED_MECHANISMS: [SIGN], Attribute.MODIFIABLE: False}
"""Private half of a key that stays in the token for good."""
PERMANENT_PUBLIC: Final[Template] = {Attribute.MODIFIABLE: False}


def kek(vendor: Vendor) -> Template:
    """A key that wraps and unwraps. Each attribute closes a way to read wrapped keys:

    - MODIFIABLE=false: otherwise any session switches DECRYPT on, and ECB decryption undoes RFC 5649;
    - COPYABLE=false: otherwise the same on a copy;
    - ALLOWED_MECHANISMS: otherwise every other AES mechanism;
    - EXTRACTABLE=false, SENSITIVE=true: otherwise the key itself leaves;
    - WRAP and UNWRAP as its only uses: ENCRYPT or DECRYPT would be an oracle.

    MODIFIABLE comes last: where the key is unwrapped, SoftHSM applies attributes in order and refuses what follows it.
    """
    return {**_LOCKED, Attribute.ALLOWED_MECHANISMS: [vendor.wrap], Attribute.MODIFIABLE: False}


PEPPER_KEY: Final[Template] = {**_LOCKED, Attribute.ALLOWED_MECHANISMS: [PEPPER], Attribute.MODIFIABLE: False}

TRANSPORT_PRIVATE: Final[Template] = {**_LOCKED, Attribute.ALLOWED_MECHANISMS: [TRANSPORT], Attribute.MODIFIABLE: False}
"""Private half of a transport key: unwraps a KEK or a pepper, and never leaves its token."""

BORN_TO_BE_WRAPPED: Final[Template] = {Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: True}
"""A session key for the moment between its making and its wrapping: the private half of an official's key, or a KEK or
pepper that has to reach other tokens. A key that is not extractable cannot be wrapped."""

UNWRAPPED_FOR_USE: Final[Template] = {
    Attribute.ENCRYPT: DEFAULT,  # these three do not belong to a private key, and the binding sends them unless dropped
    Attribute.WRAP: DEFAULT,
    Attribute.VERIFY: DEFAULT,
    **_LOCKED,
    Attribute.MODIFIABLE: False,  # last: SoftHSM applies attributes in order and refuses whatever comes after it
}
"""An official's key while it signs: a session object that can neither be read nor wrapped again."""
UNWRAPPED_TO_BE_REWRAPPED: Final[Template] = {
    Attribute.ENCRYPT: DEFAULT,
    Attribute.WRAP: DEFAULT,
    Attribute.VERIFY: DEFAULT,
    Attribute.PRIVATE: True,
    **BORN_TO_BE_WRAPPED,
}
"""An official's key on its way from one KEK to the next: a session object, and still not readable."""


def attribute_mapper() -> AttributeMapper:
    """The binding's mapper, taught to pack ALLOWED_MECHANISMS (an array of CK_MECHANISM_TYPE, PKCS#11 2.40, 4.8)."""
    mapper = AttributeMapper()
    mapper.register_handler(Attribute.ALLOWED_MECHANISMS, _pack_mechanisms, _unpack_mechanisms)
    return mapper


def _pack_mechanisms(mechanisms: Sequence[int]) -> bytes:
    return b"".join(struct.pack("@L", int(mechanism)) for mechanism in mechanisms)


def _unpack_mechanisms(packed: bytes) -> list[int]:
    return [number for (number,) in struct.iter_unpack("@L", packed)]
