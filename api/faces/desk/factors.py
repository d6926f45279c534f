"""A person's own factors: added, removed, unlocked, after those they have were shown again."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import segno
from litestar import Controller, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from markupsafe import Markup

from api.faces.desk.browser import Browser
from api.faces.desk.ports import DeskDoors
from api.faces.desk.signing_in import Doors, Shown
from api.faces.desk.wording import FACTORS, NO_PASSKEY, NOT_PROVEN, REFUSALS
from api.pages.moments import in_words
from api.pages.rendering import NEITHER_KEPT_NOR_FOUND, Rendering
from api.pages.text import Text
from signer.errors import FactorRefused, LinkRefused
from signer.factors.model import (
    Authenticator,
    FactorKind,
    Passkey,
    PasskeyProof,
    Proof,
    RecoveryProof,
    Session,
    SignedInBy,
    TotpProof,
)
from signer.model import Secret
from signer.passphrase import MAX_LENGTH

_LINK: Final = "/desk/link/{link:str}"
_UNLOCKED: Final = {FactorKind.TOTP.value: FactorKind.TOTP, FactorKind.PASSKEY.value: FactorKind.PASSKEY}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorForm:
    """What the forms of these pages send."""

    csrf: str = ""
    passphrase: str = ""
    code: str = ""
    recovery: str = ""
    assertion: str = ""
    label: str = ""
    factor: str = ""

    def __repr__(self) -> str:
        return "FactorForm(***)"


class LinkController(Controller):
    """A one-time link of the registration office, or of the enrolment."""

    include_in_schema = False

    @get(_LINK, sync_to_thread=True)
    def ask(self, link: FromPath[str], doors: Doors, pages: Shown) -> Response[Any]:
        """The passphrase is asked; dead, used and never-made links look alike."""
        return _link_page(link, doors, pages)

    @post(_LINK, status_code=200, sync_to_thread=True)
    def answer(
        self,
        request: Request[Any, Any, Any],
        link: FromPath[str],
        data: URLEncodedBody[FactorForm],
        doors: Doors,
        pages: Shown,
    ) -> Response[Any]:
        """In, with leave to add the first factors. The link itself is the proof that the form is ours."""
        try:
            new = doors.factors.claim(link, Secret(data.passphrase))
        except FactorRefused:
            return _link_page(link, doors, pages, error=NOT_PROVEN)
        except LinkRefused:
            return _link_page(link, doors, pages)
        browser = Browser(request, doors.logins, doors.settings)
        return browser.keep(new, Redirect("/desk", status_code=303, headers={"Cache-Control": "no-store"}))


class FactorController(Controller):
    """What a person has, and what they change about it."""

    include_in_schema = False

    @get("/desk", sync_to_thread=True)
    def overview(self, request: Request[Any, Any, Any], doors: Doors, pages: Shown) -> Response[Any]:
        """Everything they have; no login, no list."""
        browser = Browser(request, doors.logins, doors.settings)
        if browser.person is None:
            return Redirect("/desk/sign-in", status_code=303, headers={"Cache-Control": "no-store"})
        return _overview(browser, browser.person, doors, pages)

    @post("/desk/confirm", status_code=200, sync_to_thread=True)
    def confirm(
        self, request: Request[Any, Any, Any], data: URLEncodedBody[FactorForm], doors: Doors, pages: Shown
    ) -> Response[Any]:
        """Passphrase and second factor again, before anything changes."""
        return _change(
            request, data, doors, pages, lambda who: doors.factors.confirm(who, Secret(data.passphrase), _proof(data))
        )

    @post("/desk/authenticator", status_code=200, sync_to_thread=True)
    def start_authenticator(
        self, request: Request[Any, Any, Any], data: URLEncodedBody[FactorForm], doors: Doors, pages: Shown
    ) -> Response[Any]:
        """A new seed, as QR and in letters; shown once."""
        browser, person = _own(request, data.csrf, doors)
        try:
            made = doors.factors.start_authenticator(person)
        except FactorRefused as refused:
            return _overview(browser, person, doors, pages, error=REFUSALS.get(refused.reason, NOT_PROVEN))
        return pages.show(
            "authenticator.html",
            headers=NEITHER_KEPT_NOR_FOUND,
            csrf=browser.csrf,
            qr=_qr(made.uri),
            spelled=made.spelled,
        )

    @post("/desk/authenticator/code", status_code=200, sync_to_thread=True)
    def finish_authenticator(
        self, request: Request[Any, Any, Any], data: URLEncodedBody[FactorForm], doors: Doors, pages: Shown
    ) -> Response[Any]:
        """Its first code."""
        return _change(
            request, data, doors, pages, lambda who: doors.factors.finish_authenticator(who, Secret(data.code))
        )

    @post("/desk/passkey", status_code=200, sync_to_thread=True)
    def start_passkey(
        self, request: Request[Any, Any, Any], data: URLEncodedBody[FactorForm], doors: Doors, pages: Shown
    ) -> Response[Any]:
        """What the device is asked."""
        browser, person = _own(request, data.csrf, doors)
        try:
            options = doors.factors.start_passkey(person)
        except FactorRefused as refused:
            return _overview(browser, person, doors, pages, error=REFUSALS.get(refused.reason, NOT_PROVEN))
        return pages.show("passkey.html", headers=NEITHER_KEPT_NOR_FOUND, csrf=browser.csrf, options=options)

    @post("/desk/passkey/answer", status_code=200, sync_to_thread=True)
    def finish_passkey(
        self, request: Request[Any, Any, Any], data: URLEncodedBody[FactorForm], doors: Doors, pages: Shown
    ) -> Response[Any]:
        """What it answered."""
        return _change(
            request,
            data,
            doors,
            pages,
            lambda who: doors.factors.finish_passkey(who, data.assertion, data.label),
            wrong=NO_PASSKEY,
        )

    @post("/desk/remove", status_code=200, sync_to_thread=True)
    def remove(
        self, request: Request[Any, Any, Any], data: URLEncodedBody[FactorForm], doors: Doors, pages: Shown
    ) -> Response[Any]:
        """One factor goes; the last one stays."""
        return _change(request, data, doors, pages, lambda who: doors.factors.remove(who, data.factor))

    @post("/desk/unlock", status_code=200, sync_to_thread=True)
    def unlock(
        self, request: Request[Any, Any, Any], data: URLEncodedBody[FactorForm], doors: Doors, pages: Shown
    ) -> Response[Any]:
        """A locked kind is good again."""
        kind = _UNLOCKED.get(data.factor)
        if kind is None:
            raise HTTPException(status_code=400)
        return _change(request, data, doors, pages, lambda who: doors.factors.unlock(who, kind))

    @post("/desk/recovery-codes", status_code=200, sync_to_thread=True)
    def codes(
        self, request: Request[Any, Any, Any], data: URLEncodedBody[FactorForm], doors: Doors, pages: Shown
    ) -> Response[Any]:
        """Ten codes for paper; shown once."""
        browser, person = _own(request, data.csrf, doors)
        try:
            made = doors.factors.new_codes(person)
        except FactorRefused as refused:
            return _overview(browser, person, doors, pages, error=REFUSALS.get(refused.reason, NOT_PROVEN))
        return pages.show("codes.html", headers=NEITHER_KEPT_NOR_FOUND, codes=made)


def _own(request: Request[Any, Any, Any], csrf: str, doors: DeskDoors) -> tuple[Browser, Session]:
    browser = Browser(request, doors.logins, doors.settings)
    browser.require_own(csrf)
    if browser.person is None:
        raise HTTPException(status_code=403, detail="not logged in")
    return browser, browser.person


def _change(
    request: Request[Any, Any, Any],
    form: FactorForm,
    doors: DeskDoors,
    pages: Rendering,
    change: Callable[[Session], None],
    *,
    wrong: Text = NOT_PROVEN,
) -> Response[Any]:
    """Make it, and back to the list; or the list with what was not right."""
    browser, person = _own(request, form.csrf, doors)
    try:
        change(person)
    except FactorRefused as refused:
        told = wrong if refused.reason == "not-proven" else REFUSALS.get(refused.reason, wrong)
        return _overview(browser, person, doors, pages, error=told)
    return Redirect("/desk", status_code=303, headers={"Cache-Control": "no-store"})


def _proof(form: FactorForm) -> Proof | None:
    if form.assertion:
        return PasskeyProof(assertion=form.assertion)
    if form.recovery:
        return RecoveryProof(code=Secret(form.recovery))
    return TotpProof(code=Secret(form.code)) if form.code else None


def _overview(
    browser: Browser, person: Session, doors: DeskDoors, pages: Rendering, *, error: Text | None = None
) -> Response[Any]:
    held, official = doors.factors.held(person), doors.official(person.signatory_id or "")
    confirmed = browser.session is not None and doors.confirmed(browser.session)
    offset = doors.settings.utc_offset_hours
    listed: list[Authenticator | Passkey] = [*([held.authenticator] if held.authenticator else []), *held.passkeys]
    return pages.show(
        "factors.html",
        status=200 if error is None else 422,
        headers=NEITHER_KEPT_NOR_FOUND,
        csrf=browser.csrf,
        who=official.signatory if official else None,
        held=held,
        listed=[
            (each, FACTORS[_kind(each).value], in_words(each.added_at, utc_offset_hours=offset)) for each in listed
        ],
        locked=[kind.value for kind in _UNLOCKED.values() if held.locked(kind)],
        words=FACTORS,
        confirmed=confirmed,
        by_recovery=person.by is SignedInBy.RECOVERY,
        options=None if confirmed else doors.factors.confirm_options(person),
        error=error,
    )


def _kind(factor: Authenticator | Passkey) -> FactorKind:
    return FactorKind.TOTP if isinstance(factor, Authenticator) else FactorKind.PASSKEY


def _link_page(link: str, doors: DeskDoors, pages: Rendering, *, error: Text | None = None) -> Response[Any]:
    try:
        who = doors.factors.behind(link).signatory
    except LinkRefused:
        return pages.show("dead_factor_link.html", status=404, headers=NEITHER_KEPT_NOR_FOUND)
    return pages.show(
        "link.html",
        status=200 if error is None else 422,
        headers=NEITHER_KEPT_NOR_FOUND,
        who=who,
        most=MAX_LENGTH,
        error=error,
    )


def _qr(text: str) -> Markup:
    """A QR as inline SVG, without a style of its own: the page's policy forbids it."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, svgclass="qr", lineclass=None, light="#fff"
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn by segno out of modules alone
