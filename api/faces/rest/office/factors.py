"""An official's second factors: unlocked by a registrar; with a second person the first one, or a reset."""

from typing import Annotated

import msgspec
from litestar import Controller
from litestar.params import FromPath
from msgspec import Meta

from api.faces.rest.office.people_body import ApprovalBody
from api.faces.rest.office.visit import Visiting, acts
from api.faces.rest.office.words import APPROVAL
from api.permissions import Permission
from api.problems import NOT_FOUND, PROBLEMS
from signer.errors import CredentialUnknown, FactorRefused

_UNKNOWN = (NOT_FOUND, PROBLEMS[CredentialUnknown])
_HAS_ONE = PROBLEMS[FactorRefused]


class ResetRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What a second person has approved."""

    approval: Annotated[str, Meta(min_length=1, max_length=64, examples=["0123456789abcdef0123456789abcdef"])]


class FactorsBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whose factors they are."""

    signatory: str


class FactorLinkBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the official adds new ones; told once."""

    signatory: str
    link: Annotated[str, Meta(description="Good once, with the passphrase. Hand it to the official alone.")]


class FactorsController(Controller):
    """Registrars see the person first."""

    path = "/factors"
    tags = ["credentials"]  # noqa: RUF012 - the framework's way

    @acts(
        "/{signatory:str}/unlock",
        "UnlockFactors",
        Permission.CERTIFICATE_SUSPEND,
        gives=FactorsBody,
        fails=_UNKNOWN,
    )
    def unlock(self, visit: Visiting[None], signatory: FromPath[str]) -> FactorsBody:
        """Every locked factor of an official is good again"""
        visit.people.factors.unlock(visit.caller, signatory)
        return FactorsBody(signatory=signatory)

    @acts(
        "/{signatory:str}/reset-proposal",
        "ProposeFactorReset",
        Permission.REGISTRATION_CREATE,
        gives=ApprovalBody,
        status=201,
        at="/v1/approvals/{0.id}",
        fails=_UNKNOWN,
    )
    def propose_reset(self, visit: Visiting[None], signatory: FromPath[str]) -> ApprovalBody:
        """Ask a second person for the end of an official's second factors"""
        return ApprovalBody.of(visit.people.factors.propose_reset(visit.caller, signatory))

    @acts(
        "/{signatory:str}/reset",
        "ResetFactors",
        Permission.REGISTRATION_CREATE,
        takes=ResetRequest,
        gives=FactorLinkBody,
        status=201,
        at="/v1/credentials/{0.signatory}",
        fails=(*_UNKNOWN, *APPROVAL),
        tells_secret=True,
    )
    def reset(self, visit: Visiting[ResetRequest], signatory: FromPath[str]) -> FactorLinkBody:
        """Do what was approved; the answer leads the official to new factors"""
        path = visit.people.factors.reset(visit.caller, signatory, approval_id=visit.brought.approval)
        return FactorLinkBody(signatory=signatory, link=visit.services.settings.server.public_url + path)

    @acts(
        "/{signatory:str}/first-proposal",
        "ProposeFirstFactor",
        Permission.REGISTRATION_CREATE,
        gives=ApprovalBody,
        status=201,
        at="/v1/approvals/{0.id}",
        fails=(*_UNKNOWN, _HAS_ONE),
    )
    def propose_first(self, visit: Visiting[None], signatory: FromPath[str]) -> ApprovalBody:
        """Ask a second person for the first factor of an official who has none"""
        return ApprovalBody.of(visit.people.factors.propose_first(visit.caller, signatory))

    @acts(
        "/{signatory:str}/first",
        "InviteToFirstFactor",
        Permission.REGISTRATION_CREATE,
        takes=ResetRequest,
        gives=FactorLinkBody,
        status=201,
        at="/v1/credentials/{0.signatory}",
        fails=(*_UNKNOWN, *APPROVAL, _HAS_ONE),
        tells_secret=True,
    )
    def first(self, visit: Visiting[ResetRequest], signatory: FromPath[str]) -> FactorLinkBody:
        """Do what was approved; the answer leads the official to the first factor"""
        path = visit.people.factors.first(visit.caller, signatory, approval_id=visit.brought.approval)
        return FactorLinkBody(signatory=signatory, link=visit.services.settings.server.public_url + path)
