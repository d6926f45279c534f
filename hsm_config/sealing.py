"""Layer two: a wrapped key sealed under its signatory's passphrase and the HSM's pepper.

    a      = Argon2id(NFKC(passphrase), salt)
    p      = HMAC-SHA256(pepper key, "teken/layer2/1" ‖ key id ‖ salt)
    k      = HKDF-SHA256(a ‖ p, info "teken/layer2/1")
    sealed = AES-256-GCM(k, nonce, wrapped key, aad)

A database dump alone allows no guessing, because `p` needs the HSM; the HSM alone opens nothing, because `a` needs the
passphrase. A key that belongs to no person (the canary) has no passphrase: its k comes from `p` alone.
(RFC 9106 Argon2, RFC 5869 HKDF, NIST SP 800-38D GCM.)
"""

import hashlib
import struct
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hsm_config.errors import HsmMisconfigured, HsmUnavailable, SealNotOpened

LAYER_VERSION: Final = 1
CONTEXT: Final = b"teken/layer2/1"
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12

OPENINGS_AT_ONCE: Final = 2  # 64 MiB and one core each
PATIENCE: Final = 30.0  # seconds in the queue for one of them
_openings: Final = threading.BoundedSemaphore(OPENINGS_AT_ONCE)

PepperHmac = Callable[[bytes], bytes]
"""HMAC-SHA256 of a message under the pepper key, computed in the HSM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Cost:
    """What one guess costs."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 1


FREE: Final = Argon2Cost(memory_kib=0, passes=0, lanes=0)
"""What the row of a key without passphrase says."""

HIGHEST_COST: Final = Argon2Cost(memory_kib=256 * 1024, passes=10, lanes=4)
"""A row that asks for more is not ours: it wants our memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a seal is bound to. It names the public key, not the certificate: that comes later and may be replaced."""

    key_id: str
    signatory_id: str
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""
    kek_label: str
    wrap_mechanism: int
    layer_version: int = LAYER_VERSION

    def aad(self) -> bytes:
        """Each field with its length in four octets before it, so that no two bindings encode alike."""
        fields = (
            str(self.layer_version).encode(),
            self.key_id.encode(),
            self.signatory_id.encode(),
            hashlib.sha256(self.public_key).digest(),
            self.kek_label.encode(),
            str(self.wrap_mechanism).encode(),
        )
        return b"".join(struct.pack(">I", len(field)) + field for field in fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A sealed blob with what opening it needs besides passphrase and pepper."""

    sealed: bytes
    nonce: bytes
    salt: bytes
    cost: Argon2Cost


def seal(
    wrapped: bytes,
    binding: Binding,
    *,
    passphrase: str | None,
    pepper: PepperHmac,
    random_bytes: Callable[[int], bytes],
) -> Seal:
    """Seal a wrapped key with a new salt and nonce at today's cost; `None` for a key without passphrase."""
    cost = FREE if passphrase is None else Argon2Cost()
    salt, nonce = random_bytes(SALT_BYTES), random_bytes(NONCE_BYTES)
    key = _key(passphrase, salt, cost, binding.key_id, pepper)
    return Seal(sealed=AESGCM(key).encrypt(nonce, wrapped, binding.aad()), nonce=nonce, salt=salt, cost=cost)


def open_seal(sealed: Seal, binding: Binding, *, passphrase: str | None, pepper: PepperHmac) -> bytes:
    """The wrapped key inside.

    Raises `SealNotOpened` for a wrong passphrase or any changed field (the two cannot be told apart),
    `HsmMisconfigured` for a layer version of another release, `HsmUnavailable` when too many openings wait.
    """
    if binding.layer_version != LAYER_VERSION:
        raise HsmMisconfigured(
            f"sealed key of layer version {binding.layer_version}: this release knows {LAYER_VERSION}"
        )
    if len(sealed.salt) != SALT_BYTES or len(sealed.nonce) != NONCE_BYTES or not _bearable(sealed.cost, passphrase):
        raise SealNotOpened("the sealed key's parameters are out of bounds: the row was changed")
    key = _key(passphrase, sealed.salt, sealed.cost, binding.key_id, pepper)
    try:
        return AESGCM(key).decrypt(sealed.nonce, sealed.sealed, binding.aad())
    except InvalidTag:
        raise SealNotOpened("the passphrase does not open this key") from None


def _bearable(cost: Argon2Cost, passphrase: str | None) -> bool:
    if passphrase is None:
        return cost == FREE
    return (
        1 <= cost.lanes <= HIGHEST_COST.lanes
        and 1 <= cost.passes <= HIGHEST_COST.passes
        and 8 * cost.lanes <= cost.memory_kib <= HIGHEST_COST.memory_kib  # RFC 9106, 3.1: at least 8 KiB a lane
    )


def _key(passphrase: str | None, salt: bytes, cost: Argon2Cost, key_id: str, pepper: PepperHmac) -> bytes:
    stretched = b"" if passphrase is None else _argon2(passphrase, salt, cost)
    peppered = pepper(CONTEXT + key_id.encode() + salt)
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=CONTEXT).derive(stretched + peppered)


def _argon2(passphrase: str, salt: bytes, cost: Argon2Cost) -> bytes:
    with one_opening():
        try:
            return hash_secret_raw(
                unicodedata.normalize("NFKC", passphrase).encode(),
                salt,
                time_cost=cost.passes,
                memory_cost=cost.memory_kib,
                parallelism=cost.lanes,
                hash_len=32,
                type=Type.ID,
            )
        except HashingError:
            raise HsmUnavailable("no memory to open a sealed key: give the process 128 MiB more") from None


@contextmanager
def one_opening() -> Iterator[None]:
    """A turn at Argon2, of which few are at once. Raises `HsmUnavailable` where none comes in time."""
    if not _openings.acquire(timeout=PATIENCE):
        raise HsmUnavailable(f"too many keys are being opened: no turn within {PATIENCE:.0f} seconds, try again")
    try:
        yield
    finally:
        _openings.release()
