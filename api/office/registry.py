"""The office's acts: register, approve, invite; search, suspend, resume, renew, revoke; hold and release."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from cryptography import x509

from api.office.desk import Caller, Desk
from api.office.objects import release_of, revocation_of
from api.permissions import Permission
from ca.errors import CaError, RevocationRefused
from signer.approvals import ApprovalService
from signer.credentials import CredentialService
from signer.errors import CredentialUnknown, NotPermitted, SignerError
from signer.people import (
    Approval,
    ApprovalKind,
    CertificateQuery,
    Official,
    OfficialCertificate,
    OfficialQuery,
    PersonalNumbers,
    Registration,
    Role,
    StaffMember,
    StatusWord,
    certificate_word,
    status_word,
)
from signer.ports import OfficialStore
from signer.registrations import Invitation, Person, RegistrationService
from signer.revoking import require_alone, require_invalidity, require_may_revoke

MOST_AT_ONCE: Final = 1000
"""Certificates of one bulk revocation."""
_SHOWN: Final = 8  # serial numbers in the text that the second person reads


class Officials(OfficialStore, Protocol):
    """`store.officials.SqlOfficialStore`."""

    def credential_of(self, serial: int, /) -> str | None: ...


class Certificates(Protocol):
    """`store.official_certificates.SqlOfficialCertificates`."""

    def search(self, query: CertificateQuery, /, *, at: datetime) -> tuple[OfficialCertificate, ...]: ...


class Holds(Protocol):
    """Holds and raised reasons of `ca.revocation.RevocationService`, for one issuer."""

    def require_allowed(self) -> None:
        """Nothing, or `ca.errors.RevocationRefused` where the settings allow no holds."""
        ...

    def is_revoked(self, serial: int, /) -> bool | None:
        """`None` where another CA issued it."""
        ...

    def is_held(self, serial: int, /) -> bool: ...

    def raise_to_key_compromise(self, serial: int, actor: str, /, *, invalid_since: datetime | None) -> object: ...

    def hold(self, serial: int, actor: str, /) -> object: ...

    def release(self, serial: int, actor: str, /) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An official and the one word for where they stand."""

    official: Official
    status: StatusWord


