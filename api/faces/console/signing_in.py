"""In: with a passkey, or with name, password and code. Again, before what cannot be undone. Out."""

import re
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromQuery, URLEncodedBody

from api.faces.console.visit import CONFIRM, COOKIE, SIGN_IN, Visit, Visits, to, way_back
from api.faces.console.wording import NOT_PROVEN, NOT_SIGNED_IN, TOO_OFTEN
from api.limits import network_of
from api.pages.text import Text
from api.problems import RequestRefused
from signer.errors import FactorRefused
from signer.factors.model import PasskeyProof, RecoveryProof, SignedInBy, TotpProof
from signer.factors.signing_in import NewSession
from signer.model import Secret
from signer.passphrase import MAX_LENGTH

_DIGITS: Final = re.compile(r"[\s\d]{1,11}")
_LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInForm:
    """Either of the two ways, and where it leads."""

    csrf: str = ""
    name: str = ""
    password: str = ""
    code: str = ""
    assertion: str = ""
    next: str = ""

    def __repr__(self) -> str:
        return "SignInForm(***)"


class SignInController(Controller):
    """The way in, the proof that it is still the same person, and the way out."""

    include_in_schema = False

    @get(SIGN_IN, sync_to_thread=True)
    def ask(self, visit: Visits, next: FromQuery[str] = "") -> Response[Any]:
        """The form; who is logged in already goes on."""
        return to(way_back(next)) if visit.somebody is not None else _form(visit, next)

    @post(SIGN_IN, status_code=200, sync_to_thread=True)
    def answer(self, visit: Visits, data: URLEncodedBody[SignInForm]) -> Response[Any]:
        """In, or the form again; which part was wrong is not told."""
        visit.browser.require_own(data.csrf)
        network, name = network_of(visit.scope), data.name.strip()[:_LONGEST_NAME]
        try:
            visit.doors.failed.check(network, name)
            new = _signed_in(visit, data, name)
        except RequestRefused:
            return _form(visit, data.next, error=TOO_OFTEN, name=name)
        except FactorRefused:
            visit.doors.failed.count(network, name)
            return _form(visit, data.next, error=NOT_SIGNED_IN, name=name)
        return visit.browser.keep(new, to(way_back(data.next)))

    @get(CONFIRM, sync_to_thread=True)
    def ask_again(self, visit: Visits, next: FromQuery[str] = "") -> Response[Any]:
        """Before an act that cannot be undone."""
        return _confirm_form(visit, next)

    @post(CONFIRM, status_code=200, sync_to_thread=True)
    def answer_again(self, visit: Visits, data: URLEncodedBody[SignInForm]) -> Response[Any]:
        """On to where they came from, for five minutes."""
        visit.own(data.csrf)
        proof = PasskeyProof(assertion=data.assertion) if data.assertion else proof_of(data.code)
        try:
            visit.doors.logins.confirm(visit.session, Secret(data.password), proof)
        except FactorRefused:
            return _confirm_form(visit, data.next, error=NOT_PROVEN)
        return to(way_back(data.next))

    @post("/console/sign-out", sync_to_thread=True)
    def leave(self, visit: Visits, data: URLEncodedBody[SignInForm]) -> Response[Any]:
        """Out, at once."""
        visit.browser.require_own(data.csrf)
        if visit.browser.session is not None:
            visit.doors.logins.end(visit.browser.session)
        return visit.browser.forget(to(SIGN_IN))


def proof_of(code: str) -> TotpProof | RecoveryProof:
    """Six digits are an authenticator's; anything longer is one of the codes on paper."""
    return TotpProof(code=Secret(code)) if _DIGITS.fullmatch(code) else RecoveryProof(code=Secret(code))


def _signed_in(visit: Visit, form: SignInForm, name: str) -> NewSession:
    logins, session = visit.doors.logins, visit.browser.session
    if form.assertion and session is not None:
        return logins.with_passkey(session, form.assertion)
    return logins.with_password(name, Secret(form.password[: MAX_LENGTH + 1]), proof_of(form.code))


def _form(visit: Visit, next: str, *, error: Text | None = None, name: str = "") -> Response[Any]:
    """In a session of nobody yet, which holds the challenge."""
    new = visit.doors.logins.begin(None, SignedInBy.NOBODY)
    answer = visit.show(
        "sign_in.html",
        error=error,
        csrf=COOKIE.csrf_of(new.token),
        next=way_back(next),
        name=name,
        options=visit.doors.logins.passkey_options(new.session),
    )
    return visit.browser.keep(new, answer)


def _confirm_form(visit: Visit, next: str, *, error: Text | None = None) -> Response[Any]:
    caller = visit.caller
    options = visit.doors.factors.confirm_options(visit.session)
    return visit.show("confirm.html", error=error, next=way_back(next), options=options, name=caller.member.id)
