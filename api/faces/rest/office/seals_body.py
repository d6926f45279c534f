"""What staff send and read about seals of organisations."""

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta

from api.faces.rest.office.wire import Following, Name, Reference, Sent, Told
from api.office.seals import KnownSeal
from signer.people import StatusWord
from signer.seal_model import MOST_DOCUMENTS, MOST_NETWORKS, SealPermission

HOURS: Final = 24

Network = Annotated[str, Meta(min_length=1, max_length=64, description="CIDR.", examples=["192.0.2.0/24"])]


class SealRequest(Sent, frozen=True, kw_only=True):
    """Whose seal, and how it is called."""

    name: Annotated[Name, Meta(description="As people will read it.", examples=["Segel Dinas Contoh"])]
    organisation: Annotated[Name | None, Meta(description="The service's own where absent.")] = None
    organisation_identifier: Annotated[Name | None, Meta(description="`VATID-…` or `NTRID-…`.")] = None


class SealActivationRequest(Sent, frozen=True, kw_only=True):
    """What one application may do with a seal."""

    client: Annotated[Reference, Meta(description="The application.", examples=["e-office"])]
    networks: Annotated[tuple[Network, ...], Meta(min_length=1, max_length=MOST_NETWORKS)]
    documents: Annotated[int, Meta(ge=1, le=MOST_DOCUMENTS, description="How many, at most.")]
    hours: Annotated[int, Meta(ge=1, le=HOURS)] = HOURS


class SealBody(Told, frozen=True, kw_only=True):
    """One credential of a seal."""

    credential: Annotated[str, Meta(description="What a batch names; another one after each renewal.")]
    seal: Annotated[str, Meta(description="Opaque identifier of the seal, the same over renewals.")]
    name: str
    organisation: str
    organisation_identifier: str
    status: Annotated[StatusWord, Meta(description="`ISSUE` is the only one that seals; `RENEW`: a newer one does.")]
    serial: Annotated[str, Meta(description="Of the certificate, hexadecimal.")]
    not_after: datetime

    @classmethod
    def of(cls, one: KnownSeal) -> "SealBody":
        """In the words of this contract."""
        whose, certificate = one.credential.signatory, one.credential.certificate
        return cls(
            credential=one.credential.id,
            seal=whose.id,
            name=whose.name,
            organisation=whose.organisation,
            organisation_identifier=whose.organisation_identifier,
            status=one.status,
            serial=f"{certificate.serial_number:x}",
            not_after=certificate.not_valid_after_utc,
        )


class SealPage(Told, frozen=True, kw_only=True):
    """Some credentials of seals, by id."""

    items: list[SealBody]
    next: Following


class SealActivationBody(Told, frozen=True, kw_only=True):
    """One permission to seal."""

    activation: str
    credential: str
    client: str
    networks: tuple[str, ...]
    documents: int
    used: Annotated[int, Meta(description="Counted before the key is used, whatever became of each document.")]
    granted_at: datetime
    expires_at: datetime
    ended_at: Annotated[datetime | None, Meta(description="When it was taken back.")]

    @classmethod
    def of(cls, one: SealPermission) -> "SealActivationBody":
        """In the words of this contract."""
        return cls(
            activation=one.id,
            credential=one.credential_id,
            client=one.client_id,
            networks=one.networks,
            documents=one.documents,
            used=one.used,
            granted_at=one.granted_at,
            expires_at=one.expires_at,
            ended_at=one.ended_at,
        )


class SealActivationList(Told, frozen=True, kw_only=True):
    """Some permissions of a seal, the newest first."""

    items: list[SealActivationBody]
    next: Following
