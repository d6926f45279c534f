"""Letters withdrawn by the office, whichever application had them signed."""

from typing import Annotated

from litestar import Controller
from litestar.params import FromPath
from msgspec import Meta

import signer.errors
from api.faces.rest.letters.standing_body import StandingBody
from api.faces.rest.office.visit import Visiting, acts
from api.faces.rest.office.wire import Note, Sent
from api.permissions import Permission
from api.problems import NOT_FOUND, PROBLEMS, RequestRefused
from signer.after import WithdrawalReason
from signer.verification_code import parse


class LetterWithdrawal(Sent, frozen=True, kw_only=True):
    """Why the office withdraws a letter; kept in the audit trail, never shown to the public."""

    reason: WithdrawalReason
    note: Annotated[Note | None, Meta(description="In your own words.")] = None


class OfficeLetterController(Controller):
    """Letters of every application."""

    path = "/letters"
    tags = ["letters"]  # noqa: RUF012 - the framework's way

    @acts(
        "/{code:str}/withdrawal",
        "WithdrawLetterByOffice",
        Permission.LETTER_WITHDRAW,
        takes=LetterWithdrawal,
        gives=StandingBody,
        status=201,
        at="/v/{code}",
        fails=(NOT_FOUND, PROBLEMS[signer.errors.LetterRefused]),
        sends={"reason": "ordered", "note": "Putusan nomor 00/CONTOH."},
    )
    def withdraw(self, visit: Visiting[LetterWithdrawal], code: FromPath[str]) -> StandingBody:
        """Withdraw any application's letter, for good"""
        known, after = parse(code), visit.services.letters.after
        record = visit.services.signatures.find(known) if known else None
        if record is None:
            raise RequestRefused(NOT_FOUND, "No signing has this code.", field="code", reason="unknown-code")
        token, said = record.intent.code.token, visit.brought
        with visit.people.office.desk.acting(visit.caller, Permission.LETTER_WITHDRAW) as member:
            standing = after.withdraw(token, reason=said.reason, note=said.note, actor=member.id)
        return StandingBody.of(standing, visit.services.now())
