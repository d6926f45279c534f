"""The pages of attendance, appraisal and meetings, as a browser asks for them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from eoffice.app import create_app
from eoffice.compose import Office
from eoffice.features.attendance.book import Book
from eoffice.features.attendance.places import Places
from eoffice.features.attendance.rules import Place
from eoffice.features.meetings.book import Book as Meetings
from eoffice.model import PaperState, Person, Role
from eoffice.passwords import hash_of
from litestar import Litestar
from litestar.testing import TestClient

from tests.unit.eoffice.conftest import DRAFTER, HEAD
from tests.unit.eoffice.test_incoming import arrival
from tests.unit.eoffice.whole import Clock, whole_office

PASSWORD = "kata sandi contoh"
ADMINISTRATOR = Person(
    id="putu", name="Putu Contoh", office="Administrator", agency_id="dinas", roles=frozenset({Role.ADMINISTRATOR})
)
Browser = TestClient[Litestar]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 23, 0, 10, tzinfo=UTC))


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    with whole_office(tmp_path, clock) as office:
        hashed = hash_of(PASSWORD)
        for person in (DRAFTER, HEAD, ADMINISTRATOR):
            office.people.put_person(person, password_hash=hashed)
        Places(Book(office)).add(
            ADMINISTRATOR, "dinas", Place(name="Kantor", latitude=-8.67, longitude=115.21, radius=90)
        )
        yield office


@pytest.fixture
def browser(office: Office) -> Iterator[Browser]:
    with TestClient(create_app(office, work=False)) as made:
        yield made


def log_in(browser: Browser, person: Person) -> None:
    browser.post("/logout")
    assert browser.post("/login", data={"name": person.id, "password": PASSWORD}).url.path == "/"


def said(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(("hour", "due"), [(15, False), (17, True)])
def test_what_is_due_today_stands_out_from_the_offices_own_midnight_on(
    browser: Browser, office: Office, clock: Clock, hour: int, due: bool
) -> None:
    clock.at = datetime(2026, 11, 22, hour, tzinfo=UTC)  # 23.00 on the day before in Denpasar, and 01.00
    letter = office.letters.register(arrival(1), at=clock.at, year=2026)
    until = date(2026, 11, 23)
    office.intake.dispose(HEAD, letter.id, to=DRAFTER.id, instruction="Siapkan", until=until, parent_id=None)
    log_in(browser, DRAFTER)
    assert ("state-returned" in browser.get("/").text) is due


def test_somebody_checks_in_and_the_leader_sees_it(browser: Browser, clock: Clock) -> None:
    here = {"act": "in", "latitude": "-8.6701", "longitude": "115.2101", "accuracy": "9.5"}
    log_in(browser, DRAFTER)
    page = browser.get("/attendance")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "memerlukan JavaScript" in page.text
    assert "httponly" in page.headers["set-cookie"].lower()
    assert browser.get("/attendance/position.js").headers["content-type"].startswith("text/javascript")
    wrong = browser.post("/attendance/check", data={**here, "latitude": "-8.5"})
    assert (wrong.status_code, "presensi berlaku sampai 90 m" in wrong.text) == (422, True)
    assert browser.post("/attendance/check", data={"act": "in"}).status_code == 422
    assert "Presensi pulang" in browser.post("/attendance/check", data=here).text
    assert browser.get("/attendance/agency").status_code == 403
    assert browser.get("/attendance/places").status_code == 403

    log_in(browser, HEAD)
    assert "Hari ini: 1 dari 4" in said(browser.get("/attendance/agency").text)
    assert browser.get("/attendance/agency?month=2026-99").status_code == 409
    again = browser.post("/attendance/check", data={**here, "latitude": "-8.6702"})
    assert "dipakai pegawai lain" in again.text
    sick = {"person": "made", "standing": "sick", "first": "2026-11-24", "last": "2026-11-25", "reason": "Surat dokter"}
    assert browser.post("/attendance/notes", data=sick).status_code == 200
    for changed in ({"first": ""}, {"standing": "gone"}, {"reason": ""}):
        assert browser.post("/attendance/notes", data={**sick, **changed}).status_code == 422
    assert browser.post("/attendance/notes", data={**sick, "person": "wayan"}).status_code == 404
    assert browser.post("/attendance/devices", data={"person": "gede"}).status_code == 200
    assert browser.post("/attendance/recap", data={"month": "2026-11"}).status_code == 422
    clock.moves(days=10)
    log_in(browser, HEAD)
    sealed = browser.post("/attendance/recap", data={"month": "2026-11"})
    assert "Menunggu dikirim" in sealed.text


def test_an_administrator_says_where_and_when(browser: Browser) -> None:
    log_in(browser, ADMINISTRATOR)
    place = {"agency": "biro", "name": "Kantor biro", "latitude": "-8.5", "longitude": "115.1", "radius": "100"}
    assert "Kantor biro" in browser.post("/attendance/places", data=place).text
    for changed in ({"radius": "x"}, {"latitude": "utara"}, {"agency": "?"}, {"name": ""}):
        assert browser.post("/attendance/places", data={**place, **changed}).status_code == 422
    page = browser.get("/attendance/places").text
    assert len(re.findall(r"/attendance/places/[0-9a-f]{32}/close", page)) == 2
    found = re.search(r"Kantor biro.*?/attendance/places/([0-9a-f]{32})/close", page, re.DOTALL)
    assert found is not None
    assert "Kantor biro" not in browser.post(f"/attendance/places/{found[1]}/close").text
    assert browser.post(f"/attendance/places/{'0' * 32}/close").status_code == 404
    hours = {"agency": "biro", "begins": "08:00", "ends": "15:30"}
    assert "08.00–15.30" in browser.post("/attendance/hours", data=hours).text
    assert browser.post("/attendance/hours", data={**hours, "ends": "?"}).status_code == 422
    assert (
        "Hari Contoh" in browser.post("/attendance/free-days", data={"day": "2026-12-25", "name": "Hari Contoh"}).text
    )
    assert browser.post("/attendance/free-days", data={"day": "", "name": "x"}).status_code == 422


def test_goals_go_to_and_fro_between_an_employee_and_the_appraiser(browser: Browser) -> None:
    def step(page: str, move: str, **said: object) -> str:
        version = re.search(r'name="version" value="(\d+)"', browser.get(page).text)
        assert version is not None, f"nothing to do on {page}"
        answer = browser.post(page, data={"version": version[1], "move": move, **said})
        assert answer.status_code == 200, said_by(answer.text)
        return said_by(answer.text)

    def said_by(page: str) -> str:
        return said(page.partition("<main")[2])

    log_in(browser, DRAFTER)
    goals = {"appraiser": "luh", "goal": ["Melayani <b>", "", "Menyusun"], "target": ["100", "", "2"], "act": "keep"}
    assert browser.post("/appraisal/goals", data={**goals, "appraiser": ""}).status_code == 422
    assert browser.post("/appraisal/goals", data={**goals, "goal": []}).status_code == 422
    assert browser.post("/appraisal/goals", data={**goals, "period": "1999-1"}).status_code == 422
    assert 'value="Melayani &lt;b&gt;"' in browser.post("/appraisal/goals", data=goals).text
    sheet = browser.post("/appraisal/goals", data={**goals, "act": "propose"}).url.path

    log_in(browser, HEAD)
    assert sheet in browser.get("/appraisal/team").text
    assert "Berjalan" in step(sheet, "agree")
    assert browser.post(sheet, data={"version": "0", "move": "fly"}).status_code == 404
    log_in(browser, DRAFTER)
    assert "Menunggu nilai" in step(sheet, "report", result=["98", "2"])
    log_in(browser, HEAD)
    assert browser.post(sheet, data={"version": "3", "move": "mark", "mark": ["98", "121"]}).status_code == 422
    assert browser.post(sheet, data={"version": "0", "move": "mark", "mark": ["98", "90"]}).status_code == 409
    assert "94,00 · Baik" in step(sheet, "mark", mark=["98", "90"])
    assert browser.post("/appraisal/team/release", data={}).text.count("Siap ditandatangani: 0 dari 1") == 1
    log_in(browser, DRAFTER)
    assert "Keberatan: Kurang" in step(sheet, "object", objection="Kurang")
    log_in(browser, HEAD)
    step(sheet, "mark", mark=["98", "95"])
    log_in(browser, DRAFTER)
    assert "Siap ditandatangani" in step(sheet, "acknowledge")
    assert browser.get(f"{sheet}/signed.pdf").status_code == 404
    log_in(browser, HEAD)
    assert "1 lembar sedang dibuat" in said(browser.post("/appraisal/team/release", data={}).text)
    log_in(browser, ADMINISTRATOR)
    assert browser.get(sheet).status_code == 404


def test_a_meeting_from_its_invitation_to_its_list(browser: Browser, clock: Clock) -> None:
    log_in(browser, DRAFTER)
    invitation = {
        "subject": "Apel pagi",
        "type": "rollcall",
        "day": "2026-11-23",
        "begins": "08:00",
        "ends": "08:30",
        "venue": "Daring",
        "agenda": "Apel",
        "signatory": "luh",
    }
    paper = browser.post("/f/meetings/new/surat%20undangan", data=invitation).url.path.removeprefix("/p/")
    assert "Belum ada" in browser.get("/meetings").text
    office = browser.app.dependencies["office"].dependency()  # type: ignore[union-attr]
    office.service.release(DRAFTER, paper, version=0)
    Meetings(office).on_paper(replace(office.papers.get(paper), state=PaperState.SIGNED))
    page = f"/meetings/{paper}"
    assert "Apel pagi" in browser.get("/meetings").text
    assert browser.get(f"{page}/screen").url.path == page, "nothing to show yet"
    browser.post(f"{page}/open")
    screen = browser.get(f"{page}/screen")
    assert screen.headers["refresh"] == "20"
    code = re.search(r'class="code">(\d{3} \d{3})<', screen.text)
    assert code is not None

    log_in(browser, ADMINISTRATOR)
    assert browser.get(f"{page}/screen").status_code == 403
    assert browser.post(f"{page}/close").status_code == 422
    wrong = browser.post(f"{page}/here", data={"code": "1"})
    assert (wrong.status_code, "Kode tidak cocok" in wrong.text) == (422, True)
    assert "Hadir" in browser.post(f"{page}/here", data={"code": code[1]}).text
    log_in(browser, HEAD)
    assert browser.post(f"{page}/people", data={"person": "made"}).status_code == 200
    assert browser.post(f"{page}/people", data={"guest": ""}).status_code == 422
    assert browser.post(f"{page}/people", data={"person": "wayan"}).status_code == 404
    closed = browser.post(f"{page}/close")
    assert "Hadir: 2 dari 4" in said(closed.text)
    assert "Daftar hadir Apel pagi" in closed.text
    assert browser.post(f"{page}/minutes", data={"discussion": ""}).status_code == 422
    minutes = browser.post(f"{page}/minutes", data={"discussion": "Apel berlangsung."})
    assert "Notula Apel pagi" in minutes.text
    assert browser.get(f"/meetings/{'0' * 32}").status_code == 404
