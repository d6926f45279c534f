"""Receipts: one page whatever a stranger wrote, noted before they are sealed, sealed once, and never too often."""

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from api.faces.public.ports import UploadResult
from api.receipts.build import seal_name
from api.receipts.drawing import draw_receipt
from api.receipts.office import KEPT_FOR, MOST_KEPT, ReceiptOffice
from api.receipts.words import ReceiptWords
from api.services import VerifiedUpload
from signer.errors import KeyUnavailable
from signer.model import Secrecy
from tests.unit.api.faces.public.examples import CERTIFICATE, NOON, PASSED, RECORD, SETTINGS, UPLOADS, record, upload
from verifier.errors import WorkerBusy

WORDS = ReceiptWords(SETTINGS, public_url="https://teken.contoh.go.id")


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return str(document[0].get_textpage().get_text_range())


def drawn(result: UploadResult) -> str:
    return text_of(draw_receipt(WORDS.of(result), NOON))


class House:
    """A seal that can fail, and a trail."""

    def __init__(self) -> None:
        self.at = NOON
        self.noted: list[str] = []
        self.sealed: list[bytes] = []
        self.fails = False

    def now(self) -> datetime:
        return self.at

    def record(self, sha256: str, _: VerifiedUpload) -> None:
        assert len(self.noted) == len(self.sealed), "noted before the seal is used"
        self.noted.append(sha256)

    def seal(self, page: bytes) -> bytes:
        if self.fails:
            raise KeyUnavailable("the token is away")
        self.sealed.append(page)
        return page + b"% sealed"

    def office(self, per_minute: int = 60) -> ReceiptOffice:
        return ReceiptOffice(words=WORDS.of, record=self.record, seal=self.seal, per_minute=per_minute, now=self.now)


@pytest.mark.parametrize("name", UPLOADS)
def test_every_verdict_fits_on_one_page_with_digest_policy_and_both_languages(name: str) -> None:
    result = UPLOADS[name]
    said = drawn(result)
    verdict = WORDS.of(result)["verdict"]
    flat = " ".join(said.split())
    assert result.report.document_sha256 in said
    assert result.report.policy in said
    assert verdict["title"]["id"] in flat
    assert verdict["title"]["en"] in flat


def test_it_claims_to_be_pdf_a_2a() -> None:
    with pikepdf.open(BytesIO(draw_receipt(WORDS.of(UPLOADS["genuine"]), NOON))) as pdf:
        claimed = pdf.open_metadata()
        assert (claimed["pdfaid:part"], claimed["pdfaid:conformance"]) == ("2", "A")
        assert pdf.Root.Lang == "id"


def test_a_registered_letter_has_its_qr_and_a_stranger_none() -> None:
    assert WORDS.of(UPLOADS["genuine"])["qr"] is not None
    assert WORDS.of(UPLOADS["certified"])["qr"] is None


@pytest.mark.parametrize(
    "hostile",
    [
        '#panic("x") #eval("1") $x$ `raw` *bold* <label> @ref // /* #set page(fill: red)',
        "\x00\x07\u202eGUBERNUR\u200b",
        "日本語 العربية 🙂",
        "panjang " * 2000,
        '"}],"title":"x',
    ],
)
def test_what_a_stranger_wrote_stays_text_and_on_the_page(hostile: str) -> None:
    signer = replace(CERTIFICATE, subject=hostile, organisation=hostile, issuer=hostile)
    signature = replace(PASSED, signer=signer, field_name=hostile, detail=hostile)
    said = drawn(upload(*[signature] * 64))
    assert "\u202e" not in said
    assert "dan 56 lainnya" in " ".join(said.split())


def test_no_number_of_a_person_is_in_it() -> None:
    named = replace(CERTIFICATE, subject="Ni Luh Contoh 19870101 201001 1 002")
    assert "201001" not in drawn(upload(replace(PASSED, signer=named)))


@pytest.mark.parametrize("secrecy", [Secrecy.RAHASIA, Secrecy.SANGAT_RAHASIA])
def test_secrecy_holds_here_too(secrecy: Secrecy) -> None:
    said = drawn(replace(UPLOADS["genuine"], record=record(secrecy)))
    for hidden in (CERTIFICATE.subject, "CONTOH/2026", "Pendampingan"):
        assert hidden not in said


def test_the_same_file_with_the_same_verdict_is_sealed_once() -> None:
    house = House()
    office = house.office()
    first = office.receipt(UPLOADS["genuine"])
    house.at += timedelta(minutes=1)
    later = replace(UPLOADS["genuine"], report=replace(UPLOADS["genuine"].report, validated_at=house.at))
    assert office.receipt(later) == first
    assert (len(house.sealed), len(house.noted)) == (1, 1)


def test_another_verdict_or_another_time_is_sealed_anew() -> None:
    house = House()
    office = house.office()
    office.receipt(UPLOADS["genuine"])
    office.receipt(replace(UPLOADS["genuine"], record=RECORD, report=UPLOADS["revoked"].report))
    house.at += KEPT_FOR + timedelta(seconds=1)
    office.receipt(UPLOADS["genuine"])
    assert len(house.sealed) == 3


def test_more_than_the_limit_wait_whoever_asks() -> None:
    house = House()
    office = house.office(per_minute=2)
    for number in range(2):
        report = replace(UPLOADS["genuine"].report, document_sha256=f"{number:064}")
        office.receipt(replace(UPLOADS["genuine"], report=report))
    with pytest.raises(WorkerBusy) as busy:
        office.receipt(UPLOADS["genuine"])
    assert busy.value.retry_after > 0
    assert len(house.sealed) == 2


def test_what_cannot_be_sealed_is_not_given_and_not_kept() -> None:
    house = House()
    office = house.office()
    house.fails = True
    with pytest.raises(KeyUnavailable):
        office.receipt(UPLOADS["genuine"])
    house.noted.clear()
    house.fails = False
    assert office.receipt(UPLOADS["genuine"]).endswith(b"% sealed")


def test_no_more_are_kept_than_the_limit() -> None:
    house = House()
    office = house.office(per_minute=1000)
    for number in range(MOST_KEPT + 1):
        report = replace(UPLOADS["unreadable"].report, document_sha256=f"{number:064}")
        office.receipt(replace(UPLOADS["unreadable"], report=report))
    first = replace(UPLOADS["unreadable"].report, document_sha256=f"{0:064}")
    office.receipt(replace(UPLOADS["unreadable"], report=first))
    assert len(house.sealed) == MOST_KEPT + 2


def test_the_body_on_the_certificate_is_never_too_long() -> None:
    assert seal_name("Pemerintah Provinsi Contoh") == "Layanan Verifikasi Pemerintah Provinsi Contoh"
    assert seal_name("P" * 60) == "P" * 60
