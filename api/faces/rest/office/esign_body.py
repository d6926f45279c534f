"""What administrators send and read about API credentials of the gateway."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from api.faces.rest.office.wire import Following, Reference, Sent, Told
from signer.api_credentials import MOST_NETWORKS, ApiCredential, GeometryReading, NewPassword, Terms

Network = Annotated[str, Meta(min_length=1, max_length=64, description="CIDR.", examples=["192.0.2.0/24"])]
Networks = Annotated[tuple[Network, ...], Meta(max_length=MOST_NETWORKS, description="From where; empty: anywhere.")]
Description = Annotated[str, Meta(max_length=200)]
Kind = Annotated[str, Meta(max_length=100, description="Kind of document where a call names none; empty: none.")]


class EsignCredentialChange(Sent, frozen=True, kw_only=True):
    """What changes; what is absent stays as it is."""

    description: Description | None = None
    networks: Networks | None = None
    enabled: Annotated[bool | None, Meta(description="A disabled one is answered 403.")] = None
    kind: Kind | None = None
    unstated_kinds: Annotated[bool | None, Meta(description="Whether documents of unstated kinds are signed.")] = None
    geometry: Annotated[GeometryReading | None, Meta(description="What `width` and `height` are.")] = None
    certified_only: Annotated[bool | None, Meta(description="Narrows `cert_user_certified`.")] = None
    codes: Annotated[bool | None, Meta(description="Whether officials may open sessions for codes to it.")] = None

    @property
    def terms(self) -> Terms:
        """All but the switch."""
        return Terms(
            description=self.description,
            networks=self.networks,
            kind=self.kind,
            unstated_kinds=self.unstated_kinds,
            geometry=self.geometry,
            certified_only=self.certified_only,
            codes=self.codes,
        )


class EsignCredentialRequest(Sent, frozen=True, kw_only=True):
    """A new API credential."""

    user_name: Annotated[Reference, Meta(description="Letters, digits, `.`, `-`, `~`, `_`.", examples=["e-office"])]
    client: Annotated[Reference, Meta(description="The application that it belongs to.", examples=["e-office"])]
    description: Description = ""
    networks: Networks = ()
    kind: Kind = ""
    unstated_kinds: bool = True
    geometry: GeometryReading = GeometryReading.AUTO
    certified_only: bool = False
    codes: Annotated[bool, Meta(description="Whether officials may open sessions for codes to it.")] = False

    @property
    def terms(self) -> Terms:
        """All of them."""
        return Terms(
            description=self.description,
            networks=self.networks,
            kind=self.kind,
            unstated_kinds=self.unstated_kinds,
            geometry=self.geometry,
            certified_only=self.certified_only,
            codes=self.codes,
        )


class EsignCredentialBody(Told, frozen=True, kw_only=True):
    """One API credential, without its password."""

    user_name: str
    client: str
    description: str
    networks: tuple[str, ...]
    enabled: bool
    kind: str | None
    unstated_kinds: bool
    geometry: GeometryReading
    certified_only: bool
    codes: bool
    created_at: datetime

    @classmethod
    def of(cls, one: ApiCredential) -> "EsignCredentialBody":
        """In the words of this contract."""
        return cls(
            user_name=one.user_name,
            client=one.client_id,
            description=one.description,
            networks=one.networks,
            enabled=one.enabled,
            kind=one.kind,
            unstated_kinds=one.unstated_kinds,
            geometry=one.geometry,
            certified_only=one.certified_only,
            codes=one.codes,
            created_at=one.created_at,
        )


class EsignPasswordBody(Told, frozen=True, kw_only=True):
    """A password, told this once."""

    user_name: str
    password: str

    @classmethod
    def of(cls, made: NewPassword) -> "EsignPasswordBody":
        """In the words of this contract."""
        return cls(user_name=made.credential.user_name, password=made.password.reveal())


class EsignCredentialPage(Told, frozen=True, kw_only=True):
    """One page of them, by user name."""

    items: list[EsignCredentialBody]
    next: Following
