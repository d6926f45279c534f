"""Verification reports in the gateway's two shapes (contract, 8.1 and 8.2), made of files that are really signed."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from api.faces.esign.judged import Word, class_in_words, is_trusted, word_of
from api.faces.esign.moments import expiry, iso_time, local_time
from api.faces.esign.verdict_v1 import VerdictV1
from api.faces.esign.verdict_v2 import VerdictV2, format_name
from tests.support.letters import letter
from tests.support.pki import Pki, make_pki
from tests.support.shared import CorpusCase, corpus
from tests.support.signing import Desk
from tests.support.signing import request as sign_request
from tests.vectors.attacks import page_swapped, signature_removed
from tests.vectors.letters import add_validation_data, pages, sign, timestamp_document, trust_in
from verifier.model import Indication, SignatureKind, TrustSnapshot, ValidationReport
from verifier.policy import ValidationPolicy, load_policy
from verifier.validation import validate

WITA = timezone(timedelta(hours=8))
HOUR = timedelta(hours=1)
V1_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{1,6}")
V2_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+00:00")
V1_KEYS = {
    "info_tsa": {"name", "tsa_cert_validity"},
    "info_signer": {"issuer_dn", "signer_name", "signer_dn", "signer_cert_validity", "cert_user_certified"},
    "signature_document": {
        "signed_using_tsa",
        "reason",
        "document_integrity",
        "signature_value",
        "signed_in",
        "location",
        "hash_value",
    },
}
V2_ITEM = {
    "id",
    "signatureFormat",
    "signerName",
    "signatureDate",
    "fieldName",
    "reason",
    "location",
    "certLevelCode",
    "signatureAlgorithm",
    "digestAlgorithm",
    "timestampInfomation",
    "certificateDetails",
    "integrityValid",
    "certificateTrusted",
    "lastSignature",
    "ltv",
}
V2_CERTIFICATE = {
    "id",
    "commonName",
    "issuerName",
    "serialNumber",
    "notBeforeDate",
    "notAfterDate",
    "signatureAlgoritm",
    "keyUsages",
}
CASES = {case.path.name: case for case in corpus()}
needs_corpus = pytest.mark.skipif(not CASES, reason="the corpus is absent: set TEKEN_SHARED")


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture(scope="module")
def policy() -> ValidationPolicy:
    return load_policy("teken-1")


@pytest.fixture(scope="module")
def trust(pki: Pki) -> TrustSnapshot:
    return trust_in(pki, at=pki.at + HOUR)


@pytest.fixture(scope="module")
def judge(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> Any:
    return lambda pdf, trust=trust: validate(pdf, policy, trust, pki.at + HOUR)


@pytest.fixture(scope="module")
def signed(pki: Pki) -> bytes:
    return sign(pages("Surat dinas"), pki.official, claimed=pki.at, token_of=(pki, pki.at))


def v1(report: ValidationReport, **more: Any) -> dict[str, Any]:
    verdict = VerdictV1.of(report, name="surat-contoh.pdf", notes="Catatan.", zone=WITA, **more)
    return msgspec.json.decode(msgspec.json.encode(verdict), type=dict)


def v2(report: ValidationReport, **more: Any) -> dict[str, Any]:
    verdict = VerdictV2.of(report, description="Uraian.", **more)
    return msgspec.json.decode(msgspec.json.encode(verdict), type=dict)


def test_v1_of_a_signed_file_has_every_key_with_its_type(judge: Any, signed: bytes, pki: Pki) -> None:
    answer = v1(judge(signed))
    assert list(answer) == ["nama_dokumen", "jumlah_signature", "notes", "details", "summary"]
    assert (answer["nama_dokumen"], answer["jumlah_signature"], answer["summary"]) == ("surat-contoh.pdf", 1, "VALID")
    (detail,) = answer["details"]
    assert detail["signature_field"] == "Signature1"
    assert {key: set(detail[key]) for key in V1_KEYS} == V1_KEYS
    signer, document = detail["info_signer"], detail["signature_document"]
    assert signer["signer_name"] == "I Wayan Contoh"
    assert signer["signer_dn"].startswith("C=ID,O=")
    assert "CN=I Wayan Contoh" in signer["signer_dn"]
    assert signer["issuer_dn"].endswith("CN=Contoh Issuing CA 1 G1")
    assert signer["cert_user_certified"] is True
    assert document["signed_using_tsa"] is True
    assert document["document_integrity"] is True
    assert document["signed_in"] == local_time(pki.at, WITA)
    assert re.fullmatch("[0-9a-f]{64}", document["hash_value"])
    assert detail["info_tsa"]["name"] == "Contoh TSU 2026-1"


def test_v1_of_an_unsigned_file_is_empty_and_null(judge: Any) -> None:
    assert v1(judge(pages("Surat dinas"))) == {
        "nama_dokumen": "surat-contoh.pdf",
        "jumlah_signature": 0,
        "notes": None,
        "details": [],
        "summary": None,
    }


def test_v1_of_a_changed_file_is_invalid(judge: Any, signed: bytes, pki: Pki) -> None:
    at = signed.index(b"Surat dinas")
    answer = v1(judge(signed[:at] + b"Surat palsu" + signed[at + 11 :]))
    assert answer["summary"] == "INVALID"
    assert answer["details"][0]["signature_document"]["document_integrity"] is False
    swapped = v1(judge(page_swapped(pki)))
    assert swapped["summary"] == "INVALID"
    assert swapped["details"][0]["signature_document"]["document_integrity"] is False


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 5, 4, 1, 15, tzinfo=UTC), "2026-05-04 09:15:00.0"),
        (datetime(2026, 5, 4, 1, 15, 0, 250_000, tzinfo=UTC), "2026-05-04 09:15:00.25"),
        (datetime(2026, 5, 4, 23, 15, 0, 1, tzinfo=UTC), "2026-05-05 07:15:00.000001"),
        (datetime(2026, 5, 4, 8, 15, 0, 100_000, tzinfo=WITA), "2026-05-04 08:15:00.1"),
    ],
)
def test_v1_times_always_have_a_fraction(moment: datetime, written: str) -> None:
    assert local_time(moment, WITA) == written
    assert V1_TIME.fullmatch(written)


def test_v1_periods_are_one_text(judge: Any, signed: bytes) -> None:
    (detail,) = v1(judge(signed))["details"]
    for period in (detail["info_tsa"]["tsa_cert_validity"], detail["info_signer"]["signer_cert_validity"]):
        start, end = period.split(" to ")
        assert V1_TIME.fullmatch(start)
        assert V1_TIME.fullmatch(end)


def test_v2_of_a_signed_file_has_every_key_with_its_type(judge: Any, signed: bytes, pki: Pki) -> None:
    answer = v2(judge(signed))
    assert list(answer) == ["conclusion", "description", "signatureCount", "signatureInformations"]
    assert (answer["conclusion"], answer["signatureCount"]) == ("VALID", 1)
    (item,) = answer["signatureInformations"]
    assert set(item) == V2_ITEM
    assert item["signatureFormat"] == "PAdES-BASELINE-T"
    assert (item["certLevelCode"], item["signatureAlgorithm"], item["digestAlgorithm"]) == (0, None, None)
    assert item["integrityValid"] is item["certificateTrusted"] is item["lastSignature"] is True
    assert item["ltv"] is False
    assert set(item["timestampInfomation"]) == {"id", "signerName", "timestampDate"}
    assert [set(each) for each in item["certificateDetails"]] == [V2_CERTIFICATE] * 3
    names = [each["commonName"] for each in item["certificateDetails"]]
    assert names == ["I Wayan Contoh", "Contoh Issuing CA 1 G1", "Contoh Root CA G1"], "signer first, then up"
    assert item["certificateDetails"][0]["keyUsages"] == ["nonRepudiation"]
    assert item["certificateDetails"][0]["signatureAlgoritm"].startswith("ECDSA with SHA")
    der = pki.official.certificate.public_bytes(Encoding.DER)
    assert item["certificateDetails"][0]["id"] == f"C-{sha256(der).hexdigest().upper()}"


def test_v2_misspelt_keys_are_there_and_correct_ones_are_not(judge: Any, signed: bytes) -> None:
    text = json.dumps(v2(judge(signed)))
    assert '"timestampInfomation"' in text
    assert '"signatureAlgoritm"' in text
    assert "timestampInformation" not in text
    certificate = v2(judge(signed))["signatureInformations"][0]["certificateDetails"][0]
    assert "signatureAlgorithm" not in certificate


def test_v2_dates_have_milliseconds_and_a_written_zone(judge: Any, signed: bytes, pki: Pki) -> None:
    (item,) = v2(judge(signed))["signatureInformations"]
    dates = [item["signatureDate"], item["timestampInfomation"]["timestampDate"]]
    dates += [each[key] for each in item["certificateDetails"] for key in ("notBeforeDate", "notAfterDate")]
    assert all(V2_TIME.fullmatch(each) for each in dates)
    assert item["signatureDate"] == iso_time(pki.at)
    assert expiry(pki.at) == iso_time(pki.at)[:-6] + "+0000"


def test_v2_serial_number_is_a_decimal_text(judge: Any, signed: bytes, pki: Pki) -> None:
    (item,) = v2(judge(signed))["signatureInformations"]
    assert item["certificateDetails"][0]["serialNumber"] == str(pki.official.certificate.serial_number)


def test_v2_ids_are_a_letter_and_64_upper_case_digits(judge: Any, signed: bytes) -> None:
    (item,) = v2(judge(signed))["signatureInformations"]
    ids = [item["id"], item["timestampInfomation"]["id"], *(each["id"] for each in item["certificateDetails"])]
    assert [each[:2] for each in ids] == ["S-", "T-", "C-", "C-", "C-"]
    assert all(re.fullmatch("[SCT]-[0-9A-F]{64}", each) for each in ids)
    assert len(set(ids)) == len(ids)


def test_v2_of_an_unsigned_file(judge: Any) -> None:
    answer = v2(judge(pages("Surat dinas")))
    assert (answer["conclusion"], answer["signatureCount"], answer["signatureInformations"]) == ("NO_SIGNATURE", 0, [])


def test_three_signers_are_three_items_in_signing_order(judge: Any, pki: Pki) -> None:
    names = ["Ni Contoh Satu", "I Contoh Dua", "Ni Contoh Tiga"]
    pdf = pages("Surat bersama")
    for number, name in enumerate(names):
        pdf = sign(pdf, pki.official_with(name=name), field=f"Tanda{number}", claimed=pki.at, token_of=(pki, pki.at))
    old, new = v1(judge(pdf)), v2(judge(pdf))
    assert (old["jumlah_signature"], new["signatureCount"]) == (3, 3)
    assert [each["info_signer"]["signer_name"] for each in old["details"]] == names
    assert [each["signerName"] for each in new["signatureInformations"]] == names
    assert [each["lastSignature"] for each in new["signatureInformations"]] == [False, False, True]
    assert (old["summary"], new["conclusion"]) == ("VALID", "VALID")


def test_what_is_not_known_is_indeterminate_in_both(judge: Any, signed: bytes, pki: Pki) -> None:
    silent = judge(signed, trust_in(pki, crls=[]))
    stranger = judge(signed, trust_in(make_pki()))
    for report in (silent, stranger):
        old, new = v1(report), v2(report)
        assert (old["summary"], new["conclusion"]) == ("INDETERMINATE", "INDETERMINATE")
        assert old["details"][0]["info_signer"]["cert_user_certified"] is False
        assert old["details"][0]["signature_document"]["document_integrity"] is True
        assert new["signatureInformations"][0]["certificateTrusted"] is False


def test_without_a_timestamp_both_say_so(judge: Any, pki: Pki) -> None:
    report = judge(sign(pages("Surat dinas"), pki.official, claimed=pki.at))
    (detail,), (item,) = v1(report)["details"], v2(report)["signatureInformations"]
    assert detail["signature_document"]["signed_using_tsa"] is False
    assert detail["info_tsa"] == {"name": None, "tsa_cert_validity": None}
    assert item["timestampInfomation"] is None
    stated = report.signatures[0].facts.stated_at
    assert stated is not None, "/M is all that a signature without a timestamp says of its time"
    assert detail["signature_document"]["signed_in"] == local_time(stated, WITA)


def test_reason_and_place_are_those_of_the_signature() -> None:
    desk = Desk()
    made = desk.service.sign(sign_request(document=letter(), reason="Persetujuan surat", location="Denpasar"))
    report = validate(made.pdf, load_policy("teken-1"), trust_in(desk.pki), desk.pki.at + HOUR)
    (detail,), (item,) = v1(report)["details"], v2(report)["signatureInformations"]
    assert (detail["signature_document"]["reason"], item["reason"]) == ("Persetujuan surat", "Persetujuan surat")
    assert (detail["signature_document"]["location"], item["location"]) == ("Denpasar", "Denpasar")
    assert (item["signatureFormat"], item["ltv"]) == ("PAdES-BASELINE-LT", True)


def test_a_level_is_told_in_the_words_of_dss() -> None:
    levels = ["PAdES-B-B", "PAdES-B-T", "PAdES-B-LT", "PAdES-B-LTA", "PKCS7", "PKCS7-T", "PAdES-BES", None]
    assert [format_name(each) for each in levels] == [
        "PAdES-BASELINE-B",
        "PAdES-BASELINE-T",
        "PAdES-BASELINE-LT",
        "PAdES-BASELINE-LTA",
        "PKCS7-B",
        "PKCS7-T",
        "PAdES-BES",
        None,
    ]


def test_long_term_data_is_told(judge: Any, signed: bytes, pki: Pki) -> None:
    chain = [*pki.official.chain, pki.tsu.certificate]
    long = add_validation_data(signed, chain, [pki.crl(), pki.crl(pki.root)], [pki.ocsp(pki.official.certificate)])
    (item,) = v2(judge(long))["signatureInformations"]
    assert (item["signatureFormat"], item["ltv"]) == ("PAdES-BASELINE-LT", True)
    (item,) = v2(judge(timestamp_document(long, pki, pki.at)))["signatureInformations"]
    assert (item["signatureFormat"], item["ltv"]) == ("PAdES-BASELINE-LTA", True)


def test_timestamps_alone_are_no_signature(judge: Any, pki: Pki) -> None:
    report = judge(timestamp_document(pages("Surat dinas"), pki, pki.at))
    assert [each.kind for each in report.signatures] == [SignatureKind.DOCUMENT_TIMESTAMP]
    assert (v1(report)["summary"], v2(report)["conclusion"]) == (None, "NO_SIGNATURE")


def test_a_removed_signature_is_no_unsigned_file(judge: Any, pki: Pki) -> None:
    report = judge(signature_removed(pki))
    assert v1(report)["summary"] == "INVALID"
    assert v2(report)["conclusion"] == "INVALID"


def test_a_credential_may_count_the_certified_class_alone(judge: Any, signed: bytes) -> None:
    report = judge(signed)
    assert v1(report, certified_only=True)["details"][0]["info_signer"]["cert_user_certified"] is False
    assert v2(report, certified_only=True)["signatureInformations"][0]["certificateTrusted"] is False
    certified = replace(report.signatures[0], certified=True)
    assert is_trusted(certified, certified_only=True)


def test_the_class_is_always_named(judge: Any, signed: bytes) -> None:
    report = judge(signed)
    (own,) = report.signatures
    certified, unknown = replace(own, certified=True), replace(own, certified=None)
    assert class_in_words(report) == "Tanda tangan elektronik tidak tersertifikasi."
    assert class_in_words(replace(report, signatures=(certified,))) == "Tanda tangan elektronik tersertifikasi."
    assert "sebagian tidak" in class_in_words(replace(report, signatures=(own, certified)))
    assert "belum" in class_in_words(replace(report, signatures=(certified, unknown)))
    assert class_in_words(replace(report, signatures=())) == ""


@needs_corpus
@pytest.mark.parametrize("name", sorted(CASES))
def test_any_file_of_others_keeps_the_shapes(name: str, judge: Any) -> None:
    case: CorpusCase = CASES[name]
    report = judge(case.path.read_bytes())
    if report.indication is Indication.UNREADABLE:
        with pytest.raises(KeyError):
            word_of(report)
        return
    old, new = v1(report), v2(report)
    assert word_of(report) is not Word.VALID, "nobody here is trusted by us"
    assert old["jumlah_signature"] == new["signatureCount"] == len(old["details"])
    assert "error" not in old
    assert "error" not in new
    for detail, item in zip(old["details"], new["signatureInformations"], strict=True):
        assert {key: set(detail[key]) for key in V1_KEYS} == V1_KEYS
        assert V1_TIME.fullmatch(detail["signature_document"]["signed_in"])
        assert set(item) == V2_ITEM
        assert V2_TIME.fullmatch(item["signatureDate"])
        assert all(set(each) == V2_CERTIFICATE for each in item["certificateDetails"])
