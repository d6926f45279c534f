"""Small secrets of people (the seed of an authenticator), sealed under a key that only the HSM can derive.

    k      = HKDF-SHA256(HMAC-SHA256(pepper key, "teken/secret/1" ‖ salt), info "teken/secret/1")
    sealed = AES-256-GCM(k, nonce, secret, aad = owner)

No passphrase takes part: whoever has the HSM and the database reads them, whoever has the database alone reads nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pkcs11 import ObjectClass

from hsm_config import mechanisms
from hsm_config.errors import SealNotOpened
from hsm_config.gate import Gate
from hsm_config.sealing import NONCE_BYTES, SALT_BYTES

CONTEXT: Final = b"teken/secret/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallSecret:
    """A sealed secret as the database holds it."""

    sealed: bytes = field(repr=False)
    nonce: bytes
    salt: bytes
    pepper_label: str


class SmallSecrets:
    """Seals under today's pepper, opens under the one that is named."""

    def __init__(self, gate: Gate, pepper_label: str, random_bytes: Callable[[int], bytes]) -> None:
        self._gate = gate
        self._pepper_label = pepper_label
        self._random_bytes = random_bytes

    def seal(self, secret: bytes, *, owner: str) -> SmallSecret:
        """Bound to `owner`. Raises `HsmUnavailable`, `HsmMisconfigured` for a pepper that is not there."""
        salt, nonce = self._random_bytes(SALT_BYTES), self._random_bytes(NONCE_BYTES)
        key = self._key(self._pepper_label, salt)
        sealed = AESGCM(key).encrypt(nonce, secret, owner.encode())
        return SmallSecret(sealed=sealed, nonce=nonce, salt=salt, pepper_label=self._pepper_label)

    def open(self, secret: SmallSecret, *, owner: str) -> bytes:
        """The secret. Raises `SealNotOpened` for another owner or a changed row, else as `seal`."""
        if len(secret.salt) != SALT_BYTES or len(secret.nonce) != NONCE_BYTES:
            raise SealNotOpened("the sealed secret's parameters are out of bounds: the row was changed")
        try:
            return AESGCM(self._key(secret.pepper_label, secret.salt)).decrypt(
                secret.nonce, secret.sealed, owner.encode()
            )
        except InvalidTag:
            raise SealNotOpened("the sealed secret is another owner's, or its row was changed") from None

    def is_outdated(self, secret: SmallSecret) -> bool:
        """Whether today's pepper is another one."""
        return secret.pepper_label != self._pepper_label

    def _key(self, label: str, salt: bytes) -> bytes:
        def step(_: Any) -> bytes:
            pepper = self._gate.handle(ObjectClass.SECRET_KEY, label)
            return bytes(pepper.sign(CONTEXT + salt, mechanism=mechanisms.PEPPER))

        peppered = self._gate.run(step)
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=CONTEXT).derive(peppered)
