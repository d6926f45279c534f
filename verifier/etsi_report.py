"""A validation report as XML of ETSI TS 119 102-2 V1.4.1, from our own findings and nothing else.

Names of elements are those of its schema (http://uri.etsi.org/19102/v1.4.1#), clauses those of the standard. What the
standard has no word for is said in words of our own that begin with `urn:teken:`.
"""

import hashlib
from typing import Final
from xml.etree import ElementTree as ET

from verifier import etsi_objects, etsi_xml
from verifier.etsi_objects import Objects
from verifier.etsi_xml import child, digest_of, moment, reference, text
from verifier.model import (
    Indication,
    Modification,
    SignatureFacts,
    SignatureKind,
    SignatureReport,
    SubIndication,
    ValidationReport,
)
from verifier.policy import POLICIES
from verifier.words import NEXT_STEPS, REASONS

OWN: Final = "urn:teken:"

_SUB_INDICATION: Final = "urn:etsi:019102:subindication:"
_OWN_REASONS: Final = {
    SubIndication.DOCUMENT_CHANGED: (OWN + "subindication:DOCUMENT_CHANGED",),
    **{
        each: (_SUB_INDICATION + "GENERIC", f"{OWN}subindication:{each.name}")
        for each in (SubIndication.UNSUPPORTED, SubIndication.PASSWORD_NEEDED, SubIndication.PASSWORD_WRONG)
    },
}
_MAIN: Final = {
    Indication.TOTAL_PASSED: "urn:etsi:019102:mainindication:total-passed",
    Indication.TOTAL_FAILED: "urn:etsi:019102:mainindication:total-failed",
    Indication.INDETERMINATE: "urn:etsi:019102:mainindication:indeterminate",
    Indication.NO_SIGNATURE: OWN + "mainindication:no-signature",
    Indication.UNREADABLE: OWN + "mainindication:unreadable",
}
_OF_TIMESTAMP: Final = {
    Indication.TOTAL_PASSED: "urn:etsi:019102:mainindication:passed",
    Indication.TOTAL_FAILED: "urn:etsi:019102:mainindication:failed",
    Indication.INDETERMINATE: "urn:etsi:019102:mainindication:indeterminate",
}


def etsi_report(report: ValidationReport) -> bytes:
    """The XML of `report`, UTF-8. A file without signatures has one entry, which says why there is none."""
    objects = Objects(report)
    root = etsi_xml.root("ValidationReport")
    signatures = [each for each in report.signatures if each.kind is SignatureKind.SIGNATURE]
    for number, each in enumerate(signatures, start=1):
        _signature(child(root, "SignatureValidationReport"), each, report, objects, f"signature-{number}")
    if not signatures:
        _without_signature(child(root, "SignatureValidationReport"), report, objects)
    objects.write(child(root, "SignatureValidationObjects"), document_timestamp=_document_timestamp)
    return etsi_xml.as_bytes(root)


def _signature(
    entry: ET.Element, signature: SignatureReport, report: ValidationReport, objects: Objects, name: str
) -> None:
    """4.3: in the order that the schema wants."""
    _identifier(entry, signature, name)
    _policy(entry, report)
    _times(entry, signature, report, objects)
    _document(entry, signature.facts, objects)
    _attributes(entry, signature, objects)
    _signer(entry, signature, objects)
    _process(entry)
    _status(entry, signature, objects, _MAIN)


def _without_signature(entry: ET.Element, report: ValidationReport, objects: Objects) -> None:
    _policy(entry, report)
    information = child(entry, "ValidationTimeInfo")
    text(information, "ValidationTime", moment(report.validated_at))
    etsi_objects.proof(information, "BestSignatureTime", report.validated_at)
    document = child(entry, "SignersDocument")
    digest_of(document, "sha256", bytes.fromhex(report.document_sha256))
    reference(document, "SignersDocumentRef", objects.document)
    _process(entry)
    status = child(entry, "SignatureValidationStatus")
    text(status, "MainIndication", _MAIN[report.indication])
    _reasons(status, report.reason)
    extra = child(child(status, "AssociatedValidationReportData"), "AdditionalValidationReportData")
    _datum(extra, "detail", report.detail)


