"""The office as browsers see it, with a feature from elsewhere that brings pages and duties of its own."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from eoffice.app import create_app
from eoffice.compose import Office, compose
from eoffice.errors import Misconfigured, NotYours, Refused
from eoffice.features import load_features
from eoffice.model import Agency, Paper, PaperState, Person, Place
from eoffice.passwords import hash_of
from eoffice.settings import Settings, TekenSettings
from litestar.testing import TestClient

from tests.unit.eoffice.conftest import BIRO, DINAS, DRAFTER, HEAD, LETTER, NOON, SECRETARY
from tests.unit.eoffice.test_docx import docx

LOANS = """
from dataclasses import replace
from datetime import timedelta
from typing import Any

from eoffice.compose import Office
from eoffice.feature import DOCX, PNG, Duty, Feature, Field, Input, Link, PaperKind
from eoffice.features.letters import FEATURE as LETTERS
from eoffice.model import Act, Paper, Record, Role, Step
from eoffice.pages.visit import Visits
from eoffice.text import Text
from litestar import Controller, Response, get


def kept(office: Office, key: str) -> None:
    office.records.add_once(
        Record(
            id=office.new_id(), feature="loans", kind="note", key=key, agency_id="dinas", state="new", data={},
            created_at=office.now(), changed_at=office.now(),
        )
    )


class LoanPages(Controller):
    path = "/loans"

    @get("/shelf", sync_to_thread=True)
    def shelf(self, visit: Visits) -> Response[Any]:
        return visit.show("loans/shelf.html", who=visit.person.name)


def told(office: Office, paper: Paper) -> None:
    if paper.problem == "gagal":
        raise RuntimeError("as written")
    kept(office, f"{paper.state} {paper.version}")


