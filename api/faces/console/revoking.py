"""The end of certificates before their time. Two people do it; one alone, at once, where a key is in other hands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from cryptography import x509
from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.faces.console.listing import several
from api.faces.console.office_views import CertificateLine, certificate_line
from api.faces.console.office_words import NO_DATE, NO_REASON, NOTHING_CHOSEN, REASONS, told
from api.faces.console.official import path_of
from api.faces.console.seals import SEALS
from api.faces.console.visit import Visit, Visits, to
from api.office import objects
from api.pages.text import Text
from api.permissions import Permission
from ca.errors import CaRefused
from signer.errors import NotPermitted, Refused
from signer.people import ApprovalQuery, ApprovalStage, CertificateQuery, Role
from signer.revoking import REVOKERS

REVOCATION: Final = "/console/certificates/{serial:str}/revocation"
MANY: Final = "/console/revocations"
MOST_AT_ONCE: Final = 50
"""Certificates of one form; a longer list goes through `/v1/revocations`."""
_LOST: Final = x509.ReasonFlags.key_compromise
_AT_ONCE: Final = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationForm:
    """Why, and whether somebody waits for a second person."""

    csrf: str = ""
    reason: str = ""
    way: str = ""
    since: str = ""
    """As `datetime-local` gives it, in the time of the office."""
    chosen: str | list[str] = ""
    """Serial numbers, where there are several."""


class RevokingController(Controller):
    """One certificate, or the ones that were chosen in a list."""

    include_in_schema = False

    @get(REVOCATION, sync_to_thread=True)
    def ask(self, visit: Visits, serial: FromPath[str]) -> Response[Any]:
        """Why; asked of somebody who has just shown that it is them."""
        visit.require(Permission.CERTIFICATE_REVOKE)
        visit.confirmed()
        return _form(visit, [_certificate(visit, serial)], RevocationForm(), one=True)

    @post(REVOCATION, status_code=200, sync_to_thread=True)
    def revoke(self, visit: Visits, serial: FromPath[str], data: URLEncodedBody[RevocationForm]) -> Response[Any]:
        """Ask a second person; or end it now, which is for a lost key alone."""
        visit.own(data.csrf)
        caller = visit.confirmed(f"/console/certificates/{serial}/revocation")
        line = _certificate(visit, serial)
        reason = _reason(visit, data.reason)
        if reason is None:
            return _form(visit, [line], data, one=True, error=NO_REASON, field="reason")
        office, number = visit.doors.people.office, int(line.serial, 16)
        try:
            if data.way != _AT_ONCE:
                return _proposed(visit, [number], reason)
            if reason is not _LOST:
                raise HTTPException(status_code=422)
            office.revoke(caller, number, reason, invalid_since=_since(data.since, visit))
        except ValueError:
            return _form(visit, [line], data, one=True, error=NO_DATE, field="since")
        except NotPermitted:
            raise
        except (Refused, CaRefused) as refused:
            return _form(visit, [line], data, one=True, error=told(refused), field="reason")
        return to(SEALS if line.is_seal else path_of(line.signatory_id))

    @get(MANY, sync_to_thread=True)
    def ask_many(self, visit: Visits, chosen: FromQuery[list[str] | None] = None) -> Response[Any]:
        """The same for several."""
        visit.require(Permission.CERTIFICATE_REVOKE)
        visit.confirmed()
        lines = [_certificate(visit, each) for each in (chosen or [])[:MOST_AT_ONCE]]
        if not lines:
            raise HTTPException(status_code=404)
        return _form(visit, lines, RevocationForm(), one=False)

    @post(MANY, status_code=200, sync_to_thread=True)
    def revoke_many(self, visit: Visits, data: URLEncodedBody[RevocationForm]) -> Response[Any]:
        """Ask a second person for exactly these."""
        visit.own(data.csrf)
        visit.confirmed("/console/certificates")
        lines = [_certificate(visit, each) for each in several(data.chosen, MOST_AT_ONCE)]
        reason = _reason(visit, data.reason)
        if reason is None or not lines:
            wrong = NO_REASON if lines else NOTHING_CHOSEN
            return _form(visit, lines, data, one=False, error=wrong, field="reason")
        return _proposed(visit, [int(each.serial, 16) for each in lines], reason)


def reasons_of(role: Role) -> tuple[x509.ReasonFlags, ...]:
    """Which of them this role may give, in the order of their words."""
    return tuple(each for each in REASONS if role in REVOKERS[each])


def _proposed(visit: Visit, serials: Sequence[int], reason: x509.ReasonFlags) -> Response[Any]:
    """On to the proposal; to the one that waits already, where this was asked for before."""
    people, caller = visit.doors.people, visit.caller
    about = objects.revocation_of(sorted(set(serials)), reason)
    waiting = ApprovalQuery(objects=(about,), stage=ApprovalStage.WAITING, limit=1)
    for known in people.proposals.search(caller, waiting):
        return to(f"/console/approvals/{known.approval.id}")
    return to(f"/console/approvals/{people.office.propose_bulk_revocation(caller, serials, reason).id}")


def _reason(visit: Visit, text: str) -> x509.ReasonFlags | None:
    return next((each for each in reasons_of(visit.caller.member.role) if each.value == text), None)


def _since(text: str, visit: Visit) -> datetime | None:
    """Raises `ValueError` for what is no time."""
    zone = timezone(timedelta(hours=visit.doors.settings.utc_offset_hours))
    return datetime.fromisoformat(text).replace(tzinfo=zone) if text else None


def _certificate(visit: Visit, serial: str) -> CertificateLine:
    """404 for one that nobody has."""
    try:
        number = int(serial, 16)
    except ValueError:
        raise HTTPException(status_code=404) from None
    if not 0 < number < 1 << 160:
        raise HTTPException(status_code=404)
    found = visit.doors.people.office.certificates(visit.caller, CertificateQuery(serial=number, limit=1))
    if not found:
        raise HTTPException(status_code=404)
    offset = visit.doors.settings.utc_offset_hours
    return certificate_line(*found[0], at=visit.doors.now(), utc_offset_hours=offset)


def _form(
    visit: Visit,
    lines: Sequence[CertificateLine],
    form: RevocationForm,
    *,
    one: bool,
    error: Text | None = None,
    field: str | None = None,
) -> Response[Any]:
    return visit.show(
        "revoke.html",
        error=error,
        field=field,
        found=lines,
        form=form,
        one=one,
        reasons=[(each.value, REASONS[each]) for each in reasons_of(visit.caller.member.role)],
        lost=_LOST.value,
    )
