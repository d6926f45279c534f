"""A letter that waits is handed to the Plh. or Plt. of its office; the other one finds it in the inbox."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, URLEncodedBody

from api.faces.desk.visit import Visit, Visits, to
from api.faces.desk.wording import against
from api.pages.moments import on_day
from api.pages.text import Text
from signer.activation_requests import shown_name
from signer.errors import FlowRefused, Refused
from signer.factors.model import Session
from signer.handing_over import Deputy

PATH: Final = "/desk/documents/{document:str}/{number:int}/hand-over"
DONE: Final = "/desk?done=handed-over"
_WORDS: Final = {
    "begun": Text(
        "Surat ini sedang dibuka untuk ditandatangani. Coba lagi beberapa menit lagi.",
        "The letter is open to be signed at this moment. Try again in a few minutes.",
    ),
    "no-deputy": Text(
        "Penugasannya sudah berakhir, atau sertifikatnya sedang tidak dapat dipakai.",
        "The appointment has ended, or their certificate cannot be used now.",
    ),
    "twice": Text(
        "Pejabat itu sudah menandatangani atau memaraf surat ini sebagai dirinya sendiri.",
        "That official signs or initials this letter in their own post already.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverForm:
    """Which appointment."""

    csrf: str = ""
    appointment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputyLine:
    """One who acts, in words."""

    deputy: Deputy
    form: str
    starts: Text
    ends: Text


class HandingOverController(Controller):
    """For whose step it is; for everybody else it is not there."""

    include_in_schema = False

    @get(PATH, sync_to_thread=True)
    def show(self, visit: Visits, document: FromPath[str], number: FromPath[int]) -> Response[Any]:
        """Who acts in this office today."""
        if visit.person is None:
            return to("/desk/sign-in")
        return _page(visit, visit.person, document, number)

    @post(PATH, status_code=200, sync_to_thread=True)
    def hand_over(
        self, visit: Visits, document: FromPath[str], number: FromPath[int], data: URLEncodedBody[HandOverForm]
    ) -> Response[Any]:
        """It is theirs, at once."""
        person = visit.own(data.csrf)
        try:
            visit.doors.handing_over.hand_over(
                document, number, data.appointment, signatory_id=person.signatory_id or "", session=person.id
            )
        except Refused as refused:
            return _page(visit, person, document, number, error=_WORDS.get(refused.reason) or against(refused.reason))
        return to(DONE)


def _page(visit: Visit, person: Session, document: str, number: int, *, error: Text | None = None) -> Response[Any]:
    """The deputies; 404 where there is no such step of theirs, or its turn is over."""
    handing = visit.doors.handing_over
    try:
        standing, step = handing.step(document, number, signatory_id=person.signatory_id or "")
    except FlowRefused:
        raise HTTPException(status_code=404) from None
    letter = standing.flow.letter
    return visit.show(
        "handing_over.html",
        error=error,
        at=f"/desk/documents/{document}/{number}/hand-over",
        name=shown_name(letter.subject, letter.number, letter.external_id, otherwise="Surat"),
        letter=letter,
        client=visit.doors.client_name(standing.flow.client_id),
        office=step.signed_as.office,
        deputies=[_line(each) for each in handing.deputies(step)],
    )


def _line(deputy: Deputy) -> DeputyLine:
    held = deputy.appointment
    return DeputyLine(
        deputy=deputy,
        form=f"{held.form.value.capitalize()}. {held.office}",
        starts=on_day(held.starts_on),
        ends=on_day(held.ends_on),
    )
