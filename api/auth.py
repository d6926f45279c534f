"""Who asks: opaque access tokens of applications (RFC 6749, 4.4; RFC 6750), hashed at rest.

A token is `tk_` and 32 random bytes. With 256 bits of entropy its SHA-256 is all that the store needs to know.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, Self

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Guard, Receive, Scope, Send

from api.permissions import Permission
from api.problems import SCOPE_MISSING, UNAUTHENTICATED, RequestRefused
from signer.seal_model import lies_in

TOKEN_PREFIX: Final = "tk_"  # noqa: S105 - the public part of every token
TOKEN_BYTES: Final = 32
_TOKEN: Final = re.compile(r"tk_[A-Za-z0-9_-]{43}")
_REALM: Final = 'Bearer realm="teken"'


class Client(Protocol):
    """One application that may ask, as it is registered. Words of methods and grants: `api.oauth.methods`."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str:
        """As signatories see it."""
        ...

    @property
    def scopes(self) -> frozenset[str]:
        """Everything that this client may ask for."""
        ...

    @property
    def public(self) -> bool:
        """Whether it can keep no secret."""
        ...

    @property
    def auth_methods(self) -> frozenset[str]:
        """How it may authenticate."""
        ...

    @property
    def grants(self) -> frozenset[str]:
        """Which grants it may use."""
        ...

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """Where answers of the authorization endpoint may go, compared character by character."""
        ...

    @property
    def jwks(self) -> tuple[Mapping[str, Any], ...]:
        """Its public keys."""
        ...

    @property
    def tls_subject(self) -> str | None:
        """Subject of its TLS certificate (RFC 4514)."""
        ...

    @property
    def tls_thumbprint(self) -> str | None:
        """SHA-256 of its TLS certificate, hex."""
        ...

    @property
    def networks(self) -> tuple[str, ...]:
        """Networks that it comes from (CIDR); none: from anywhere."""
        ...


class ClientStore(Protocol):
    """What is remembered of applications and their tokens. Tokens arrive as SHA-256, hex."""

    def authenticate(self, client_id: str, secret: str) -> Client | None:
        """The active client of that name and secret; the same answer and time for unknown name and wrong secret."""
        ...

    def active(self, client_id: str) -> Client | None:
        """The active client of that name, whatever a stranger sent as one."""
        ...

    def use_assertion(self, assertion_sha256: str, *, expires_at: datetime) -> bool:
        """Remember until then that this assertion authenticated its client; false where it did before."""
        ...

    def issue_token(
        self, client_id: str, scopes: frozenset[str], token_sha256: str, expires_at: datetime, *, at: datetime
    ) -> object: ...

    def token(self, token_sha256: str, at: datetime) -> tuple[Client, frozenset[str]] | None:
        """Client and scopes of a token that is known, not revoked and not expired, of a client that is active."""
        ...

    def revoke_token(self, token_sha256: str, client_id: str, *, at: datetime) -> bool:
        """End a live token of that client; whether there was one (RFC 7009, 2.2)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks, after the token was looked up."""

    client_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A new token; the only moment at which its text exists here."""

    text: str
    scopes: frozenset[str]
    seconds: int

    def __repr__(self) -> str:
        return "AccessToken(***)"


def sha256_of_token(text: str) -> str:
    """How a token is known to the store: hex digest of its whole text."""
    return hashlib.sha256(text.encode()).hexdigest()


class TokenService:
    """Gives tokens out, looks them up, takes them back."""

    def __init__(
        self,
        *,
        clients: ClientStore,
        life: timedelta,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._clients = clients
        self._life = life
        self._now = now
        self._random_bytes = random_bytes

    def issue(self, client: Client, scopes: frozenset[str]) -> AccessToken:
        """A new token for an authenticated client; `scopes` must be among the client's own."""
        random = base64.urlsafe_b64encode(self._random_bytes(TOKEN_BYTES)).rstrip(b"=").decode()
        text, at = TOKEN_PREFIX + random, self._now()
        self._clients.issue_token(client.id, scopes, sha256_of_token(text), at + self._life, at=at)
        return AccessToken(text=text, scopes=scopes, seconds=int(self._life.total_seconds()))

    def principal(self, text: str, address: str) -> Principal | None:
        """Whose token this is; `None` for one that is unknown, expired, revoked or not even shaped like one, and where
        its client does not come from `address`."""
        if not _TOKEN.fullmatch(text):
            return None
        found = self._clients.token(sha256_of_token(text), self._now())
        if found is None:
            return None
        client, scopes = found
        if client.networks and not lies_in(address, client.networks):
            return None
        return Principal(client_id=client.id, scopes=scopes)


class BearerAuthentication(ASGIMiddleware):
    """Puts a `Principal` into `scope["user"]`, or refuses with 401. Tokens come in the header only, never in a URL."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, tokens: TokenService) -> None:
        self._tokens = tokens

    def __deepcopy__(self, _: dict[int, object]) -> Self:
        """The framework copies a router that it mounts; the store behind this must not be copied with it."""
        return self

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        given = Headers.from_scope(scope).getall("authorization", [])
        if not given:
            raise _unauthenticated("No access token was sent.", reason="token-missing", challenge=_REALM)
        scheme, _, text = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer":
            raise _unauthenticated("Send one access token as Bearer.", reason="token-malformed", challenge=_REALM)
        address = scope["client"][0] if scope["client"] else ""
        principal = await sync_to_thread(self._tokens.principal, text.strip(), address)
        if principal is None:
            raise _unauthenticated(
                "The access token is unknown, expired or revoked.",
                reason="token-invalid",
                challenge=f'{_REALM}, error="invalid_token"',
            )
        scope["user"] = principal
        await next_app(scope, receive, send)


def _unauthenticated(detail: str, *, reason: str, challenge: str) -> RequestRefused:
    return RequestRefused(
        UNAUTHENTICATED, detail, field="Authorization", reason=reason, headers={"WWW-Authenticate": challenge}
    )


def requires(permission: Permission) -> Guard:
    """A guard that lets through whose token carries `permission` (RFC 6750, 3.1: `insufficient_scope`)."""

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        principal: Principal = connection.user
        if permission not in principal.scopes:
            raise RequestRefused(
                SCOPE_MISSING,
                f"This needs the scope {permission}.",
                field="scope",
                reason="insufficient-scope",
                headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{permission}"'},
            )

    return guard


def client_of(scope: Scope) -> str:
    """The key of limits per client; only behind `BearerAuthentication`."""
    principal: Principal = scope["user"]
    return principal.client_id
