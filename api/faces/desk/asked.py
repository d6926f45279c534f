"""What an application asks of a person, step by step: the login, the pages, the decision, the way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from api.faces.desk.consent import ConsentForm
from api.faces.desk.endings import ending
from api.faces.desk.hashes import hashes_page
from api.faces.desk.signing_in import CodeOf, sign_in_page
from api.faces.desk.visit import Visit
from api.faces.desk.wording import NOT_PROVEN, REFUSED_LIST
from api.oauth.asking import AuthorizeRequest
from api.oauth.authorizing import SendTo, Transaction
from api.oauth.refusals import OAuthRefused
from api.pages.moments import in_words
from api.pages.text import Text
from signer.errors import ActivationRefused, CredentialUnusable, FactorRefused, QuotaExceeded
from signer.factors.model import PasskeyProof, Session, TotpProof
from signer.model import Credential, Secret

_SENT: Final = {"Cache-Control": "no-store"}
_OVER: Final = OAuthRefused("access_denied", "The request has ended")
_TOO_OFTEN: Final = OAuthRefused("access_denied", "Too many wrong attempts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A transaction that can be decided, in the browser that opened it, and what it asks."""

    transaction: Transaction
    request: AuthorizeRequest

    @property
    def path(self) -> str:
        """Where its pages are."""
        return f"/desk/o/{self.transaction.id}"


def shown(visit: Visit, opened: Opened, error: Text | None = None) -> Response[Any]:
    """The login; then what is asked, or the way back where nothing needs to be asked, or can be."""
    if not _is_in(visit, opened):
        return sign_in_page(
            visit,
            target=f"{opened.path}/sign-in",
            by_email=code_of(visit, opened) is None,
            began=lambda session: visit.doors.authorizing.rebind(opened.transaction, session=session.id),
        )
    if opened.request.credential is None:
        return passed(visit, opened, _on_the_way(visit)) if may_pass(visit, opened) else _service_page(visit, opened)
    person = logged_in(visit, opened)
    try:
        return _credential_page(visit, opened, person, error)
    except OAuthRefused as refused:
        return failed(visit, opened, refused)


def _credential_page(visit: Visit, opened: Opened, person: Session, error: Text | None) -> Response[Any]:
    """Exactly what is signed, with which credential; where several fit, which one is asked first."""
    authorizing, transaction, whose = visit.doors.authorizing, opened.transaction, person.signatory_id or ""
    if transaction.request_id is None:
        choices = authorizing.choices(opened.request, whose)
        if len(choices) > 1:
            return _choice_page(visit, opened, choices)
        transaction = authorizing.put_before(transaction, opened.request, user_id=whose, credential_id=choices[0].id)
    try:
        asked = visit.doors.approvals.open(transaction.request_id or "", session=person.id, signatory_id=whose)
    except ActivationRefused:
        return failed(visit, opened, _OVER)
    return hashes_page(visit, asked, person, path=opened.path, error=error)


def _service_page(visit: Visit, opened: Opened) -> Response[Any]:
    """What an application may do from now on, and what it may not."""
    return visit.show(
        "authorize_service.html",
        path=opened.path,
        client=visit.doors.client_name(opened.request.client_id),
        back=_host(opened.request.redirect_uri),
    )


def _choice_page(visit: Visit, opened: Opened, choices: Sequence[Credential]) -> Response[Any]:
    settings = visit.doors.settings
    return visit.show(
        "authorize_choice.html",
        path=opened.path,
        client=visit.doors.client_name(opened.request.client_id),
        choices=[
            (each, in_words(each.certificate.not_valid_after_utc, utc_offset_hours=settings.utc_offset_hours))
            for each in choices
        ],
    )


