"""Letters after they were signed: how they stand, and their withdrawal by the application that had them signed."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Controller
from litestar.params import FromPath
from msgspec import Meta

import signer.errors
from api.faces.rest.letters.asking import Asking, Asks, acts, reads
from api.faces.rest.letters.standing_body import StandingBody
from api.faces.rest.office.wire import Note
from api.permissions import Permission
from api.problems import NOT_FOUND, PROBLEMS, RequestRefused
from signer.after import WithdrawalReason
from signer.model import SignatureRecord
from signer.verification_code import parse

_EXAMPLE: Final = {
    "state": "withdrawn",
    "withdrawal": {"at": "2026-11-21T04:00:00Z", "reason": "wrong-content", "note": "Tanggal rapat keliru."},
    "replacedBy": None,
    "replaces": None,
    "validUntil": None,
}


class WithdrawalRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Why a letter is withdrawn; kept in the audit trail, never shown to the public."""

    reason: WithdrawalReason
    note: Annotated[Note | None, Meta(description="In your own words.")] = None


class LetterController(Controller):
    """What becomes of letters."""

    path = "/signatures"
    tags = ["letters"]  # noqa: RUF012 - the framework's way

    @reads(
        "/{code:str}/standing",
        "GetStanding",
        Permission.SIGNATURE_READ,
        gives=StandingBody,
        fails=(NOT_FOUND,),
        shows=_EXAMPLE,
    )
    def standing(self, asking: Asks[None], code: FromPath[str]) -> StandingBody:
        """How one letter of yours stands"""
        token = _own(asking, code).intent.code.token
        return StandingBody.of(asking.services.letters.after.standing(token), asking.services.now())

    @acts(
        "/{code:str}/withdrawal",
        "WithdrawLetter",
        Permission.SIGNATURE_WITHDRAW,
        takes=WithdrawalRequest,
        gives=StandingBody,
        status=201,
        at="/v1/signatures/{code}/standing",
        fails=(NOT_FOUND, PROBLEMS[signer.errors.LetterRefused]),
        sends={"reason": "wrong-content", "note": "Tanggal rapat keliru."},
        shows=_EXAMPLE,
    )
    def withdraw(self, asking: Asks[WithdrawalRequest], code: FromPath[str]) -> StandingBody:
        """Withdraw a letter of yours, for good; its signatures stay valid, and the public page tells it"""
        said = asking.brought
        standing = asking.services.letters.after.withdraw(
            _own(asking, code).intent.code.token, reason=said.reason, note=said.note, actor=asking.client_id
        )
        return StandingBody.of(standing, asking.services.now())


def _own(asking: Asking[Any], code: str) -> SignatureRecord:
    """A signing of this client. Unknown, malformed and another client's codes look alike."""
    normalised = parse(code)
    record = asking.services.signatures.find(normalised) if normalised else None
    if record is None or record.intent.client_id != asking.client_id:
        raise RequestRefused(NOT_FOUND, "No signing of yours has this code.", field="code", reason="unknown-code")
    return record
