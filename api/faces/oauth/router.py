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
from api.faces.oauth.errors import NO_STORE, oauth_handler
from api.oauth.client_authentication import ClientAuthentication
from api.oauth.errors import OAuthError
from api.oauth.methods import Grant
from api.oauth.offers import MAX_BODY_BYTES, read_form
from api.permissions import Permission
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
        authentication: NamedDependency[SkipValidation[ClientAuthentication]],
    ) -> Response[TokenBody]:
        """A new access token for an application that knows its secret."""
        form = await _form_of(request)
        client = await sync_to_thread(authentication.client_of, request.scope, form)
        grant = form.get("grant_type")
        if grant is None:
            raise OAuthError("invalid_request", "grant_type is missing.")
        if grant != "client_credentials":
            raise OAuthError("unsupported_grant_type", "Only client_credentials is offered.")
        if Grant.CLIENT_CREDENTIALS not in client.grants:
            raise OAuthError("unauthorized_client", "The client may not use this grant.")
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
        authentication: NamedDependency[SkipValidation[ClientAuthentication]],
    ) -> Response[None]:
        """End a token of the same client; an unknown token is no error (RFC 7009, 2.2)."""
        form = await _form_of(request)
        client = await sync_to_thread(authentication.client_of, request.scope, form)
        if "token" not in form:
            raise OAuthError("invalid_request", "token is missing.")
        await sync_to_thread(tokens.revoke, form["token"], client)
        return Response(None, headers=NO_STORE)


async def _form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    if request.content_type[0] != FORM:
        raise RequestRefused(UNSUPPORTED_MEDIA_TYPE, f"Send {FORM}.", field="Content-Type", reason="unsupported")
    return read_form(await request.body())


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


def oauth_router(
    tokens: TokenService,
    authentication: ClientAuthentication,
    *,
    now: Callable[[], datetime],
    before: list[Middleware],
) -> Router:
    """The OAuth endpoints; `before` limits how often they are asked."""

    def provide_tokens() -> TokenService:
        return tokens

    def provide_authentication() -> ClientAuthentication:
        return authentication

    return Router(
        path="/",
        route_handlers=[OAuthController],
        dependencies={
            "tokens": Provide(provide_tokens, sync_to_thread=False),
            "authentication": Provide(provide_authentication, sync_to_thread=False),
        },
        exception_handlers={Exception: oauth_handler(now)},
        middleware=before,
        request_max_body_size=MAX_BODY_BYTES,
        opt={"exclude_from_compression": True},
    )
