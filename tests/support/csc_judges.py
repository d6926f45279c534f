"""Two judges of what remote signing made: pyHanko's own validator, and ours."""

from datetime import datetime
from io import BytesIO

from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from signer.model import SignatureLevel
from tests.support.archiving import POLICY
from tests.support.pki import Pki
from verifier.model import Indication, SignatureKind, ValidationReport
from verifier.trust import anchor_from, build_snapshot
from verifier.validation import validate


def pyhanko_says(pdf: bytes, pki: Pki, at: datetime) -> list[PdfSignatureStatus]:
    """Every signature, with nothing trusted but our root; each has to be intact and trusted."""
    root = asn1.Certificate.load(pki.root.certificate.public_bytes(Encoding.DER))
    issuing = asn1.Certificate.load(pki.issuing.certificate.public_bytes(Encoding.DER))
    told = []
    for embedded in PdfFileReader(BytesIO(pdf)).embedded_regular_signatures:
        context = ValidationContext(trust_roots=[root], other_certs=[issuing], moment=at)
        stamps = ValidationContext(trust_roots=[root], other_certs=[issuing], moment=at)
        status = validate_pdf_signature(embedded, signer_validation_context=context, ts_validation_context=stamps)
        assert status.bottom_line, status.pretty_print_details()
        told.append(status)
    return told


def ours_says(pdf: bytes, pki: Pki, at: datetime) -> ValidationReport:
    """What our verifier says, with nothing trusted but our root and the CRLs of this moment."""
    snapshot = build_snapshot(
        [anchor_from(pki.root.certificate, name="Contoh", certified=False)],
        intermediates=[pki.issuing.certificate],
        crls=[pki.crl(pki.root, {}, at), pki.crl(pki.issuing, {}, at)],
    )
    return validate(pdf, POLICY, snapshot, at)


def require_good(
    pdf: bytes, pki: Pki, at: datetime, *, signatures: int = 1, level: SignatureLevel | None = None
) -> None:
    """Both judges pass every signature, of which there are so many."""
    assert len(pyhanko_says(pdf, pki, at)) == signatures
    report = ours_says(pdf, pki, at)
    assert report.indication is Indication.TOTAL_PASSED, report
    found = [each for each in report.signatures if each.kind is SignatureKind.SIGNATURE]
    assert len(found) == signatures
    if level is not None:
        assert found[-1].level == f"PAdES-{level.value}"