COLUMNS = (
    Field(name="what", label=Text("Barang", "What")),
    Field(name="many", label=Text("Jumlah", "How many"), input=Input.NUMBER),
    Field(name="by", label=Text("Kembali", "Back"), input=Input.DAY, required=False),
    Field(
        name="state", label=Text("Keadaan", "State"), input=Input.CHOICE, required=False,
        choices=(("good", Text("Baik", "Good")), ("worn", Text("Usang", "Worn"))),
    ),
)
RECEIPT = PaperKind(
    name="tanda terima",
    title=Text("Tanda terima", "Receipt"),
    template="receipt.typ",
    fields=(
        Field(name="at", label=Text("Jam", "Time"), input=Input.TIME, default="08:00"),
        Field(name="things", label=Text("Barang", "Things"), input=Input.TABLE, columns=COLUMNS),
        Field(name="photo", label=Text("Foto", "Photo"), input=Input.FILE, accepts=(PNG, DOCX)),
        Field(name="extra", label=Text("Lain", "More"), input=Input.FILE, required=False),
        Field(name="signatory", label=Text("Penanda tangan", "Who signs"), input=Input.SIGNATORY),
    ),
    steps=lambda form: [Step(order=1, act=Act.SIGNATURE, person_id=form["signatory"])],
    series="tanda terima",
    content=lambda sheet: {"things": [each["what"] for each in sheet.paper.form["things"]]},
)
FEATURE = Feature(
    name="loans",
    title=Text("Peminjaman", "Loans"),
    says=Text("Contoh.", "An example."),
    kinds=(*LETTERS.kinds[:1], RECEIPT, replace(RECEIPT, name="bukti", by_hand=False, changed_by_hand=False)),
    public=lambda office: {"total": office.records.count("loans", "note")},
    pages=(LoanPages,),
    links=(
        Link(path="/loans/shelf", title=Text("Rak", "Shelf")),
        Link(path="/loans/all", title=Text("Semua rak", "All shelves"), roles=frozenset({Role.ADMINISTRATOR})),
    ),
    on_paper=told,
    duties=(Duty(name="count", every=timedelta(hours=1), do=lambda office: kept(office, "counted")),),
)
"""
SHELF = '{% extends "base.html" %}{% block title %}Rak{% endblock %}{% block main %}<p>{{ who }}</p>{% endblock %}'
OPEN = SHELF.replace("{{ who }}", "{{ total }} buah")
RECEIPT = """#import "@local/office:1.0.0": *
#show: sheet
#paragraphs(data.things)
"""
PASSWORD = hash_of("sandi-contoh")
PHOTO = b"\x89PNG\r\n\x1a\n" + b"0" * 40
SENT = {
    "subject": "Pinjam",
    "at": "09:30",
    "things.what": ["Buku", "", "Pena"],
    "things.many": ["2", "", "30"],
    "things.by": ["2026-12-01", "", ""],
    "things.state": ["", "", "good"],
    "things.pasted": "Meja\t1\t\tworn\n\n",
    "signatory": "luh",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "own"
    (own / "pages").mkdir(parents=True)
    (own / "loans.py").write_text(LOANS)
    (own / "templates").mkdir()
    (own / "pages" / "shelf.html").write_text(SHELF)
    (own / "pages" / "open.html").write_text(OPEN)
    (own / "templates" / "receipt.typ").write_text(RECEIPT)
    return own


@pytest.fixture
def office(folder: Path, tmp_path: Path) -> Iterator[Office]:
    """No Teken answers it."""
    (tmp_path / "secret").write_text("secret")
    house = TekenSettings(url="http://127.0.0.1:9", client="office", secret_file=tmp_path / "secret")
    with compose(Settings(folder=tmp_path, features=(folder,), teken=house), now=lambda: NOON) as made:
        for agency in (DINAS, BIRO):
            made.people.put_agency(agency)
        for person in (DRAFTER, HEAD, SECRETARY):
            made.people.put_person(person)
        made.people.put_person(DRAFTER, password_hash=PASSWORD)
        yield made


@pytest.fixture
def guest(office: Office) -> Iterator[TestClient]:
    with TestClient(create_app(office, work=False)) as client:
        yield client


@pytest.fixture
def browser(guest: TestClient) -> TestClient:
    guest.post("/login", data={"name": "gede", "password": "sandi-contoh"})
    return guest


def test_a_feature_shows_pages_of_its_own_to_who_is_logged_in(browser: TestClient) -> None:
    assert DRAFTER.name in browser.get("/loans/shelf").text
    for page in ("/", "/f/loans"):
        text = browser.get(page).text
        assert 'href="/loans/shelf"' in text
        assert "/loans/all" not in text
    assert browser.get("/f/letters").status_code == 200
    browser.post("/logout")
    assert browser.get("/loans/shelf", follow_redirects=False).headers["location"] == "/login"


def test_a_feature_is_told_what_became_of_its_papers_until_it_understands(office: Office) -> None:
    paper = office.service.draft(DRAFTER, "loans", "surat dinas", LETTER)
    other = office.service.draft(DRAFTER, "letters", "surat dinas", LETTER)
    for each in (paper, other):
        office.service.release(DRAFTER, each.id, version=0)
        office.papers.submitted(each.id, reference=each.id, at=NOON)
    office.papers.signed(paper.id, code="K", page="", signed="0" * 64, done=2, dispatch=None, at=NOON)
    office.papers.returned(other.id, problem="", at=NOON)
    while office.messenger.carry_one():
        pass
    assert [each.key for each in office.records.listed("loans", "note")] == ["signed 4"]

    office.papers.withdrawn(paper.id, note="gagal", at=NOON)
    before = office.errands.waiting()
    assert office.messenger.carry_one()
    assert office.errands.waiting() == before, "it stumbled, and is told again"
    assert office.papers.get(paper.id).state is PaperState.WITHDRAWN


def test_a_features_duty_is_done_with_the_office(office: Office) -> None:
    done = office.duties.do_due()
    assert office.records.by_key("loans", "note", "counted") is not None
    assert office.duties.do_due() < done, "this one is not due again"


def test_a_form_takes_rows_and_files_and_gives_them_back(browser: TestClient, office: Office) -> None:
    new = "/f/loans/new/tanda%20terima"
    assert 'value="08:00"' in browser.get(new).text
    more = browser.post(new, data={**SENT, "more": "rows"}).text
    assert more.count('aria-label="Barang, baris') == 13
    assert 'value="Meja"' in more

    photo = {"photo": ("C:\\\\gambar\\kursi.png", PHOTO, "text/html")}
    made = browser.post(new, data=SENT, files=photo, follow_redirects=False)
    assert made.status_code == 303
    page = made.headers["location"]
    form = office.papers.get(page.removeprefix("/p/")).form
    assert form["things"] == [
        {"what": "Buku", "many": 2, "by": "2026-12-01", "state": None},
        {"what": "Pena", "many": 30, "by": None, "state": "good"},
        {"what": "Meja", "many": 1, "by": None, "state": "worn"},
    ]
    assert (form["photo"]["name"], form["photo"]["type"], form["extra"]) == ("kursi.png", "image/png", None)
    got = browser.get(f"{page}/files/photo")
    assert (got.content, got.headers["content-type"]) == (PHOTO, "image/png")
    assert browser.get(f"{page}/files/extra").status_code == 404

    kept = {**SENT, "things.pasted": "", "version": "0"}
    extra = {"extra": ("lampiran.pdf", b"%PDF-1.7", "application/pdf")}
    assert browser.post(f"{page}/edit", data=kept, files=extra, follow_redirects=False).status_code == 303
    changed = office.papers.get(page.removeprefix("/p/")).form
    assert changed["photo"] == form["photo"]
    assert changed["extra"]["name"] == "lampiran.pdf"
    assert len(changed["things"]) == 2
    again = {**kept, "version": "1", "extra.remove": "yes"}
    assert browser.post(f"{page}/edit", data=again, files={"none": b""}, follow_redirects=False).status_code == 303
    assert office.papers.get(page.removeprefix("/p/")).form["extra"] is None


WRONG: list[tuple[dict[str, Any], bytes | None, str]] = [
    ({"at": "24:00"}, PHOTO, "at"),
    ({"things.what": [], "things.many": [], "things.by": [], "things.pasted": ""}, PHOTO, "things"),
    ({"things.pasted": "Meja\tdua"}, PHOTO, "things"),
    ({"things.pasted": "Meja\t1\n" * 199}, PHOTO, "things"),
    ({}, None, "photo"),
    ({}, b"%PDF-1.7", "photo"),
    ({}, PHOTO + b"0" * 16 * 1024 * 1024, "photo"),
    ({"photo": json.dumps({"sha256": "0" * 64, "name": "x", "type": "image/png", "bytes": 1})}, None, "photo"),
]


def test_rows_and_files_that_are_wrong_name_their_field(browser: TestClient) -> None:
    for changed, photo, field in WRONG:
        files = {"none": b""} if photo is None else {"photo": ("foto.png", photo)}
        answer = browser.post("/f/loans/new/tanda%20terima", data={**SENT, **changed}, files=files)
        assert answer.status_code == 422, changed
        assert f'href="#field-{field}"' in answer.text


def test_pages_are_pictures_and_what_is_no_document_has_none(browser: TestClient, office: Office) -> None:
    paper = office.service.draft(DRAFTER, "letters", "surat dinas", {**LETTER, "body": ["Alinea.\n\n" * 60]})
    text = browser.get(f"/p/{paper.id}").text
    assert text.count(f'src="/p/{paper.id}/pages/') == 3
    picture = browser.get(f"/p/{paper.id}/pages/3")
    assert (picture.content[8:12], picture.headers["content-type"]) == (b"WEBP", "image/webp")
    assert browser.get(f"/p/{paper.id}/pages/4").status_code == 404
    assert office.page_pictures.count(b"%PDF-1.7 and nothing more") == 0
    office.page_pictures.forget(NOON + timedelta(days=9000))
    assert list((office.settings.folder / "pages").iterdir()) == []


def test_a_replacement_takes_the_place_of_a_signed_paper(browser: TestClient, office: Office) -> None:
    def signed(paper_id: str) -> None:
        office.papers.submitted(paper_id, reference=paper_id, at=NOON)
        office.papers.signed(paper_id, code=paper_id, page="", signed="0" * 64, done=2, dispatch=None, at=NOON)

    earlier = office.service.write(DRAFTER, "letters", "surat dinas", LETTER)
    replace = f"/p/{earlier.id}/replace"
    assert browser.post(replace).status_code == 422, "nobody signed it yet"
    signed(earlier.id)
    newer = browser.post(replace, follow_redirects=False).headers["location"].split("/")[2]
    assert office.papers.get(newer).form == earlier.form
    assert browser.post(replace).status_code == 422, "there is one already"
    office.service.cancel(DRAFTER, newer, reason="Batal")
    newer = browser.post(replace, follow_redirects=False).headers["location"].split("/")[2]
    office.service.release(DRAFTER, newer, version=0)
    assert office.papers.get(earlier.id).state is PaperState.SIGNED
    signed(newer)
    replaced = office.papers.get(earlier.id)
    assert (replaced.state, (replaced.problem or "")[:12]) == (PaperState.WITHDRAWN, "Diganti deng")
    assert f'href="/p/{earlier.id}"' in browser.get(f"/p/{newer}").text


def test_a_letters_text_comes_out_of_a_file(browser: TestClient, office: Office) -> None:
    new = "/f/letters/new/surat%20dinas"
    sent = {**{name: value[0] for name, value in LETTER.items()}, "body": ""}

    def drafted(content: bytes, **more: str) -> Paper:
        made = browser.post(new, data={**sent, **more}, files={"upload": ("isi", content)}, follow_redirects=False)
        return office.papers.get(made.headers["location"].removeprefix("/p/"))

    word = office.service.release(DRAFTER, drafted(docx()).id, version=0)
    drawn = office.files.read(word.draft or "")
    assert b"/StructTreeRoot" in drawn
    assert office.page_pictures.count(drawn) == 1

    ready = office.service.release(DRAFTER, drafted(drawn, tag="#ttd").id, version=0)
    assert (ready.draft, ready.places) == (word.draft, (Place(step=2, tag="#ttd"),))

    for content, body in ((docx(""), ""), (docx(), "Isi"), (b"", "")):
        files = {"upload": ("isi", content)} if content else {"none": b""}
        assert browser.post(new, data={**sent, "body": body}, files=files).status_code == 422


def test_what_a_feature_alone_writes_nobody_types(browser: TestClient, office: Office) -> None:
    file = json.dumps({"sha256": office.files.keep(PHOTO), "name": "x", "type": "image/png", "bytes": 1})
    sent = {name: [value] if isinstance(value, str) else value for name, value in SENT.items()}
    paper = office.service.write(DRAFTER, "loans", "bukti", {**sent, "photo": [file]}, release=False)
    photo = {"photo": ("x.png", PHOTO)}
    for page in ("/f/loans/new/bukti", f"/p/{paper.id}/edit"):
        assert browser.get(page).status_code == 404
        assert browser.post(page, data={**SENT, "version": "0"}, files=photo).status_code == 404
    assert "/edit" not in browser.get(f"/p/{paper.id}").text
    office.service.release(DRAFTER, paper.id, version=0)
    office.papers.submitted(paper.id, reference="r", at=NOON)
    office.papers.signed(paper.id, code="K", page="", signed="0" * 64, done=1, dispatch=None, at=NOON)
    with pytest.raises(NotYours):
        office.service.replace(DRAFTER, paper.id)


def test_lists_are_searched_and_leafed_through(browser: TestClient, office: Office) -> None:
    for number in range(51):
        sent = {**LETTER, "subject": [f"Rapat {number:02d} 100%"]}
        office.service.write(DRAFTER, "letters", "surat dinas", sent, release=False)
    first = browser.get("/f/letters?q=RAPAT")
    assert first.text.count('<li><a href="/p/') == 50
    (older,) = re.findall(r'href="(/f/letters\?[^"]*before=[^"]+)"', first.text)
    assert browser.get(older.replace("&amp;", "&")).text.count('<li><a href="/p/') == 1
    assert browser.get("/f/letters?q=rapat 50 100%25").text.count('<li><a href="/p/') == 1
    assert browser.get("/f/letters?q=rapat_50").text.count('<li><a href="/p/') == 0
    assert browser.get("/f/letters?before=none").status_code == 404
    assert browser.get("/in?before=none").status_code == 404


def test_programs_write_papers_all_or_none(office: Office) -> None:
    letters = office.service.many(DRAFTER, "letters", "surat dinas", [LETTER] * 3)
    assert [each.number for each in letters] == [f"005/000{each}/CONTOH/2026" for each in (1, 2, 3)]
    with pytest.raises(Refused):
        office.service.many(DRAFTER, "letters", "surat dinas", [LETTER, {**LETTER, "body": []}])
    assert len(office.papers.page(agency_id="dinas")) == 3
    assert office.service.write(DRAFTER, "letters", "surat dinas", LETTER, release=False).number is None


def test_a_partners_person_sees_what_was_handed_over_and_nothing_else(office: Office, guest: TestClient) -> None:
    office.people.put_agency(Agency(id="mitra", name="Mitra Contoh", code="M", address="Jalan", outside=True))
    partner = Person(id="rai", name="Rai", office="Direktur", agency_id="mitra", credential="credential-of-rai")
    office.people.put_person(partner, password_hash=PASSWORD)
    own, theirs = (
        office.service.write(DRAFTER, "letters", "surat dinas", {**LETTER, "initials": who}) for who in ([], ["rai"])
    )
    guest.post("/login", data={"name": "rai", "password": "sandi-contoh"})
    assert guest.get(f"/p/{theirs.id}").status_code == 404, "Teken does not have it yet"
    for each in (own, theirs):
        office.papers.submitted(each.id, reference=each.id, at=NOON)
    assert f"/p/{theirs.id}" in guest.get("/").text
    assert own.id not in guest.get("/").text
    assert guest.get(f"/p/{theirs.id}").status_code == 200
    assert guest.get(f"/p/{theirs.id}/draft.pdf").status_code == 200
    assert guest.get(f"/p/{own.id}").status_code == 404
    for page in ("/in", "/f/letters", "/loans/shelf", f"/p/{theirs.id}/edit", "/f/letters/new/surat%20dinas"):
        assert guest.get(page).status_code == 403, page
    outsider = office.people.person("rai")
    assert outsider is not None
    with pytest.raises(NotYours):
        office.service.draft(outsider, "letters", "surat dinas", LETTER)
    with pytest.raises(Refused):
        office.service.draft(DRAFTER, "letters", "surat dinas", {**LETTER, "agencies": ["mitra"]})


def test_everybody_reads_an_open_list_and_only_that(guest: TestClient, office: Office) -> None:
    office.duties.do_due()
    assert "1 buah" in guest.get("/open/loans").text
    assert guest.get("/open/letters").status_code == guest.get("/open/none").status_code == 404
    assert guest.get("/f/loans", follow_redirects=False).headers["location"] == "/login"
    clerkless = guest.post("/in", data={"subject": "x"}, follow_redirects=False)
    assert clerkless.headers["location"] == "/login"


@pytest.mark.parametrize(
    ("said", "instead"),
    [('path = "/loans"', 'path = "/f/loans"'), ('path = "/loans"', ""), ('name="loans"', 'name="in"')],
)
def test_a_feature_cannot_take_the_offices_own_addresses(folder: Path, said: str, instead: str) -> None:
    (folder / "loans.py").write_text(LOANS.replace(said, instead or "pass"))
    with pytest.raises(Misconfigured):
        load_features([folder])
