"""The endpoints that applications call: tokens, pushed requests, revocation. A secret never leaves the form or header
that it came in, and parameters in the address are not read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Controller, MediaType, Request, Response, Router, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from litestar.types import Middleware

from api.auth import Client, TokenService
from api.faces.oauth.errors import NO_STORE, oauth_handler
from api.oauth.client_authentication import ClientAuthentication
from api.oauth.errors import OAuthError
from api.oauth.granting import Granted
from api.oauth.methods import Grant
from api.oauth.offers import MAX_BODY_BYTES, read_form
from api.oauth.server import OAuthServices
from api.permissions import Permission
from api.problems import UNSUPPORTED_MEDIA_TYPE, RequestRefused
from api.routes import Routes

FORM: Final = "application/x-www-form-urlencoded"
HINTS: Final = ("access_token", "refresh_token")
_NO_TOKEN: Final = "Missing parameter token"  # noqa: S105 - words


class TokenBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A new access token (RFC 6749, 5.1; RFC 9396, 7; CSC API 2.0.0.2, 8.4.3)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    refresh_token: str | None = None
    """Scope `service`, after a person's consent; each is good once."""
    credentialID: str | None = None  # noqa: N815 - the name on the wire
    """Where the request named none."""
    authorization_details: list[dict[str, Any]] | None = None


class PushedBody(msgspec.Struct, frozen=True, kw_only=True):
    """The address of a pushed request (RFC 9126, 2.2)."""

    request_uri: str
    expires_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthDoors:
    """What stands behind the endpoints."""

    services: OAuthServices
    tokens: TokenService
    authentication: ClientAuthentication


Doors = NamedDependency[SkipValidation[OAuthDoors]]
"""The parameter of a handler."""


class OAuthController(Controller):
    """The endpoints under `/oauth2`, as CSC has them."""

    path = "/oauth2"

    @post("/token", operation_id="IssueToken", status_code=200)
    async def token(self, request: Request[Any, Any, Any], doors: Doors) -> Response[TokenBody]:
        """New tokens: for an application itself, for a code, for a refresh token."""
        form = await _form_of(request)
        grant = form.get("grant_type")
        client = await _client_of(request, form, doors, public=grant != Grant.CLIENT_CREDENTIALS)
        if grant is None:
            raise OAuthError("invalid_request", "grant_type is missing.")
        if grant not in set(Grant):
            raise OAuthError("unsupported_grant_type", "This grant is not offered.")
        if grant not in client.grants:
            raise OAuthError("unauthorized_client", "The client may not use this grant.")
        granted = await sync_to_thread(_granted, Grant(grant), client, form, doors)
        return Response(granted, headers=NO_STORE)

    @post("/pushed_authorize", operation_id="PushAuthorization", status_code=201)
    async def push(self, request: Request[Any, Any, Any], doors: Doors) -> Response[PushedBody]:
        """The parameters of the authorization endpoint, sent before the browser goes there."""
        form = await _form_of(request)
        client = await _client_of(request, form, doors, public=True)
        pushed = await sync_to_thread(doors.services.pushing.push, form, client)
        return Response(PushedBody(request_uri=pushed.request_uri, expires_in=pushed.seconds), headers=NO_STORE)

    @post("/revoke", operation_id="RevokeToken", status_code=204)
    async def revoke(self, request: Request[Any, Any, Any], doors: Doors) -> Response[None]:
        """End a token, as CSC has it: 204, and an unknown token is an error."""
        form = await _form_of(request)
        client = await _client_of(request, form, doors, public=True)
        if form.get("token_type_hint", HINTS[0]) not in HINTS:
            raise OAuthError("invalid_request", "Invalid parameter token_type_hint")
        if not await _revoked(form, client, doors):
            raise OAuthError("invalid_request", "Invalid string parameter token")
        return Response(None, status_code=204, headers=NO_STORE)


class RevocationController(Controller):
    """Revocation as RFC 7009 has it, for clients that read the metadata."""

    @post("/revoke", operation_id="RevokeTokenRfc7009", status_code=200)
    async def revoke(self, request: Request[Any, Any, Any], doors: Doors) -> Response[bytes]:
        """End a token: 200 without a body, whether it was known or not (RFC 7009, 2.2)."""
        form = await _form_of(request)
        client = await _client_of(request, form, doors, public=True)
        await _revoked(form, client, doors)
        return Response(b"", media_type=MediaType.TEXT, headers=NO_STORE)


async def _form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    if request.content_type[0] != FORM:
        raise RequestRefused(UNSUPPORTED_MEDIA_TYPE, f"Send {FORM}.", field="Content-Type", reason="unsupported")
    return read_form(await request.body())


async def _client_of(
    request: Request[Any, Any, Any], form: dict[str, str], doors: OAuthDoors, *, public: bool
) -> Client:
    return await sync_to_thread(doors.authentication.client_of, request.scope, form, public=public)


async def _revoked(form: dict[str, str], client: Client, doors: OAuthDoors) -> bool:
    if "token" not in form:
        raise OAuthError("invalid_request", _NO_TOKEN)
    return await sync_to_thread(doors.services.revoking.revoke, form["token"], client_id=client.id)


def _granted(grant: Grant, client: Client, form: dict[str, str], doors: OAuthDoors) -> TokenBody:
    match grant:
        case Grant.CLIENT_CREDENTIALS:
            issued = doors.tokens.issue(client, _scopes(form.get("scope"), client))
            return TokenBody(
                access_token=issued.text,
                token_type="Bearer",  # noqa: S106 - the name of a scheme
                expires_in=issued.seconds,
                scope=" ".join(sorted(issued.scopes)),
            )
        case Grant.AUTHORIZATION_CODE:
            return _body(doors.services.granting.code(client, form))
        case Grant.REFRESH_TOKEN:
            return _body(doors.services.granting.refresh(client, form))


def _body(granted: Granted) -> TokenBody:
    return TokenBody(
        access_token=granted.access_token,
        token_type=granted.token_type,
        expires_in=granted.seconds,
        scope=granted.scope,
        refresh_token=granted.refresh_token,
        credentialID=granted.credential_id,
        authorization_details=list(granted.details) or None,
    )


def _scopes(asked: str | None, client: Client) -> frozenset[str]:
    """What was asked for, or everything that the client may; more than that is refused, not shortened.

    Nobody signs for a person without that person: `credential` is not given to a client that asks for itself.
    """
    may = client.scopes - {Permission.CREDENTIAL}
    if asked is None:
        return may
    scopes = frozenset(asked.split())
    if not scopes or not scopes <= may:
        raise OAuthError("invalid_scope", "The client may not ask for this scope.")
    return scopes


def oauth_router(doors: OAuthDoors, *, now: Callable[[], datetime], before: list[Middleware]) -> Router:
    """The endpoints for applications; `before` limits how often they are asked."""

    def provide_doors() -> OAuthDoors:
        return doors

    return Routes(
        path="/",
        route_handlers=[OAuthController, RevocationController],
        dependencies={"doors": Provide(provide_doors, sync_to_thread=False)},
        exception_handlers={Exception: oauth_handler(now)},
        middleware=before,
        request_max_body_size=MAX_BODY_BYTES,
        opt={"exclude_from_compression": True},
    )