class Office:
    """Every act names its caller; the desk lets through whose role allows it. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        desk: Desk,
        officials: Officials,
        certificates: Certificates,
        credentials: CredentialService,
        registrations: RegistrationService,
        approvals: ApprovalService,
        holds: Holds,
        now: Callable[[], datetime],
    ) -> None:
        self.desk = desk
        self._officials = officials
        self._certificates = certificates
        self._credentials = credentials
        self._registrations = registrations
        self._approvals = approvals
        self._holds = holds
        self._now = now

    # registrations

    def register(self, caller: Caller, person: Person, numbers: PersonalNumbers | None = None) -> Registration:
        """Propose a new official; raises as `RegistrationService.propose`."""
        with self.desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            return self._registrations.propose(person, member, numbers=numbers)

    def transfer(self, caller: Caller, credential_id: str, person: Person) -> Registration:
        """Propose another name, body or unit for an official."""
        with self.desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            return self._registrations.transfer(credential_id, person, member)

    def replace_lost_passphrase(self, caller: Caller, credential_id: str) -> Registration:
        """Propose a new key for an official whose passphrase is lost."""
        with self.desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            return self._registrations.replace_lost_passphrase(credential_id, member)

    def invite(self, caller: Caller, registration_id: str) -> Invitation:
        """The one-time link of an approved registration."""
        with self.desk.acting(caller, Permission.REGISTRATION_CREATE) as member:
            return self._registrations.invite(registration_id, member)

    def registration(self, caller: Caller, registration_id: str) -> Registration:
        """One of them."""
        with self.desk.acting(caller, Permission.REGISTRATION_READ):
            return self._registrations.get(registration_id)

    def open_registrations(self, caller: Caller, *, after: str = "", limit: int = 100) -> tuple[Registration, ...]:
        """Those that wait for somebody, by id."""
        with self.desk.acting(caller, Permission.REGISTRATION_READ):
            return self._registrations.list_open(after=after, limit=limit)

    def registrations_of(self, caller: Caller, signatory_id: str) -> tuple[Registration, ...]:
        """The last ones of one official, the newest first."""
        with self.desk.acting(caller, Permission.REGISTRATION_READ):
            return self._registrations.of(signatory_id)

    def links(self, caller: Caller, registration_ids: Collection[str]) -> Mapping[str, datetime]:
        """Until when the unused link of each of these registrations is good; those without one are absent."""
        with self.desk.acting(caller, Permission.REGISTRATION_READ):
            return self._registrations.links(registration_ids)

    # approvals

    def waiting_approvals(self, caller: Caller, *, after: str = "", limit: int = 100) -> tuple[Approval, ...]:
        """Those that wait for a second person, by id."""
        with self.desk.acting(caller, Permission.APPROVAL_READ):
            return self._approvals.waiting(after=after, limit=limit)

    def approval(self, caller: Caller, approval_id: str) -> Approval:
        """One of them."""
        with self.desk.acting(caller, Permission.APPROVAL_READ):
            return self._approvals.get(approval_id)

    def decide(self, caller: Caller, approval_id: str, *, approve: bool, note: str | None = None) -> Approval:
        """Be the second person; raises as `ApprovalService.decide`."""
        with self.desk.acting(caller, Permission.APPROVAL_DECIDE) as member:
            return self._approvals.decide(approval_id, approve=approve, actor=member, note=note)

    # certificates

    def search(self, caller: Caller, query: OfficialQuery) -> tuple[Found, ...]:
        """One page of officials, each with its status."""
        with self.desk.acting(caller, Permission.CREDENTIAL_READ):
            at = self._now()
            found = self._officials.search(query, at=at)
            return tuple(Found(official=each, status=status_word(each, at=at)) for each in found)

    def certificates(
        self, caller: Caller, query: CertificateQuery
    ) -> tuple[tuple[OfficialCertificate, StatusWord], ...]:
        """One page of certificates, each with its own word."""
        with self.desk.acting(caller, Permission.CREDENTIAL_READ):
            at = self._now()
            found = self._certificates.search(query, at=at)
            return tuple((each, certificate_word(each.credential_state, each.not_after, at=at)) for each in found)

    def suspend(self, caller: Caller, serial: int) -> None:
        """Stop its credential from signing, at once."""
        with self.desk.acting(caller, Permission.CERTIFICATE_SUSPEND) as member:
            self._credentials.suspend(self._credential_of(serial), member.id)

    def resume(self, caller: Caller, serial: int) -> None:
        """Let it sign again; also after too many wrong passphrases, when the person has been seen."""
        with self.desk.acting(caller, Permission.CERTIFICATE_SUSPEND) as member:
            self._credentials.resume(self._credential_of(serial), member.id)

    def renew(self, caller: Caller, serial: int) -> Invitation:
        """The link at which the official renews with the current passphrase."""
        with self.desk.acting(caller, Permission.CERTIFICATE_RENEW) as member:
            registration = self._registrations.renew(self._credential_of(serial), member)
            return self._registrations.invite(registration.id, member)

    def suspend_credential(self, caller: Caller, credential_id: str) -> None:
        """`suspend`, where the credential is known by its own id."""
        with self.desk.acting(caller, Permission.CERTIFICATE_SUSPEND) as member:
            self._credentials.suspend(credential_id, member.id)

    def resume_credential(self, caller: Caller, credential_id: str) -> None:
        """`resume`, where the credential is known by its own id."""
        with self.desk.acting(caller, Permission.CERTIFICATE_SUSPEND) as member:
            self._credentials.resume(credential_id, member.id)

    def revoke(
        self, caller: Caller, serial: int, reason: x509.ReasonFlags, *, invalid_since: datetime | None = None
    ) -> bool:
        """End it for good, alone and at once, for a lost key; `False` where it was revoked already and nothing changed.

        Raises `NotPermitted` for a reason that this role may not give, `ApprovalRefused` for every other reason than
        keyCompromise (`propose_bulk_revocation`, also for one), `RevocationRefused` for what another CA issued, and
        `Refused` for an invalidity date (aware) beside another reason than keyCompromise, or in the future."""
        with self.desk.acting(caller, Permission.CERTIFICATE_REVOKE) as member:
            require_may_revoke(member.role, reason)
            require_invalidity(reason, invalid_since, at=self._now())
            require_alone(reason)
            credential_id, already = self._credential_of(serial), self._holds.is_revoked(serial)
            if already is None:
                message = "Another CA issued it: two people ask its issuer, with `teken foreign revoke`."
                raise RevocationRefused(message, field="serial", reason="other-issuer")
            self._credentials.revoke(credential_id, reason, member.id, invalid_since=invalid_since)
            return not already

    def raise_reason(self, caller: Caller, serial: int, *, invalid_since: datetime | None = None) -> None:
        """What was revoked for another reason turns out to be a lost key. For registrars; raises as `revoke`, and
        `ca.errors.RevocationRefused` for what is not revoked."""
        with self.desk.acting(caller, Permission.CERTIFICATE_REVOKE) as member:
            if member.role is not Role.REGISTRAR:
                raise NotPermitted("Only a registrar raises a reason.", field="reason", reason="role")
            require_invalidity(x509.ReasonFlags.key_compromise, invalid_since, at=self._now())
            self._credential_of(serial)
            self._holds.raise_to_key_compromise(serial, member.id, invalid_since=invalid_since)

    def serials_of(self, caller: Caller, signatory_ids: Sequence[str]) -> tuple[int, ...]:
        """The certificate of today of each of these officials; raises `CredentialUnknown` for one who has none."""
        with self.desk.acting(caller, Permission.CREDENTIAL_READ):
            return tuple(self._serial_of(each) for each in signatory_ids)

    def propose_bulk_revocation(self, caller: Caller, serials: Iterable[int], reason: x509.ReasonFlags) -> Approval:
        """Ask a second person for the revocation of exactly these."""
        listed = _listed(serials)
        with self.desk.acting(caller, Permission.CERTIFICATE_REVOKE) as member:
            require_may_revoke(member.role, reason)
            shown = " ".join(f"{serial:x}" for serial in listed[:_SHOWN])
            more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
            summary = f"Revoke {len(listed)} certificates as {reason.value}: {shown}{more}"
            return self._approvals.propose(
                ApprovalKind.BULK_REVOCATION,
                revocation_of(listed, reason),
                summary,
                member,
                subjects=[f"{serial:x}" for serial in listed],
            )

    def revoke_many(
        self, caller: Caller, serials: Iterable[int], reason: x509.ReasonFlags, *, approval_id: str
    ) -> dict[int, Exception | None]:
        """Revoke exactly what was approved; what went wrong with each, in order. The approval is spent first, and one
        that fails does not stop the others."""
        listed = _listed(serials)
        with self.desk.acting(caller, Permission.CERTIFICATE_REVOKE) as member:
            require_may_revoke(member.role, reason)
            self._approvals.use(approval_id, ApprovalKind.BULK_REVOCATION, revocation_of(listed, reason), member)
            return {serial: self._try_revoke(member, serial, reason) for serial in listed}

    def is_held(self, caller: Caller, serial: int) -> bool:
        """Whether CRL and OCSP call it on hold."""
        with self.desk.acting(caller, Permission.CREDENTIAL_READ):
            return self._holds.is_held(serial)

    def hold(self, caller: Caller, serial: int) -> None:
        """Put a certificate on hold, where holds are allowed; its credential is suspended first."""
        with self.desk.acting(caller, Permission.CERTIFICATE_SUSPEND) as member:
            require_may_revoke(member.role, x509.ReasonFlags.certificate_hold)
            self._holds.require_allowed()
            self._credentials.suspend(self._credential_of(serial), member.id)
            self._holds.hold(serial, member.id)

    def propose_release(self, caller: Caller, serial: int) -> Approval:
        """Ask a second person for the end of a hold."""
        with self.desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            self._credential_of(serial)
            return self._approvals.propose(ApprovalKind.RELEASE, release_of(serial), f"Release {serial:x}", member)

    def release(self, caller: Caller, serial: int, *, approval_id: str) -> None:
        """End an approved hold; the credential stays suspended until it is resumed."""
        with self.desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            self._approvals.use(approval_id, ApprovalKind.RELEASE, release_of(serial), member)
            self._holds.release(serial, member.id)

    def _try_revoke(self, member: StaffMember, serial: int, reason: x509.ReasonFlags) -> Exception | None:
        try:
            self._credentials.revoke(self._credential_of(serial), reason, member.id)
        except (SignerError, CaError) as error:
            return error
        return None

    def _serial_of(self, signatory_id: str) -> int:
        official = self._officials.get(signatory_id)
        if official is None or official.serial is None:
            message = "One of these officials is unknown, or has no certificate. Check the list."
            raise CredentialUnknown(message, field="officials", reason="unknown")
        return official.serial

    def _credential_of(self, serial: int) -> str:
        credential_id = self._officials.credential_of(serial)
        if credential_id is None:
            message = "No official has a certificate of this serial number. Check it."
            raise CredentialUnknown(message, field="serial", reason="unknown")
        return credential_id


def _listed(serials: Iterable[int]) -> tuple[int, ...]:
    listed = tuple(sorted(set(serials)))
    if not listed or len(listed) > MOST_AT_ONCE:
        message = f"Name 1 to {MOST_AT_ONCE} certificates."
        raise CredentialUnknown(message, field="serials", reason="count")
    return listed
