"""Appraisal: whose turn it is, how marks count, and sheets that become papers once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from eoffice.app import create_app
from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours, Outdated, Refused
from eoffice.features.appraisal.desk import Desk
from eoffice.features.appraisal.papers import AT_ONCE, Papers
from eoffice.features.appraisal.periods import Period, period_of, period_on
from eoffice.features.appraisal.sheet import (
    MOVES,
    Goal,
    Move,
    Stage,
    final_mark,
    rating,
    with_goals,
    with_marks,
    with_results,
)
from eoffice.features.appraisal.waiting import waits
from eoffice.model import Act, PaperState, Person, Record
from eoffice.passwords import hash_of
from litestar.testing import TestClient

from tests.unit.eoffice.conftest import DRAFTER, HEAD, SECRETARY, STRANGER
from tests.unit.eoffice.whole import Clock, whole_office

PERIOD = Period(year=2026, half=2)
GOALS = (Goal(text="Melayani permohonan", target="100"), Goal(text="Menyusun laporan", target="2"))
MARKS = {"mark": ["100", "91"], "remark": ["Baik sekali"]}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with whole_office(tmp_path, Clock(datetime(2026, 12, 21, 2, tzinfo=UTC))) as made:
        yield made


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def moved(desk: Desk, record: Record, person: Person, move: Move, **said: list[str]) -> Record:
    return desk.move(person, record.id, move, version=record.version, said=said)


def marked(desk: Desk, employee: Person) -> Record:
    """A sheet of that employee, with marks by the head."""
    record = desk.set_goals(employee, PERIOD, HEAD.id, GOALS)
    record = moved(desk, record, employee, Move.PROPOSE)
    record = moved(desk, record, HEAD, Move.AGREE)
    record = moved(desk, record, employee, Move.REPORT, result=["98", "2"])
    return moved(desk, record, HEAD, Move.MARK, **MARKS)


def test_periods_are_half_years_and_two_of_them_are_open() -> None:
    assert [period_on(date(2026, month, 1)).half for month in (1, 6, 7, 12)] == [1, 1, 2, 2]
    assert (PERIOD.title, PERIOD.first, PERIOD.before.name) == ("Semester II 2026", date(2026, 7, 1), "2026-1")
    today = date(2027, 1, 3)
    assert [period_of(each, today=today).name for each in ("", "2027-1", "2026-2")] == ["2027-1", "2027-1", "2026-2"]
    for wrong in ("2026-1", "2027-2", "x"):
        with pytest.raises(Refused):
            period_of(wrong, today=today)


def test_marks_count_to_two_places_and_have_a_word() -> None:
    marks = with_marks((*GOALS, GOALS[0]), ["100", "91", "91"])
    assert final_mark(marks) == Decimal("94.00")
    assert final_mark(with_marks((*GOALS, GOALS[0]), ["100", "100", "91"])) == Decimal("97.00")
    assert final_mark(with_marks((GOALS[0],) * 8, ["1"] + ["0"] * 7)) == Decimal("0.13"), "halves go up"
    words = [rating(Decimal(each)) for each in ("120", "110", "109.99", "90", "70", "50", "49.99", "0")]
    assert words == ["Sangat Baik", "Sangat Baik", "Baik", "Baik", "Cukup", "Kurang", "Sangat Kurang", "Sangat Kurang"]
    with pytest.raises(Refused):
        final_mark(GOALS)


@pytest.mark.parametrize("wrong", [["100"], ["100", ""], ["100", "121"], ["100", "-1"], ["100", "٣"], ["100", "1.5"]])
def test_a_mark_is_a_whole_number_for_each_goal(wrong: list[str]) -> None:
    with pytest.raises(Refused, match="0 to 120"):
        with_marks(GOALS, wrong)


def test_goals_and_results_are_counted_and_short() -> None:
    assert with_goals(["Satu", " ", "Dua"], ["1", "x", "2"]) == (
        Goal(text="Satu", target="1"),
        Goal(text="Dua", target="2"),
    )
    for texts, targets in (([], []), (["a"] * 13, ["b"] * 13), (["a" * 201], ["b"]), (["a"], [" "])):
        with pytest.raises(Refused):
            with_goals(texts, targets)
    for results in (["98"], ["98", " "]):
        with pytest.raises(Refused):
            with_results(GOALS, results)


def test_every_step_is_one_person_s_and_in_its_order(desk: Desk) -> None:
    record = marked(desk, DRAFTER)
    assert record.state == Stage.MARKED
    with pytest.raises(NotYours):
        moved(desk, record, HEAD, Move.ACKNOWLEDGE)
    with pytest.raises(NotFound):
        moved(desk, record, SECRETARY, Move.ACKNOWLEDGE)
    for move in set(Move) - {move for stage, move in MOVES if stage is Stage.MARKED}:
        with pytest.raises(Refused, match="Not now"):
            moved(desk, record, DRAFTER, move)
    objected = moved(desk, record, DRAFTER, Move.OBJECT, objection=["Target kedua tercapai"])
    assert (objected.state, objected.data["objection"]) == (Stage.REPORTED, "Target kedua tercapai")
    with pytest.raises(Outdated):
        moved(desk, record, HEAD, Move.MARK, **MARKS)
    again = moved(desk, objected, HEAD, Move.MARK, **MARKS)
    done = moved(desk, again, DRAFTER, Move.ACKNOWLEDGE)
    assert (done.state, done.data["acknowledged_at"]) == (Stage.ACKNOWLEDGED, "2026-12-21T02:00:00+00:00")


def test_goals_are_written_until_they_are_proposed_and_change_hands(desk: Desk) -> None:
    for wrong in (DRAFTER.id, STRANGER.id, "nobody"):
        with pytest.raises(Refused, match="superior"):
            desk.set_goals(DRAFTER, PERIOD, wrong, GOALS)
    desk.set_goals(DRAFTER, PERIOD, SECRETARY.id, GOALS[:1])
    record = desk.set_goals(DRAFTER, PERIOD, HEAD.id, GOALS)
    assert desk.team(SECRETARY, PERIOD) == []
    assert [each.id for each in desk.team(HEAD, PERIOD)] == [record.id]
    assert desk.team(HEAD, PERIOD.before) == []
    proposed = moved(desk, record, DRAFTER, Move.PROPOSE)
    with pytest.raises(Refused, match="proposed already"):
        desk.set_goals(DRAFTER, PERIOD, HEAD.id, GOALS)
    back = moved(desk, proposed, HEAD, Move.SEND_BACK, remark=["Target terlalu rendah"])
    assert (back.state, back.data["remark"]) == (Stage.GOALS, "Target terlalu rendah")


def test_who_can_sign_initials_first_and_others_acknowledge_here(desk: Desk, office: Office) -> None:
    waiting, initialling = marked(desk, DRAFTER), marked(desk, SECRETARY)
    assert desk.ready([waiting, initialling]) == [initialling]
    assert desk.release(HEAD, PERIOD) == 1
    moved(desk, waiting, DRAFTER, Move.ACKNOWLEDGE)
    assert desk.release(HEAD, PERIOD) == 1
    assert desk.release(HEAD, PERIOD) == 0
    assert Papers(office).make_due() == 2
    assert Papers(office).make_due() == 0
    first, second = (office.papers.get(str(desk.own(each, PERIOD).paper_id)) for each in (DRAFTER, SECRETARY))  # type: ignore[union-attr]
    assert [(step.act, step.person_id) for step in first.steps] == [(Act.SIGNATURE, "luh")]
    assert [(step.act, step.person_id) for step in second.steps] == [(Act.INITIALS, "made"), (Act.SIGNATURE, "luh")]
    assert [len(each.places) for each in (first, second)] == [1, 2]
    assert first.form["acknowledged"] == "21 Desember 2026 10.00 WITA"
    assert (first.form["mark"], first.form["rating"], second.form["acknowledged"]) == ("95,50", "Baik", None)
    assert {first.state, second.state} == {PaperState.QUEUED}
    assert [each.state for each in desk.team(HEAD, PERIOD)] == [Stage.RELEASED] * 2


def test_a_sheet_is_read_by_its_two_people_and_its_paper_by_who_leads(desk: Desk, office: Office) -> None:
    record = moved(desk, marked(desk, DRAFTER), DRAFTER, Move.ACKNOWLEDGE)
    desk.release(HEAD, PERIOD)
    Papers(office).make_due()
    with pytest.raises(NotFound):
        desk.read(SECRETARY, record.id)
    paper = str(desk.read(DRAFTER, record.id).paper_id)
    assert office.service.read(HEAD, paper).id == paper
    for colleague in (SECRETARY, DRAFTER, STRANGER):
        with pytest.raises(NotFound):
            office.service.read(colleague, paper)


def test_what_stops_in_between_is_gone_on_with_and_makes_no_second_paper(
    desk: Desk, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(desk, marked(desk, DRAFTER), DRAFTER, Move.ACKNOWLEDGE)
    desk.release(HEAD, PERIOD)
    with monkeypatch.context() as dying:
        dying.setattr(office.service, "release", _died)
        with pytest.raises(KeyboardInterrupt):
            Papers(office).make_due()
    assert Papers(office).make_due() == 1
    record = desk.own(DRAFTER, PERIOD)
    assert record is not None
    assert office.papers.get(str(record.paper_id)).state is PaperState.QUEUED
    assert len(office.papers.page(agency_id="dinas", feature="appraisal")) == 1


def test_a_paper_that_is_given_up_is_marked_again_and_a_signed_one_is_done(desk: Desk, office: Office) -> None:
    papers, record = Papers(office), moved(desk, marked(desk, DRAFTER), DRAFTER, Move.ACKNOWLEDGE)
    desk.release(HEAD, PERIOD)
    papers.make_due()
    paper = office.papers.get(str(desk.read(HEAD, record.id).paper_id))
    papers.on_paper(replace(paper, state=PaperState.RETURNED))
    assert desk.read(HEAD, record.id).state == Stage.RELEASED
    papers.on_paper(replace(paper, state=PaperState.CANCELLED))
    reopened = desk.read(HEAD, record.id)
    assert reopened.state == Stage.REPORTED
    office.papers.returned(paper.id, problem="Salah", at=office.now())
    office.service.cancel(HEAD, paper.id, reason="Salah nilai")
    again = moved(desk, reopened, HEAD, Move.MARK, **MARKS)
    moved(desk, again, DRAFTER, Move.ACKNOWLEDGE)
    desk.release(HEAD, PERIOD)
    papers.make_due()
    second = office.papers.get(str(desk.read(HEAD, record.id).paper_id))
    assert second.id != paper.id
    for _ in range(2):
        papers.on_paper(replace(second, state=PaperState.SIGNED))
    assert desk.read(HEAD, record.id).state == Stage.SIGNED


def test_many_are_made_a_few_at_a_time_and_one_that_cannot_be_stops_nobody(desk: Desk, office: Office) -> None:
    staff = [
        Person(id=f"p{each:02d}", name=f"Pegawai {each:02d}", office="Staf", agency_id="dinas") for each in range(22)
    ]
    for person in staff:
        office.people.put_person(person)
        moved(desk, marked(desk, person), person, Move.ACKNOWLEDGE)
    assert desk.release(HEAD, PERIOD) == 22
    office.people.put_person(replace(HEAD, credential=None))
    assert Papers(office).make_due() == AT_ONCE
    assert {each.state for each in desk.team(HEAD, PERIOD)} == {Stage.REPORTED, Stage.QUEUED}
    office.people.put_person(HEAD)
    assert Papers(office).make_due() == 2
    assert sum(each.state == Stage.RELEASED for each in desk.team(HEAD, PERIOD)) == 2


def test_the_start_page_tells_each_what_waits_for_them(desk: Desk, office: Office) -> None:
    def told(person: Person) -> dict[str, list[str]]:
        return {each.name: [line.title for line in each.lines] for each in waits(office, person) if each.lines}

    assert told(HEAD) == {}
    moved(desk, desk.set_goals(STRANGER, PERIOD, HEAD.id, GOALS), STRANGER, Move.PROPOSE)
    mine = marked(desk, DRAFTER)
    marked(desk, SECRETARY)  # who can sign, and will initial it at Teken
    assert told(HEAD) == {"appraisal-team": ["Sasaran untuk disepakati: 1", "Siap dilepas untuk ditandatangani: 1"]}
    assert told(DRAFTER) == {"appraisal-own": ["Semester II 2026"]}
    office.people.put_person(DRAFTER, password_hash=hash_of("sandi-contoh"))
    with TestClient(create_app(office, work=False)) as browser:
        browser.post("/login", data={"name": "gede", "password": "sandi-contoh"})
        start = browser.get("/").text
        assert "Penilaian Anda menunggu pengakuan: 1" in start
        assert f'href="/appraisal/sheets/{mine.id}"' in start
        assert "Penilaian yang menunggu Anda" not in start
    moved(desk, mine, DRAFTER, Move.OBJECT, objection=["Nilai terlalu rendah"])
    assert told(DRAFTER) == {}
    assert told(HEAD)["appraisal-team"][1] == "Hasil untuk dinilai: 1"
    desk.release(HEAD, PERIOD)
    assert len(told(HEAD)["appraisal-team"]) == 2, "what is on its way to Teken is shown as a paper"


def _died(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
