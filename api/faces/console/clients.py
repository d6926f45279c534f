"""Applications: registered, changed, given another secret, disabled. A secret is on one page, once."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Final, Protocol

import msgspec
from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.auth import Client
from api.faces.console.machine_words import CLIENT_REFUSALS, METHODS, SCOPES
from api.faces.console.visit import Visit, Visits, to
from api.oauth.methods import AuthMethod
from api.oauth.registrations import Terms
from api.pages.tables import csv_answer
from api.pages.text import Text
from api.permissions import APPLICATION_PERMISSIONS
from signer.errors import ClientRefused, ClientUnknown

CLIENTS: Final = "/console/clients"
_PAGE: Final = 50
_FILE: Final = 5000
_HEADINGS: Final = ("id", "nama", "keadaan", "lingkup", "jaringan", "dibuat")


_WITH_SECRET: Final = frozenset({AuthMethod.BASIC.value, AuthMethod.POST.value})


class Registered(Client, Protocol):
    """An application as the registry has it."""

    @property
    def state(self) -> Enum: ...

    @property
    def active(self) -> bool: ...

    @property
    def created_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientForm:
    """How an application is to be registered. Lists are written one a line."""

    csrf: str = ""
    client_id: str = ""
    name: str = ""
    scopes: list[str] | str = field(default_factory=list)
    method: str = AuthMethod.BASIC.value
    jwks: str = ""
    tls_subject: str = ""
    tls_thumbprint: str = ""
    redirect_uris: str = ""
    networks: str = ""

    @property
    def scope_list(self) -> list[str]:
        """As a list, also where one box was ticked."""
        return [self.scopes] if isinstance(self.scopes, str) else self.scopes

    def terms(self) -> Terms:
        """Raises `ClientRefused` for a key set that is no JSON."""
        return Terms(
            name=" ".join(self.name.split()),
            scopes=self.scope_list,
            auth_methods=sorted(_WITH_SECRET) if self.method == AuthMethod.BASIC.value else [self.method],
            redirect_uris=_lines(self.redirect_uris),
            jwks=_key_set(self.jwks),
            tls_subject=self.tls_subject.strip(),
            tls_thumbprint=self.tls_thumbprint.strip().lower().replace(":", ""),
            networks=_lines(self.networks),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActForm:
    """A button about one application."""

    csrf: str = ""


class ClientsController(Controller):
    """For administrators."""

    include_in_schema = False

    @get(CLIENTS, sync_to_thread=True)
    def page(self, visit: Visits, after: FromQuery[str] = "", format: FromQuery[str] = "") -> Response[Any]:
        """By identifier."""
        clients = visit.doors.people.clients
        if format == "csv":
            found = clients.page(visit.caller, limit=_FILE)
            return csv_answer("aplikasi.csv", _HEADINGS, map(_cells, found))
        found = clients.page(visit.caller, after=after, limit=_PAGE)
        return visit.show(
            "clients.html",
            clients=found,
            first=not after,
            next_page=f"{CLIENTS}?after={found[-1].id}" if len(found) == _PAGE else None,
            csv=f"{CLIENTS}?format=csv",
        )

    @get(f"{CLIENTS}/new", sync_to_thread=True)
    def blank(self, visit: Visits) -> Response[Any]:
        """The form for a new one."""
        visit.doors.people.clients.page(visit.caller, limit=1)  # asks for the right to it
        return _form(visit, ClientForm())

    @post(CLIENTS, status_code=200, sync_to_thread=True)
    def add(self, visit: Visits, data: URLEncodedBody[ClientForm]) -> Response[Any]:
        """Its secret is in the answer, and nowhere else."""
        caller = visit.own(data.csrf)
        try:
            told = visit.doors.people.clients.add(caller, data.terms(), client_id=data.client_id.strip() or None)
        except ClientRefused as refused:
            return _form(visit, data, refused=refused)
        return visit.show("client_told.html", client=told.client, secret=told.secret, is_new=True)

    @get(f"{CLIENTS}/{{client_id:str}}", sync_to_thread=True)
    def one(self, visit: Visits, client_id: FromPath[str]) -> Response[Any]:
        """What holds for it, as a form."""
        client = _known(visit, client_id)
        return _form(visit, _form_of(client), client=client)

    @post(f"{CLIENTS}/{{client_id:str}}", status_code=200, sync_to_thread=True)
    def change(self, visit: Visits, client_id: FromPath[str], data: URLEncodedBody[ClientForm]) -> Response[Any]:
        """Other terms, from now on."""
        caller, client = visit.own(data.csrf), _known(visit, client_id)
        try:
            visit.doors.people.clients.change(caller, client.id, data.terms())
        except ClientRefused as refused:
            return _form(visit, data, client=client, refused=refused)
        return to(f"{CLIENTS}/{client.id}?saved=1")

    @post(f"{CLIENTS}/{{client_id:str}}/secret", status_code=200, sync_to_thread=True)
    def rotate(self, visit: Visits, client_id: FromPath[str], data: URLEncodedBody[ActForm]) -> Response[Any]:
        """Another secret, told in the answer; the one of before is good no more."""
        caller, client = visit.own(data.csrf), _known(visit, client_id)
        visit.confirmed(f"{CLIENTS}/{client.id}")
        try:
            told = visit.doors.people.clients.rotate(caller, client.id)
        except ClientRefused as refused:
            return _form(visit, _form_of(client), client=client, refused=refused)
        return visit.show("client_told.html", client=told.client, secret=told.secret, is_new=False)

    @post(f"{CLIENTS}/{{client_id:str}}/disable", status_code=200, sync_to_thread=True)
    def disable(self, visit: Visits, client_id: FromPath[str], data: URLEncodedBody[ActForm]) -> Response[Any]:
        """For good; its tokens end."""
        caller, client = visit.own(data.csrf), _known(visit, client_id)
        visit.confirmed(f"{CLIENTS}/{client.id}")
        visit.doors.people.clients.disable(caller, client.id)
        return to(f"{CLIENTS}/{client.id}")


def _form(
    visit: Visit, form: ClientForm, *, client: Registered | None = None, refused: ClientRefused | None = None
) -> Response[Any]:
    error = None
    if refused is not None:
        error = CLIENT_REFUSALS.get(refused.reason, Text("Bagian ini belum benar.", str(refused)))
    return visit.show(
        "client.html",
        error=error,
        error_at=None if refused is None else _INPUTS.get(refused.field, "name"),
        form=form,
        client=client,
        scopes=[(each.value, SCOPES[each]) for each in sorted(APPLICATION_PERMISSIONS)],
        methods=METHODS,
        has_secret=client is not None and bool(client.auth_methods & _WITH_SECRET),
        is_confirmed=visit.session.confirmed(visit.doors.now()),
    )


_INPUTS: Final = {
    "clientId": "client_id",
    "scopes": "scopes",
    "authMethods": "method",
    "jwks": "jwks",
    "tlsSubject": "tls_subject",
    "tlsThumbprint": "tls_thumbprint",
    "redirectUris": "redirect_uris",
    "networks": "networks",
}
"""Fields of the registration and the inputs of the form."""


def _known(visit: Visit, client_id: str) -> Registered:
    try:
        return visit.doors.people.clients.get(visit.caller, client_id)
    except ClientUnknown:
        raise HTTPException(status_code=404) from None


def _form_of(client: Registered) -> ClientForm:
    method = AuthMethod.BASIC.value if client.auth_methods & _WITH_SECRET else min(client.auth_methods)
    return ClientForm(
        client_id=client.id,
        name=client.name,
        scopes=sorted(client.scopes),
        method=AuthMethod.NONE.value if client.public else method,
        jwks=msgspec.json.format(msgspec.json.encode({"keys": client.jwks})).decode() if client.jwks else "",
        tls_subject=client.tls_subject or "",
        tls_thumbprint=client.tls_thumbprint or "",
        redirect_uris="\n".join(client.redirect_uris),
        networks="\n".join(client.networks),
    )


def _key_set(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return {"keys": []}
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        raise ClientRefused("This is no JSON object.", field="jwks", reason="not-json") from None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _cells(client: Registered) -> tuple[str, ...]:
    return (
        client.id,
        client.name,
        client.state.value,
        " ".join(sorted(client.scopes)),
        " ".join(client.networks),
        client.created_at.isoformat(),
    )
