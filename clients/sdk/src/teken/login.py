"""How an application proves who it is at the token endpoint."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote_plus

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 60
"""For how long an assertion is good: it is used at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request for a token."""

    at: float
    """Seconds since 1970."""
    name: str
    """One that was never used before."""
    token_url: str


class Login(Protocol):
    """Proves it anew for each token."""

    def prove(self, asking: Asking, /) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Form fields and header fields."""


class ClientSecret:
    """Identifier and secret, as `client_secret_basic` (RFC 6749, 2.3.1)."""

    def __init__(self, client_id: str, secret: str) -> None:
        self.client_id = client_id
        self._secret = secret

    def __repr__(self) -> str:
        return f"ClientSecret({self.client_id!r}, ***)"

    def prove(self, _: Asking, /) -> tuple[Mapping[str, str], Mapping[str, str]]:
        joined = f"{quote_plus(self.client_id)}:{quote_plus(self._secret)}"
        return {}, {"Authorization": f"Basic {base64.b64encode(joined.encode()).decode()}"}


class PrivateKeyJwt:
    """A key instead of a secret: `private_key_jwt` (RFC 7523, 3; OpenID Connect Core, 9)."""

    def __init__(
        self,
        client_id: str,
        sign: Callable[[bytes], bytes],
        *,
        algorithm: str = "ES256",
        key_id: str | None = None,
        audience: str | None = None,
    ) -> None:
        """`sign`: the signature of these octets as JWS has it (RFC 7518, 3; for ES256 r and s, 32 bytes each), by a key
        that may lie in an HSM. `audience`: the token endpoint's own address, where it is reached under another one."""
        self.client_id = client_id
        self._sign = sign
        self._head = {"alg": algorithm, "typ": "JWT"} | ({} if key_id is None else {"kid": key_id})
        self._audience = audience

    def __repr__(self) -> str:
        return f"PrivateKeyJwt({self.client_id!r}, ***)"

    def prove(self, asking: Asking, /) -> tuple[Mapping[str, str], Mapping[str, str]]:
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self._audience or asking.token_url,
            "iat": int(asking.at),
            "exp": int(asking.at) + ASSERTION_SECONDS,
            "jti": asking.name,
        }
        said = f"{_encoded(json.dumps(self._head).encode())}.{_encoded(json.dumps(claims).encode())}"
        assertion = f"{said}.{_encoded(self._sign(said.encode()))}"
        form = {"client_id": self.client_id, "client_assertion_type": ASSERTION, "client_assertion": assertion}
        return form, {}


def _encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
