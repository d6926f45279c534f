"""Attendance: which check-ins are believed, what leaders note, and a month that is sealed once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours, Refused
from eoffice.features.attendance.book import Book
from eoffice.features.attendance.desk import Desk
from eoffice.features.attendance.places import Places
from eoffice.features.attendance.recap import Hours, Noted, Standing, days_of, month_of, tallied, working_days
from eoffice.features.attendance.rules import (
    MOST_SAME,
    Place,
    Position,
    Trace,
    believe,
    metres_between,
    read_position,
    trace_of,
    trace_row,
)
from eoffice.features.attendance.sealing import Sealing
from eoffice.model import Agency, PaperState, Person, Role
from eoffice.words import on_month

from tests.unit.eoffice.conftest import DINAS, DRAFTER, HEAD, STRANGER
from tests.unit.eoffice.whole import Clock, whole_office

OFFICE = Place(name="Kantor Contoh", latitude=-8.6705, longitude=115.2126, radius=100)
HERE = Position(latitude=-8.67051, longitude=115.21262, accuracy=12.0)
FAR = replace(HERE, latitude=-8.2)
MORNING = datetime(2026, 11, 23, 7, 20, tzinfo=UTC) - timedelta(hours=8)
"""A Monday, 07.20 on the office's clocks."""
NOVEMBER = date(2026, 11, 1)
ADMINISTRATOR = Person(
    id="putu", name="Putu Contoh", office="Administrator", agency_id="biro", roles=frozenset({Role.ADMINISTRATOR})
)
PHONE, OTHER_PHONE = "a" * 40, "b" * 40


@pytest.fixture
def clock() -> Clock:
    return Clock(MORNING)


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    with whole_office(tmp_path, clock, more=(ADMINISTRATOR,)) as made:
        Places(Book(made)).add(ADMINISTRATOR, "dinas", OFFICE)
        yield made


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(Book(office))


def jittered(turn: int) -> Position:
    """As a receiver says it: near, and never the same."""
    return replace(HERE, latitude=HERE.latitude + turn * 1e-6)


def test_distance_is_that_of_the_map() -> None:
    """One minute of latitude is a sea mile."""
    north = replace(HERE, latitude=HERE.latitude + 1 / 60)
    assert metres_between(HERE, north) == pytest.approx(1853, abs=1)
    assert metres_between(HERE, HERE) == 0
    antipode = Position(latitude=8.67051, longitude=115.21262 - 180, accuracy=1)
    assert metres_between(HERE, antipode) == pytest.approx(20_015_087, rel=1e-6)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("", "", ""), "no position"),
        (("nan", "115", "5"), "no position"),
        (("1e1", "115", "5"), "no position"),
        (("-8.6", "115", "-5"), "no position"),
        (("-8.6", "115", "inf"), "no position"),
        (("-90.1", "115", "5"), "on earth"),
        (("-8.6", "180.5", "5"), "on earth"),
    ],
)
def test_what_is_no_position_is_refused(given: tuple[str, str, str], why: str) -> None:
    with pytest.raises(Refused, match=why):
        read_position(*given)


@pytest.mark.parametrize(
    ("position", "trace", "why"),
    [
        (replace(HERE, accuracy=100.1), Trace(), "not precise enough"),
        (replace(HERE, accuracy=0.0), Trace(), "not precise enough"),
        (FAR, Trace(), "m away from Kantor Contoh"),
        (HERE, Trace(last=FAR, at=MORNING - timedelta(minutes=10)), "Nobody covers"),
        (HERE, Trace(last=FAR, at=MORNING + timedelta(minutes=10)), "Nobody covers"),
    ],
)
def test_a_check_in_that_is_not_believed(position: Position, trace: Trace, why: str) -> None:
    with pytest.raises(Refused, match=why):
        believe(position, [OFFICE], trace, at=MORNING)


