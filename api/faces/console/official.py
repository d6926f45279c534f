"""One official: who, which certificates, what was asked for, how they prove, where notices go, for whom they act."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, URLEncodedBody

from api.faces.console.dossier import Dossier, dossier_of, names_of
from api.faces.console.office_words import FORMS, NO_DATE, told
from api.faces.console.visit import Visit, Visits, to
from api.office import objects
from api.office.desk import Caller
from api.pages.text import Text
from api.permissions import Permission
from ca.errors import CaRefused
from signer.appointments import ActingForm, same_text
from signer.approvals import PROPOSERS
from signer.errors import NotPermitted, Refused
from signer.people import Approval, ApprovalKind, ApprovalQuery, ApprovalStage

OFFICIAL: Final = "/console/officials/{signatory:str}"
_FIELDS: Final = {"endsOn": "ends", "startsOn": "starts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialForm:
    """What the forms of this page send."""

    csrf: str = ""
    email: str = ""
    form: str = ""
    office: str = ""
    starts: str = ""
    ends: str = ""
    appointment: str = ""


class OfficialController(Controller):
    """Each act is a small form, and leads back here."""

    include_in_schema = False

    @get(OFFICIAL, sync_to_thread=True)
    def page(self, visit: Visits, signatory: FromPath[str]) -> Response[Any]:
        """Everything that the caller's role may see of the official."""
        return _page(visit, signatory)

    @post(f"{OFFICIAL}/suspend", status_code=200, sync_to_thread=True)
    def suspend(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """The key signs no more, at once."""
        office = visit.doors.people.office
        return _act(visit, signatory, data, lambda who: office.suspend_credential(who, _credential(visit, signatory)))

    @post(f"{OFFICIAL}/resume", status_code=200, sync_to_thread=True)
    def resume(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """The key signs again; the person has been seen."""
        office = visit.doors.people.office
        return _act(visit, signatory, data, lambda who: office.resume_credential(who, _credential(visit, signatory)))

    @post(f"{OFFICIAL}/hold", status_code=200, sync_to_thread=True)
    def hold(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """CRL and OCSP call the certificate stopped, until it is released; where the settings allow it."""
        visit.own(data.csrf)
        visit.confirmed(path_of(signatory))
        office = visit.doors.people.office
        return _act(visit, signatory, data, lambda who: office.hold(who, _serial(visit, signatory)))

    @post(f"{OFFICIAL}/release", status_code=200, sync_to_thread=True)
    def release(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """Ask a second person for the end of a hold."""
        serial, propose = _serial(visit, signatory), visit.doors.people.office.propose_release
        return _propose(visit, signatory, data, objects.release_of(serial), lambda who: propose(who, serial))

    @post(f"{OFFICIAL}/lost-passphrase", status_code=200, sync_to_thread=True)
    def lost(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """A new key for whom nobody can recover the passphrase; a second person decides."""
        office = visit.doors.people.office
        return _act(
            visit, signatory, data, lambda who: office.replace_lost_passphrase(who, _credential(visit, signatory))
        )

    @post(f"{OFFICIAL}/unlock-factors", status_code=200, sync_to_thread=True)
    def unlock(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """Every locked factor is good again; the person has been seen."""
        return _act(visit, signatory, data, lambda who: visit.doors.people.factors.unlock(who, signatory))

    @post(f"{OFFICIAL}/factor-reset", status_code=200, sync_to_thread=True)
    def reset(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """Ask a second person for the end of all second factors."""
        propose = visit.doors.people.factors.propose_reset
        return _propose(visit, signatory, data, objects.factor_reset(signatory), lambda who: propose(who, signatory))

    @post(f"{OFFICIAL}/first-factor", status_code=200, sync_to_thread=True)
    def first(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """Ask a second person for the first factor of an official who has none."""
        propose = visit.doors.people.factors.propose_first
        return _propose(visit, signatory, data, objects.first_factor(signatory), lambda who: propose(who, signatory))

    @post(f"{OFFICIAL}/contact", status_code=200, sync_to_thread=True)
    def contact(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """From now on notices go there; nowhere, where the field is empty."""
        directory, email = visit.doors.people.directory, data.email.strip()

        def change(who: Caller) -> None:
            if email:
                directory.set_contact(who, signatory, email)
            elif directory.contact(who, signatory) is not None:
                directory.withdraw_contact(who, signatory)

        return _act(visit, signatory, data, change)

    @post(f"{OFFICIAL}/appointments", status_code=200, sync_to_thread=True)
    def appoint(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """Write an acting appointment down, once."""
        visit.own(data.csrf)
        try:
            form, starts, ends = ActingForm(data.form), date.fromisoformat(data.starts), date.fromisoformat(data.ends)
        except ValueError:
            return _page(visit, signatory, error=NO_DATE, field="starts", form=data)
        directory = visit.doors.people.directory

        def appoint(who: Caller) -> None:
            known = directory.appointments(who, signatory)
            said = (form, same_text(data.office), starts, ends)
            if all((each.form, same_text(each.office), each.starts_on, each.ends_on) != said for each in known):
                directory.appoint(who, signatory, form=form, office=data.office, starts_on=starts, ends_on=ends)

        return _act(visit, signatory, data, appoint)

    @post(f"{OFFICIAL}/appointments/withdrawal", status_code=200, sync_to_thread=True)
    def withdraw(self, visit: Visits, signatory: FromPath[str], data: URLEncodedBody[OfficialForm]) -> Response[Any]:
        """An acting appointment ends before its time."""
        directory = visit.doors.people.directory
        return _act(
            visit, signatory, data, lambda who: directory.withdraw_appointment(who, signatory, data.appointment)
        )


def path_of(signatory_id: str) -> str:
    """Where an official's page is."""
    return f"/console/officials/{signatory_id}"


def _act(visit: Visit, signatory: str, form: OfficialForm, act: Callable[[Caller], object]) -> Response[Any]:
    """Do it, and back to the page; or the page with what was not right."""
    caller = visit.own(form.csrf)
    try:
        act(caller)
    except NotPermitted:
        raise
    except (Refused, CaRefused) as refused:
        return _page(visit, signatory, error=told(refused), field=_FIELDS.get(refused.field, refused.field), form=form)
    return to(path_of(signatory))


def _propose(
    visit: Visit, signatory: str, form: OfficialForm, about: str, propose: Callable[[Caller], Approval]
) -> Response[Any]:
    """Ask a second person, once: what waits already is not asked for again."""

    def act(caller: Caller) -> None:
        waiting = ApprovalQuery(objects=(about,), stage=ApprovalStage.WAITING, limit=1)
        if not visit.doors.people.proposals.search(caller, waiting):
            propose(caller)

    return _act(visit, signatory, form, act)


def _credential(visit: Visit, signatory: str) -> str:
    credential_id = _dossier(visit, signatory).found.official.credential_id
    if credential_id is None:
        raise HTTPException(status_code=404)
    return credential_id


def _serial(visit: Visit, signatory: str) -> int:
    serial = _dossier(visit, signatory).found.official.serial
    if serial is None:
        raise HTTPException(status_code=404)
    return serial


def _dossier(visit: Visit, signatory: str) -> Dossier:
    dossier = dossier_of(visit, signatory)
    if dossier is None:
        raise HTTPException(status_code=404)
    return dossier


def _page(
    visit: Visit,
    signatory: str,
    *,
    error: Text | None = None,
    field: str | None = None,
    form: OfficialForm | None = None,
) -> Response[Any]:
    return visit.show(
        "official.html",
        error=error,
        field=field,
        form=form or OfficialForm(),
        dossier=_dossier(visit, signatory),
        names=names_of(visit),
        forms=[(each.value, FORMS[each]) for each in ActingForm],
        confirmed=visit.session.confirmed(visit.doors.now()),
        may_hand_over=visit.doors.services.handovers is not None
        and visit.caller.member.role in PROPOSERS[ApprovalKind.HANDOVER],
        may_register=visit.may(Permission.REGISTRATION_CREATE),
        may_renew=visit.may(Permission.CERTIFICATE_RENEW),
        may_suspend=visit.may(Permission.CERTIFICATE_SUSPEND),
        may_revoke=visit.may(Permission.CERTIFICATE_REVOKE),
        holds_allowed=visit.doors.services.settings.pki.allow_hold,
    )
