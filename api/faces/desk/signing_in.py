"""Logging in: with a passkey, with a code of the authenticator, or with a recovery code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import URLEncodedBody

from api.faces.desk.visit import COOKIE, Visit, Visits, to
from api.faces.desk.wording import NOT_SIGNED_IN
from api.pages.text import Text
from signer.errors import FactorRefused
from signer.factors.model import Session, SignedInBy
from signer.model import Secret


@dataclass(frozen=True, slots=True)
class CodeOf:
    """Whose code a login has to show, where a request says it; of nobody where there is no such person, which nobody is
    told."""

    signatory_id: str | None


Began = Callable[[Session], object]
"""What has to know of the session that the browser has from now on."""
HOME = "/desk"
"""Where somebody who is logged in finds what waits for them."""
_LONGEST_EMAIL: Final = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInForm:
    """One of the three ways."""

    csrf: str = ""
    email: str = ""
    code: str = ""
    recovery: str = ""
    assertion: str = ""

    def __repr__(self) -> str:
        return "SignInForm(***)"


class SignInController(Controller):
    """The way in where no request is at hand, and the way out."""

    include_in_schema = False

    @get("/desk/sign-in", sync_to_thread=True)
    def ask(self, visit: Visits) -> Response[Any]:
        """With a passkey, with the registered e-mail address and a code, or with a recovery code."""
        return sign_in_page(visit, target="/desk/sign-in", by_email=True)

    @post("/desk/sign-in", status_code=200, sync_to_thread=True)
    def answer(self, visit: Visits, data: URLEncodedBody[SignInForm]) -> Response[Any]:
        """In, or the form again."""
        return signed_in(visit, data, target="/desk/sign-in", after=HOME)

    @post("/desk/sign-out", sync_to_thread=True)
    def leave(self, visit: Visits, data: URLEncodedBody[SignInForm]) -> Response[Any]:
        """Out, at once and everywhere in this browser."""
        visit.browser.require_own(data.csrf)
        if visit.browser.session is not None:
            visit.doors.logins.end(visit.browser.session)
        return visit.browser.forget(to("/desk/sign-in"))


def sign_in_page(
    visit: Visit,
    *,
    target: str,
    by_email: bool,
    error: Text | None = None,
    email: str = "",
    began: Began | None = None,
) -> Response[Any]:
    """The form, in a session of nobody yet that holds the challenge. Whom a request is for is not told.

    `by_email`: whether a code needs an address beside it, because no request says whose it has to be; `email`: the
    one that was typed.
    """
    new = visit.doors.logins.begin(None, SignedInBy.NOBODY)
    if began is not None:
        began(new.session)
    answer = visit.show(
        "sign_in.html",
        error=error,
        csrf=COOKIE.csrf_of(new.token),
        target=target,
        by_email=by_email,
        email=email,
        options=visit.doors.logins.passkey_options(new.session),
    )
    return visit.browser.keep(new, answer)


def signed_in(
    visit: Visit,
    form: SignInForm,
    *,
    target: str,
    after: str,
    code_of: CodeOf | None = None,
    began: Began | None = None,
) -> Response[Any]:
    """On to `after`, or the form again. `code_of`: whose code it has to be; without it the address in the form says
    whose, and an address that names nobody is refused as late, and in the same words, as a wrong code."""
    logins, browser = visit.doors.logins, visit.browser
    browser.require_own(form.csrf)
    try:
        if form.assertion and browser.session is not None:
            new = logins.with_passkey(browser.session, form.assertion)
        elif form.recovery:
            new = logins.with_recovery(Secret(form.recovery))
        else:
            whose = code_of.signatory_id if code_of is not None else _at(visit, form.email)
            new = logins.with_code(whose, Secret(form.code))
    except FactorRefused:
        return sign_in_page(
            visit,
            target=target,
            by_email=code_of is None,
            error=NOT_SIGNED_IN,
            email=form.email[:_LONGEST_EMAIL],
            began=began,
        )
    if began is not None:
        began(new.session)
    return browser.keep(new, to(after))


def _at(visit: Visit, email: str) -> str | None:
    """Who reads mail there; an address of several people names nobody."""
    return visit.doors.person_at(email) if 0 < len(email.strip()) <= _LONGEST_EMAIL else None
