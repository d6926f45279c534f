"""`POST /oauth2/token` and `POST /oauth2/revoke`. A secret never leaves the form or the header it came in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Controller, Request, Response, Router, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from litestar.types import Middleware

from api.auth import Client, TokenService
from api.faces.oauth.credentials import BASIC, MAX_BODY_BYTES, ClientCredentials, read_credentials, read_form
from api.faces.oauth.errors import NO_STORE, OAuthError, oauth_handler
from api.failed_logins import FailedLogins
from api.limits import network_of
from api.problems import UNSUPPORTED_MEDIA_TYPE, RequestRefused

FORM: Final = "application/x-www-form-urlencoded"


class TokenBody(msgspec.Struct, frozen=True, kw_only=True):
    """A new access token (RFC 6749, 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class OAuthController(Controller):
    """The token endpoint and the revocation endpoint."""

    path = "/oauth2"

    @post("/token", operation_id="IssueToken", status_code=200)
    async def token(
        self,
        request: Request[Any, Any, Any],
        tokens: NamedDependency[SkipValidation[TokenService]],
        failed: NamedDependency[SkipValidation[FailedLogins]],
    ) -> Response[TokenBody]:
        """A new access token for an application that knows its secret."""
        form = await _form_of(request)
        client = await _authenticated(request, form, tokens, failed)
        grant = form.get("grant_type")
        if grant is None:
            raise OAuthError("invalid_request", "grant_type is missing.")
        if grant != "client_credentials":
            raise OAuthError("unsupported_grant_type", "Only client_credentials is offered.")
        issued = await sync_to_thread(tokens.issue, client, _scopes(form.get("scope"), client))
        body = TokenBody(
            access_token=issued.text,
            token_type="Bearer",  # noqa: S106 - the name of a scheme
            expires_in=issued.seconds,
            scope=" ".join(sorted(issued.scopes)),
        )
        return Response(body, headers=NO_STORE)

    @post("/revoke", operation_id="RevokeToken", status_code=200)
    async def revoke(
        self,
        request: Request[Any, Any, Any],
        tokens: NamedDependency[SkipValidation[TokenService]],
        failed: NamedDependency[SkipValidation[FailedLogins]],
    ) -> Response[None]:
        """End a token of the same client; an unknown token is no error (RFC 7009, 2.2)."""
        form = await _form_of(request)
        client = await _authenticated(request, form, tokens, failed)
        if "token" not in form:
            raise OAuthError("invalid_request", "token is missing.")
        await sync_to_thread(tokens.revoke, form["token"], client)
        return Response(None, headers=NO_STORE)


async def _form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    if request.content_type[0] != FORM:
        raise RequestRefused(UNSUPPORTED_MEDIA_TYPE, f"Send {FORM}.", field="Content-Type", reason="unsupported")
    return read_form(await request.body())


async def _authenticated(
    request: Request[Any, Any, Any], form: dict[str, str], tokens: TokenService, failed: FailedLogins
) -> Client:
    credentials = read_credentials(request.headers.get("Authorization"), form)
    return await sync_to_thread(_authenticate, credentials, network_of(request.scope), tokens, failed)


def _authenticate(credentials: ClientCredentials, network: str, tokens: TokenService, failed: FailedLogins) -> Client:
    failed.check(network, credentials.client_id)
    client = tokens.authenticate(credentials.client_id, credentials.secret)
    if client is None:
        failed.count(network, credentials.client_id)
        raise OAuthError("invalid_client", "Unknown client or wrong secret.", challenge=BASIC)
    return client


def _scopes(asked: str | None, client: Client) -> frozenset[str]:
    """What was asked for, or everything that the client may; more than that is refused, not shortened."""
    if asked is None:
        return client.scopes
    scopes = frozenset(asked.split())
    if not scopes or not scopes <= client.scopes:
        raise OAuthError("invalid_scope", "The client may not ask for this scope.")
    return scopes


def oauth_router(
    tokens: TokenService, failed: FailedLogins, *, now: Callable[[], datetime], before: list[Middleware]
) -> Router:
    """The OAuth endpoints; `before` limits how often they are asked."""

    def provide_tokens() -> TokenService:
        return tokens

    def provide_failed() -> FailedLogins:
        return failed

    return Router(
        path="/",
        route_handlers=[OAuthController],
        dependencies={
            "tokens": Provide(provide_tokens, sync_to_thread=False),
            "failed": Provide(provide_failed, sync_to_thread=False),
        },
        exception_handlers={Exception: oauth_handler(now)},
        middleware=before,
        request_max_body_size=MAX_BODY_BYTES,
        opt={"exclude_from_compression": True},
    )
