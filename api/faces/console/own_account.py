"""A member of staff's own account: password, second factors, codes on paper, and the secret for the API."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import segno
from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import URLEncodedBody
from markupsafe import Markup

from api.faces.console.staff_link import PasswordForm, unlike
from api.faces.console.visit import OWN, Visit, Visits, to
from api.faces.console.wording import FACTOR_REFUSALS, FACTORS, NO_PASSKEY, NOT_PROVEN, WEAK
from api.pages.text import Text
from signer.errors import FactorRefused, PassphraseTooWeak
from signer.factors.model import Authenticator, FactorKind, Passkey, Session
from signer.model import Secret
from signer.passphrase import MAX_LENGTH

_UNLOCKED: Final = {each.value: each for each in (FactorKind.TOTP, FactorKind.PASSKEY)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorForm:
    """What the forms of this page send."""

    csrf: str = ""
    code: str = ""
    assertion: str = ""
    label: str = ""
    factor: str = ""

    def __repr__(self) -> str:
        return "FactorForm(***)"


class OwnAccountController(Controller):
    """What a person has, and what they change about it."""

    include_in_schema = False

    @get(OWN, sync_to_thread=True)
    def overview(self, visit: Visits) -> Response[Any]:
        """Everything they have."""
        return _overview(visit)

    @post(f"{OWN}/password", status_code=200, sync_to_thread=True)
    def password(self, visit: Visits, data: URLEncodedBody[PasswordForm]) -> Response[Any]:
        """Another password; the other browsers are logged out."""
        member = visit.own(data.csrf).member
        visit.confirmed(OWN)
        if (wrong := unlike(data)) is not None:
            return _overview(visit, error=wrong, field="password")
        try:
            own_words = (member.name, member.id)
            visit.doors.logins.change_password(visit.session, Secret(data.password), own_words=own_words)
        except PassphraseTooWeak as weak:
            return _overview(visit, error=WEAK[weak.reason], field="password")
        return to(OWN)

    @post(f"{OWN}/authenticator", status_code=200, sync_to_thread=True)
    def start_authenticator(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """A new seed, as QR and in letters; shown once."""
        visit.own(data.csrf)
        visit.confirmed(OWN)
        made = visit.doors.factors.start_authenticator(visit.session)
        return visit.show("authenticator.html", qr=_qr(made.uri), spelled=made.spelled)

    @post(f"{OWN}/authenticator/code", status_code=200, sync_to_thread=True)
    def finish_authenticator(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """Its first code."""
        return _change(visit, data, lambda who: visit.doors.factors.finish_authenticator(who, Secret(data.code)))

    @post(f"{OWN}/passkey", status_code=200, sync_to_thread=True)
    def start_passkey(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """What the device is asked."""
        visit.own(data.csrf)
        visit.confirmed(OWN)
        try:
            options = visit.doors.factors.start_passkey(visit.session)
        except FactorRefused as refused:
            return _overview(visit, error=FACTOR_REFUSALS.get(refused.reason, NOT_PROVEN))
        return visit.show("passkey.html", options=options)

    @post(f"{OWN}/passkey/answer", status_code=200, sync_to_thread=True)
    def finish_passkey(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """What it answered."""
        factors = visit.doors.factors
        return _change(
            visit, data, lambda who: factors.finish_passkey(who, data.assertion, data.label), wrong=NO_PASSKEY
        )

    @post(f"{OWN}/remove", status_code=200, sync_to_thread=True)
    def remove(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """One factor goes; the last one stays."""
        return _change(visit, data, lambda who: visit.doors.factors.remove(who, data.factor))

    @post(f"{OWN}/unlock", status_code=200, sync_to_thread=True)
    def unlock(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """A locked kind is good again."""
        kind = _UNLOCKED.get(data.factor)
        if kind is None:
            raise HTTPException(status_code=404)
        return _change(visit, data, lambda who: visit.doors.factors.unlock(who, kind))

    @post(f"{OWN}/recovery-codes", status_code=200, sync_to_thread=True)
    def codes(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """Ten codes for paper; shown once."""
        visit.own(data.csrf)
        visit.confirmed(OWN)
        return visit.show("codes.html", codes=visit.doors.factors.new_codes(visit.session))

    @post(f"{OWN}/secret", status_code=200, sync_to_thread=True)
    def secret(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """A secret for the API and the command line in place of the one of before; shown once."""
        visit.own(data.csrf)
        caller = visit.confirmed(OWN)
        if not visit.doors.logins.complete(visit.session):
            return to(OWN)
        return visit.show("secret.html", made=visit.doors.people.accounts.new_secret(caller))


def _change(
    visit: Visit, form: FactorForm, change: Callable[[Session], None], *, wrong: Text = NOT_PROVEN
) -> Response[Any]:
    """Make it, and back to the page; or the page with what was not right."""
    visit.own(form.csrf)
    visit.confirmed(OWN)
    try:
        change(visit.session)
    except FactorRefused as refused:
        told = wrong if refused.reason == "not-proven" else FACTOR_REFUSALS.get(refused.reason, wrong)
        return _overview(visit, error=told)
    return to(OWN)


def _overview(visit: Visit, *, error: Text | None = None, field: str | None = None) -> Response[Any]:
    caller, session = visit.caller, visit.session
    held = visit.doors.factors.held(session)
    listed: list[Authenticator | Passkey] = [*([held.authenticator] if held.authenticator else []), *held.passkeys]
    return visit.show(
        "own_account.html",
        error=error,
        field=field,
        member=caller.member,
        held=held,
        listed=[(each, FACTORS["totp" if isinstance(each, Authenticator) else "passkey"]) for each in listed],
        locked=[kind.value for kind in _UNLOCKED.values() if held.locked(kind)],
        words=FACTORS,
        confirmed=session.confirmed(visit.doors.now()),
        complete=visit.doors.logins.complete(session),
        most=MAX_LENGTH,
    )


def _qr(text: str) -> Markup:
    """A QR as inline SVG, without a style of its own: the page's policy forbids it."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, svgclass="qr", lineclass=None, light="#fff"
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn by segno out of modules alone
