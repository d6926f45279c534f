"""Letters that wait for an official, handed to the Plh. or Plt. of the office: proposed here, decided by another."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, URLEncodedBody

from api.faces.console.office_words import FORMS, NO_DEPUTY_CHOSEN, told
from api.faces.console.visit import Visit, Visits, to
from api.office import objects
from api.office.handovers import LONGEST_REASON, HandoverOffice
from api.pages.moments import in_words, on_day
from api.pages.text import Text
from signer.activation_requests import shown_name
from signer.errors import FlowRefused, NotPermitted, Refused
from signer.handing_over import Deputy, WaitingStep
from signer.model import LetterMetadata, Secrecy, Signatory
from signer.people import ApprovalQuery, ApprovalStage, HolderKind, OfficialQuery

LETTERS: Final = "/console/officials/{signatory:str}/letters"
STEP: Final = f"{LETTERS}/{{document:str}}/{{number:int}}"
_OPEN: Final = (ApprovalStage.WAITING, ApprovalStage.READY)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverForm:
    """To whom, and why."""

    csrf: str = ""
    appointment: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    """One letter that waits."""

    at: str
    """The address of its page."""
    name: str
    client: str
    office: str | None
    since: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputyLine:
    """One who acts in the office today."""

    appointment: str
    name: str
    form: str
    form_words: Text
    starts: Text
    ends: Text
    can_sign: bool


class HandoversController(Controller):
    """For administrators."""

    include_in_schema = False

    @get(LETTERS, sync_to_thread=True)
    def page(self, visit: Visits, signatory: FromPath[str]) -> Response[Any]:
        """What waits for the official, the oldest first."""
        waiting = _office(visit).waiting(visit.caller, signatory)
        offset = visit.doors.settings.utc_offset_hours
        letters = [
            LetterLine(
                at=_path(signatory, each.key.id, each.key.number),
                name=name_of(each.letter),
                client=client_of(visit, each.client_id),
                office=each.signed_as.office,
                since=in_words(each.since, utc_offset_hours=offset),
            )
            for each in waiting
        ]
        return visit.show("letters.html", official=_official(visit, signatory), letters=letters)

    @get(STEP, sync_to_thread=True)
    def ask(
        self, visit: Visits, signatory: FromPath[str], document: FromPath[str], number: FromPath[int]
    ) -> Response[Any]:
        """Who acts in the office today; asked of somebody who has just shown that it is them."""
        found = _step(visit, signatory, document, number)
        visit.confirmed()
        return _form(visit, signatory, found, HandoverForm())

    @post(STEP, status_code=200, sync_to_thread=True)
    def propose(
        self,
        visit: Visits,
        signatory: FromPath[str],
        document: FromPath[str],
        number: FromPath[int],
        data: URLEncodedBody[HandoverForm],
    ) -> Response[Any]:
        """Ask a second person; on to the proposal, or to the one that is open already."""
        visit.own(data.csrf)
        caller = visit.confirmed(_path(signatory, document, number))
        found = _step(visit, signatory, document, number)
        if not data.appointment:
            return _form(visit, signatory, found, data, error=NO_DEPUTY_CHOSEN, field="deputy")
        known = _open_proposal(visit, objects.handover(document, number, data.appointment))
        if known is not None:
            return to(f"/console/approvals/{known}")
        try:
            made = _office(visit).propose(caller, document, number, data.appointment, reason=data.reason)
        except NotPermitted:
            raise
        except Refused as refused:
            field = "reason" if refused.field == "reason" else "deputy"
            return _form(visit, signatory, found, data, error=told(refused), field=field)
        return to(f"/console/approvals/{made.id}")


def letters_of(signatory_id: str) -> str:
    """Where the letters are that wait for an official."""
    return f"/console/officials/{signatory_id}/letters"


def name_of(letter: LetterMetadata) -> str:
    """What staff may read of a letter: of one that is not for everybody, only that."""
    if letter.secrecy is not Secrecy.BIASA:
        return f"Surat bersifat {letter.secrecy.value}"
    return shown_name(letter.subject, letter.number, otherwise="Surat")


def client_of(visit: Visit, client_id: str) -> str:
    """The name of an application, as people know it."""
    found = visit.doors.services.clients.active(client_id)
    return client_id if found is None else found.name


def deputy_line(deputy: Deputy) -> DeputyLine:
    """In the words of these pages."""
    held = deputy.appointment
    return DeputyLine(
        appointment=held.id,
        name=deputy.signatory.name,
        form=f"{held.form.value.capitalize()}. {held.office}",
        form_words=FORMS[held.form],
        starts=on_day(held.starts_on),
        ends=on_day(held.ends_on),
        can_sign=deputy.credential_id is not None,
    )


def _form(
    visit: Visit,
    signatory: str,
    found: WaitingStep,
    form: HandoverForm,
    *,
    error: Text | None = None,
    field: str | None = None,
) -> Response[Any]:
    flow = found.standing.flow
    return visit.show(
        "handover.html",
        error=error,
        field=field,
        form=form,
        official=_official(visit, signatory),
        letters=letters_of(signatory),
        at=_path(signatory, flow.id, found.step.number),
        name=name_of(flow.letter),
        client=client_of(visit, flow.client_id),
        office=found.step.signed_as.office,
        deputies=[deputy_line(each) for each in found.deputies],
        longest=LONGEST_REASON,
    )


def _path(signatory: str, document: str, number: int) -> str:
    return f"{letters_of(signatory)}/{document}/{number}"


def _step(visit: Visit, signatory: str, document: str, number: int) -> WaitingStep:
    """404 for what is not theirs, and for what no longer waits."""
    try:
        return _office(visit).look(visit.caller, signatory, document, number)
    except FlowRefused:
        raise HTTPException(status_code=404) from None


def _open_proposal(visit: Visit, about: str) -> str | None:
    for stage in _OPEN:
        query = ApprovalQuery(objects=(about,), stage=stage, limit=1)
        for found in visit.doors.people.proposals.search(visit.caller, query):
            return found.approval.id
    return None


def _official(visit: Visit, signatory: str) -> Signatory:
    query = OfficialQuery(signatory_id=signatory, kind=HolderKind.OFFICIAL, limit=1)
    found = next(iter(visit.doors.people.office.search(visit.caller, query)), None)
    if found is None:
        raise HTTPException(status_code=404)
    return found.official.signatory


def _office(visit: Visit) -> HandoverOffice:
    """404 in a process that serves no documents of several officials."""
    if visit.doors.services.handovers is None:
        raise HTTPException(status_code=404)
    return visit.doors.services.handovers
