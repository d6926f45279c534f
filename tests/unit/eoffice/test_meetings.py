"""Meetings: the code on the screen, who was there, the sealed list and the minutes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours, Refused
from eoffice.features.meetings.book import Book, State
from eoffice.features.meetings.codes import STEP, TRIES, code_at, is_code
from eoffice.features.meetings.desk import Desk
from eoffice.features.meetings.papers import LINES, Papers
from eoffice.features.meetings.waiting import waits
from eoffice.model import Act, Paper, PaperState, Person, Record, Role

from tests.unit.eoffice.conftest import DRAFTER, HEAD, SECRETARY, STRANGER
from tests.unit.eoffice.whole import Clock, whole_office

DAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""09.00 on the office's clocks."""
INVITATION = {
    "subject": ["Rapat persiapan"],
    "type": ["meeting"],
    "day": ["2026-11-23"],
    "begins": ["09:00"],
    "ends": ["11:00"],
    "venue": ["Ruang Contoh"],
    "agenda": ["Persiapan acara"],
    "agencies": ["biro"],
    "signatory": ["luh"],
}
ELSEWHERE = Person(id="ketut", name="Ketut", office="Staf", agency_id="lain", roles=frozenset(Role))


@pytest.fixture
def clock() -> Clock:
    return Clock(DAY)


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    with whole_office(tmp_path, clock) as made:
        yield made


@pytest.fixture
def book(office: Office) -> Book:
    return Book(office)


@pytest.fixture
def desk(book: Book) -> Desk:
    return Desk(book)


def invited(book: Book, **changed: list[str]) -> Record:
    """A meeting whose invitation is signed."""
    paper = book.office.service.draft(DRAFTER, "meetings", "surat undangan", {**INVITATION, **changed})
    released = book.office.service.release(DRAFTER, paper.id, version=0)
    for _ in range(2):
        book.on_paper(replace(released, state=PaperState.SIGNED))
    return book.meeting(paper.id)


def opened(book: Book, **changed: list[str]) -> Record:
    return Desk(book).open(DRAFTER, invited(book, **changed).key)


def lines(paper: Paper) -> list[list[str]]:
    return [list(each.values()) for each in paper.form["lines"]]


