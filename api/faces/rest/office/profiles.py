"""Which version of a certificate profile issues, and the choice of another one by two people."""

from typing import Annotated, Final

from litestar import Controller
from msgspec import Meta

import signer.errors
from api.faces.rest.office.people_body import ApprovalBody
from api.faces.rest.office.visit import Visiting, acts, reads
from api.faces.rest.office.wire import Reference, Sent, Told
from api.faces.rest.office.words import APPROVAL
from api.office.profiles import Listed
from api.permissions import Permission
from api.problems import PROBLEMS

_REFUSED: Final = (PROBLEMS[signer.errors.Refused],)
_CHOICE: Final = {"profile": "official", "version": 2}
_SHOWN: Final = {"profile": "official", "version": 2, "days": 365, "inForce": True}


class ProfileProposal(Sent, frozen=True, kw_only=True):
    """Which version shall issue from now on."""

    profile: Annotated[Reference, Meta(examples=["official"])]
    version: Annotated[int, Meta(ge=1, le=1000)]


class ProfileChoice(ProfileProposal, frozen=True, kw_only=True):
    """Exactly what was approved, once."""

    approval: Reference


class ProfileBody(Told, frozen=True, kw_only=True):
    """One version of a profile."""

    profile: str
    version: int
    days: Annotated[int, Meta(description="For how long its certificates are good.")]
    in_force: Annotated[bool, Meta(description="Whether it issues now.")]

    @classmethod
    def of(cls, one: Listed) -> "ProfileBody":
        """In the words of this contract."""
        profile = one.profile
        return cls(profile=profile.id, version=profile.version, days=profile.validity.days, in_force=one.in_force)


class ProfileList(Told, frozen=True, kw_only=True):
    """Every version of every profile."""

    items: list[ProfileBody]


class ProfileController(Controller):
    """Versions are part of the software and never change; the choice is an act of people."""

    path = "/profiles"
    tags = ["authority"]  # noqa: RUF012 - the framework's way

    @reads("/", "ListProfiles", Permission.APPROVAL_READ, gives=ProfileList, shows={"items": [_SHOWN]})
    def list(self, visit: Visiting[None]) -> ProfileList:
        """Every version of every certificate profile, and which one issues"""
        return ProfileList(items=[ProfileBody.of(each) for each in visit.people.profiles.all(visit.caller)])

    @acts(
        "/choices/proposal",
        "ProposeProfile",
        Permission.PROPOSAL_CREATE,
        takes=ProfileProposal,
        gives=ApprovalBody,
        status=201,
        at="/v1/approvals/{0.id}",
        fails=_REFUSED,
        sends=_CHOICE,
    )
    def propose(self, visit: Visiting[ProfileProposal]) -> ApprovalBody:
        """Ask a second person for another version; for administrators"""
        asked = visit.brought
        return ApprovalBody.of(visit.people.profiles.propose(visit.caller, asked.profile, asked.version))

    @acts(
        "/choices",
        "ChooseProfile",
        Permission.PROPOSAL_CREATE,
        takes=ProfileChoice,
        gives=ProfileBody,
        fails=(*_REFUSED, *APPROVAL),
        sends={**_CHOICE, "approval": "0123456789abcdef0123456789abcdef"},
        shows=_SHOWN,
    )
    def choose(self, visit: Visiting[ProfileChoice]) -> ProfileBody:
        """What was approved issues from now on, in every process"""
        asked, office = visit.brought, visit.people.profiles
        chosen = office.choose(visit.caller, asked.profile, asked.version, approval_id=asked.approval)
        return ProfileBody.of(Listed(profile=chosen, in_force=True))
