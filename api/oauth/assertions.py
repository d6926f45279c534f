"""`private_key_jwt`: a JWT that the client signed for this one request (RFC 7523, 3; OpenID Connect Core, 9).

Keys are the registered ones alone: nothing that a header names is fetched or believed.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key
from joserfc.jws import JWSRegistry

ALGORITHMS: Final = ("ES256", "ES384", "RS256", "PS256", "EdDSA", "Ed25519")
"""What an assertion may be signed with; `EdDSA` with Ed25519 alone."""

MOST_AHEAD: Final = timedelta(minutes=5)
"""How far ahead an assertion may end: so long its identifier has to be remembered."""

_SKEW: Final = timedelta(seconds=30)
"""How far the client's clock may run before ours, where it says since when its assertion is good."""

_LONGEST_JTI: Final = 256


class UsedAssertions(Protocol):
    """Which assertions were used."""

    def use_assertion(self, assertion_sha256: str, *, expires_at: datetime) -> bool:
        """Remember this one until then; false where it was used before."""
        ...


class _Registry(JWSRegistry):
    """Verifies `EdDSA` as `Ed25519`, its name since RFC 9864, with that curve alone."""

    def get_alg(self, name: str) -> Any:
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


class Assertions:
    """Verifies assertions; each is good once."""

    def __init__(self, used: UsedAssertions, *, audiences: frozenset[str], now: Callable[[], datetime]) -> None:
        """`audiences`: what this service is called; an assertion that names another one besides is refused."""
        self._used = used
        self._audiences = audiences
        self._now = now

    def proves(self, assertion: str, client_id: str, jwks: Sequence[Mapping[str, Any]]) -> bool:
        """Whether the client of that id and those public keys signed it, for us, for now and for the first time."""
        claims = _signed(assertion, jwks)
        if claims is None or not claims.get("iss") == claims.get("sub") == client_id:
            return False
        expires_at = self._end(claims)
        identifier = claims.get("jti")
        if expires_at is None or not self._is_for_us(claims.get("aud")):
            return False
        if not isinstance(identifier, str) or not 0 < len(identifier) <= _LONGEST_JTI:
            return False
        known_as = hashlib.sha256(f"{client_id}\0{identifier}".encode("utf-8", "surrogatepass")).hexdigest()
        return self._used.use_assertion(known_as, expires_at=expires_at)

    def _is_for_us(self, audience: object) -> bool:
        named = [audience] if isinstance(audience, str) else audience
        return isinstance(named, list) and bool(named) and all(each in self._audiences for each in map(str, named))

    def _end(self, claims: Mapping[str, Any]) -> datetime | None:
        """When it ends; `None` where it has, ends too late, or is not good yet."""
        now, ends = self._now(), claims.get("exp")
        begins = [claims[name] for name in ("nbf", "iat") if name in claims]
        if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in (ends, *begins)):
            return None
        at = now.timestamp()
        if not at < ends <= at + MOST_AHEAD.total_seconds():  # type: ignore[operator] # a number: the line above
            return None
        if any(not each <= at + _SKEW.total_seconds() for each in begins):
            return None
        return now + MOST_AHEAD


def _signed(assertion: str, jwks: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The claims, where one of the keys verifies them."""
    for key in jwks:
        try:
            public = import_key(dict(key))
            return jwt.decode(assertion, public, registry=_Registry(algorithms=ALGORITHMS)).claims
        except (JoseError, ValueError, RecursionError):
            continue  # another key, or none: which of them it was is nobody's business
    return None