def test_a_code_is_good_for_its_minute_and_the_next_one() -> None:
    code = code_at("secret", DAY)
    assert (len(code), code.isdigit()) == (6, True)
    assert code_at("secret", DAY + timedelta(seconds=STEP - 1)) == code
    later = [is_code("secret", code, DAY + timedelta(seconds=each)) for each in (0, STEP, 2 * STEP - 1, 2 * STEP)]
    assert later == [True, True, True, False]
    assert not is_code("secret", code, DAY - timedelta(seconds=1)), "codes of later are not good yet"
    assert is_code("secret", f" {code[:3]} {code[3:]} ", DAY)
    for wrong in ("", "x", code[:5], f"{code}0", "٣" * 6, code_at("other", DAY)):
        assert not is_code("secret", wrong, DAY)


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, SHA-256: the last six digits of its eight; there, a step has thirty seconds."""
    secret, at = "12345678901234567890123456789012", datetime(1970, 1, 1, tzinfo=UTC)
    assert code_at(secret, at + timedelta(seconds=STEP)) == "119246"
    assert code_at(secret, at + timedelta(seconds=STEP * 37037036)) == "084774"


def test_a_signed_invitation_is_a_meeting_of_each_invited_agency(book: Book) -> None:
    meeting = invited(book)
    assert (meeting.state, meeting.day, meeting.data["agencies"]) == (State.PLANNED, date(2026, 11, 23), ["biro"])
    assert (
        [each.key for each in book.of_agency("biro")] == [meeting.key] == [each.key for each in book.of_agency("dinas")]
    )
    assert {each.id for each in book.invited(meeting)} == {"gede", "luh", "made", "wayan"}
    with pytest.raises(NotFound):
        book.seen(ELSEWHERE, meeting.key)
    with pytest.raises(NotYours):
        book.hosted(STRANGER, meeting.key)
    assert book.hosted(HEAD, meeting.key) == meeting
    paper = book.office.papers.get(meeting.key)
    for _ in range(2):
        book.on_paper(replace(paper, state=PaperState.WITHDRAWN))
    assert book.meeting(meeting.key).state == State.WITHDRAWN


def test_a_meeting_is_opened_on_its_day_by_its_hosts(book: Book, desk: Desk, clock: Clock) -> None:
    meeting = invited(book)
    clock.moves(days=-1)
    with pytest.raises(Refused, match="opened on its day"):
        desk.open(DRAFTER, meeting.key)
    clock.moves(days=1)
    for wrong in (SECRETARY, STRANGER):
        with pytest.raises(NotYours):
            desk.open(wrong, meeting.key)
    with pytest.raises(Refused, match="not open now"):
        desk.here(STRANGER, meeting.key, desk.code(meeting))
    assert desk.open(DRAFTER, meeting.key) == desk.open(HEAD, meeting.key)
    desk.close(HEAD, meeting.key)
    for act in (
        lambda: desk.open(DRAFTER, meeting.key),
        lambda: desk.close(DRAFTER, meeting.key),
        lambda: desk.here(STRANGER, meeting.key, desk.code(meeting)),
        lambda: desk.by_hand(HEAD, meeting.key, STRANGER.id),
        lambda: desk.guest(HEAD, meeting.key, "Tamu"),
    ):
        with pytest.raises(Refused):
            act()


def test_who_types_the_code_is_there_once(book: Book, desk: Desk) -> None:
    meeting = opened(book)
    code = desk.code(meeting)
    with pytest.raises(NotFound):
        desk.here(ELSEWHERE, meeting.key, code)
    first = desk.here(STRANGER, meeting.key, code)
    assert desk.here(STRANGER, meeting.key, code) == first
    assert desk.by_hand(HEAD, meeting.key, STRANGER.id) == first
    with pytest.raises(NotFound):
        desk.by_hand(HEAD, meeting.key, ELSEWHERE.id)
    other = opened(book, subject=["Rapat lain"])
    assert book.present(meeting).keys() == {STRANGER.id}
    assert book.present(other).keys() == set()


def test_guesses_are_counted_also_many_at_once(book: Book, desk: Desk) -> None:
    meeting = opened(book)
    wrong = "000000" if desk.code(meeting) != "000000" else "000001"

    def guess(_: int) -> str:
        with pytest.raises(Refused) as refused:
            desk.here(STRANGER, meeting.key, wrong)
        return str(refused.value)

    with ThreadPoolExecutor(10) as callers:
        said = list(callers.map(guess, range(5 * TRIES)))
    assert sum("not the code" in each for each in said) <= TRIES
    while "Too many" not in guess(0):
        pass
    with pytest.raises(Refused, match="Too many"):
        desk.here(STRANGER, meeting.key, desk.code(meeting))
    assert desk.by_hand(HEAD, meeting.key, STRANGER.id).state == "hand"
    desk.here(DRAFTER, meeting.key, desk.code(meeting))


def test_the_list_of_a_meeting_has_who_was_there_and_guests(book: Book, desk: Desk, clock: Clock) -> None:
    meeting, papers = opened(book), Papers(book)
    with pytest.raises(Refused, match="Close it first"):
        papers.seal_list(DRAFTER, meeting)
    clock.moves(minutes=5)
    desk.here(STRANGER, meeting.key, desk.code(meeting))
    desk.by_hand(DRAFTER, meeting.key, HEAD.id)
    desk.guest(DRAFTER, meeting.key, "Tamu\tdari luar")
    with pytest.raises(Refused):
        desk.guest(DRAFTER, meeting.key, "x")
    closed = desk.close(DRAFTER, meeting.key)
    (paper,) = papers.seal_list(DRAFTER, closed)
    assert [step.act for step in paper.steps] == [Act.SEAL]
    assert (paper.state, paper.secrecy.value, len(paper.places)) == (PaperState.QUEUED, "terbatas", 1)
    assert paper.form["count"] == "2 dari 4 pegawai, 1 tamu"
    assert lines(paper) == [
        [HEAD.name, HEAD.office, "dicatat"],
        [STRANGER.name, STRANGER.office, "09.05"],
        ["Tamu dari luar", "Tamu", "hadir"],
    ]
    assert [each.id for each in papers.seal_list(HEAD, closed)] == [paper.id]
    assert papers.of(closed) == [paper]
    assert papers.is_sealed(closed)
    book.office.papers.returned(paper.id, problem="Tidak ada segel.", at=clock())
    book.office.service.cancel(DRAFTER, paper.id, reason="Salah tamu")
    assert not papers.is_sealed(closed)
    (again,) = papers.seal_list(DRAFTER, closed)
    assert again.id != paper.id


def test_a_roll_call_names_who_was_missing_and_is_split_into_sheets(book: Book, desk: Desk) -> None:
    for each in range(LINES):
        book.office.people.put_person(
            Person(id=f"p{each:03d}", name=f"Pegawai {each:03d}", office="Staf", agency_id="biro")
        )
    meeting = opened(book, type=["rollcall"])
    desk.here(STRANGER, meeting.key, desk.code(meeting))
    first, second = Papers(book).seal_list(DRAFTER, desk.close(DRAFTER, meeting.key))
    assert (len(lines(first)), len(lines(second)), second.form["first"]) == (LINES, 4, LINES + 1)
    assert lines(first)[0] == [STRANGER.name, STRANGER.office, "09.00"]
    assert {each[2] for each in lines(first)[1:]} == {"tidak hadir"}
    assert second.subject.endswith("(2/2)")


def test_minutes_are_signed_by_a_person_or_sealed(book: Book, desk: Desk) -> None:
    meeting, papers = invited(book), Papers(book)
    said = {"discussion": ["Alinea satu.\n\nAlinea dua."], "decisions": ["Satu\n\nDua"], "signatory": ["luh"]}
    with pytest.raises(Refused, match="not been opened"):
        papers.draft_minutes(DRAFTER, meeting, said)
    meeting = desk.open(DRAFTER, meeting.key)
    with pytest.raises(Refused) as refused:
        papers.draft_minutes(DRAFTER, meeting, {**said, "discussion": []})
    assert refused.value.field == "discussion"
    signed = papers.draft_minutes(DRAFTER, meeting, said)
    sealed = papers.draft_minutes(HEAD, meeting, {**said, "signatory": [], "decisions": []})
    assert [(each.act, each.person_id) for each in signed.steps] == [(Act.SIGNATURE, "luh")]
    assert [(each.act, each.person_id) for each in sealed.steps] == [(Act.SEAL, None)]
    assert (signed.form["held"], signed.form["notetaker"]) == ("Senin, 23 November 2026", DRAFTER.name)
    for paper, person in ((signed, DRAFTER), (sealed, HEAD)):
        assert len(book.office.service.release(person, paper.id, version=0).places) == 1
    assert {each.id for each in papers.of(meeting)} == {signed.id, sealed.id}


def test_the_start_page_names_todays_meetings_and_those_without_minutes(book: Book, desk: Desk, clock: Clock) -> None:
    def told(person: Person) -> list[tuple[str, str, str]]:
        found = [(each.name, line) for each in waits(book.office, person) for line in each.lines]
        return [(name, line.path, "" if line.state is None else line.state.id) for name, line in found]

    meeting, tomorrow = invited(book), invited(book, day=["2026-11-24"])
    page = f"/meetings/{meeting.key}"
    assert told(STRANGER) == [("meetings-today", page, "Direncanakan")]
    assert told(ELSEWHERE) == []
    opened_now = desk.open(DRAFTER, meeting.key)
    assert told(STRANGER) == [("meetings-today", page, "Presensi dibuka")]
    desk.here(STRANGER, meeting.key, desk.code(opened_now))
    assert told(STRANGER) == [("meetings-today", page, "Hadir")]
    closed = desk.close(DRAFTER, meeting.key)
    assert told(STRANGER) == []
    assert told(DRAFTER) == [("meetings-minutes", f"{page}/minutes", "")], "who called it writes them"
    assert told(HEAD) == []
    said = {"discussion": ["Alinea."], "decisions": [], "signatory": []}
    draft = Papers(book).draft_minutes(DRAFTER, closed, said)
    assert told(DRAFTER) == []
    book.office.service.cancel(DRAFTER, draft.id, reason="Salah acara")
    assert len(told(DRAFTER)) == 1
    clock.moves(days=1)
    assert told(STRANGER) == [("meetings-today", f"/meetings/{tomorrow.key}", "Direncanakan")]
    book.on_paper(replace(book.office.papers.get(tomorrow.key), state=PaperState.WITHDRAWN))
    assert told(STRANGER) == []
    clock.moves(days=7)
    assert told(DRAFTER) == []
