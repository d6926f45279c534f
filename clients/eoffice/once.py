"""One paper for one record of a feature, however often and wherever its making stops."""

from collections.abc import Callable, Mapping

from eoffice.compose import Office
from eoffice.errors import Outdated
from eoffice.model import Paper, PaperState, Person, Record

_GONE = (PaperState.CANCELLED, PaperState.WITHDRAWN)


def released_once(
    office: Office, record: Record, person: Person, kind: str, sent: Callable[[], Mapping[str, list[str]]]
) -> tuple[Record, Paper]:
    """The record with its paper, which is on its way when this returns.

    1. Draft it, unless the record names a paper that still stands; `sent` fills its form.
    2. Note in the record which draft it is.
    3. Release that one.

    Raises `Refused`, and `Outdated` where somebody else changed the record meanwhile: their draft counts.
    """
    paper = None if record.paper_id is None else office.papers.get(record.paper_id)
    if paper is None or paper.state in _GONE:
        paper = office.service.draft(person, record.feature, kind, sent())
        try:
            record = office.records.change(record.id, version=record.version, paper_id=paper.id, at=office.now())
        except Outdated:
            office.service.cancel(person, paper.id, reason="Rangkap · Double")
            raise
    if paper.state is PaperState.DRAFT:
        drafter = office.people.person(paper.drafter_id) or person
        paper = office.service.release(drafter, paper.id, version=paper.version)
    return record, paper