def approved(visit: Visit, opened: Opened, data: ConsentForm) -> Response[Any]:
    """Scope `service`: nothing more is asked. Scope `credential`: both factors, for exactly what was shown."""
    person = logged_in(visit, opened)
    if opened.request.credential is None:
        return passed(visit, opened, _on_the_way(visit))
    whose = person.signatory_id or ""
    proof = PasskeyProof(assertion=data.assertion) if data.assertion else TotpProof(code=Secret(data.code))

    def prove(request_id: str, code: Secret) -> object:
        return visit.doors.approvals.approve(
            request_id,
            Secret(data.passphrase),
            proof,
            shown=data.shown,
            session=person.id,
            signatory_id=whose,
            under=code,
        )

    try:
        going = visit.doors.authorizing.approve_credential(
            opened.transaction, opened.request, user_id=whose, prove=prove
        )
    except FactorRefused as refused:
        over = refused.reason == "ended"
        return failed(visit, opened, _TOO_OFTEN) if over else shown(visit, opened, NOT_PROVEN)
    except (CredentialUnusable, QuotaExceeded) as refused:
        return shown(visit, opened, REFUSED_LIST.get(refused.reason, REFUSED_LIST[""]))
    except ActivationRefused as refused:
        known = REFUSED_LIST.get(refused.reason)
        return shown(visit, opened, known) if known is not None else failed(visit, opened, _OVER)
    return _on_the_way(visit)(going) if going is not None else ending(visit, "over")


def may_pass(visit: Visit, opened: Opened) -> bool:
    """Whether nothing needs to be asked: scope `service`, logged in, consented before."""
    if opened.request.credential is not None or not _is_in(visit, opened):
        return False
    whose = logged_in(visit, opened).signatory_id or ""
    return visit.doors.authorizing.consented(opened.transaction, whose)


def passed(visit: Visit, opened: Opened, send: Callable[[SendTo], Response[Any]]) -> Response[Any]:
    whose = logged_in(visit, opened).signatory_id or ""
    going = visit.doors.authorizing.approve_service(opened.transaction, opened.request, user_id=whose)
    return send(going) if going is not None else ending(visit, "over")


def failed(visit: Visit, opened: Opened, error: OAuthRefused) -> Response[Any]:
    """It ends, and the application hears why."""
    person = visit.person
    whose = person.signatory_id if person is not None else None
    going = visit.doors.authorizing.fail(opened.transaction, opened.request, error, user_id=whose)
    return _on_the_way(visit)(going) if going is not None else ending(visit, "over")


def _is_in(visit: Visit, opened: Opened) -> bool:
    """Whether somebody is logged in, and freshly where the application asked for that."""
    person = visit.person
    if person is None or person.signatory_id is None:
        return False
    return not opened.request.fresh_login or person.began_at >= opened.transaction.asked_at


def logged_in(visit: Visit, opened: Opened) -> Session:
    """The login; 403 for a form that came without one."""
    if visit.person is None or not _is_in(visit, opened):
        raise HTTPException(status_code=403, detail="not logged in")
    return visit.person


def code_of(visit: Visit, opened: Opened) -> CodeOf | None:
    """Whose authenticator may log in here: the holder of the named credential; nobody where there is no such one, with
    the same form and the same refusal. `None` where no credential is named: the form asks for an address."""
    asked = opened.request.credential
    if asked is None or asked.credential_id is None:
        return None
    return CodeOf(visit.doors.authorizing.holder(opened.request))


def sent_at_once(going: SendTo) -> Response[Any]:
    """No form was sent before: a redirect. No cache keeps it, and no referrer tells of it."""
    return Redirect(going.url, status_code=302, headers=_SENT)


def _on_the_way(visit: Visit) -> Callable[[SendTo], Response[Any]]:
    """After a form: a page of ours that leads on by itself."""

    def page(going: SendTo) -> Response[Any]:
        return visit.show("on_the_way.html", url=going.url, back=_host(going.url))

    return page


def _host(address: str) -> str:
    """Whose address it is, for people; of an application on a device its scheme."""
    parts = urlsplit(address)
    return parts.hostname or parts.scheme
