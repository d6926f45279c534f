"""Logging in: with a passkey, with a code behind the link of a request, or with a recovery code."""

from dataclasses import dataclass
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation, URLEncodedBody
from litestar.response import Redirect

from api.faces.desk.browser import Browser, csrf_of
from api.faces.desk.ports import DeskDoors
from api.faces.desk.wording import NOT_SIGNED_IN
from api.pages.rendering import NEITHER_KEPT_NOR_FOUND, Rendering
from api.pages.text import Text
from signer.errors import FactorRefused
from signer.factors.model import SignedInBy
from signer.model import Secret

Doors = NamedDependency[SkipValidation[DeskDoors]]
Shown = NamedDependency[SkipValidation[Rendering]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInForm:
    """One of the three ways."""

    csrf: str = ""
    code: str = ""
    recovery: str = ""
    assertion: str = ""

    def __repr__(self) -> str:
        return "SignInForm(***)"


class SignInController(Controller):
    """The way in where no request is at hand, and the way out."""

    include_in_schema = False

    @get("/desk/sign-in", sync_to_thread=True)
    def ask(self, request: Request[Any, Any, Any], doors: Doors, pages: Shown) -> Response[Any]:
        """With a passkey or a recovery code."""
        return sign_in_page(request, doors, pages, target="/desk/sign-in", with_code=False)

    @post("/desk/sign-in", status_code=200, sync_to_thread=True)
    def answer(
        self, request: Request[Any, Any, Any], data: URLEncodedBody[SignInForm], doors: Doors, pages: Shown
    ) -> Response[Any]:
        """In, or the form again."""
        return signed_in(request, doors, pages, data, target="/desk/sign-in", after="/desk", signatory_id=None)

    @post("/desk/sign-out", sync_to_thread=True)
    def leave(self, request: Request[Any, Any, Any], data: URLEncodedBody[SignInForm], doors: Doors) -> Response[Any]:
        """Out, at once and everywhere in this browser."""
        browser = Browser(request, doors.logins, doors.settings)
        browser.require_own(data.csrf)
        if browser.session is not None:
            doors.logins.end(browser.session)
        return browser.forget(Redirect("/desk/sign-in", status_code=303, headers={"Cache-Control": "no-store"}))


def sign_in_page(
    request: Request[Any, Any, Any],
    doors: DeskDoors,
    pages: Rendering,
    *,
    target: str,
    with_code: bool,
    error: Text | None = None,
) -> Response[Any]:
    """The form, in a session of nobody yet that holds the challenge. Whom a request is for is not told."""
    browser = Browser(request, doors.logins, doors.settings)
    new = doors.logins.begin(None, SignedInBy.NOBODY)
    answer = pages.show(
        "sign_in.html",
        status=200 if error is None else 422,
        headers=NEITHER_KEPT_NOR_FOUND,
        csrf=csrf_of(new.token),
        target=target,
        with_code=with_code,
        options=doors.logins.passkey_options(new.session),
        error=error,
    )
    return browser.keep(new, answer)


def signed_in(
    request: Request[Any, Any, Any],
    doors: DeskDoors,
    pages: Rendering,
    form: SignInForm,
    *,
    target: str,
    after: str,
    signatory_id: str | None,
) -> Response[Any]:
    """On to `after`, or the form again. `signatory_id`: whose code it has to be; without it no code is taken."""
    browser = Browser(request, doors.logins, doors.settings)
    browser.require_own(form.csrf)
    try:
        if form.assertion and browser.session is not None:
            new = doors.logins.with_passkey(browser.session, form.assertion)
        elif form.recovery:
            new = doors.logins.with_recovery(Secret(form.recovery))
        elif signatory_id is not None:
            new = doors.logins.with_code(signatory_id, Secret(form.code))
        else:
            raise FactorRefused("Nothing was shown.", field="factors", reason="not-proven")
    except FactorRefused:
        return sign_in_page(
            request, doors, pages, target=target, with_code=signatory_id is not None, error=NOT_SIGNED_IN
        )
    return browser.keep(new, Redirect(after, status_code=303, headers={"Cache-Control": "no-store"}))
