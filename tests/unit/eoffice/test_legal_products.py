"""Legal products: a regency's draft on its way through the bureau, and what each side sees of it."""

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from eoffice.app import create_app
from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours, Refused
from eoffice.features.legal_products import drafts as d
from eoffice.features.legal_products.kinds import LETTER, SHEET
from eoffice.model import Act, Agency, Paper, PaperState, Person, Record, Role
from eoffice.passwords import hash_of
from litestar.testing import TestClient

from tests.unit.eoffice.conftest import BIRO, DRAFTER, HEAD, NOON, STRANGER
from tests.unit.eoffice.whole import Clock, whole_office

REGENCY = Agency(id="kabupaten", name="Kabupaten Umpama", code="KAB", address="Jalan Umpama 1", outside=True)
PARTNER = Person(
    id="ketut",
    name="I Ketut Umpama, S.H.",
    office="Kepala Bagian Hukum",
    agency_id="kabupaten",
    credential="credential-of-ketut",
    roles=frozenset({Role.STAFF}),
)
CITY = Agency(id="kota", name="Kota Umpama", code="KOTA", address="Jalan Umpama 2", outside=True)
NEIGHBOUR = Person(id="nyoman", name="Ni Nyoman Umpama", office="Staf Hukum", agency_id="kota")
HANDED_IN = {"product": ["ranperda"], "title": ["Pengelolaan sampah"], "bureau": ["dinas"]}
RESULT = {"partner": ["ketut"], "signatory": ["luh"], "initials": ["made"], "opinion": ["changes"]}
FILE = ("..\\rancangan perda.pdf", b"%PDF-1.7 rancangan")


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    with whole_office(tmp_path, clock) as made:
        for agency in (REGENCY, CITY, BIRO):
            made.people.put_agency(agency)
        for person in (PARTNER, NEIGHBOUR, DRAFTER, STRANGER):
            made.people.put_person(person, password_hash=hash_of("sandi-contoh"))
        yield made


@pytest.fixture
def partner(office: Office) -> Person:
    """As the office knows this person: of an agency outside."""
    return office.people.people()["ketut"]


@pytest.fixture
def draft(office: Office, partner: Person) -> Record:
    return d.hand_in(office, partner, HANDED_IN, FILE)


