"""What the XML report says of a file; that its form is right is asked of ETSI's schema in tests/conformance."""

import base64
from datetime import timedelta
from xml.etree import ElementTree as ET

from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.pki import Pki
from tests.vectors.attacks import page_swapped
from tests.vectors.letters import pages, sign, timestamp_document
from verifier.etsi_report import etsi_report
from verifier.model import SubIndication, TrustSnapshot
from verifier.policy import ValidationPolicy
from verifier.validation import validate

HOUR = timedelta(hours=1)
VR = "{http://uri.etsi.org/19102/v1.4.1#}"


def read(pdf: bytes, policy: ValidationPolicy, trust: TrustSnapshot, pki: Pki) -> ET.Element:
    return ET.fromstring(etsi_report(validate(pdf, policy, trust, pki.at + HOUR)))  # noqa: S314 our own


def all_of(element: ET.Element, name: str) -> list[str]:
    return [each.text or "" for each in element.iter(VR + name)]


def test_a_passed_signature_with_its_path_and_its_proof(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> None:
    report = read(letter_b_t, policy, trust, pki)
    (entry,) = report.findall(f"{VR}SignatureValidationReport")
    assert all_of(entry, "MainIndication") == ["urn:etsi:019102:mainindication:total-passed"]
    assert all_of(entry, "SubIndication") == []
    assert all_of(entry, "PAdESFieldName") == ["Signature1"]
    assert all_of(entry, "POETime") == [pki.at.isoformat().replace("+00:00", "Z")]
    assert all_of(entry, "PolicyName") == ["teken-1"]
    objects = {each.get("id"): each for each in report.iter(f"{VR}ValidationObject")}
    (proof,) = entry.iter(f"{VR}POEObject")
    assert "timestamp" in all_of(objects[proof.get("VOReference")], "ObjectType")[0]
    (signer,) = entry.iter(f"{VR}SigningCertificate")
    der = base64.b64decode(all_of(objects[signer.get("VOReference")], "base64")[0])
    assert der == pki.official.certificate.public_bytes(Encoding.DER)
    anchors = {each.get("VOReference") for each in entry.iter(f"{VR}TrustAnchor")}
    (anchor,) = anchors
    root = pki.root.certificate.public_bytes(Encoding.DER)
    assert base64.b64decode(all_of(objects[anchor], "base64")[0]) == root


def test_a_change_that_is_not_permitted_has_a_word_of_ours(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    report = read(page_swapped(pki), policy, trust, pki)
    (entry,) = report.findall(f"{VR}SignatureValidationReport")
    assert all_of(entry, "MainIndication") == ["urn:etsi:019102:mainindication:total-failed"]
    assert all_of(report, "SubIndication") == ["urn:teken:subindication:DOCUMENT_CHANGED"]
    assert any(each.startswith("revision 3") and "not permitted" in each for each in all_of(report, "Value"))


def test_a_reason_of_the_standard_keeps_its_name(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_b: bytes
) -> None:
    changed = letter_b_b.replace(b"Surat dinas", b"Surat dinax")
    report = read(changed, policy, trust, pki)
    assert all_of(report, "SubIndication") == [f"urn:etsi:019102:subindication:{SubIndication.HASH_FAILURE.name}"]


def test_document_timestamps_are_objects_and_never_signatures(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot
) -> None:
    report = read(timestamp_document(pages("Surat"), pki, pki.at), policy, trust, pki)
    (entry,) = report.findall(f"{VR}SignatureValidationReport")
    assert all_of(entry, "PAdESFieldName") == []
    (judged,) = report.findall(f".//{VR}ValidationObject/{VR}ValidationReport")
    assert all_of(judged, "MainIndication") == ["urn:etsi:019102:mainindication:passed"]


def test_what_a_stranger_wrote_stays_text(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    name = "</vr:PAdESFieldName><x>\x07"
    pdf = sign(pages("Surat"), pki.official, field=name, claimed=pki.at)
    report = read(pdf, policy, trust, pki)
    assert all_of(report, "PAdESFieldName") == [name.replace("\x07", "\ufffd")]
    assert list(report.iter("x")) == []
