"""What the office does about an official's second factors: unlock them; with a second person reset them, or let in the
first one."""

from collections.abc import Callable
from datetime import datetime, timedelta

from api.office.desk import Caller, Desk
from api.permissions import Permission
from api.settings import Settings
from signer.errors import CredentialUnknown
from signer.factors.links import FactorLinks
from signer.factors.model import Held
from signer.factors.recovery import FactorOffice
from signer.people import Approval, Official
from store.database import Database
from store.person_sessions import SqlFactorLinks


def factor_links(
    settings: Settings, database: Database, *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
) -> FactorLinks:
    """One-time links to the page of factors; needs no HSM."""
    return FactorLinks(
        links=SqlFactorLinks(database),
        now=now,
        random_bytes=random_bytes,
        lifetime=timedelta(hours=settings.people.link_hours),
    )


class FactorsOffice:
    """Every act names its caller. `official(signatory_id)`."""

    def __init__(self, *, desk: Desk, office: FactorOffice, official: Callable[[str], Official | None]) -> None:
        self._desk = desk
        self._office = office
        self._official = official

    def unlock(self, caller: Caller, signatory_id: str) -> None:
        """Every locked factor is good again; the office has seen the person."""
        with self._desk.acting(caller, Permission.CERTIFICATE_SUSPEND) as member:
            self._office.unlock(self._known(signatory_id).signatory.id, member)

    def held(self, caller: Caller, signatory_id: str) -> Held:
        """What an official proves with. Raises `CredentialUnknown`."""
        with self._desk.acting(caller, Permission.REGISTRATION_READ):
            return self._office.held(self._known(signatory_id).signatory.id)

    def propose_reset(self, caller: Caller, signatory_id: str) -> Approval:
        """Ask a second person for the end of all second factors of an official."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            who = self._known(signatory_id).signatory
            summary = f"Reset the second factors of {who.name}, {who.unit or who.organisation}"
            return self._office.propose_reset(who.id, summary, member)

    def reset(self, caller: Caller, signatory_id: str, *, approval_id: str) -> str:
        """Do what was approved; the path of the one-time link, good with the passphrase alone."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            link = self._office.reset(self._known(signatory_id).signatory.id, approval_id, member)
            return f"/desk/link/{link}"

    def propose_first(self, caller: Caller, signatory_id: str) -> Approval:
        """Ask a second person for the first factor of an official who has none."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            who = self._known(signatory_id).signatory
            summary = f"A first second factor for {who.name}, {who.unit or who.organisation}"
            return self._office.propose_first(who.id, summary, member)

    def first(self, caller: Caller, signatory_id: str, *, approval_id: str) -> str:
        """Do what was approved; the path of the one-time link, good with the passphrase alone."""
        with self._desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            link = self._office.first(self._known(signatory_id).signatory.id, approval_id, member)
            return f"/desk/link/{link}"

    def _known(self, signatory_id: str) -> Official:
        official = self._official(signatory_id)
        if official is None:
            message = "There is no such official. Check the id."
            raise CredentialUnknown(message, field="signatory", reason="unknown")
        return official
