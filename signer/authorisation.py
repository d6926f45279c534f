"""An authorisation: what lets a key be used later, by whoever holds its secret, for exactly what was approved.

    approved (a code) -> active (the SAD) -> spent | revoked

It is the same row as the consent that is used up at once (`signer.model.Activation`), whichever face made it. The
secret is a random text of at least 256 bits; only its SHA-256 is kept. What may be signed lies in it as digests, each
good once. (CSC API 1.0.4.0 and 2.0: SAD; EN 419 241-1: sole control.)
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from signer.model import Secret

ALGORITHMS: Final = {64: "sha256", 96: "sha384", 128: "sha512"}
"""By the length of a digest in hex: nothing else is offered, so the length says which."""

CODE_LIFE: Final = timedelta(seconds=60)
"""How long an approval waits for its code to be exchanged."""
SAD_LIFE: Final = timedelta(seconds=300)
"""How long a person's SAD is good at most."""

_HEX: Final = re.compile(r"[0-9a-f]+")


class Purpose(StrEnum):
    """What a digest is of."""

    DTBSR = "dtbsr"
    """Of the signed attributes: what goes to the key."""
    SDR = "sdr"
    """Of the document, or of the bytes that its byte range covers."""


class AuthorisationKind(StrEnum):
    """How it came about."""

    CONSENT = "consent"
    """Used up in the request that gave it."""
    OAUTH2CODE = "oauth2code"
    """A person approved it on our page; whoever exchanges the code has the SAD."""
    CLIENT = "client"
    """The authentication of a client that a seal is lent to."""
    EXPLICIT = "explicit"
    """The same, and a PIN."""


class AuthorisationState(StrEnum):
    """Where it stands. Pending and denied are states of the request before it; expired is computed from its times."""

    APPROVED = "approved"
    """A code waits to be exchanged."""
    ACTIVE = "active"
    SPENT = "spent"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisedDigest:
    """One digest that may be signed, once."""

    value: str
    """Hex, lower case."""
    purpose: Purpose | None = None
    """`None`: either, once."""
    label: str | None = None
    """What the client calls it: its claim."""
    spent: bool = False

    @property
    def algorithm(self) -> str:
        """`sha256`, `sha384` or `sha512`."""
        return ALGORITHMS[len(self.value)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedKey:
    """A person's key under the secret of an authorisation: `hsm_config/carrying.py`."""

    public_key: bytes
    sealed: bytes = field(repr=False)
    nonce: bytes
    salt: bytes
    pepper_label: str
    kek_label: str
    wrap_mechanism: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """What may be signed, by whom, until when."""

    id: str
    """Ours, 64 hex digits; never on the wire."""
    credential_id: str
    client_id: str
    user_id: str | None
    """Whose login stood behind it (the signatory's id); `None` where a client asked for itself."""
    kind: AuthorisationKind
    scal: int
    """1 or 2: whether it is bound to digests that two factors approved."""
    total: int
    used: int = 0
    bound: bool = True
    """Whether nothing but `digests` may be signed; only a seal's may be without them."""
    digests: tuple[AuthorisedDigest, ...]
    factors: tuple[str, ...]
    origin: str
    """The face that asked: `csc/v1`, `oauth2` ..."""
    state: AuthorisationState
    granted_at: datetime
    expires_at: datetime
    hard_end: datetime
    """No extension goes beyond."""
    request_id: str | None = None
    """The request that its signatory approved."""
    permission_id: str | None = None
    """Of a seal: under what it is lent."""
    carried: CarriedKey | None = None

    def is_good(self, at: datetime) -> bool:
        """Whether it lets something be signed at `at` (aware)."""
        return self.state is AuthorisationState.ACTIVE and self.granted_at <= at < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterUse:
    """What a consent needs that is used up later: the code that is exchanged for it, and the key under that code."""

    code_sha256: str
    origin: str
    user_id: str
    request_id: str
    digests: tuple[AuthorisedDigest, ...]
    carried: CarriedKey
    hard_end: datetime


class KeyCarrier(Protocol):
    """Carries a key that is open from one secret to the next. `owner`: the authorisation's id."""

    def carry(self, key: ec.EllipticCurvePrivateKey, secret: Secret, /, *, owner: str) -> CarriedKey:
        """Raises `KeyUnavailable`."""
        ...

    def open_carried(self, carried: CarriedKey, secret: Secret, /, *, owner: str) -> ec.EllipticCurvePrivateKey:
        """Raises `PassphraseWrong` for another secret, `KeyUnavailable`."""
        ...


class Authorisations(Protocol):
    """What is remembered of them. Every move is one conditional update, with its entry in the trail."""

    def add(self, authorisation: Authorisation, *, sad_sha256: str) -> None:
        """One that is active from the beginning."""
        ...

    def behind(self, sad_sha256: str) -> Authorisation | None:
        """By the hash of its secret of today, in whatever state."""
        ...

    def behind_code(self, code_sha256: str) -> Authorisation | None:
        """By the hash of its code, in whatever state."""
        ...

    def exchange(
        self, authorisation_id: str, *, sad_sha256: str, carried: CarriedKey, expires_at: datetime, at: datetime
    ) -> bool:
        """`approved -> active`: of two that bring the code at once exactly one has the SAD."""
        ...

    def consume(
        self,
        authorisation_id: str,
        uses: Sequence[AuthorisedDigest],
        *,
        client_id: str,
        user_id: str | None,
        credential_id: str,
        call: str,
        at: datetime,
    ) -> bool:
        """Use all of `uses` up, or none: committed, with "about to sign" in the trail, before any key is used.

        `user_id`: whose login stands behind the call; it counts where the authorisation is a person's. One that is
        bound to no digests takes these in.
        """
        ...

    def outcome(self, authorisation_id: str, *, call: str, failure: str | None, at: datetime) -> None:
        """What became of a call that used something up; `failure`: a stable word, `None` where it signed."""
        ...

    def extend(
        self,
        authorisation_id: str,
        *,
        old_sad_sha256: str,
        new_sad_sha256: str,
        digests: Sequence[AuthorisedDigest],
        expires_at: datetime,
        at: datetime,
    ) -> bool:
        """Another secret in place of the one before, more digests, never more signatures; for seals. Digests bind one
        that was given for a count."""
        ...

    def revoke(self, authorisation_id: str, *, at: datetime) -> bool:
        """Nothing is signed with it any more; whether something could have been."""
        ...


def is_digest(value: str) -> bool:
    """Whether it is a digest of an algorithm that is offered, in lower-case hex."""
    return len(value) in ALGORITHMS and _HEX.fullmatch(value) is not None


def secret_hash(secret: str) -> str:
    """How a code or SAD is known to the store."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