def _document_timestamp(entry: ET.Element, signature: SignatureReport, objects: Objects) -> None:
    """4.4: the report of a validation object, with the words of a building block instead of those of a signature."""
    _document(entry, signature.facts, objects)
    _signer(entry, signature, objects)
    _status(entry, signature, objects, _OF_TIMESTAMP)


def _identifier(entry: ET.Element, signature: SignatureReport, name: str) -> None:
    """4.3.3: what is signed, the value, and the field."""
    identifier = child(entry, "SignatureIdentifier", id=name)
    facts = signature.facts
    if facts is not None:
        digest_of(identifier, "sha256", bytes.fromhex(facts.container_sha256))
        if facts.value is not None:
            etsi_xml.binary(identifier, "SignatureValue", facts.value, space=etsi_xml.DS)
    text(identifier, "HashOnly", "false")
    text(identifier, "DocHashOnly", "false")
    field = child(child(identifier, "OtherInformation"), "SignatureReference")
    text(field, "PAdESFieldName", signature.field_name)


def _policy(entry: ET.Element, report: ValidationReport) -> None:
    """4.3.4: the policy by name, and by the digest of its file where this version of the program has it."""
    policy = child(child(entry, "ValidationConstraintsEvaluationReport"), "SignatureValidationPolicy")
    identifier = child(policy, "SignaturePolicyIdentifier")
    file = POLICIES / f"{report.policy}.toml"
    if file.parent == POLICIES and file.is_file():
        named = child(identifier, "SignaturePolicyId", space=etsi_xml.XADES)
        text(
            child(named, "SigPolicyId", space=etsi_xml.XADES), "Identifier", f"{OWN}policy:{file.stem}", etsi_xml.XADES
        )
        hashed = child(named, "SigPolicyHash", space=etsi_xml.XADES)
        etsi_xml.digest_parts(hashed, "sha256", hashlib.sha256(file.read_bytes()).digest())
    else:
        child(identifier, "SignaturePolicyImplied", space=etsi_xml.XADES)
    text(policy, "PolicyName", report.policy)


def _times(entry: ET.Element, signature: SignatureReport, report: ValidationReport, objects: Objects) -> None:
    """4.3.5: when it was judged, and the earliest time at which it is proven to exist."""
    information = child(entry, "ValidationTimeInfo")
    text(information, "ValidationTime", moment(report.validated_at))
    proven = signature.proven_at or report.validated_at
    etsi_objects.proof(information, "BestSignatureTime", proven, by=objects.proof_of(signature, proven))


def _document(entry: ET.Element, facts: SignatureFacts | None, objects: Objects) -> None:
    """4.3.6: the digest that was signed; the whole file, with all its revisions, is the object that it refers to."""
    document = child(entry, "SignersDocument")
    known = facts is not None and facts.signed_digest is not None and facts.digest in etsi_xml.DIGESTS
    if facts is not None and known and facts.digest is not None and facts.signed_digest is not None:
        digest_of(document, facts.digest, facts.signed_digest)
        reference(document, "SignersDocumentRef", objects.document)
    else:
        reference(document, "SignersDocumentRepresentation", objects.document)