def test_a_check_in_that_is_believed_says_where_and_how_far() -> None:
    slow = Trace(last=FAR, at=MORNING - timedelta(minutes=20))
    seen = believe(HERE, [replace(OFFICE, latitude=-8.2), OFFICE], slow, at=MORNING)
    assert (seen.place, seen.distance) == (OFFICE, 2)
    assert trace_of(trace_row(seen.trace)) == seen.trace
    with pytest.raises(Refused, match="no place"):
        believe(HERE, [], Trace(), at=MORNING)


def test_the_same_digits_are_believed_only_so_often() -> None:
    trace = Trace()
    for _ in range(MOST_SAME):
        trace = believe(HERE, [OFFICE], trace, at=MORNING).trace
    with pytest.raises(Refused, match="exactly the coordinates"):
        believe(HERE, [OFFICE], trace, at=MORNING)
    for turn in range(1, 40):
        trace = believe(jittered(turn), [OFFICE], trace, at=MORNING).trace
    assert believe(HERE, [OFFICE], trace, at=MORNING).distance == 2, "long ago is forgotten"


def test_in_and_out_once_a_day_under_the_server_s_time(desk: Desk, office: Office, clock: Clock) -> None:
    with pytest.raises(Refused, match="not checked in"):
        desk.check_out(DRAFTER, PHONE, HERE)
    came = desk.check_in(DRAFTER, PHONE, HERE)
    assert came.day == date(2026, 11, 23)
    assert came.data["in"] == {"at": MORNING.isoformat(), "place": "Kantor Contoh", "distance": 2, "accuracy": 12}
    with pytest.raises(Refused, match="noted already"):
        desk.check_in(DRAFTER, PHONE, jittered(1))
    clock.moves(hours=9)
    desk.check_out(DRAFTER, PHONE, jittered(2))
    (noted,) = [Book(office).noted(each) for each in Book(office).presences("dinas", NOVEMBER, date(2026, 11, 30))]
    assert (noted.came, noted.went) == (time(7, 20), time(16, 20))
    kept = office.records.by_key("attendance", "trace", DRAFTER.id)
    assert kept is not None
    assert kept.data["last"]["latitude"] == jittered(2).latitude, "the last position alone"
    clock.moves(days=1)
    assert desk.check_in(DRAFTER, PHONE, jittered(3)).day == date(2026, 11, 24)


def test_ten_presses_at_once_are_one_presence(desk: Desk, office: Office) -> None:
    def press(turn: int) -> bool:
        try:
            desk.check_in(DRAFTER, PHONE, jittered(turn))
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(10) as callers:
        assert sum(callers.map(press, range(10))) >= 1
    assert office.records.count("attendance", "presence", owner_id=DRAFTER.id) == 1


def test_one_device_for_one_person_until_it_is_let_go(desk: Desk, clock: Clock) -> None:
    desk.check_in(DRAFTER, PHONE, HERE)
    with pytest.raises(Refused, match="Somebody else checks in"):
        desk.check_in(HEAD, PHONE, jittered(1))
    clock.moves(hours=9)
    with pytest.raises(Refused, match="another device"):
        desk.check_out(DRAFTER, OTHER_PHONE, jittered(2))
    with pytest.raises(NotYours):
        desk.let_go(DRAFTER, HEAD.id)
    with pytest.raises(NotFound):
        desk.let_go(HEAD, STRANGER.id)
    desk.let_go(HEAD, DRAFTER.id)
    desk.check_out(DRAFTER, OTHER_PHONE, jittered(3))
    desk.check_in(HEAD, PHONE, jittered(4))


