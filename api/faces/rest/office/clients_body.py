"""What administrators send and read about applications."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from msgspec import Meta

from api.auth import Client
from api.faces.rest.office.wire import Following, Name, Reference, Sent, Told
from api.oauth.methods import AuthMethod, Grant
from api.oauth.registration_rules import LONGEST_URI, MOST_NETWORKS, MOST_REDIRECTS
from api.oauth.registrations import Terms, ToldClient

Scope = Annotated[str, Meta(min_length=1, max_length=64, examples=["signature:create"])]
Redirect = Annotated[str, Meta(min_length=1, max_length=LONGEST_URI, examples=["https://e-office.example/back"])]
Network = Annotated[str, Meta(min_length=1, max_length=64, description="CIDR.", examples=["192.0.2.0/24"])]
Scopes = Annotated[tuple[Scope, ...], Meta(max_length=64, description="What it may ask for at most.")]
Methods = Annotated[tuple[AuthMethod, ...], Meta(min_length=1, max_length=8, description="How it may authenticate.")]
Grants = Annotated[tuple[Grant, ...], Meta(min_length=1, max_length=8)]
Redirects = Annotated[
    tuple[Redirect, ...], Meta(max_length=MOST_REDIRECTS, description="Compared character by character.")
]
Keys = Annotated[dict[str, Any], Meta(description="JWK set (RFC 7517) of public keys, for `private_key_jwt`.")]
Subject = Annotated[str, Meta(max_length=1024, description="RFC 4514, for `tls_client_auth`; empty: none.")]
Thumbprint = Annotated[
    str, Meta(max_length=128, description="SHA-256, hex, for `self_signed_tls_client_auth`; empty: none.")
]
Networks = Annotated[tuple[Network, ...], Meta(max_length=MOST_NETWORKS, description="From where; empty: anywhere.")]


class Registered(Client, Protocol):
    """An application as the registry has it."""

    @property
    def active(self) -> bool: ...

    @property
    def created_at(self) -> datetime: ...


class ClientChange(Sent, frozen=True, kw_only=True):
    """What changes; what is absent stays as it is."""

    name: Name | None = None
    scopes: Scopes | None = None
    auth_methods: Methods | None = None
    grants: Grants | None = None
    redirect_uris: Redirects | None = None
    jwks: Keys | None = None
    tls_subject: Subject | None = None
    tls_thumbprint: Thumbprint | None = None
    networks: Networks | None = None

    @property
    def terms(self) -> Terms:
        """In the words of the registry."""
        return Terms(
            name=self.name,
            scopes=self.scopes,
            auth_methods=self.auth_methods,
            grants=self.grants,
            redirect_uris=self.redirect_uris,
            jwks=self.jwks,
            tls_subject=self.tls_subject,
            tls_thumbprint=self.tls_thumbprint,
            networks=self.networks,
        )


class ClientRequest(ClientChange, frozen=True, kw_only=True):
    """A new application. Without `grants`: those that its redirect addresses and its secret make possible."""

    name: Annotated[Name, Meta(description="As signatories will read it.", examples=["E-office Contoh"])]
    scopes: Scopes
    client_id: Annotated[Reference | None, Meta(description="Letters, digits, `.`, `-`, `~`, `_`; random.")] = None


class ClientBody(Told, frozen=True, kw_only=True):
    """One application, without its secret."""

    client_id: str
    name: str
    state: Literal["active", "disabled"]
    scopes: list[str]
    auth_methods: list[str]
    grants: list[str]
    redirect_uris: tuple[str, ...]
    jwks: Mapping[str, Any]
    tls_subject: str | None
    tls_thumbprint: str | None
    networks: tuple[str, ...]
    created_at: datetime

    @classmethod
    def of(cls, one: Registered) -> "ClientBody":
        """In the words of this contract."""
        return cls(
            client_id=one.id,
            name=one.name,
            state="active" if one.active else "disabled",
            scopes=sorted(one.scopes),
            auth_methods=sorted(one.auth_methods),
            grants=sorted(one.grants),
            redirect_uris=one.redirect_uris,
            jwks={"keys": list(one.jwks)},
            tls_subject=one.tls_subject,
            tls_thumbprint=one.tls_thumbprint,
            networks=one.networks,
            created_at=one.created_at,
        )


class ClientSecretBody(Told, frozen=True, kw_only=True):
    """An application and its new secret, told this once."""

    client: ClientBody
    client_secret: Annotated[str | None, Meta(description="Null for one that authenticates without.")]

    @classmethod
    def of(cls, told: ToldClient) -> "ClientSecretBody":
        """In the words of this contract."""
        return cls(client=ClientBody.of(told.client), client_secret=told.secret)


class ClientPage(Told, frozen=True, kw_only=True):
    """One page of applications, by identifier."""

    items: list[ClientBody]
    next: Following
