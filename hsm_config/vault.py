"""Officials' keys: made in the HSM, wrapped by it, sealed by the signatory's passphrase, kept by somebody else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from pkcs11 import ObjectClass

from hsm_config import carrying, mechanisms, wrapping
from hsm_config.carrying import CarriedKey
from hsm_config.errors import HsmMisconfigured, SealNotOpened, WrappedKeyRefused
from hsm_config.gate import Gate
from hsm_config.private_keys import WrappedEcKey
from hsm_config.sealing import Argon2Cost, Binding, PepperHmac, Seal, open_seal, seal
from hsm_config.settings import KeyLabels

Csr = TypeVar("Csr")

CANARY: Final = "canary"
"""Key and signatory id of a stored canary."""

_CANARY: Final = b"teken/canary"
_ECDSA: Final = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKey:
    """An official's private key as the database holds it: wrapped by the HSM, then sealed by the passphrase."""

    key_id: str
    signatory_id: str
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""
    sealed: bytes
    """AES-256-GCM of the wrapped key, tag included."""
    nonce: bytes
    salt: bytes
    argon2_memory_kib: int
    argon2_passes: int
    argon2_lanes: int
    layer_version: int
    pepper_label: str
    kek_label: str
    wrap_mechanism: int
    """PKCS#11 number of the mechanism that wrapped it (0x210A on SoftHSM)."""