def _attributes(entry: ET.Element, signature: SignatureReport, objects: Objects) -> None:
    """Annex A: what the field and its container say."""
    attributes = ET.Element("attributes")
    if signature.claimed_at is not None:
        text(child(attributes, "SigningTime", Signed="true"), "Time", moment(signature.claimed_at))
    if signature.timestamp is not None:
        stamp = child(attributes, "SignatureTimeStamp", Signed="false")
        if (token := objects.timestamp_of(signature)) is not None:
            reference(stamp, "AttributeObject", token)
        text(stamp, "TimeStampValue", moment(signature.timestamp.time))
    facts = signature.facts
    if facts is not None:
        if facts.signed_digest is not None:
            etsi_xml.binary(child(attributes, "MessageDigest", Signed="true"), "Digest", facts.signed_digest)
        text(child(attributes, "SubFilter", Signed="true"), "SubFilterElement", facts.subfilter)
        text(attributes, "ByteRange", " ".join(map(str, facts.byte_range)))
    if len(attributes):
        child(entry, "SignatureAttributes").extend(attributes)


def _signer(entry: ET.Element, signature: SignatureReport, objects: Objects) -> None:
    """4.3.8."""
    certificate = objects.signer_of(signature)
    if certificate is None:
        return
    information = child(entry, "SignerInformation")
    reference(information, "SignerCertificate", certificate)
    if signature.signer is not None:
        text(information, "Signer", signature.signer.subject)


def _process(entry: ET.Element) -> None:
    """4.3.10: the process for signatures with archival data (EN 319 102-1, 5.6), which includes the simpler ones."""
    process = child(entry, "SignatureValidationProcess")
    text(process, "SignatureValidationProcessID", "urn:etsi:019102:validationprocess:LTA")


def _status(
    entry: ET.Element, signature: SignatureReport, objects: Objects, indications: dict[Indication, str]
) -> None:
    """4.3.11: indication, sub-indication, and what they rest on."""
    status = child(entry, "SignatureValidationStatus")
    text(status, "MainIndication", indications[signature.indication])
    _reasons(status, signature.reason)
    data = child(status, "AssociatedValidationReportData")
    path = objects.path_of(signature)
    if path:
        if signature.anchor is not None:
            reference(data, "TrustAnchor", path[-1])
        chain = child(data, "CertificateChain")
        reference(chain, "SigningCertificate", path[0])
        intermediates = path[1:-1] if signature.anchor is not None else path[1:]
        for each in intermediates:
            reference(chain, "IntermediateCertificate", each)
        if signature.anchor is not None:
            reference(chain, "TrustAnchor", path[-1])
    _additional(child(data, "AdditionalValidationReportData"), signature)


def _reasons(status: ET.Element, reason: SubIndication | None) -> None:
    if reason is not None:
        for each in _OWN_REASONS.get(reason, (_SUB_INDICATION + reason.name,)):
            text(status, "SubIndication", each)


def _additional(data: ET.Element, signature: SignatureReport) -> None:
    """Sentences, level, and every later change: what the standard leaves to the validator."""
    _datum(data, "detail", signature.detail)
    if signature.reason is not None:
        _datum(data, "reason-id", REASONS[signature.reason].id)
        _datum(data, "reason-en", REASONS[signature.reason].en)
        _datum(data, "next-step-id", NEXT_STEPS[signature.reason].id)
        _datum(data, "next-step-en", NEXT_STEPS[signature.reason].en)
    if signature.level is not None:
        _datum(data, "level", signature.level)
    if signature.anchor is not None:
        _datum(data, "anchor", signature.anchor)
    if signature.revocation is not None:
        _datum(data, "revocation-source", signature.revocation)
    _datum(data, "revision", str(signature.revision))
    _datum(data, "covers-whole-file", "true" if signature.covers_whole_file else "false")
    for each in signature.modifications:
        _datum(data, "modification", _sentence(each))


def _sentence(change: Modification) -> str:
    page = f", page {change.page}" if change.page is not None else ""
    allowed = "permitted" if change.allowed else "not permitted"
    return f"revision {change.revision}{page}: {change.kind.value}, {allowed}: {change.detail}"


def _datum(parent: ET.Element, kind: str, value: str) -> None:
    datum = child(parent, "ReportData")
    text(datum, "Type", OWN + "report:" + kind)
    text(datum, "Value", value)
