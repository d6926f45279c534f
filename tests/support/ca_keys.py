"""Private keys that misbehave as an HSM can: all are pyca keys to whoever uses them."""

from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed


class RemoteKey(ec.EllipticCurvePrivateKey):
    """A key that lives elsewhere: it signs, counts, and gives nothing away."""

    def __init__(self, inner: ec.EllipticCurvePrivateKey) -> None:
        self._inner = inner
        self.signatures = 0

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._inner.curve

    @property
    def key_size(self) -> int:
        return self._inner.key_size

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._inner.public_key()

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        assert not isinstance(signature_algorithm.algorithm, Prehashed)
        self.signatures += 1
        return self._inner.sign(data, signature_algorithm)

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:
        raise TypeError("this key signs only")

    def private_numbers(self) -> NoReturn:
        raise TypeError("the key stays where it is")

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> NoReturn:
        raise TypeError("the key stays where it is")

    def __copy__(self) -> "RemoteKey":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "RemoteKey":
        return self


class SilentKey(RemoteKey):
    """The token is gone: every signature fails, with whatever exception its driver has."""

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> NoReturn:
        self.signatures += 1
        raise OSError("CKR_DEVICE_REMOVED")


class WrongKey(RemoteKey):
    """The token answers with the signature of another key of the same curve."""

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        self.signatures += 1
        return ec.generate_private_key(self.curve).sign(data, signature_algorithm)
