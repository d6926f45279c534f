"""A paper in Teken's words: what is sent along when it goes to be signed or sealed."""

from teken.types import (
    BatchBody,
    DocumentRequest,
    LetterBody,
    Secrecy,
    SignedAsBody,
    SigningAct,
    StampBody,
    StepRequest,
    Urgency,
)

from eoffice.errors import Refused
from eoffice.feature import Directory
from eoffice.model import Act, Paper, Place, Step


def letter_of(paper: Paper, *, preview: bool, replaces: str | None = None) -> LetterBody:
    """What Teken keeps of it, and shows as far as its secrecy allows; `replaces`: the code of an earlier one."""
    return LetterBody(
        external_id=paper.id,
        kind=paper.kind,
        number=paper.number,
        subject=paper.subject,
        secrecy=Secrecy(paper.secrecy.value),
        urgency=Urgency(paper.urgency.value),
        valid_until=paper.valid_until,
        replaces=replaces,
        preview=preview,
    )


def flow_of(paper: Paper, directory: Directory, letter: LetterBody) -> DocumentRequest:
    """Everybody who initials and signs, each in their turn.

    Raises `Refused` where somebody named has no credential any more.
    """
    places = {place.step: place for place in paper.places}
    return DocumentRequest(
        steps=[_step(each, directory, places.get(turn)) for turn, each in enumerate(paper.steps, start=1)],
        letter=letter,
    )


def batch_of(paper: Paper, directory: Directory) -> BatchBody:
    """The seal of its agency, for one paper.

    Raises `Refused` where the agency has none.
    """
    agency = directory.agencies[paper.agency_id]
    if agency.seal is None:
        raise Refused(
            f"{agency.name} belum mempunyai segel elektronik. · {agency.name} has no electronic seal.", field="agency"
        )
    return BatchBody(credential=agency.seal, stamp=_stamp(next(iter(paper.places), None)))


def is_sealed(paper: Paper) -> bool:
    """Whether the seal signs it, and no person."""
    return [each.act for each in paper.steps] == [Act.SEAL]


def _step(step: Step, directory: Directory, place: Place | None) -> StepRequest:
    person = directory.people.get(step.person_id or "")
    if person is None or person.credential is None:
        raise Refused(
            "Seorang penanda tangan tidak lagi terdaftar. Pilih pejabat lain. · A signatory is no longer registered; "
            "choose another.",
            field="steps",
        )
    return StepRequest(
        credential=person.credential,
        act=SigningAct(step.act.value),
        order=step.order,
        stamp=_stamp(place),
        signed_as=SignedAsBody(
            office=person.office,
            agency=directory.agencies[person.agency_id].name,
            rank=person.rank,
            on_behalf=step.on_behalf,
        ),
    )


def _stamp(place: Place | None) -> StampBody | None:
    if place is None:
        return None
    return StampBody(page=place.page, x=place.x, y=place.y, width=place.width, height=place.height, tag=place.tag)
