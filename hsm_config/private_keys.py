"""Keys in the HSM as pyca private keys: pyca's builders and pyHanko take them as they are.

`sign` says nothing about who may sign: that is decided before, in the services.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Final, Never

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.utils import Buffer
from pkcs11 import ObjectClass
from pkcs11.util.ec import encode_ec_public_key

from hsm_config import mechanisms, wrapping
from hsm_config.errors import HsmError, HsmMisconfigured, WrappedKeyRefused
from hsm_config.gate import Gate

_PREHASHED: Final = ec.ECDSA(utils.Prehashed(hashes.SHA256()))


class _SignsInTheToken(ec.EllipticCurvePrivateKey):
    """What all our keys share: hash in software, raw ECDSA in the token, DER out."""

    def __init__(self, public_key: ec.EllipticCurvePublicKey) -> None:
        self._public_key = public_key

    @abstractmethod
    def _sign_digest(self, digest: bytes) -> bytes:
        """r ‖ s over `digest`, as PKCS#11 returns it."""

    def sign(self, data: Buffer, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """ECDSA-Sig-Value in DER (RFC 3279, 2.2.3) over `data`, or over the digest itself with `Prehashed`.

        Raises `UnsupportedAlgorithm` and `ValueError` as pyca's own keys do, and `HsmError` when the HSM fails.
        """
        if not isinstance(signature_algorithm, ec.ECDSA) or signature_algorithm.deterministic_signing:
            raise UnsupportedAlgorithm("a key in the HSM signs plain ECDSA only")
        return _encoded(self._sign_digest(_digest(bytes(data), signature_algorithm.algorithm)))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public_key

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public_key.curve

    @property
    def key_size(self) -> int:
        return self._public_key.key_size

    def exchange(self, *_: object, **__: object) -> Never:
        raise TypeError("a key in the HSM only signs")

    def private_numbers(self) -> Never:
        raise TypeError("the key stays in the HSM")

    def private_bytes(self, *_: object, **__: object) -> Never:
        raise TypeError("the key stays in the HSM")

    def __copy__(self) -> "_SignsInTheToken":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "_SignsInTheToken":
        return self


class HsmEcKey(_SignsInTheToken):
    """A permanent key of the token, looked up by label at each use, so that it survives a reconnect."""

    def __init__(self, gate: Gate, label: str, public_key: ec.EllipticCurvePublicKey, *, retry: bool) -> None:
        super().__init__(public_key)
        self._gate = gate
        self._label = label
        self._retry = retry

    def _sign_digest(self, digest: bytes) -> bytes:
        def step(_: Any) -> bytes:
            handle = self._gate.handle(ObjectClass.PRIVATE_KEY, self._label)
            return bytes(handle.sign(digest, mechanism=mechanisms.SIGN))

        return self._gate.run(step, retry=self._retry)

    def __repr__(self) -> str:
        return f"HsmEcKey({self._label!r}, {self.curve.name})"


def token_key(gate: Gate, label: str, *, retry: bool = True) -> HsmEcKey:
    """The permanent EC key `label`; its public half is read from the token.

    `retry=False` for the key that issues certificates: after a lost connection nobody knows whether the first try
    signed, so the error goes to the caller instead of a second signature. The next call logs in again.
    Raises `HsmMisconfigured` when a half is missing, is there twice or is no EC key, `HsmUnavailable` without a token.
    """

    def step(_: Any) -> bytes:
        gate.handle(ObjectClass.PRIVATE_KEY, label)
        return bytes(encode_ec_public_key(gate.handle(ObjectClass.PUBLIC_KEY, label)))

    public_key = load_der_public_key(gate.run(step))
    if not isinstance(public_key, ec.EllipticCurvePublicKey):
        raise HsmMisconfigured(f"key {label!r} is not an EC key: correct the key labels in the settings")
    return HsmEcKey(gate, label, public_key, retry=retry)


class WrappedEcKey(_SignsInTheToken):
    """An official's key: each `sign` unwraps it in the HSM, signs, destroys it and checks the signature."""

    def __init__(self, gate: Gate, *, kek_label: str, wrapped: bytes, public_key: ec.EllipticCurvePublicKey) -> None:
        super().__init__(public_key)
        self._gate = gate
        self._kek_label = kek_label
        self._wrapped: bytes | None = wrapped

    def sign(self, data: Buffer, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """As pyca's; a signature leaves only after it verified with the public key of the row.

        Raises `WrappedKeyRefused` when the HSM refuses the blob or another key was inside, `HsmUnavailable` when the
        token does not answer.
        """
        signature = super().sign(data, signature_algorithm)
        self._require_good(signature, data, signature_algorithm)
        return signature

    def sign_all(self, digests: Sequence[bytes]) -> tuple[bytes, ...]:
        """Signature values (DER) over SHA-256 digests, in one turn: unwrapped once, destroyed before the turn ends.

        Raises as `sign` does, and gives out no value unless every one of them verified.
        """
        wrapped = self.blob()

        def step(session: Any) -> list[bytes]:
            with wrapping.unwrapped(self._gate, session, kek_label=self._kek_label, wrapped=wrapped) as key:
                return [bytes(key.sign(digest, mechanism=mechanisms.SIGN)) for digest in digests]

        values = tuple(_encoded(raw) for raw in self._gate.run(step))
        for digest, value in zip(digests, values, strict=True):
            self._require_good(value, digest, _PREHASHED)
        return values

    def forget(self) -> None:
        """Let go of the blob; every later `sign` raises `HsmError`. To be called when the activation is used up."""
        self._wrapped = None

    def _sign_digest(self, digest: bytes) -> bytes:
        wrapped = self.blob()

        def step(session: Any) -> bytes:
            with wrapping.unwrapped(self._gate, session, kek_label=self._kek_label, wrapped=wrapped) as key:
                return bytes(key.sign(digest, mechanism=mechanisms.SIGN))

        return self._gate.run(step)

    @property
    def kek_label(self) -> str:
        """What it is wrapped under."""
        return self._kek_label

    def blob(self) -> bytes:
        """The key as the HSM wrapped it, for who carries it on; raises `HsmError` once it was put away."""
        if self._wrapped is None:
            raise HsmError("this key was put away: open the sealed key again")
        return self._wrapped

    def _require_good(
        self, signature: bytes, data: Buffer, signature_algorithm: ec.EllipticCurveSignatureAlgorithm
    ) -> None:
        try:
            self._public_key.verify(signature, data, signature_algorithm)
        except InvalidSignature:
            raise WrappedKeyRefused("the unwrapped key is not the one of this public key: integrity alarm") from None

    def __repr__(self) -> str:
        return f"WrappedEcKey({self.curve.name})"


def _encoded(raw: bytes) -> bytes:
    """r ‖ s as ECDSA-Sig-Value."""
    half = len(raw) // 2
    return utils.encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))


def _digest(data: bytes, algorithm: utils.Prehashed | hashes.HashAlgorithm) -> bytes:
    if isinstance(algorithm, utils.Prehashed):
        if len(data) != algorithm.digest_size:
            raise ValueError(f"a prehashed digest of {algorithm.digest_size} octets is expected, not {len(data)}")
        return data
    hasher = hashes.Hash(algorithm)
    hasher.update(data)
    return hasher.finalize()
