"""Applications that may call the API, for administrators."""

from typing import Any, Final

from litestar import Controller
from litestar.params import FromPath

import signer.errors
from api.faces.rest.declaring import Cursor, Limit
from api.faces.rest.office.clients_body import ClientBody, ClientChange, ClientPage, ClientRequest, ClientSecretBody
from api.faces.rest.office.visit import Visiting, acts, reads
from api.faces.rest.office.wire import cursor_of, place_of
from api.faces.rest.office.words import PAGE
from api.permissions import Permission
from api.problems import PROBLEMS

_MANAGE: Final = Permission.CLIENT_MANAGE
_UNKNOWN: Final = PROBLEMS[signer.errors.ClientUnknown]
_REFUSED: Final = PROBLEMS[signer.errors.ClientRefused]
_ASKED: Final = {
    "name": "E-office Contoh",
    "scopes": ["service", "credential"],
    "redirectUris": ["https://e-office.example/back"],
}
_ONE: Final[dict[str, Any]] = {
    **_ASKED,
    "clientId": "e-office",
    "scopes": ["credential", "service"],
    "state": "active",
    "authMethods": ["client_secret_basic", "client_secret_post"],
    "grants": ["authorization_code", "client_credentials", "refresh_token"],
    "jwks": {"keys": []},
    "tlsSubject": None,
    "tlsThumbprint": None,
    "networks": [],
    "createdAt": "2026-11-21T04:00:00Z",
}
_TOLD: Final = {"client": _ONE, "clientSecret": "told-once"}


class ClientController(Controller):
    """A client of OAuth 2.0 each. No other way leads to one: there is no dynamic registration."""

    path = "/clients"
    tags = ["clients"]  # noqa: RUF012 - the framework's way

    @acts(
        "/",
        "AddClient",
        _MANAGE,
        takes=ClientRequest,
        gives=ClientSecretBody,
        status=201,
        at="/v1/clients/{0.client.client_id}",
        fails=(_REFUSED,),
        sends={"clientId": "e-office", **_ASKED},
        shows=_TOLD,
        tells_secret=True,
    )
    def add(self, visit: Visiting[ClientRequest]) -> ClientSecretBody:
        """Register an application; its secret is told once"""
        asked = visit.brought
        return ClientSecretBody.of(visit.people.clients.add(visit.caller, asked.terms, client_id=asked.client_id))

    @reads("/", "ListClients", _MANAGE, gives=ClientPage, query=PAGE, shows={"items": [_ONE], "next": None})
    def list(self, visit: Visiting[None], cursor: Cursor = None, limit: Limit = 50) -> ClientPage:
        """Every application, by identifier, disabled ones too"""
        place = place_of(cursor, tuple[str])
        found = visit.people.clients.page(visit.caller, after=place[0] if place else "", limit=limit)
        following = cursor_of((found[-1].id,)) if len(found) == limit else None
        return ClientPage(items=[ClientBody.of(each) for each in found], next=following)

    @reads("/{client:str}", "GetClient", _MANAGE, gives=ClientBody, fails=(_UNKNOWN,), shows=_ONE)
    def read(self, visit: Visiting[None], client: FromPath[str]) -> ClientBody:
        """One application"""
        return ClientBody.of(visit.people.clients.get(visit.caller, client))

    @acts(
        "/{client:str}",
        "ChangeClient",
        _MANAGE,
        takes=ClientChange,
        gives=ClientBody,
        fails=(_UNKNOWN, _REFUSED),
        sends={"networks": ["192.0.2.0/24"]},
        shows=_ONE | {"networks": ["192.0.2.0/24"]},
        unless_changed=True,
        method="patch",
    )
    def change(self, visit: Visiting[ClientChange], client: FromPath[str]) -> ClientBody:
        """Other redirect addresses, scopes, networks, keys or ways to authenticate; a lost scope is gone at once"""
        unchanged = visit.unchanged(ClientBody.of)
        return ClientBody.of(visit.people.clients.change(visit.caller, client, visit.brought.terms, unchanged))

    @acts(
        "/{client:str}/secret",
        "RotateClientSecret",
        _MANAGE,
        gives=ClientSecretBody,
        status=201,
        at="/v1/clients/{0.client.client_id}",
        fails=(_UNKNOWN, _REFUSED),
        shows=_TOLD,
        tells_secret=True,
    )
    def rotate(self, visit: Visiting[None], client: FromPath[str]) -> ClientSecretBody:
        """Another secret, told once; the one of before and all access tokens are good no more"""
        return ClientSecretBody.of(visit.people.clients.rotate(visit.caller, client))

    @acts(
        "/{client:str}/disable",
        "DisableClient",
        _MANAGE,
        gives=ClientBody,
        fails=(_UNKNOWN,),
        shows=_ONE | {"state": "disabled"},
    )
    def disable(self, visit: Visiting[None], client: FromPath[str]) -> ClientBody:
        """No log-in and no token of it is good any more; for good"""
        return ClientBody.of(visit.people.clients.disable(visit.caller, client))
