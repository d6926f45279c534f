"""Many letters at once: chosen in the list, checked on one page, approved with one proof, followed until they end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, URLEncodedBody

from api.faces.desk.consent import ConsentForm
from api.faces.desk.endings import ending
from api.faces.desk.inbox import everything, inbox_page
from api.faces.desk.visit import Visit, Visits, to
from api.faces.desk.wording import NOT_PROVEN, REFUSED_LIST, against, failure_in_words
from api.pages.moments import in_words
from api.pages.text import Text
from signer.errors import ActivationRefused, FactorRefused
from signer.factors.model import FactorKind, PasskeyProof, Session, TotpProof
from signer.model import Secret
from signer.round_model import Round, RoundState
from signer.round_progress import MemberState
from signer.rounds import Checked

PATH: Final = "/desk/rounds"
PICTURED: Final = 12
"""Up to so many letters are shown with a picture of their first page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenForm:
    """The list's own form: the keys of what was ticked. One alone arrives as a text."""

    csrf: str = ""
    item: str | list[str] = ""
    all: str = ""
    """Everything that the filters in the address leave, on whichever part of the list."""


class RoundsController(Controller):
    """For whoever is logged in; another one's round does not exist."""

    include_in_schema = False
    path = PATH

    @post("/", status_code=200, sync_to_thread=True)
    def begin(self, visit: Visits, data: URLEncodedBody[ChosenForm]) -> Response[Any]:
        """What was ticked in the list, or all that its filters leave, is put on one page."""
        person, ticked = visit.own(data.csrf), [data.item] if isinstance(data.item, str) else data.item
        return _begun(visit, person, everything(visit, person) if data.all else [each for each in ticked if each])

    @get("/{round_id:str}", sync_to_thread=True)
    def show(self, visit: Visits, round_id: FromPath[str]) -> Response[Any]:
        """The page to check, or how far it is."""
        if visit.person is None:
            return to("/desk/sign-in")
        return shown(visit, visit.person, _own(visit, visit.person, round_id))

    @post("/{round_id:str}/leave-out", status_code=200, sync_to_thread=True)
    def leave_out(self, visit: Visits, round_id: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """One letter less; it goes on waiting."""
        return _chosen(visit, round_id, data, left_out=True)

    @post("/{round_id:str}/take-in", status_code=200, sync_to_thread=True)
    def take_in(self, visit: Visits, round_id: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """And in again."""
        return _chosen(visit, round_id, data, left_out=False)

    @post("/{round_id:str}/approve", status_code=200, sync_to_thread=True)
    def approve(self, visit: Visits, round_id: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """Yes, to all of them; the page that follows tells how far they are."""
        person = visit.own(data.csrf)
        found = _own(visit, person, round_id)
        proof = PasskeyProof(assertion=data.assertion) if data.assertion else TotpProof(code=Secret(data.code))
        try:
            visit.doors.rounds.approve(found, Secret(data.passphrase), proof, shown=data.shown, session=person.id)
        except FactorRefused:
            return shown(visit, person, _own(visit, person, round_id), error=NOT_PROVEN)
        except ActivationRefused as refused:
            return shown(visit, person, _own(visit, person, round_id), error=REFUSED_LIST.get(refused.reason))
        return to(f"{PATH}/{found.id}")

    @post("/{round_id:str}/again", status_code=200, sync_to_thread=True)
    def again(self, visit: Visits, round_id: FromPath[str], data: URLEncodedBody[ConsentForm]) -> Response[Any]:
        """What failed and can be asked for again, on a new page to check."""
        person = visit.own(data.csrf)
        standing = visit.doors.round_progress(_own(visit, person, round_id))
        failed = [each.again for each in standing if each.state is MemberState.FAILED and each.again is not None]
        return _begun(visit, person, failed)


def _begun(visit: Visit, person: Session, keys: list[str]) -> Response[Any]:
    try:
        begun = visit.doors.rounds.begin(person.signatory_id or "", keys, session=person.id)
    except ActivationRefused as refused:
        return inbox_page(visit, person, error=REFUSED_LIST.get(refused.reason, REFUSED_LIST[""]))
    return to(f"{PATH}/{begun.id}")


def _chosen(visit: Visit, round_id: str, data: ConsentForm, *, left_out: bool) -> Response[Any]:
    person = visit.own(data.csrf)
    found = _own(visit, person, round_id)
    try:
        visit.doors.rounds.leave_out(found, data.position, left_out=left_out, session=person.id)
    except ActivationRefused as refused:
        return shown(visit, person, found, error=REFUSED_LIST.get(refused.reason, REFUSED_LIST[""]))
    return to(f"{PATH}/{found.id}")


def _own(visit: Visit, person: Session, round_id: str) -> Round:
    found = visit.doors.rounds.find(round_id, signatory_id=person.signatory_id or "")
    if found is None:
        raise HTTPException(status_code=404)
    return found


def shown(visit: Visit, person: Session, found: Round, *, error: Text | None = None) -> Response[Any]:
    """What is asked, from what is stored; or how far it is; or how it ended."""
    if found.state is RoundState.GRANTED:
        return _progress(visit, found)
    if found.state is RoundState.ENDED:
        return ending(visit, "ended")
    if found.session != person.id:
        return ending(visit, "other-session")
    checked = visit.doors.rounds.check(found)
    doors, usable = visit.doors, visit.doors.factors.held(person).usable
    official = doors.official(found.signatory_id)
    return visit.show(
        "round.html",
        error=error,
        found=found,
        checked=checked,
        shown=checked.digest.hex(),
        who=official.signatory if official else None,
        clients=_clients(visit, checked),
        pictured=len(checked.ready) <= PICTURED,
        exceptions=[(member, against(word)) for member, word in checked.exceptions],
        until=in_words(found.expires_at, utc_offset_hours=doors.settings.utc_offset_hours),
        page=1,
        pages=1,
        may_sign=True,
        with_code=FactorKind.TOTP in usable,
        options=doors.challenge_options(found.signatory_id, checked.challenge)
        if FactorKind.PASSKEY in usable
        else None,
    )


def _clients(visit: Visit, checked: Checked) -> Mapping[str, str]:
    return {request.client_id: visit.doors.client_name(request.client_id) for _, request in checked.ready}


def _progress(visit: Visit, found: Round) -> Response[Any]:
    standing = visit.doors.round_progress(found)
    return visit.show(
        "round_progress.html",
        found=found,
        lines=[(each, None if each.word is None else failure_in_words(each.word)) for each in standing],
        signed=sum(each.signed for each in standing),
        total=sum(each.documents for each in standing),
        working=any(each.state is MemberState.UNDER_WAY for each in standing),
        failed=sum(each.state is MemberState.FAILED for each in standing),
        again=sum(each.state is MemberState.FAILED and each.again is not None for each in standing),
        when=in_words(found.granted_at or found.begun_at, utc_offset_hours=visit.doors.settings.utc_offset_hours),
    )
