"""The registration office as an import sees it: the same key, asked again, is the same proposal."""

import hashlib
from collections.abc import Callable, Mapping

from signer.errors import RegistrationRefused
from signer.model import CredentialState
from signer.people import Registration, StaffMember
from signer.registrations import Person, RegistrationService
from store.credentials import SqlCredentialStore
from store.registrations import SqlRegistrationStore

_ID_BYTES = 16

RandomBytes = Callable[[int], bytes]


class KeyedRegistrations:
    """`signer.bulk.ports.RegisterOfficials` over the registration service.

    A proposal's ids are drawn from its key instead of from chance, so that one which was made just before a crash is
    found again. They stay unguessable: the key holds 80 random bits of the import.
    """

    def __init__(
        self,
        *,
        service_with: Callable[[RandomBytes], RegistrationService],
        registrations: SqlRegistrationStore,
        credentials: SqlCredentialStore,
        member: StaffMember,
        note_contact: Callable[[str, str], None],
        approved_under: str | None = None,
    ) -> None:
        """`approved_under`: the approval of the whole file, where there is one.

        `service_with(random_bytes)`: the service, drawing its ids there; `note_contact(signatory_id, email)`."""
        self._service_with = service_with
        self._registrations = registrations
        self._credentials = credentials
        self._member = member
        self._note_contact = note_contact
        self._approved_under = approved_under

    def propose(self, content: Mapping[str, str], *, key: str, actor: str) -> str:  # noqa: ARG002 - the member is the actor
        """A new official, who waits for a second person. Raises `RegistrationRefused`, `NotPermitted`."""
        known = self._registrations.get(_id_of(key))
        made = known or self._service_with(_drawn(key)).propose(
            _person(content), self._member, approved_under=self._approved_under
        )
        if "email" in content:
            self._note_contact(made.signatory.id, content["email"])
        return _checked(made, key)

    def transfer(self, content: Mapping[str, str], *, key: str, actor: str) -> str:  # noqa: ARG002 - as above
        """Another unit or body for a known official, who waits for a second person. Raises as `propose`."""
        known = self._registrations.get(_id_of(key))
        if known is not None:
            return known.id
        active = self._credentials.list(signatory_id=content["signatory_id"], state=CredentialState.ACTIVE, limit=1)
        if not active:
            raise RegistrationRefused(
                "There is no active credential of this signatory. Register the official anew.",
                field="signatory_id",
                reason="no-credential",
            )
        who = active[0].signatory
        person = Person(
            name=content.get("name", who.name),
            organisation=content.get("organisation", who.organisation),
            organisation_identifier=content.get("organisation_identifier", who.organisation_identifier),
            unit=content.get("unit", None if "organisation" in content else who.unit),
            surname=content.get("surname", None if "name" in content else who.surname),
        )
        made = self._service_with(_drawn(key)).transfer(
            active[0].id, person, self._member, approved_under=self._approved_under
        )
        return _checked(made, key)


def _person(content: Mapping[str, str]) -> Person:
    return Person(
        name=content["name"],
        organisation=content["organisation"],
        organisation_identifier=content["organisation_identifier"],
        unit=content.get("unit"),
        surname=content.get("surname"),
    )


def _drawn(key: str) -> RandomBytes:
    """Octets that only the key and their number decide."""

    def draw(size: int) -> bytes:
        return hashlib.shake_256(f"teken-proposal:{size}:{key}".encode()).digest(size)

    return draw


def _id_of(key: str) -> str:
    return _drawn(key)(_ID_BYTES).hex()


def _checked(made: Registration, key: str) -> str:
    """An id of another form would make a proposal twice after a crash: better not once."""
    if made.id != _id_of(key):
        raise RuntimeError("a registration's id is not what its key says: api/bulk/register.py has to follow")
    return made.id
