"""Another CA certifies officials: requests out, answers in, and two people for what is decided."""

from typing import Final

from litestar import Controller

import signer.errors
from api.faces.rest.declaring import Cursor, Limit
from api.faces.rest.office.foreign_body import (
    AnswerBody,
    AnswerList,
    AskedBody,
    CsrBody,
    DecisionProposal,
    ExportBody,
    ForeignDecisionRequest,
    ForeignRevocationBody,
    ForeignRevocationProposal,
    ForeignRevocationRequest,
)
from api.faces.rest.office.people_body import ApprovalBody
from api.faces.rest.office.visit import Visiting, acts, reads, takes_file
from api.faces.rest.office.wire import Moment, cursor_of, place_of
from api.faces.rest.office.words import APPROVAL, CERTIFICATE, PAGE
from api.permissions import Permission
from api.problems import PROBLEMS

MOST: Final = 1024 * 1024
"""Bytes of an answer: a certificate with its chain."""
TYPES: Final = (
    "application/x-pem-file",
    "application/pkix-cert",
    "application/pkcs7-mime",
    "application/octet-stream",
)

_REFUSED: Final = (PROBLEMS[signer.errors.ForeignRefused],)
_WRONG: Final = (*CERTIFICATE, PROBLEMS[signer.errors.Refused])
_DECISION: Final = {"fingerprint": "5a" * 32, "take": True, "reason": "Gelar ditulis CA di dalam nama."}
_REVOCATION: Final = {"credential": "0123456789abcdef0123456789abcdef", "reason": "keyCompromise"}
_APPROVED: Final = {"approval": "0123456789abcdef0123456789abcdef"}
_ANSWER: Final = {
    "fingerprint": "5a" * 32,
    "state": "undecided",
    "credential": "0123456789abcdef0123456789abcdef",
    "differences": ["commonName: I Wayan Contoh -> Drs. I Wayan Contoh"],
    "findings": [],
    "receivedAt": "2026-11-21T04:00:00Z",
}


class ForeignController(Controller):
    """For registrars."""

    path = "/foreign"
    tags = ["foreign"]  # noqa: RUF012 - the framework's way

    @acts(
        "/exports",
        "ExportRequests",
        Permission.REGISTRATION_CREATE,
        gives=ExportBody,
        shows={"requests": [], "revocations": []},
    )
    def export(self, visit: Visiting[None]) -> ExportBody:
        """Every open request and revocation for the other CA; again is harmless"""
        requests, revocations = visit.people.foreign.export(visit.caller)
        return ExportBody(
            requests=[CsrBody.of(each) for each in requests], revocations=[AskedBody.of(each) for each in revocations]
        )

    @takes_file(
        "/answers",
        "TakeAnswer",
        Permission.REGISTRATION_CREATE,
        types=TYPES,
        most=MOST,
        gives=AnswerBody,
        fails=_REFUSED,
        shows=_ANSWER,
    )
    def receive(self, visit: Visiting[bytes]) -> AnswerBody:
        """Take a certificate with its chain in (PEM, DER, PKCS #7); one whose subject differs waits"""
        return AnswerBody.of(visit.people.foreign.receive(visit.caller, visit.brought))

    @reads(
        "/answers",
        "ListAnswers",
        Permission.REGISTRATION_READ,
        gives=AnswerList,
        query=PAGE,
        shows={"items": [_ANSWER], "next": None},
    )
    def undecided(self, visit: Visiting[None], cursor: Cursor = None, limit: Limit = 50) -> AnswerList:
        """Answers that wait for a decision, oldest first"""
        place = place_of(cursor, tuple[Moment, str])
        items = [AnswerBody.of(each) for each in visit.people.foreign.undecided(visit.caller, after=place, limit=limit)]
        following = cursor_of((items[-1].received_at, items[-1].fingerprint)) if len(items) == limit else None
        return AnswerList(items=items, next=following)

    @acts(
        "/decisions/proposal",
        "ProposeForeignDecision",
        Permission.REGISTRATION_CREATE,
        takes=DecisionProposal,
        gives=ApprovalBody,
        status=201,
        at="/v1/approvals/{0.id}",
        fails=_REFUSED,
        sends=_DECISION,
    )
    def propose_decision(self, visit: Visiting[DecisionProposal]) -> ApprovalBody:
        """Ask a second person about an answer whose subject differs"""
        return ApprovalBody.of(visit.people.foreign.propose_decision(visit.caller, visit.brought.decision))

    @acts(
        "/decisions",
        "DecideForeign",
        Permission.REGISTRATION_CREATE,
        takes=ForeignDecisionRequest,
        gives=AnswerBody,
        fails=(*_REFUSED, *APPROVAL),
        sends={**_DECISION, **_APPROVED},
        shows={**_ANSWER, "state": "accepted"},
    )
    def decide(self, visit: Visiting[ForeignDecisionRequest]) -> AnswerBody:
        """Take or refuse an answer, as was approved"""
        said = visit.brought
        return AnswerBody.of(visit.people.foreign.decide(visit.caller, said.decision, approval_id=said.approval))

    @acts(
        "/revocations/proposal",
        "ProposeForeignRevocation",
        Permission.CERTIFICATE_REVOKE,
        takes=ForeignRevocationProposal,
        gives=ApprovalBody,
        status=201,
        at="/v1/approvals/{0.id}",
        fails=_WRONG,
        sends=_REVOCATION,
    )
    def propose_revocation(self, visit: Visiting[ForeignRevocationProposal]) -> ApprovalBody:
        """Stop a credential here at once; its issuer is asked after a second person agreed"""
        return ApprovalBody.of(visit.people.foreign.propose_revocation(visit.caller, visit.brought.asked))

    @acts(
        "/revocations",
        "RevokeForeign",
        Permission.CERTIFICATE_REVOKE,
        takes=ForeignRevocationRequest,
        gives=ForeignRevocationBody,
        fails=(*_WRONG, *APPROVAL),
        sends={**_REVOCATION, **_APPROVED},
        shows={"credential": "0123456789abcdef0123456789abcdef"},
    )
    def revoke(self, visit: Visiting[ForeignRevocationRequest]) -> ForeignRevocationBody:
        """Have its issuer asked, as was approved; the next export names it"""
        said = visit.brought
        visit.people.foreign.revoke(visit.caller, said.asked, approval_id=said.approval)
        return ForeignRevocationBody(credential=said.credential)
