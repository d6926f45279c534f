"""A key whose owner does not wait for ever: an HSM that hangs is a key that does not answer."""

from contextvars import copy_context
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, Never

from cryptography.hazmat.primitives.asymmetric import ec

PATIENCE: Final = 10.0
"""Seconds for one signature; it takes about a millisecond."""


class PatientKey(ec.EllipticCurvePrivateKey):
    """Signs with another key, in a thread of its own, and raises `TimeoutError` when that takes too long.

    A signature that comes later is thrown away. Whoever was signing has to treat the outcome as unknown: the issuing
    CA abandons the intent (`ca.issuance`), so there is never a second signature over it.
    """

    def __init__(self, inner: ec.EllipticCurvePrivateKey, *, seconds: float = PATIENCE) -> None:
        self._inner = inner
        self._seconds = seconds

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """As the inner key's; raises `TimeoutError` besides."""
        outcome: SimpleQueue[bytes | BaseException] = SimpleQueue()

        def attempt() -> None:
            try:
                outcome.put(self._inner.sign(data, signature_algorithm))
            except BaseException as failure:
                outcome.put(failure)

        Thread(target=copy_context().run, args=(attempt,), name="hsm-signature", daemon=True).start()
        try:
            said = outcome.get(timeout=self._seconds)
        except Exception:
            raise TimeoutError(f"no signature within {self._seconds:g} s: the HSM hangs") from None
        if isinstance(said, BaseException):
            raise said
        return said

    @property
    def curve(self) -> ec.EllipticCurve:
        """As the inner key's."""
        return self._inner.curve

    @property
    def key_size(self) -> int:
        """As the inner key's."""
        return self._inner.key_size

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """As the inner key's."""
        return self._inner.public_key()

    def exchange(self, *_: object, **__: object) -> Never:
        """Refused: this key signs only."""
        raise TypeError("this key signs only")

    def private_numbers(self) -> Never:
        """Refused."""
        raise TypeError("the key stays where it is")

    def private_bytes(self, *_: object, **__: object) -> Never:
        """Refused."""
        raise TypeError("the key stays where it is")

    def __copy__(self) -> "PatientKey":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "PatientKey":
        return self