def test_a_leader_notes_days_and_what_was_stays_beneath(desk: Desk, office: Office) -> None:
    def note(**changed: object) -> object:
        said = {"first": date(2026, 11, 23), "last": date(2026, 11, 24), "standing": Standing.SICK, "reason": "Surat"}
        return desk.note(HEAD, DRAFTER.id, **{**said, **changed})  # type: ignore[arg-type]

    desk.check_in(DRAFTER, PHONE, HERE)
    note()
    found = Book(office).presence(DRAFTER.id, date(2026, 11, 23))
    assert found is not None
    assert (found.state, found.data["noted"][0]["was"], found.data["in"]["distance"]) == ("sick", "present", 2)
    with pytest.raises(Refused, match="1 to 31 days"):
        note(last=date(2026, 12, 24))
    with pytest.raises(Refused, match="1 to 31 days"):
        note(last=date(2026, 11, 22))
    with pytest.raises(NotYours):
        desk.note(DRAFTER, HEAD.id, first=NOVEMBER, last=NOVEMBER, standing=Standing.SICK, reason="x")
    with pytest.raises(NotYours, match="Somebody else"):
        desk.note(HEAD, HEAD.id, first=NOVEMBER, last=NOVEMBER, standing=Standing.PRESENT, reason="x")


def test_a_month_is_counted_in_working_days() -> None:
    month = month_of("2026-11")
    assert (len(days_of(month)), len(days_of(month_of("2024-02")))) == (30, 29)
    days = working_days(month, {date(2026, 11, 25), date(2026, 11, 28)})
    assert len(days) == 20
    lines = [
        Noted(person_id="gede", day=date(2026, 11, 2), standing=Standing.PRESENT, came=time(7, 31), went=time(16, 0)),
        Noted(person_id="gede", day=date(2026, 11, 3), standing=Standing.PRESENT, came=time(7, 30), went=time(15, 59)),
        Noted(person_id="gede", day=date(2026, 11, 4), standing=Standing.PRESENT, came=time(7, 0)),
        Noted(person_id="gede", day=date(2026, 11, 5), standing=Standing.LEAVE),
        Noted(person_id="gede", day=date(2026, 11, 6), standing=Standing.PRESENT),
        Noted(person_id="gede", day=date(2026, 11, 7), standing=Standing.PRESENT, came=time(7, 0)),
        Noted(person_id="elsewhere", day=date(2026, 11, 2), standing=Standing.PRESENT),
    ]
    gede, luh = tallied(["gede", "luh"], lines, days, Hours())
    assert (gede.standings[Standing.PRESENT], gede.standings[Standing.LEAVE]) == (4, 1)
    assert (gede.late, gede.early, gede.missing) == (1, 2, 15)
    assert luh.missing == 20
    with pytest.raises(Refused):
        month_of("2026-13")


def test_a_month_is_sealed_once_after_it_has_ended(desk: Desk, office: Office, clock: Clock) -> None:
    sealing = Sealing(Book(office))
    desk.check_in(DRAFTER, PHONE, HERE)
    assert sealing.tallies("dinas", NOVEMBER)[0] == 16, "of days that are still to come nothing is missing"
    with pytest.raises(Refused, match="has not ended"):
        sealing.seal(HEAD, NOVEMBER)
    clock.moves(days=10)
    with pytest.raises(NotYours):
        sealing.seal(DRAFTER, NOVEMBER)
    (paper,) = sealing.seal(HEAD, NOVEMBER)
    assert (paper.state, paper.secrecy.value) == (PaperState.QUEUED, "terbatas")
    assert list(paper.form["lines"][0].values()) == [DRAFTER.name, 1, 0, 1, 0, 0, 0, 0, 20]
    assert len(paper.places) == 1
    with ThreadPoolExecutor(4) as callers:
        again = list(callers.map(lambda _: sealing.seal(HEAD, NOVEMBER), range(4)))
    assert {each.id for papers in again for each in papers} == {paper.id}
    with pytest.raises(Refused, match="is sealed"):
        desk.note(HEAD, DRAFTER.id, first=NOVEMBER, last=NOVEMBER, standing=Standing.SICK, reason="x")


