"""A key that its holder's passphrase opened, carried on for minutes under a random secret.

    k      = HKDF-SHA256(secret ‖ HMAC-SHA256(pepper key, "teken/carried/1" ‖ salt), info "teken/carried/1")
    sealed = AES-256-GCM(k, nonce, wrapped key, aad = owner, public key, KEK, mechanism)

The secret (an authorization code, the SAD) has 256 random bits and is kept by whoever shall use the key: we keep its
hash alone. So neither the database nor the HSM nor both together open the key; inside, it is still wrapped by the KEK.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hsm_config.errors import SealNotOpened
from hsm_config.sealing import NONCE_BYTES, SALT_BYTES, PepperHmac

CONTEXT: Final = b"teken/carried/1"
SECRET_BYTES: Final = 32  # as text at least so many characters: anything shorter can be guessed


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedKey:
    """A carried key as the database holds it, until it was used or its minutes are over."""

    public_key: bytes
    """SubjectPublicKeyInfo, DER."""
    sealed: bytes = field(repr=False)
    nonce: bytes
    salt: bytes
    pepper_label: str
    kek_label: str
    wrap_mechanism: int


def lock(
    wrapped: bytes,
    *,
    secret: str,
    owner: str,
    public_key: bytes,
    pepper: PepperHmac,
    pepper_label: str,
    kek_label: str,
    wrap_mechanism: int,
    random_bytes: Callable[[int], bytes],
) -> CarriedKey:
    """The wrapped key under `secret`, bound to `owner`: the authorisation that it belongs to."""
    salt, nonce = random_bytes(SALT_BYTES), random_bytes(NONCE_BYTES)
    bound = _bound(owner, public_key, kek_label, wrap_mechanism)
    return CarriedKey(
        public_key=public_key,
        sealed=AESGCM(_key(secret, salt, pepper)).encrypt(nonce, wrapped, bound),
        nonce=nonce,
        salt=salt,
        pepper_label=pepper_label,
        kek_label=kek_label,
        wrap_mechanism=wrap_mechanism,
    )


def unlock(carried: CarriedKey, *, secret: str, owner: str, pepper: PepperHmac) -> bytes:
    """The wrapped key; raises `SealNotOpened` for another secret, another owner or a changed row."""
    if len(carried.salt) != SALT_BYTES or len(carried.nonce) != NONCE_BYTES:
        raise SealNotOpened("the carried key's parameters are out of bounds: the row was changed")
    bound = _bound(owner, carried.public_key, carried.kek_label, carried.wrap_mechanism)
    try:
        return AESGCM(_key(secret, carried.salt, pepper)).decrypt(carried.nonce, carried.sealed, bound)
    except InvalidTag:
        raise SealNotOpened("this secret does not open the carried key") from None


def _bound(owner: str, public_key: bytes, kek_label: str, wrap_mechanism: int) -> bytes:
    """Each field with its length before it, so that no two encode alike."""
    fields = (owner.encode(), public_key, kek_label.encode(), str(wrap_mechanism).encode())
    return b"".join(struct.pack(">I", len(each)) + each for each in fields)


def _key(secret: str, salt: bytes, pepper: PepperHmac) -> bytes:
    if len(secret) < SECRET_BYTES:
        raise ValueError(f"a key is carried under a random secret of at least {SECRET_BYTES} characters")
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=CONTEXT).derive(
        secret.encode() + pepper(CONTEXT + salt)
    )
