"""The sessions in which applications sign with codes: opened, followed and ended by their official."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import URLEncodedBody

from api.faces.desk.visit import Visit, Visits, to
from api.faces.desk.wording import CODE_ENDS, CODE_REFUSALS, NOT_PROVEN
from api.pages.moments import in_words
from api.pages.text import Text
from signer.code_model import SeenSession, SessionEnd
from signer.code_sessions import LONGEST_HOURS, MOST_DOCUMENTS, USUAL_HOURS, SessionTerms
from signer.errors import CodeSessionRefused, CredentialUnusable, FactorRefused
from signer.factors.model import FactorKind, PasskeyProof, Proof, Session, TotpProof
from signer.model import Secret

CODES_PAGE: Final = "/desk/codes"
_USUAL_DOCUMENTS: Final = 20
_SHOWN_USES: Final = 20
"""Uses of one session that the page lists; how many there were it says in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionForm:
    """What the forms of this page send."""

    csrf: str = ""
    application: str = ""
    documents: str = ""
    hours: str = ""
    passphrase: str = ""
    code: str = ""
    assertion: str = ""
    session: str = ""

    def __repr__(self) -> str:
        return "SessionForm(***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """One session as the page shows it."""

    id: str
    application: str
    user_name: str
    documents: int
    used: int
    open: bool
    opened: Text
    until: Text
    ended: Text | None
    """Why it is over."""
    uses: tuple[tuple[Text, int], ...]


class CodeSessionsController(Controller):
    """For whoever is logged in."""

    include_in_schema = False

    @get(CODES_PAGE, sync_to_thread=True)
    def show(self, visit: Visits) -> Response[Any]:
        """What is open, what was, and the form for another one."""
        return to("/desk/sign-in") if visit.person is None else _page(visit, visit.person, SessionForm())

    @post(CODES_PAGE, status_code=200, sync_to_thread=True)
    def open(self, visit: Visits, data: URLEncodedBody[SessionForm]) -> Response[Any]:
        """Another one, after passphrase and second factor."""
        person = visit.own(data.csrf)
        proof, terms = _proof(data), _terms(data)
        if proof is None:
            return _page(visit, person, data, error=NOT_PROVEN)
        try:
            visit.doors.code_sessions.open(person, terms, Secret(data.passphrase), proof)
        except FactorRefused:
            return _page(visit, person, data, error=NOT_PROVEN)
        except CodeSessionRefused as refused:
            return _page(visit, person, data, error=CODE_REFUSALS[refused.reason])
        except CredentialUnusable:
            return _page(visit, person, data, error=CODE_REFUSALS["no-certificate"])
        return to(CODES_PAGE)

    @post(f"{CODES_PAGE}/end", status_code=200, sync_to_thread=True)
    def end(self, visit: Visits, data: URLEncodedBody[SessionForm]) -> Response[Any]:
        """At once; one that is over already leads to the same page."""
        person = visit.own(data.csrf)
        try:
            visit.doors.code_sessions.end(data.session, person.signatory_id or "")
        except CodeSessionRefused as refused:
            return _page(visit, person, SessionForm(), error=CODE_REFUSALS[refused.reason])
        return to(CODES_PAGE)


def _page(visit: Visit, person: Session, form: SessionForm, *, error: Text | None = None) -> Response[Any]:
    doors = visit.doors
    held, official = doors.factors.held(person), doors.official(person.signatory_id or "")
    lines = [_line(visit, each) for each in doors.code_sessions.seen(person.signatory_id or "")]
    applications = doors.code_sessions.applications()
    return visit.show(
        "code_sessions.html",
        error=error,
        who=official.signatory if official else None,
        running=[each for each in lines if each.open],
        over=[each for each in lines if not each.open],
        applications=applications,
        chosen=form.application,
        documents=form.documents or _USUAL_DOCUMENTS,
        hours=form.hours or USUAL_HOURS,
        most_documents=MOST_DOCUMENTS,
        longest=LONGEST_HOURS,
        with_code=FactorKind.TOTP in held.usable,
        options=doors.factors.confirm_options(person) if applications else None,
    )


def _line(visit: Visit, seen: SeenSession) -> SessionLine:
    one, offset = seen.session, visit.doors.settings.utc_offset_hours
    ended = None if seen.open else CODE_ENDS[one.ended_for or SessionEnd.OVER]
    return SessionLine(
        id=one.id,
        application=seen.application,
        user_name=one.user_name,
        documents=one.documents,
        used=one.used,
        open=seen.open,
        opened=in_words(one.opened_at, utc_offset_hours=offset),
        until=in_words(one.ended_at or one.expires_at, utc_offset_hours=offset),
        ended=ended,
        uses=tuple((in_words(each.at, utc_offset_hours=offset), each.documents) for each in seen.uses[:_SHOWN_USES]),
    )


def _terms(form: SessionForm) -> SessionTerms:
    """What is no number is out of bounds, and said so."""
    return SessionTerms(user_name=form.application, documents=_number(form.documents), hours=_number(form.hours))


def _number(text: str) -> int:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 4 else 0


def _proof(form: SessionForm) -> Proof | None:
    if form.assertion:
        return PasskeyProof(assertion=form.assertion)
    return TotpProof(code=Secret(form.code)) if form.code else None