def test_a_recap_that_was_given_up_makes_room_for_another(office: Office, clock: Clock) -> None:
    sealing = Sealing(Book(office))
    clock.moves(days=10)
    (first,) = sealing.seal(HEAD, NOVEMBER)
    office.papers.returned(first.id, problem="Tidak ada segel.", at=clock())
    cancelled = office.service.cancel(HEAD, first.id, reason="Salah hitung")
    sealing.on_paper(cancelled)
    assert not sealing.recaps("dinas", NOVEMBER)
    (second,) = sealing.seal(HEAD, NOVEMBER)
    assert second.id != first.id
    sealing.on_paper(cancelled)
    assert [each.paper_id for each in sealing.recaps("dinas", NOVEMBER)] == [second.id]


def test_the_clock_seals_what_nobody_sealed_for_agencies_with_a_seal(office: Office, clock: Clock) -> None:
    sealing = Sealing(Book(office))
    clock.moves(days=10)  # 3 December
    sealing.seal_due()
    assert not sealing.recaps("dinas", NOVEMBER), "it has no seal"
    office.people.put_agency(replace(DINAS, seal="credential-of-dinas"))
    sealing.seal_due()
    assert not sealing.recaps("dinas", NOVEMBER), "leaders may still correct"
    clock.moves(days=1)
    sealing.seal_due()
    sealing.seal_due()
    (sheet,) = sealing.recaps("dinas", NOVEMBER)
    assert office.papers.get(str(sheet.paper_id)).state is PaperState.QUEUED
    assert not sealing.recaps("biro", NOVEMBER)


def test_a_large_agency_has_several_sheets_that_stay_as_many(office: Office, clock: Clock) -> None:
    office.people.put_agency(Agency(id="besar", name="Dinas Besar", code="BESAR", address="Jalan"))
    leader = replace(HEAD, id="leader", agency_id="besar")
    for each in range(150):
        office.people.put_person(
            Person(id=f"p{each:03d}", name=f"Pegawai {each:03d}", office="Staf", agency_id="besar")
        )
    office.people.put_person(leader)
    clock.moves(days=10)
    sealing = Sealing(Book(office))
    papers = sealing.seal(leader, NOVEMBER)
    assert [len(each.form["lines"]) for each in papers] == [150, 1]
    for each in range(150, 310):
        office.people.put_person(
            Person(id=f"p{each:03d}", name=f"Pegawai {each:03d}", office="Staf", agency_id="besar")
        )
    assert [each.id for each in sealing.seal(leader, NOVEMBER)] == [each.id for each in papers]


def test_places_and_hours_are_the_administrator_s(office: Office) -> None:
    places = Places(Book(office))
    for act in (
        lambda: places.add(HEAD, "dinas", OFFICE),
        lambda: places.set_hours(HEAD, "dinas", Hours()),
        lambda: places.free(HEAD, NOVEMBER, "Libur"),
        lambda: places.close(HEAD, places.of("dinas")[0].id),
    ):
        with pytest.raises(NotYours):
            act()
    for place, agency, field in (
        (replace(OFFICE, radius=29), "dinas", "radius"),
        (replace(OFFICE, radius=1001), "dinas", "radius"),
        (OFFICE, "nowhere", "agency"),
    ):
        with pytest.raises(Refused) as refused:
            places.add(ADMINISTRATOR, agency, place)
        assert refused.value.field == field
    places.set_hours(ADMINISTRATOR, "dinas", Hours(begins=time(8), ends=time(15)))
    places.set_hours(ADMINISTRATOR, "dinas", Hours(begins=time(8), ends=time(15, 30)))
    assert places.hours("dinas") == Hours(begins=time(8), ends=time(15, 30))
    with pytest.raises(Refused):
        places.set_hours(ADMINISTRATOR, "dinas", Hours(begins=time(16), ends=time(15)))
    places.free(ADMINISTRATOR, date(2026, 11, 25), "Hari Contoh")
    assert places.free_days(NOVEMBER, date(2026, 11, 30)) == {date(2026, 11, 25): "Hari Contoh"}
    places.close(ADMINISTRATOR, places.of("dinas")[0].id)
    assert not places.of("dinas")
    assert on_month(NOVEMBER) == "November 2026"
