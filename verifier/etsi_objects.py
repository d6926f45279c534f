"""The validation objects of an ETSI report (TS 119 102-2, 4.4): the file, certificates, timestamps; each once."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as ET

from verifier.etsi_xml import binary, child, digest_of, moment, reference, text
from verifier.model import SignatureKind, SignatureReport, TimestampReport, ValidationReport

_TYPE: Final = "urn:etsi:019102:validationObject:"
_PROOF: Final = "urn:etsi:019102:poetype:"
_VALIDATED, _PROVIDED = "validation", "provided"


def proof(parent: ET.Element, name: str, at: datetime, *, by: tuple[str, str | None] = (_VALIDATED, None)) -> None:
    """A proof of existence (4.2.6): when, of which type, and the object that proves it."""
    kind, of = by
    element = child(parent, name)
    text(element, "POETime", moment(at))
    text(element, "TypeOfProof", _PROOF + kind)
    if of is not None:
        reference(element, "POEObject", of)


class Objects:
    """Every object of one report under its id."""

    document: Final = "document"

    def __init__(self, report: ValidationReport) -> None:
        self._report = report
        self._certificates: dict[bytes, str] = {}
        self._timestamps = {
            id(each): f"timestamp-{number}"
            for number, each in enumerate((each for each in report.signatures if _has_token(each)), start=1)
        }
        for each in report.signatures:
            self._know(each)

    def signer_of(self, signature: SignatureReport) -> str | None:
        """The signer's certificate."""
        der = _signer_certificate(signature)
        return None if der is None else self._certificates[der]

    def path_of(self, signature: SignatureReport) -> tuple[str, ...]:
        """Certificates up to the anchor, leaf first; the signer's alone where there is no path."""
        ders = signature.certificates or tuple(filter(None, (_signer_certificate(signature),)))
        return tuple(self._certificates[der] for der in ders)

    def timestamp_of(self, signature: SignatureReport) -> str | None:
        """The timestamp over this signature, or the document timestamp that it is."""
        return self._timestamps.get(id(signature))

    def proof_of(self, signature: SignatureReport, proven: datetime) -> tuple[str, str | None]:
        """What proves that the signature existed at `proven`."""
        for each in (signature, *self._report.signatures):
            stamp = each.timestamp
            if stamp is not None and stamp.trusted and stamp.time == proven and id(each) in self._timestamps:
                return _VALIDATED, self._timestamps[id(each)]
        return (_VALIDATED, None) if proven >= self._report.validated_at else (_PROVIDED, None)

    def write(
        self, parent: ET.Element, *, document_timestamp: Callable[[ET.Element, SignatureReport, "Objects"], None]
    ) -> None:
        """All of them; `document_timestamp` writes the report of one."""
        file = self._object(parent, self.document, "signedData")
        digest_of(file, "sha256", bytes.fromhex(self._report.document_sha256))
        for der, name in self._certificates.items():
            binary(self._object(parent, name, "certificate"), "base64", der)
        for each in self._report.signatures:
            token = self._timestamps.get(id(each))
            if token is not None:
                self._timestamp(parent, token, each, document_timestamp)

    def _timestamp(
        self,
        parent: ET.Element,
        name: str,
        signature: SignatureReport,
        document_timestamp: Callable[[ET.Element, SignatureReport, "Objects"], None],
    ) -> None:
        represented = self._object(parent, name, "timestamp")
        digest_of(represented, "sha256", bytes.fromhex(_token_digest(signature) or ""))
        element = parent[-1]
        if signature.timestamp is not None and signature.timestamp.trusted:
            provisioning = child(element, "POEProvisioning")
            text(provisioning, "POETime", moment(signature.timestamp.time))
            if signature.kind is SignatureKind.DOCUMENT_TIMESTAMP:
                reference(provisioning, "ValidationObject", self.document)
            else:
                text(child(provisioning, "SignatureReference"), "PAdESFieldName", signature.field_name)
        report = child(element, "ValidationReport")
        if signature.kind is SignatureKind.DOCUMENT_TIMESTAMP:
            document_timestamp(report, signature, self)
        elif signature.timestamp is not None:
            self._judged(report, signature.timestamp)

    def _judged(self, report: ET.Element, stamp: TimestampReport) -> None:
        status = child(report, "SignatureValidationStatus")
        found = "passed" if stamp.trusted else "indeterminate"
        text(status, "MainIndication", f"urn:etsi:019102:mainindication:{found}")
        data = child(status, "AssociatedValidationReportData")
        if stamp.chain:
            path = [self._certificates[der] for der in stamp.chain]
            reference(data, "TrustAnchor", path[-1])
            chain = child(data, "CertificateChain")
            reference(chain, "SigningCertificate", path[0])
            for each in path[1:-1]:
                reference(chain, "IntermediateCertificate", each)
            reference(chain, "TrustAnchor", path[-1])
        datum = child(child(data, "AdditionalValidationReportData"), "ReportData")
        text(datum, "Type", "urn:teken:report:detail")
        text(datum, "Value", f"{stamp.authority}: {stamp.detail}")

    def _object(self, parent: ET.Element, name: str, kind: str) -> ET.Element:
        """A new object; what is returned takes its representation."""
        element = child(parent, "ValidationObject", id=name)
        text(element, "ObjectType", _TYPE + kind)
        return child(element, "ValidationObjectRepresentation")

    def _know(self, signature: SignatureReport) -> None:
        chain = signature.timestamp.chain if signature.timestamp else ()
        for der in (_signer_certificate(signature), *signature.certificates, *chain):
            if der is not None and der not in self._certificates:
                self._certificates[der] = f"certificate-{hashlib.sha256(der).hexdigest()}"


def _signer_certificate(signature: SignatureReport) -> bytes | None:
    if signature.certificates:
        return signature.certificates[0]
    return signature.facts.certificate if signature.facts else None


def _token_digest(signature: SignatureReport) -> str | None:
    facts = signature.facts
    if facts is None:
        return None
    return facts.container_sha256 if signature.kind is SignatureKind.DOCUMENT_TIMESTAMP else facts.token_sha256


def _has_token(signature: SignatureReport) -> bool:
    return _token_digest(signature) is not None