@pytest.mark.parametrize(
    ("changed", "file", "field"),
    [
        ({"bureau": ["kota"]}, FILE, "bureau"),
        ({"bureau": ["kabupaten"]}, FILE, "bureau"),
        ({"bureau": []}, FILE, "bureau"),
        ({"product": ["peraturan daerah"]}, FILE, "product"),
        ({"title": [""]}, FILE, "title"),
        ({"title": ["x" * 201]}, FILE, "title"),
        ({}, ("", b""), "draft"),
        ({}, ("draf.exe", b"MZ"), "draft"),
    ],
)
def test_a_draft_that_is_wrong_names_its_field(
    office: Office, partner: Person, changed: dict[str, list[str]], file: tuple[str, bytes], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        d.hand_in(office, partner, {**HANDED_IN, **changed}, file)
    assert refused.value.field == field


def test_only_the_two_sides_see_a_draft_and_each_does_its_own_part(
    office: Office, partner: Person, draft: Record
) -> None:
    neighbour = office.people.people()["nyoman"]
    assert d.seen_by(office, neighbour) == d.seen_by(office, STRANGER) == []
    for stranger in (neighbour, STRANGER):
        with pytest.raises(NotFound):
            d.read(office, stranger, draft.id)
    with pytest.raises(NotYours):
        d.send_back(office, partner, draft.id, {"remarks": ["Baik."]})
    with pytest.raises(NotYours):
        d.facilitate(office, partner, draft.id, RESULT)
    with pytest.raises(Refused, match="No other version"):
        d.hand_in_again(office, partner, draft.id, FILE)

    d.send_back(office, DRAFTER, draft.id, {"remarks": ["Pasal 3 belum jelas.\nLihat lampiran."]})
    with pytest.raises(Refused, match="not waiting for review"):
        d.facilitate(office, DRAFTER, draft.id, RESULT)
    with pytest.raises(NotYours):
        d.hand_in_again(office, DRAFTER, draft.id, FILE)
    again = d.hand_in_again(office, partner, draft.id, ("versi dua.pdf", b"%PDF-1.7 dua"))
    assert (again.state, [each["name"] for each in again.data["versions"]]) == (
        d.HANDED_IN,
        ["rancangan perda.pdf", "versi dua.pdf"],
    )


def test_the_result_is_signed_on_both_sides_and_the_draft_is_an_annex(office: Office, draft: Record) -> None:
    for wrong, field in (({"partner": ["made"]}, "partner"), ({"signatory": []}, "signatory")):
        with pytest.raises(Refused) as refused:
            d.facilitate(office, DRAFTER, draft.id, {**RESULT, **wrong})
        assert refused.value.field == field
    sheet = d.facilitate(office, DRAFTER, draft.id, RESULT)
    with pytest.raises(Refused):
        d.facilitate(office, DRAFTER, draft.id, RESULT)
    assert [(step.order, step.act, step.person_id) for step in sheet.steps] == [
        (1, Act.INITIALS, "made"),
        (2, Act.SIGNATURE, "ketut"),
        (3, Act.SIGNATURE, "luh"),
    ]
    parts = d.parts_of(office, draft)
    assert set(parts) == {SHEET, LETTER}

    papers = [office.service.release(DRAFTER, each.id, version=each.version) for each in (sheet, parts[LETTER])]
    printed = " ".join(
        pypdfium2.PdfDocument(office.files.read(papers[0].draft or ""))[0].get_textpage().get_text_range().split()
    )
    sha256 = draft.data["versions"][0]["sha256"]
    assert sha256 in printed.replace(" ", "")
    assert "tidak ditandatangani secara elektronik" in printed

    for paper, state in zip(papers, (d.REVIEWED, d.DONE), strict=True):
        told_as_signed(office, paper)
        assert office.records.get(draft.id).state == state
    letter = office.service.replace(DRAFTER, papers[1].id)
    told_as_signed(office, office.service.release(DRAFTER, letter.id, version=letter.version))
    assert d.parts_of(office, draft)[LETTER].id == letter.id, "it took the other's place"
    office.papers.withdrawn(sheet.id, note="Keliru", at=NOON)
    d.on_paper(office, office.papers.get(sheet.id))
    assert office.records.get(draft.id).state == d.REVIEWED


def test_a_draft_whose_result_was_given_up_waits_for_review_again(office: Office, draft: Record, clock: Clock) -> None:
    sheet = d.facilitate(office, DRAFTER, draft.id, RESULT)
    cancelled = office.service.cancel(DRAFTER, sheet.id, reason="Keliru")
    for _ in range(2):
        d.on_paper(office, cancelled)
    assert office.records.get(draft.id).state == d.HANDED_IN
    clock.moves(minutes=1)
    again = d.facilitate(office, DRAFTER, draft.id, RESULT)
    assert d.parts_of(office, draft)[SHEET].id == again.id


def told_as_signed(office: Office, paper: Paper) -> None:
    """As if everybody had signed; twice, as it may happen."""
    office.papers.submitted(paper.id, reference=paper.id, at=NOON)
    signed = office.papers.signed(
        paper.id, code=paper.id, page="", signed=paper.draft or "", done=1, dispatch=None, at=NOON
    )
    assert signed.state is PaperState.SIGNED
    for _ in range(2):
        d.on_paper(office, signed)


def test_a_partner_hands_in_with_the_browser_and_sees_nothing_else(office: Office) -> None:
    office.people.put_person(HEAD)
    with TestClient(create_app(office, work=False)) as browser:
        log_in(browser, "ketut")
        assert 'href="/legal-products"' in browser.get("/").text
        sent = browser.post("/legal-products", data=HANDED_IN, files={"draft": FILE})
        assert (sent.status_code, "rancangan perda.pdf" in sent.text) == (200, True)
        page = sent.url.path
        file = browser.get(f"{page}/files/1")
        assert (file.content, file.headers["content-type"]) == (FILE[1], "application/pdf")
        assert browser.get(f"{page}/files/2").status_code == 404
        assert browser.post(f"{page}/back", data={"remarks": "x"}).status_code == 403
        assert browser.get("/f/legal-products").status_code == 403
        log_in(browser, "nyoman")
        for address in (page, f"{page}/files/1", f"{page}/papers/{SHEET}"):
            assert browser.get(address).status_code == 404
        log_in(browser, "gede")
        assert "Susun hasil fasilitasi" in browser.get(page).text
        begun = browser.post(f"{page}/result", data=RESULT, follow_redirects=False)
        assert begun.headers["location"].endswith("/edit")
        assert "rancangan perda.pdf" in browser.get(begun.headers["location"]).text
        assert browser.get(f"{page}/papers/{SHEET}").status_code == 404, "not signed yet"
        assert "Konsep" in browser.get(page).text


def log_in(browser: TestClient, person: str) -> None:
    browser.post("/logout")
    browser.post("/login", data={"name": person, "password": "sandi-contoh"})
