"""A person's own factors: added, removed, unlocked, after those they have were shown again."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import segno
from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, URLEncodedBody
from markupsafe import Markup

from api.faces.desk.visit import Visit, Visits, to
from api.faces.desk.wording import FACTORS, NO_PASSKEY, NOT_PROVEN, REFUSALS
from api.pages.moments import in_words
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

FACTORS_PAGE: Final = "/desk/factors"
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
    def ask(self, visit: Visits, link: FromPath[str]) -> Response[Any]:
        """The passphrase is asked; dead, used and never-made links look alike."""
        return _link_page(visit, link)

    @post(_LINK, status_code=200, sync_to_thread=True)
    def answer(
        self,
        visit: Visits,
        link: FromPath[str],
        data: URLEncodedBody[FactorForm],
    ) -> Response[Any]:
        """In, with leave to add the first factors. The link itself is the proof that the form is ours."""
        try:
            new = visit.doors.factors.claim(link, Secret(data.passphrase))
        except FactorRefused:
            return _link_page(visit, link, error=NOT_PROVEN)
        except LinkRefused:
            return _link_page(visit, link)
        return visit.browser.keep(new, to(FACTORS_PAGE))


class FactorController(Controller):
    """What a person has, and what they change about it."""

    include_in_schema = False

    @get(FACTORS_PAGE, sync_to_thread=True)
    def overview(self, visit: Visits) -> Response[Any]:
        """Everything they have; no login, no list."""
        return to("/desk/sign-in") if visit.person is None else _overview(visit, visit.person)

    @post("/desk/confirm", status_code=200, sync_to_thread=True)
    def confirm(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """Passphrase and second factor again, before anything changes."""
        return _change(visit, data, lambda who: visit.doors.factors.confirm(who, Secret(data.passphrase), _proof(data)))

    @post("/desk/authenticator", status_code=200, sync_to_thread=True)
    def start_authenticator(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """A new seed, as QR and in letters; shown once."""
        person = visit.own(data.csrf)
        try:
            made = visit.doors.factors.start_authenticator(person)
        except FactorRefused as refused:
            return _overview(visit, person, error=REFUSALS.get(refused.reason, NOT_PROVEN))
        return visit.show("authenticator.html", qr=_qr(made.uri), spelled=made.spelled)

    @post("/desk/authenticator/code", status_code=200, sync_to_thread=True)
    def finish_authenticator(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """Its first code."""
        return _change(visit, data, lambda who: visit.doors.factors.finish_authenticator(who, Secret(data.code)))

    @post("/desk/passkey", status_code=200, sync_to_thread=True)
    def start_passkey(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """What the device is asked."""
        person = visit.own(data.csrf)
        try:
            options = visit.doors.factors.start_passkey(person)
        except FactorRefused as refused:
            return _overview(visit, person, error=REFUSALS.get(refused.reason, NOT_PROVEN))
        return visit.show("passkey.html", options=options)

    @post("/desk/passkey/answer", status_code=200, sync_to_thread=True)
    def finish_passkey(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """What it answered."""
        return _change(
            visit,
            data,
            lambda who: visit.doors.factors.finish_passkey(who, data.assertion, data.label),
            wrong=NO_PASSKEY,
        )

    @post("/desk/remove", status_code=200, sync_to_thread=True)
    def remove(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """One factor goes; the last one stays."""
        return _change(visit, data, lambda who: visit.doors.factors.remove(who, data.factor))

    @post("/desk/unlock", status_code=200, sync_to_thread=True)
    def unlock(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """A locked kind is good again."""
        kind = _UNLOCKED.get(data.factor)
        if kind is None:
            raise HTTPException(status_code=400)
        return _change(visit, data, lambda who: visit.doors.factors.unlock(who, kind))

    @post("/desk/recovery-codes", status_code=200, sync_to_thread=True)
    def codes(self, visit: Visits, data: URLEncodedBody[FactorForm]) -> Response[Any]:
        """Ten codes for paper; shown once."""
        person = visit.own(data.csrf)
        try:
            made = visit.doors.factors.new_codes(person)
        except FactorRefused as refused:
            return _overview(visit, person, error=REFUSALS.get(refused.reason, NOT_PROVEN))
        return visit.show("codes.html", codes=made)


def _change(
    visit: Visit, form: FactorForm, change: Callable[[Session], None], *, wrong: Text = NOT_PROVEN
) -> Response[Any]:
    """Make it, and back to the list; or the list with what was not right."""
    person = visit.own(form.csrf)
    try:
        change(person)
    except FactorRefused as refused:
        told = wrong if refused.reason == "not-proven" else REFUSALS.get(refused.reason, wrong)
        return _overview(visit, person, error=told)
    return to(FACTORS_PAGE)


def _proof(form: FactorForm) -> Proof | None:
    if form.assertion:
        return PasskeyProof(assertion=form.assertion)
    if form.recovery:
        return RecoveryProof(code=Secret(form.recovery))
    return TotpProof(code=Secret(form.code)) if form.code else None


def _overview(visit: Visit, person: Session, *, error: Text | None = None) -> Response[Any]:
    doors = visit.doors
    held, official = doors.factors.held(person), doors.official(person.signatory_id or "")
    confirmed, offset = doors.confirmed(person), doors.settings.utc_offset_hours
    listed: list[Authenticator | Passkey] = [*([held.authenticator] if held.authenticator else []), *held.passkeys]
    return visit.show(
        "factors.html",
        error=error,
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
    )


def _kind(factor: Authenticator | Passkey) -> FactorKind:
    return FactorKind.TOTP if isinstance(factor, Authenticator) else FactorKind.PASSKEY


def _link_page(visit: Visit, link: str, *, error: Text | None = None) -> Response[Any]:
    try:
        who = visit.doors.factors.behind(link).signatory
    except LinkRefused:
        return visit.show("dead_factor_link.html", status=404)
    return visit.show("link.html", error=error, who=who, most=MAX_LENGTH)


def _qr(text: str) -> Markup:
    """A QR as inline SVG, without a style of its own: the page's policy forbids it."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, svgclass="qr", lineclass=None, light="#fff"
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn by segno out of modules alone
