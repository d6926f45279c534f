"""Papers: drafted, changed, released and given up; numbers without gaps and without doubles."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from eoffice.errors import NotFound, NotYours, Outdated, Refused
from eoffice.model import Act, PaperState
from eoffice.numbering import Series, written
from eoffice.service import PaperService
from eoffice.store.database import Database
from eoffice.store.errands import ErrandKind, Errands
from eoffice.store.numbers import Numbers
from eoffice.store.papers import Papers

from tests.unit.eoffice.conftest import DRAFTER, HEAD, LETTER, NOON, STRANGER

OUTGOING = Series(agency_id="dinas", name="surat keluar", year=2026)


def drafted(service: PaperService, **changed: list[str]) -> str:
    return service.draft(DRAFTER, "letters", "surat dinas", {**LETTER, **changed}).id


def test_a_draft_becomes_a_numbered_page_and_an_errand(service: PaperService, office_database: Database) -> None:
    paper_id = drafted(service)
    draft = service.read(DRAFTER, paper_id)
    assert (draft.state, draft.number, draft.version) == (PaperState.DRAFT, None, 0)
    assert [(step.act, step.person_id) for step in draft.steps] == [(Act.INITIALS, "made"), (Act.SIGNATURE, "luh")]

    released = service.release(DRAFTER, paper_id, version=0)

    assert (released.state, released.number) == (PaperState.QUEUED, "005/0001/CONTOH/2026")
    assert released.dated == date(2026, 11, 22)
    (place,) = released.places
    assert (place.step, place.page) == (2, 1)
    errand = Errands(office_database).take(NOON)
    assert errand is not None
    assert (errand.kind, errand.paper_id, errand.attempts) == (ErrandKind.SUBMIT, paper_id, 1)
    assert Errands(office_database).take(NOON) is None
    assert [line.what for line in Papers(office_database).history(paper_id)] == ["drafted", "released"]


def test_a_hundred_letters_numbered_by_ten_at_once_have_no_gap_and_no_double(
    service: PaperService, office_database: Database
) -> None:
    waiting = [drafted(service, initials=[]) for _ in range(100)]
    with ThreadPoolExecutor(10) as callers:
        numbers = list(callers.map(lambda paper: service.release(DRAFTER, paper, version=0).number, waiting))
    assert sorted(map(str, numbers)) == [f"005/{each:04d}/CONTOH/2026" for each in range(1, 101)]
    register = Numbers(office_database).of(OUTGOING)
    assert [each.sequence for each in register] == list(range(1, 101))
    assert {each.paper_id for each in register} == set(waiting)


def test_ten_who_release_the_same_letter_at_once_draw_one_number(
    service: PaperService, office_database: Database
) -> None:
    paper = drafted(service)

    def attempt(_: int) -> str | None:
        try:
            return service.release(DRAFTER, paper, version=0).number
        except Refused:
            return None

    with ThreadPoolExecutor(10) as callers:
        assert [each for each in callers.map(attempt, range(10)) if each] == ["005/0001/CONTOH/2026"]
    assert len(Numbers(office_database).of(OUTGOING)) == 1


def test_a_number_is_not_drawn_for_a_page_that_cannot_be_made(service: PaperService, office_database: Database) -> None:
    good, bad = drafted(service), drafted(service, body=["⁂ \U0001f9ff"])
    with pytest.raises(Refused, match="page cannot be drawn"):
        service.release(DRAFTER, bad, version=0)
    assert service.read(DRAFTER, bad).state is PaperState.DRAFT
    assert service.release(DRAFTER, good, version=0).number == "005/0001/CONTOH/2026"
    assert Errands(office_database).waiting() == 1


def test_a_returned_letter_keeps_its_number_and_a_cancelled_one_leaves_it_void(
    service: PaperService, office_database: Database
) -> None:
    papers, paper = Papers(office_database), drafted(service)
    service.release(DRAFTER, paper, version=0)
    papers.submitted(paper, reference="flow-1", at=NOON)
    papers.returned(paper, problem="Tanggal keliru.", at=NOON)
    returned = service.read(DRAFTER, paper)
    assert (returned.state, returned.problem) == (PaperState.RETURNED, "Tanggal keliru.")

    service.change(DRAFTER, paper, {**LETTER, "subject": ["Undangan lain"]}, version=returned.version)
    again = service.release(DRAFTER, paper, version=returned.version + 1)
    assert again.number == "005/0001/CONTOH/2026"

    papers.returned(paper, problem="Tidak jadi.", at=NOON)
    service.cancel(DRAFTER, paper, reason="Rapat ditiadakan")
    (drawn,) = Numbers(office_database).of(OUTGOING)
    assert drawn.void == "Rapat ditiadakan"
    assert service.release(DRAFTER, drafted(service), version=0).number == "005/0002/CONTOH/2026"


def test_who_may_what(service: PaperService) -> None:
    paper = drafted(service)
    assert service.read(HEAD, paper).id == paper
    with pytest.raises(NotFound):
        service.read(STRANGER, paper)
    for act in (
        lambda: service.change(HEAD, paper, LETTER, version=0),
        lambda: service.release(HEAD, paper, version=0),
        lambda: service.cancel(HEAD, paper, reason="bukan milik saya"),
    ):
        with pytest.raises(NotYours):
            act()
    with pytest.raises(Refused):
        service.withdraw(HEAD, paper, note="belum ditandatangani")


def test_who_saves_over_anothers_change_is_told(service: PaperService) -> None:
    paper = drafted(service)
    service.change(DRAFTER, paper, LETTER, version=0)
    with pytest.raises(Outdated):
        service.change(DRAFTER, paper, LETTER, version=0)
    with pytest.raises(Outdated):
        service.release(DRAFTER, paper, version=0)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"subject": [" "]}, "subject"),
        ({"subject": ["x" * 201]}, "subject"),
        ({"body": []}, "body"),
        ({"body": ["x" * 20_001]}, "body"),
        ({"signatory": ["gede"]}, "signatory"),
        ({"signatory": ["nobody"]}, "signatory"),
        ({"initials": ["made", "made"]}, "initials"),
        ({"agencies": ["elsewhere"]}, "agencies"),
        ({"secrecy": ["public"]}, "secrecy"),
        ({"urgency": ["now"]}, "urgency"),
    ],
)
def test_a_form_that_is_wrong_names_its_field(service: PaperService, changed: dict[str, list[str]], field: str) -> None:
    with pytest.raises(Refused) as refused:
        drafted(service, **changed)
    assert refused.value.field == field


def test_a_number_without_a_classification_begins_with_itself() -> None:
    assert written(7, classification=None, agency_code="CONTOH", dated=date(2026, 1, 2)) == "0007/CONTOH/2026"


def test_an_errand_of_a_dead_worker_is_taken_again(service: PaperService, office_database: Database) -> None:
    service.release(DRAFTER, drafted(service), version=0)
    errands = Errands(office_database)
    first = errands.take(NOON)
    assert errands.take(NOON + timedelta(minutes=4)) is None
    again = errands.take(NOON + timedelta(minutes=6))
    assert first is not None
    assert again is not None
    assert (again.id, again.attempts) == (first.id, 2)


def test_ten_workers_take_each_errand_once(service: PaperService, office_database: Database) -> None:
    for _ in range(20):
        service.release(DRAFTER, drafted(service), version=0)
    errands = Errands(office_database)
    with ThreadPoolExecutor(10) as workers:
        taken = [each for each in workers.map(lambda _: errands.take(NOON), range(40)) if each]
    assert len({each.id for each in taken}) == len(taken) == 20
