"""Spending accountability: vouchers gathered, sent to three signers in order, printed once."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from eoffice.app import create_app
from eoffice.compose import Office
from eoffice.errors import NotFound, NotYours, Refused
from eoffice.features.accountability import bundles as b
from eoffice.features.accountability import prints
from eoffice.features.accountability.vouchers import Voucher, read_voucher
from eoffice.model import PaperState, Record
from eoffice.passwords import hash_of
from litestar.testing import TestClient
from PIL import Image

from tests.unit.eoffice.conftest import DRAFTER, HEAD, NOON, SECRETARY, STRANGER
from tests.unit.eoffice.whole import Clock, whole_office

ACTIVITY = {"activity": ["Pemeliharaan peladen"], "account": ["5.1.02.03"], "year": ["2026"]}
SIGNERS = {"treasurer": ["made"], "officer": ["luh"], "budget_user": ["luh"]}
VOUCHER = {"day": ["2026-11-20"], "purpose": ["Kabel jaringan"], "payee": ["Toko Umpama"], "amount": ["1.250.000"]}
TODAY = date(2026, 11, 22)
PAGE = "https://teken.example.go.id/v/rahasia"


def photograph(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 800), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with whole_office(tmp_path, Clock(NOON)) as made:
        for person in (DRAFTER, HEAD, STRANGER):
            made.people.put_person(person, password_hash=hash_of("sandi-contoh"))
        yield made


@pytest.fixture
def bundle(office: Office) -> Record:
    return b.begin(office, DRAFTER, ACTIVITY)


def voucher(**changed: list[str]) -> Voucher:
    return read_voucher({**VOUCHER, **changed}, today=TODAY)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount": ["0"]}, "amount"),
        ({"amount": ["-5"]}, "amount"),
        ({"amount": ["1,5"]}, "amount"),
        ({"amount": ["9" * 15]}, "amount"),
        ({"day": ["2026-11-23"]}, "day"),
        ({"day": ["kemarin"]}, "day"),
        ({"purpose": [" "]}, "purpose"),
        ({"payee": ["x" * 151]}, "payee"),
    ],
)
def test_a_voucher_that_is_wrong_names_its_field(changed: dict[str, list[str]], field: str) -> None:
    with pytest.raises(Refused) as refused:
        voucher(**changed)
    assert refused.value.field == field


def test_the_same_photograph_is_evidence_once_until_it_is_taken_out(office: Office, bundle: Record) -> None:
    other = b.begin(office, DRAFTER, ACTIVITY)
    changed = b.add(office, DRAFTER, bundle.id, voucher(), photograph())
    with pytest.raises(Refused) as refused:
        b.add(office, DRAFTER, other.id, voucher(), photograph())
    assert refused.value.field == "picture"
    b.remove(office, DRAFTER, bundle.id, changed.data["vouchers"][0]["id"])
    assert len(b.add(office, DRAFTER, other.id, voucher(), photograph()).data["vouchers"]) == 1


def test_ten_who_add_at_once_lose_nothing_that_was_taken(office: Office, bundle: Record) -> None:
    def added(number: int) -> bool:
        try:
            b.add(office, DRAFTER, bundle.id, voucher(purpose=[f"Bukti {number}"]), b"")
        except Refused:  # too many at once: it is said, and typed again
            return False
        return True

    with ThreadPoolExecutor(10) as phones:
        taken = sum(phones.map(added, range(10)))
    assert taken >= 1
    assert len(b.read(office, DRAFTER, bundle.id).data["vouchers"]) == taken


def test_only_who_gathers_a_bundle_changes_it_and_only_the_agency_sees_it(office: Office, bundle: Record) -> None:
    with pytest.raises(NotYours):
        b.add(office, HEAD, bundle.id, voucher(), b"")
    with pytest.raises(NotFound):
        b.read(office, STRANGER, bundle.id)
    with pytest.raises(Refused, match="Add vouchers first"):
        b.send(office, DRAFTER, bundle.id, SIGNERS)


def test_a_bundle_becomes_a_paper_in_order_and_comes_back_into_its_gatherers_hand(
    office: Office, bundle: Record
) -> None:
    b.add(office, DRAFTER, bundle.id, voucher(), photograph())
    b.add(office, DRAFTER, bundle.id, voucher(purpose=["Ongkos kirim"]), b"")
    with pytest.raises(Refused) as refused:
        b.send(office, DRAFTER, bundle.id, {**SIGNERS, "officer": []})
    assert refused.value.field == "officer"

    paper = b.send(office, DRAFTER, bundle.id, SIGNERS)
    assert paper.state is PaperState.QUEUED
    assert [(step.order, step.person_id) for step in paper.steps] == [(1, "made"), (2, "luh"), (3, "luh")]
    assert [(place.step, place.page) for place in paper.places] == [(1, 1), (2, 1), (3, 1)]
    assert len(pypdfium2.PdfDocument(office.files.read(paper.draft or ""))) == 2
    with pytest.raises(Refused, match="moved on"):
        b.add(office, DRAFTER, bundle.id, voucher(), b"")

    office.papers.returned(paper.id, problem="Kurang satu bukti.", at=NOON)
    for _ in range(2):
        b.on_paper(office, office.papers.get(paper.id))
    b.add(office, DRAFTER, bundle.id, voucher(purpose=["Yang kurang"]), b"")
    again = b.send(office, DRAFTER, bundle.id, SIGNERS)
    assert (again.id, again.number, len(again.form["vouchers"])) == (paper.id, paper.number, 3)

    office.papers.returned(paper.id, problem="Tidak jadi.", at=NOON)
    office.service.cancel(DRAFTER, paper.id, reason="Keliru kegiatan")
    b.on_paper(office, office.papers.get(paper.id))
    assert b.send(office, DRAFTER, bundle.id, SIGNERS).id != paper.id


def test_one_that_is_withdrawn_is_gathered_again_and_becomes_another_paper(office: Office, bundle: Record) -> None:
    signed = as_signed(office, bundle)
    prints.print_once(office, DRAFTER, signed)
    office.papers.withdrawn(signed.paper_id or "", note="Satu bukti keliru", at=NOON)
    for _ in range(2):
        b.on_paper(office, office.papers.get(signed.paper_id or ""))
    voucher_id = signed.data["vouchers"][0]["id"]
    b.remove(office, DRAFTER, bundle.id, voucher_id)
    b.add(office, DRAFTER, bundle.id, voucher(), photograph())
    again = b.send(office, DRAFTER, bundle.id, SIGNERS)
    assert again.id != signed.paper_id
    assert prints.prints_of(office, b.read(office, DRAFTER, bundle.id)) == []


def test_what_cannot_be_drawn_stays_in_its_gatherers_hand(office: Office, bundle: Record) -> None:
    b.add(office, DRAFTER, bundle.id, voucher(purpose=["Kabel \U0001f9ff"]), b"")
    with pytest.raises(Refused, match="page cannot be drawn"):
        b.send(office, DRAFTER, bundle.id, SIGNERS)
    assert b.read(office, DRAFTER, bundle.id).state == b.OPEN


def test_one_print_and_no_second_one_unless_it_is_spoilt(office: Office, bundle: Record) -> None:
    with pytest.raises(Refused, match="Not signed"):
        prints.print_once(office, DRAFTER, bundle)
    signed = as_signed(office, bundle)
    with pytest.raises(NotYours):
        prints.print_once(office, SECRETARY, signed)

    def printed(_: int) -> bytes | None:
        try:
            return prints.print_once(office, DRAFTER, signed)
        except Refused:
            return None

    with ThreadPoolExecutor(4) as hands:
        (content,) = [each for each in hands.map(printed, range(4)) if each]
    said = text_of(content)
    for page in said:
        assert "Cetakan tunggal. Berkas lengkap ada di aplikasi." in page
        assert "ABCDE FGHJK" in page
    assert "Halaman 2 dari 2" in said[1]

    with pytest.raises(NotYours):
        prints.spoil(office, DRAFTER, signed, reason="Kertas macet")
    prints.spoil(office, HEAD, signed, reason="Kertas macet")
    assert "pengganti, ke-2" in text_of(prints.print_once(office, HEAD, signed))[0]
    with pytest.raises(Refused, match="Printed already"):
        prints.print_once(office, HEAD, signed)
    assert [(each.state, each.data["pages"]) for each in prints.prints_of(office, signed)] == [
        (prints.SPOILT, 2),
        (prints.VALID, 2),
    ]


def test_the_pages_take_a_photograph_and_show_it_to_the_own_agency_alone(office: Office) -> None:
    with TestClient(create_app(office, work=False)) as browser:
        log_in(browser, "gede")
        page = browser.post("/accountability", data=ACTIVITY).url.path
        taken = browser.post(f"{page}/vouchers", data=VOUCHER, files={"picture": ("bukti.jpg", photograph("red"))})
        assert "Rp1.250.000" in taken.text
        wrong = browser.post(f"{page}/vouchers", data=VOUCHER, files={"picture": ("bukti.pdf", b"%PDF-1.7")})
        assert (wrong.status_code, 'href="#field-picture"' in wrong.text) == (422, True)
        (line,) = office.records.listed(b.FEATURE, b.BUNDLE)[0].data["vouchers"]
        shown = browser.get(f"{page}/pictures/{line['picture']}")
        assert shown.headers["content-type"] == "image/jpeg"
        secret = office.files.keep(b"something else")
        assert browser.get(f"{page}/pictures/{secret}").status_code == 404
        assert browser.post(f"{page}/print").status_code == 422
        assert "Pemeliharaan peladen" in browser.get("/accountability").text
        log_in(browser, "wayan")
        assert browser.get(page).status_code == 404
        assert browser.get(f"{page}/pictures/{line['picture']}").status_code == 404
        assert "Pemeliharaan peladen" not in browser.get("/accountability").text


def as_signed(office: Office, bundle: Record) -> Record:
    """The bundle as if everybody had signed; the bytes are those that were released."""
    b.add(office, DRAFTER, bundle.id, voucher(), photograph())
    paper = b.send(office, DRAFTER, bundle.id, SIGNERS)
    office.papers.submitted(paper.id, reference="flow", at=NOON)
    office.papers.signed(paper.id, code="K", page=PAGE, signed=paper.draft or "", done=3, dispatch=None, at=NOON)
    sent = b.read(office, DRAFTER, bundle.id)
    data = {**sent.data, "short_code": "ABCDE FGHJK"}
    return office.records.change(sent.id, version=sent.version, state=b.SIGNED, data=data, at=NOON)


def text_of(pdf: bytes) -> list[str]:
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]


def log_in(browser: TestClient, person: str) -> None:
    browser.post("/logout")
    browser.post("/login", data={"name": person, "password": "sandi-contoh"})