class HsmVault:
    """Makes and opens sealed keys. It keeps a canary from its making on, so a missing KEK or pepper shows at once.

    Raises, when made, `HsmMisconfigured` for a missing or doubled KEK or pepper and `HsmUnavailable` without a token.
    """

    def __init__(self, gate: Gate, keys: KeyLabels, random_bytes: Callable[[int], bytes]) -> None:
        self._gate = gate
        self._keys = keys
        self._random_bytes = random_bytes
        self._canary_key = self._key_of(*self._new_blob())
        self._canary_hmac = self._pepper(keys.pepper)(_CANARY)

    def generate(
        self,
        *,
        key_id: str,
        signatory_id: str,
        passphrase: str | None,
        make_csr: Callable[[ec.EllipticCurvePrivateKey], Csr],
    ) -> tuple[SealedKey, Csr]:
        """A new P-256 key sealed under `passphrase`, and what `make_csr` made of it while it was usable.

        `None` for the seal of an organisation: it is sealed under the pepper alone.

        1. A session key is made and wrapped under the KEK; no readable copy outlives the step.
        2. `make_csr` signs with the wrapped key, which proves that the HSM opens what will be stored.
        3. The blob is sealed under a new salt; blob and passphrase are forgotten.

        Raises `HsmUnavailable` without a token, and whatever `make_csr` raises.
        """
        spki, wrapped = self._new_blob()
        key = self._key_of(spki, wrapped)
        try:
            csr = make_csr(key)
        finally:
            key.forget()
        return self._sealed(wrapped, spki, key_id=key_id, signatory_id=signatory_id, passphrase=passphrase), csr

    def open(self, sealed: SealedKey, passphrase: str | None) -> WrappedEcKey:
        """A pyca key whose every `sign` unwraps, signs and destroys in the HSM. Costs one Argon2id run, unless
        `passphrase` is `None`: that opens the seal of an organisation, and never a person's key.

        Keep it for one activation, then `forget` it.
        Raises `SealNotOpened` for a wrong passphrase or a changed row, `HsmMisconfigured` for a pepper that this token
        does not have or a layer or mechanism of another release, `HsmUnavailable` without a token.
        """
        return self._key_of(sealed.public_key, self._opened(sealed, passphrase), kek_label=sealed.kek_label)

    def carry(self, key: WrappedEcKey, secret: str, *, owner: str) -> CarriedKey:
        """A key that is open, under `secret` (random, 32 characters at least) for the authorisation `owner`.

        Raises `HsmUnavailable` without a token, `HsmError` for a key that was put away.
        """
        return carrying.lock(
            key.blob(),
            secret=secret,
            owner=owner,
            public_key=key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            pepper=self._pepper(self._keys.pepper),
            pepper_label=self._keys.pepper,
            kek_label=key.kek_label,
            wrap_mechanism=self._gate.vendor.wrap_number,
            random_bytes=self._random_bytes,
        )

    def open_carried(self, carried: CarriedKey, secret: str, *, owner: str) -> WrappedEcKey:
        """The key again; raises `SealNotOpened` for another secret or owner or a changed row, else as `open`."""
        self._require_mechanism(carried.wrap_mechanism)
        wrapped = carrying.unlock(carried, secret=secret, owner=owner, pepper=self._pepper(carried.pepper_label))
        return self._key_of(carried.public_key, wrapped, kek_label=carried.kek_label)

    def is_outdated(self, sealed: SealedKey) -> bool:
        """Whether `reseal` would move it to another KEK or pepper."""
        return (sealed.kek_label, sealed.pepper_label) != (self._keys.kek, self._keys.pepper)

    def reseal(self, sealed: SealedKey, old: str | None, new: str | None) -> SealedKey:
        """The same key under the passphrase `new` (which may be `old`), today's KEK and today's pepper. `None` for
        both: the seal of an organisation, which stays one.

        For another KEK the key is unwrapped to a session object that cannot be read, wrapped anew, and has to sign
        from there before its row is given out. Costs two Argon2id runs. Raises as `open` does for `old`, and
        `WrappedKeyRefused`.
        """
        if (old is None) != (new is None):
            raise ValueError("a person's key and the seal of an organisation do not turn into each other")
        wrapped = self._opened(sealed, old)
        if sealed.kek_label != self._keys.kek:
            wrapped = self._moved(sealed, wrapped)
        return self._sealed(
            wrapped, sealed.public_key, key_id=sealed.key_id, signatory_id=sealed.signatory_id, passphrase=new
        )

    def new_canary(self) -> SealedKey:
        """A key of nobody, without passphrase, to be stored: `sing` with it in every later run."""
        spki, wrapped = self._new_blob()
        return self._sealed(wrapped, spki, key_id=CANARY, signatory_id=CANARY, passphrase=None)

    def sing(self, canary: SealedKey) -> None:
        """Open a stored canary, sign with it, destroy it: KEK and pepper are still the ones that sealed it.

        Raises `WrappedKeyRefused` when one of them is another key now, else as `open` does.
        """
        try:
            wrapped = self._opened(canary, None)
        except SealNotOpened:
            raise WrappedKeyRefused(
                f"the stored canary does not open: pepper {canary.pepper_label!r} is another key than when it was"
                " sealed, or its row was changed; restore the token from its transport packages"
            ) from None
        key = self._key_of(canary.public_key, wrapped, kek_label=canary.kek_label)
        try:
            key.sign(_CANARY, _ECDSA)
        finally:
            key.forget()

    def _moved(self, sealed: SealedKey, wrapped: bytes) -> bytes:
        """The key under today's KEK; it has signed from there."""

        def move(session: Any) -> bytes:
            return wrapping.rewrapped(self._gate, session, wrapped=wrapped, under=sealed.kek_label, anew=self._keys.kek)

        moved = self._gate.run(move)
        key = self._key_of(sealed.public_key, moved)
        try:
            key.sign(_CANARY, _ECDSA)
        finally:
            key.forget()
        return moved

    def _opened(self, sealed: SealedKey, passphrase: str | None) -> bytes:
        """The wrapped key behind the seal."""
        wrapped = open_seal(
            _seal_of(sealed), _binding_of(sealed), passphrase=passphrase, pepper=self._pepper(sealed.pepper_label)
        )
        self._require_mechanism(sealed.wrap_mechanism)
        return wrapped

    def _require_mechanism(self, wrapped_by: int) -> None:
        if wrapped_by != self._gate.vendor.wrap_number:
            raise HsmMisconfigured(
                f"key wrapped by mechanism {wrapped_by:#x}: this token's family wraps by"
                f" {self._gate.vendor.wrap_number:#x}, see hsm_config/mechanisms.py and [hsm] vendor"
            )

    def _sealed(
        self, wrapped: bytes, spki: bytes, *, key_id: str, signatory_id: str, passphrase: str | None
    ) -> SealedKey:
        """The row of a key wrapped under today's KEK, with a new salt and nonce under today's pepper."""
        binding = Binding(
            key_id=key_id,
            signatory_id=signatory_id,
            public_key=spki,
            kek_label=self._keys.kek,
            wrap_mechanism=self._gate.vendor.wrap_number,
        )
        pepper = self._pepper(self._keys.pepper)
        made = seal(wrapped, binding, passphrase=passphrase, pepper=pepper, random_bytes=self._random_bytes)
        return _row(binding, made, pepper_label=self._keys.pepper)

    def canary(self) -> None:
        """Prove that KEK and pepper are the ones of the start: unwrap, sign, destroy, verify; HMAC again.

        Raises `WrappedKeyRefused` when one of them is another key now, `HsmUnavailable` without a token,
        `HsmMisconfigured` when a label is gone.
        """
        self._canary_key.sign(_CANARY, _ECDSA)
        if self._pepper(self._keys.pepper)(_CANARY) != self._canary_hmac:
            raise WrappedKeyRefused(f"pepper {self._keys.pepper!r} is another key than at the start: restore the token")

    def _new_blob(self) -> tuple[bytes, bytes]:
        return self._gate.run(lambda session: wrapping.make_wrapped_key(self._gate, session, kek_label=self._keys.kek))

    def _key_of(self, spki: bytes, wrapped: bytes, *, kek_label: str | None = None) -> WrappedEcKey:
        public_key = load_der_public_key(spki)
        if not isinstance(public_key, ec.EllipticCurvePublicKey):
            raise WrappedKeyRefused("the sealed key's public half is no EC key: integrity alarm")
        return WrappedEcKey(self._gate, kek_label=kek_label or self._keys.kek, wrapped=wrapped, public_key=public_key)

    def _pepper(self, label: str) -> PepperHmac:
        def hmac(message: bytes) -> bytes:
            def step(_: Any) -> bytes:
                pepper = self._gate.handle(ObjectClass.SECRET_KEY, label)
                return bytes(pepper.sign(message, mechanism=mechanisms.PEPPER))

            return self._gate.run(step)

        return hmac


def _row(binding: Binding, sealed: Seal, *, pepper_label: str) -> SealedKey:
    return SealedKey(
        key_id=binding.key_id,
        signatory_id=binding.signatory_id,
        public_key=binding.public_key,
        sealed=sealed.sealed,
        nonce=sealed.nonce,
        salt=sealed.salt,
        argon2_memory_kib=sealed.cost.memory_kib,
        argon2_passes=sealed.cost.passes,
        argon2_lanes=sealed.cost.lanes,
        layer_version=binding.layer_version,
        pepper_label=pepper_label,
        kek_label=binding.kek_label,
        wrap_mechanism=binding.wrap_mechanism,
    )


def _seal_of(row: SealedKey) -> Seal:
    cost = Argon2Cost(memory_kib=row.argon2_memory_kib, passes=row.argon2_passes, lanes=row.argon2_lanes)
    return Seal(sealed=row.sealed, nonce=row.nonce, salt=row.salt, cost=cost)


def _binding_of(row: SealedKey) -> Binding:
    return Binding(
        key_id=row.key_id,
        signatory_id=row.signatory_id,
        public_key=row.public_key,
        kek_label=row.kek_label,
        wrap_mechanism=row.wrap_mechanism,
        layer_version=row.layer_version,
    )
