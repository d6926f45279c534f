"""For applications: with which credentials they may have documents signed, and whom they want enrolled."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller
from litestar.params import FromQuery
from msgspec import Meta

import signer.errors
from api.faces.rest.declaring import Cursor, Limit, Words
from api.faces.rest.json_body import PRINTABLE
from api.faces.rest.letters.asking import Asking, Asks, acts, reads
from api.faces.rest.office.wire import Following, cursor_after, cursor_of, place_of
from api.faces.rest.office.words import PAGE, Query, query
from api.office.counter import Counter, Usable
from api.permissions import Permission
from api.problems import OFFICE_CLOSED, PROBLEMS, RequestRefused
from signer.people import HolderKind, OfficialQuery, holder_kind

_KINDS: Final = [each.value for each in HolderKind]
_SEARCH: Final[Query] = (
    query(
        "kind", "Officials, or seals that are lent to you.", {"type": "string", "enum": _KINDS, "default": "official"}
    ),
    query("name", "Of officials: parts of the name, in any case."),
    query("unit", "Of officials: part of the unit's name."),
    query("organisation", "Of officials: part of the organisation's name."),
    *PAGE,
)
_USABLE: Final = {
    "credential": "cred-kepala-dinas",
    "kind": "official",
    "signatory": "K5QXA2LBONUWC3TB",
    "name": "I Wayan Contoh",
    "organisation": "Pemerintah Provinsi Contoh",
    "unit": "Dinas Contoh",
    "serial": "1a2b3c4d5e6f",
    "notAfter": "2028-11-20T04:00:00Z",
    "documentsLeft": None,
    "until": None,
}


class UsableCredentialBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A credential that may sign today."""

    credential: Annotated[str, Meta(description="What a request for consent, a batch or a step names.")]
    kind: Annotated[HolderKind, Meta(description="`official`: consents to each document; `seal`: is lent to you.")]
    signatory: Annotated[str, Meta(description="Opaque identifier, the same over renewals.")]
    name: str
    organisation: str
    unit: str | None
    serial: Annotated[str, Meta(description="Of the certificate, hexadecimal.")]
    not_after: datetime
    documents_left: Annotated[int | None, Meta(description="Of a seal: how many may still be sealed.")]
    until: Annotated[datetime | None, Meta(description="Of a seal: until when it is lent.")]

    @classmethod
    def of(cls, one: Usable) -> "UsableCredentialBody":
        """In the words of this contract."""
        return cls(
            credential=one.credential_id,
            kind=holder_kind(one.signatory),
            signatory=one.signatory.id,
            name=one.signatory.name,
            organisation=one.signatory.organisation,
            unit=one.signatory.unit,
            serial=f"{one.serial:x}",
            not_after=one.not_after,
            documents_left=None if one.lent is None else one.lent.documents - one.lent.used,
            until=None if one.lent is None else one.lent.expires_at,
        )


class UsableCredentialPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Officials by name, seals by id."""

    items: tuple[UsableCredentialBody, ...]
    next: Following


class EnrolmentAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Whom the office should look at."""

    name: Annotated[str, Meta(min_length=1, max_length=64, pattern=PRINTABLE)]
    email: Annotated[str, Meta(min_length=3, max_length=254, pattern=PRINTABLE)]


class EnrolmentReceived(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The same for an address that is known already: who has a certificate is not told so."""

    email: str


class UsableCredentialController(Controller):
    """What the caller may name when it asks for a signature."""

    path = "/usable-credentials"
    tags = ["signatures"]  # noqa: RUF012 - the framework's way

    @reads(
        "/",
        "ListUsableCredentials",
        Permission.CREDENTIAL_LIST,
        gives=UsableCredentialPage,
        fails=(OFFICE_CLOSED,),
        query=_SEARCH,
        shows={"items": [_USABLE], "next": None},
    )
    def usable(
        self,
        asking: Asks[None],
        *,
        kind: FromQuery[HolderKind] = HolderKind.OFFICIAL,
        name: Words = None,
        unit: Words = None,
        organisation: Words = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> UsableCredentialPage:
        """Credentials that may sign your documents today: officials, who consent to each, or seals lent to you"""
        counter = _counter(asking)
        if kind is HolderKind.SEAL:
            place = place_of(cursor, tuple[str])
            lent = counter.seals(asking.client_id, asking.network, after=place[0] if place else "", limit=limit)
            following = cursor_of((lent[-1].credential_id,)) if len(lent) == limit else None
            return UsableCredentialPage(items=tuple(map(UsableCredentialBody.of, lent)), next=following)
        search = OfficialQuery(
            name=name, unit=unit, organisation=organisation, after=place_of(cursor, tuple[str, str]), limit=limit
        )
        found = counter.officials(search)
        following = cursor_after(found[-1].signatory) if len(found) == limit else None
        return UsableCredentialPage(items=tuple(map(UsableCredentialBody.of, found)), next=following)


class EnrolmentAskController(Controller):
    """A request issues nothing: a registrar looks at the person, and a second person approves."""

    path = "/enrolment-requests"
    tags = ["registrations"]  # noqa: RUF012 - the framework's way

    @acts(
        "/",
        "AskForEnrolment",
        Permission.ENROLMENT_CREATE,
        takes=EnrolmentAsk,
        gives=EnrolmentReceived,
        status=202,
        fails=(PROBLEMS[signer.errors.RegistrationRefused], OFFICE_CLOSED),
        sends={"name": "I Wayan Contoh", "email": "wayan.contoh@example.org"},
        shows={"email": "wayan.contoh@example.org"},
    )
    def ask(self, asking: Asks[EnrolmentAsk]) -> EnrolmentReceived:
        """Ask the office that somebody gets a certificate; what is known already is not told"""
        said = asking.brought
        _counter(asking).ask(asking.client_id, said.name, said.email)
        return EnrolmentReceived(email=said.email)


def _counter(asking: Asking[Any]) -> Counter:
    if asking.services.people is None:
        raise RequestRefused(OFFICE_CLOSED, "This process serves no registration office.")
    return asking.services.people.counter
