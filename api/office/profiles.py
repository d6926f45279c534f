"""Which version of a certificate profile issues: chosen by an administrator, approved by a second person, recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from api.office.desk import Caller, Desk
from api.permissions import Permission
from ca.errors import Misconfigured
from ca.profiles import PROFILES, Profile, profile_of
from signer.approvals import ApprovalService
from signer.errors import Refused
from signer.people import Approval, ApprovalKind


class Choices(Protocol):
    """`store.profiles.SqlProfileChoices`."""

    def version_of(self, profile: str, /) -> int | None: ...

    def choose(
        self, profile: str, version: int, /, *, approval_id: str, object: str, actor: str, at: datetime
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One version of a profile, and whether it issues now."""

    profile: Profile
    in_force: bool


class ProfilesInForce:
    """For `ca.issuance.IssuanceService`: asked for each certificate, so a choice counts in every process at once."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices

    def __call__(self, profile: Profile) -> Profile:
        """The version that issues now: the chosen one, or `profile` where nobody ever chose.

        Raises `Misconfigured` for a choice that this release does not know: a newer one made it.
        """
        version = self._choices.version_of(profile.id)
        if version is None:
            return profile
        found = profile_of(profile.id, version)
        if found is None:
            raise Misconfigured(f"profile {profile.id}/{version} is in force and not known here: run the newer release")
        return found


class ProfileOffice:
    """Each act under the right of its caller. `now` gives aware UTC."""

    def __init__(
        self, *, desk: Desk, approvals: ApprovalService, choices: Choices, now: Callable[[], datetime]
    ) -> None:
        self._desk = desk
        self._approvals = approvals
        self._choices = choices
        self._now = now

    def all(self, caller: Caller) -> tuple[Listed, ...]:
        """Every version of every profile."""
        with self._desk.acting(caller, Permission.APPROVAL_READ):
            return tuple(Listed(profile=each, in_force=each == self._in_force(each.id)) for each in PROFILES)

    def propose(self, caller: Caller, id: str, version: int) -> Approval:
        """Ask a second person. Raises `NotPermitted` unless the caller is an administrator, and `Refused`."""
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            profile = self._other(id, version)
            now = self._in_force(id)
            summary = (
                f"Profile {profile} issues from now on instead of {now}:"
                f" {profile.validity.days} days instead of {now.validity.days}"
            )
            return self._approvals.propose(ApprovalKind.PROFILE, _named(profile), summary, member)

    def choose(self, caller: Caller, id: str, version: int, *, approval_id: str) -> Profile:
        """What was approved issues from now on; approval and choice are one transaction.

        Raises `ApprovalRefused`, and `Refused` where it is in force already or not known.
        """
        with self._desk.acting(caller, Permission.PROPOSAL_CREATE) as member:
            profile = self._other(id, version)
            self._choices.choose(
                id, version, approval_id=approval_id, object=_named(profile), actor=member.id, at=self._now()
            )
            return profile

    def _in_force(self, id: str) -> Profile:
        first = next(each for each in PROFILES if each.id == id)
        return ProfilesInForce(self._choices)(first)

    def _other(self, id: str, version: int) -> Profile:
        profile = profile_of(id, version)
        if profile is None:
            raise Refused("There is no such version of a profile.", field="version", reason="unknown")
        if profile == self._in_force(id):
            raise Refused("This version is in force already.", field="version", reason="unchanged")
        return profile


def _named(profile: Profile) -> str:
    return f"profile:{profile}"
