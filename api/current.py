"""Keys of our own that have successors: the OCSP responder and the time-stamping unit of this moment.

Which one is in use is read from the folder of certificates, where the youngest wins: whichever process made it, every
process takes over within a minute, and needs no job for it. The old key is destroyed an hour later.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Generic, TypeVar

import structlog
from cryptography import x509

from api.logging import frames_of
from ca.responder_renewal import OwnCertificate
from ca.timestamp import TimestampAuthority
from signer.model import StampedToken

_log = structlog.get_logger("teken.current")

LOOK_EVERY: Final = timedelta(seconds=60)
"""How often a process looks whether another one made a successor."""
GRACE: Final = timedelta(hours=1)
"""How long the old key stays after its successor was made: sixty times what every process needs to switch."""

Made = TypeVar("Made")
Newest = tuple[str, x509.Certificate]
"""Label of the key, and its certificate."""


class Current(Generic[Made]):
    """What stands behind the youngest certificate of its kind."""

    def __init__(
        self,
        *,
        newest: Callable[[], Newest],
        build: Callable[[str, x509.Certificate], Made],
        new_if_due: Callable[[x509.Certificate], OwnCertificate | None],
        publish: Callable[[str, x509.Certificate], None],
        now: Callable[[], datetime],
    ) -> None:
        """`build` makes the object from key label and certificate; `new_if_due` issues a successor of a certificate
        that ends soon; `publish` writes a certificate beside the others."""
        self._newest = newest
        self._build = build
        self._new_if_due = new_if_due
        self._publish = publish
        self._now = now
        self._lock = Lock()  # held for an instant: everybody who asks or stamps passes here
        self._one_renewal = Lock()
        self._looked_at = now()
        self._label, self._certificate = newest()
        self._made = build(self._label, self._certificate)

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate in use."""
        self.current()
        return self._certificate

    def current(self) -> Made:
        """The object of this moment; a successor made elsewhere is taken over once a minute."""
        at = self._now()
        with self._lock:
            looks = abs(at - self._looked_at) >= LOOK_EVERY
            self._looked_at = at if looks else self._looked_at
        if looks:
            self._look()
        with self._lock:
            return self._made

    def renew(self) -> bool:
        """Take over what another process made, or make the successor; whether it changed.

        The present one answers meanwhile: issuing a certificate asks the responder for its status.
        """
        with self._one_renewal:
            if self._take_over():
                return True
            made = self._new_if_due(self._certificate)
            if made is None:
                return False
            self._publish(made.label, made.certificate)
            return self._take_over()

    def _look(self) -> None:
        """A successor that cannot be used, or a folder that cannot be read, leaves the present one in place."""
        try:
            self._take_over()
        except Exception as error:
            _log.error("no successor taken over", error=type(error).__name__, frames=frames_of(error))

    def _take_over(self) -> bool:
        label, certificate = self._newest()
        if label == self._label:
            return False
        made = self._build(label, certificate)
        with self._lock:
            self._label, self._certificate, self._made = label, certificate, made
        return True


class CurrentUnit:
    """The time-stamping unit of this moment, as whoever needs timestamps knows it."""

    def __init__(self, units: Current[TimestampAuthority]) -> None:
        self._units = units

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The unit's certificate first, root last."""
        return self._units.current().chain

    def respond(self, request: bytes, /) -> bytes:
        """TimeStampReq in, TimeStampResp out (DER); never raises on purpose."""
        return self._units.current().respond(request)

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        """A TimeStampToken (DER); raises as `TimestampAuthority.timestamp`."""
        return self._units.current().timestamp(digest, algorithm)

    def stamp(self, digest: bytes, algorithm: str) -> StampedToken:
        """The same with the unit that gave it, also while one unit follows another."""
        unit = self._units.current()
        return StampedToken(token=unit.timestamp(digest, algorithm), chain=unit.chain)
