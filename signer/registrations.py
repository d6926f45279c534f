"""Registration: a registrar proposes, an approver approves, the official sets the passphrase from a one-time link.

    propose -> (approved by a second person) -> invite -> open -> the certificate is there

The link is the official's alone: 256 random bits, hashed at rest, good once and for a limited time.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from signer.approvals import ApprovalService
from signer.certificate_text import certificate_text
from signer.credentials import CredentialService, new_signatory_id
from signer.errors import LinkRefused, NotPermitted, RegistrationRefused, SignerError
from signer.identity import PersonalNumberHash
from signer.model import Credential, CredentialState, Secret, Signatory
from signer.passphrase import require_strong
from signer.people import (
    ApprovalKind,
    NumberHashes,
    PersonalNumbers,
    Purpose,
    Registration,
    RegistrationState,
    Role,
    StaffMember,
)
from signer.ports import CredentialStore, OfficialStore, RegistrationStore

LINK_LIFETIME: Final = timedelta(hours=72)
"""House default; a setting."""

LINK_BYTES: Final = 32
_LINK: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ID_BYTES: Final = 16
_LAST: Final = 20  # registrations of one official that are read at once
_VISITOR: Final = "signatory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An official as the registrar writes them down."""

    name: str
    organisation: str
    organisation_identifier: str
    unit: str | None = None
    surname: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A one-time link; the only moment at which its text exists here."""

    registration: Registration
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Invitation(registration={self.registration.id!r}, token=***)"


class RegistrationService:
    """From a name on paper to a credential. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        registrations: RegistrationStore,
        officials: OfficialStore,
        credentials: CredentialStore,
        service: CredentialService,
        approvals: ApprovalService,
        numbers: Callable[[], PersonalNumberHash],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        link_lifetime: timedelta = LINK_LIFETIME,
    ) -> None:
        """`numbers` is asked only where a NIK or NIP is given."""
        self._registrations = registrations
        self._officials = officials
        self._credentials = credentials
        self._service = service
        self._approvals = approvals
        self._numbers = numbers
        self._now = now
        self._random_bytes = random_bytes
        self._link_lifetime = link_lifetime

    def propose(
        self,
        person: Person,
        actor: StaffMember,
        *,
        numbers: PersonalNumbers | None = None,
        approved_under: str | None = None,
    ) -> Registration:
        """A new official, who waits for a second person's approval, or stands under one that was spent on a whole file.

        Raises `NotPermitted` unless `actor` is a registrar, and `RegistrationRefused` for names that no certificate
        takes, and for a number that another official has.
        """
        signatory = _signatory(new_signatory_id(self._random_bytes), person)
        return self._propose(
            Purpose.ENROLMENT, signatory, actor, numbers=self._hashed(numbers), approved_under=approved_under
        )

    def transfer(
        self, credential_id: str, person: Person, actor: StaffMember, *, approved_under: str | None = None
    ) -> Registration:
        """Another name, body or unit: a new certificate for the same official, then the old one ends."""
        old = self._known(credential_id)
        signatory = _signatory(old.signatory.id, person)
        return self._propose(Purpose.TRANSFER, signatory, actor, replaces=old.id, approved_under=approved_under)

    def replace_lost_passphrase(self, credential_id: str, actor: StaffMember) -> Registration:
        """Nobody can recover a passphrase: a new key and a new certificate, then the old one ends."""
        old = self._known(credential_id)
        return self._propose(Purpose.LOST_PASSPHRASE, old.signatory, actor, replaces=old.id)

    def renew(self, credential_id: str, actor: StaffMember) -> Registration:
        """A new certificate before the old one ends; the official proves with the current passphrase who they are."""
        old = self._known(credential_id)
        if old.state is not CredentialState.ACTIVE:
            raise RegistrationRefused(
                "Only an active credential is renewed. Register the official anew.", field="credential", reason="state"
            )
        return self._propose(Purpose.RENEWAL, old.signatory, actor, replaces=old.id)

    def invite(self, registration_id: str, actor: StaffMember) -> Invitation:
        """The one-time link for the official; an earlier one ends.

        Raises `NotPermitted` unless `actor` is a registrar, `RegistrationRefused` unless it is approved.
        """
        _require_registrar(actor)
        registration = self.get(registration_id)
        token = base64.urlsafe_b64encode(self._random_bytes(LINK_BYTES)).rstrip(b"=").decode()
        at = self._now()
        expires_at = at + self._link_lifetime
        self._registrations.issue_link(registration.id, _hashed(token), expires_at=expires_at, actor=actor.id, at=at)
        return Invitation(registration=registration, token=token, expires_at=expires_at)

    def behind(self, token: str) -> Registration:
        """Whom a link is for; raises `LinkRefused` for one that is unknown, expired or used, all alike."""
        found = None
        if _LINK.fullmatch(token):
            found = self._registrations.find_link(_hashed(token), at=self._now())
        if found is None:
            raise _dead_link()
        return found

    def complete(self, token: str, passphrase: Secret) -> Credential:
        """The official's turn: `passphrase` is the new one, or for a renewal the current one.

        1. The link is good.                                            else LinkRefused
        2. The passphrase may be taken, or opens the key it is for.     else PassphraseTooWeak, PassphraseWrong, -Locked
        3. The link is used up: of two who come at once, one goes on.   else LinkRefused
        4. Key, certificate, credential; the old one ends.              else the link is given back
        """
        registration = self.behind(token)
        if registration.purpose is Purpose.RENEWAL and registration.replaces is not None:
            self._service.prove(registration.replaces, passphrase)
        else:
            who = registration.signatory
            require_strong(passphrase, own_words=(who.name, who.organisation))
        claimed = self._registrations.claim_link(_hashed(token), at=self._now())
        try:
            return self._service.install(
                claimed.signatory,
                passphrase,
                purpose=claimed.purpose,
                replaces=claimed.replaces,
                registration_id=claimed.id,
                actor=_VISITOR,
            )
        except Exception:
            self._registrations.return_link(_hashed(token), at=self._now())
            raise

    def get(self, registration_id: str) -> Registration:
        """One of them; raises `RegistrationRefused` for an unknown id."""
        registration = self._registrations.get(registration_id)
        if registration is None:
            raise RegistrationRefused(
                "There is no such registration. Check its id.", field="registration", reason="unknown"
            )
        return registration

    def list_open(self, *, after: str = "", limit: int = 100) -> tuple[Registration, ...]:
        """Those that wait for somebody, by id."""
        return self._registrations.list_open(after=after, limit=limit)

    def of(self, signatory_id: str) -> tuple[Registration, ...]:
        """The last ones of one official, the newest first."""
        return self._registrations.of(signatory_id, limit=_LAST)

    def links(self, registration_ids: Collection[str]) -> Mapping[str, datetime]:
        """Until when the unused link of each of them is good; those without one are absent."""
        return self._registrations.links(registration_ids, at=self._now())

    def _propose(
        self,
        purpose: Purpose,
        signatory: Signatory,
        actor: StaffMember,
        *,
        numbers: NumberHashes | None = None,
        replaces: str | None = None,
        approved_under: str | None = None,
    ) -> Registration:
        _require_registrar(actor)
        registration = Registration(
            id=self._random_bytes(_ID_BYTES).hex(),
            purpose=purpose,
            signatory=signatory,
            state=RegistrationState.PROPOSED,
            proposed_by=actor.id,
            proposed_at=self._now(),
            replaces=replaces,
        )
        if purpose is Purpose.RENEWAL or approved_under is not None:
            approval = None
            registration = replace(registration, state=RegistrationState.APPROVED, approval_id=approved_under)
        else:
            summary = f"{purpose.value}: {signatory.name}, {signatory.unit or signatory.organisation}"
            approval = self._approvals.draft(ApprovalKind.ENROLMENT, f"registration:{registration.id}", summary, actor)
            registration = replace(registration, approval_id=approval.id)
        self._registrations.propose(registration, approval, numbers or NumberHashes())
        return registration

    def _hashed(self, numbers: PersonalNumbers | None) -> NumberHashes | None:
        if numbers is None or (numbers.nik is None and numbers.nip is None):
            return None
        return self._numbers().all(numbers)

    def _known(self, credential_id: str) -> Credential:
        credential = self._credentials.get(credential_id)
        if credential is None or credential.state in (CredentialState.REVOKED, CredentialState.RETIRED):
            raise RegistrationRefused(
                "There is no such credential, or it has ended. Register the official anew.",
                field="credential",
                reason="ended",
            )
        if credential.is_seal:
            message = "This is the seal of an organisation. An administrator renews it."
            raise RegistrationRefused(message, field="credential", reason="seal")
        return credential


def _require_registrar(actor: StaffMember) -> None:
    if not actor.active or actor.role is not Role.REGISTRAR:
        raise NotPermitted("Only a registrar does this.", field="registration", reason="role")


def _signatory(signatory_id: str, person: Person) -> Signatory:
    """The person with every text in NFC; raises `RegistrationRefused` for what no certificate takes."""
    name = certificate_text("name", person.name)
    surname = None if person.surname is None else certificate_text("surname", person.surname)
    if surname is not None and not name.endswith(surname):
        raise RegistrationRefused(
            "The family name has to be the end of the name.", field="surname", reason="not-in-name"
        )
    return Signatory(
        id=signatory_id,
        name=name,
        organisation=certificate_text("organisation", person.organisation),
        organisation_identifier=certificate_text("organisation_identifier", person.organisation_identifier),
        unit=None if person.unit is None else certificate_text("unit", person.unit),
        surname=surname,
    )


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _dead_link() -> SignerError:
    message = "This link is not good, or is good no more. Ask the registration office for a new one."
    return LinkRefused(message, field="link", reason="not-good")
