"""Signed letters for the verifier's tests, made with plain pyHanko and the PKI of `tests.support.pki`.

`pages(...)` writes a small PDF by hand, so that an attack can name its objects; `sign(...)` and its relatives append
what a signer appends. Nothing here is used by the product.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import cms, keys, x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.support.pki import Holder, Pki
from verifier.model import TrustAnchorEntry, TrustSnapshot

SIGNATURE_SPACE = 16_384


def pages(*texts: str, spare: str | None = None, extra: Iterable[bytes] = ()) -> bytes:
    """A PDF with one line of text a page; `spare` adds a page object that no page tree names.

    Objects: 1 catalog, 2 page tree, 3 font, then page and content of each text, then the spare pair, then `extra`.
    """
    numbers = [4 + 2 * index for index in range(len(texts) + (spare is not None))]
    shown = numbers[: len(texts)]
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(shown), b" ".join(b"%d 0 R" % each for each in shown)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in zip(numbers, (*texts, *([spare] if spare is not None else [])), strict=True):
        bodies += [page(number + 1), content(text)]
    bodies += extra
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /ID [<00> <00>] >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)
    return bytes(out)


def page(contents: int) -> bytes:
    """One page object that draws object `contents`."""
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
        b" /Resources << /Font << /F1 3 0 R >> >> >>" % contents
    )


def content(text: str) -> bytes:
    """One content stream that shows `text`."""
    operators = b"BT /F1 24 Tf 72 720 Td (%s) Tj ET" % text.encode("latin-1")
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(operators), operators)


def append(pdf: bytes, objects: dict[int, bytes], *, size: int, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """One more revision by hand: `objects` by number, a table and a trailer (ISO 32000-2, 7.5.6)."""
    previous = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    out, table = bytearray(pdf), b""
    for number, body in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n%strailer\n<< /Size %d %s /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        size,
        trailer,
        previous,
        start,
    )
    return bytes(out)


def sign(
    pdf: bytes,
    holder: Holder,
    *,
    field: str = "Signature1",
    claimed: datetime,
    token_of: tuple[Pki, datetime] | None = None,
    unit: Holder | None = None,
    subfilter: fields.SigSeedSubFilter = fields.SigSeedSubFilter.PADES,
    certify: fields.MDPPerm | None = None,
    box: tuple[int, int, int, int] | None = None,
) -> bytes:
    """One more signature; `token_of` is who gives it a timestamp, and when."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    spec = fields.SigFieldSpec(field, box=box, on_page=0)
    fields.append_signature_field(writer, spec)
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=subfilter,
        certify=certify is not None,
        docmdp_permissions=certify or fields.MDPPerm.FILL_FORMS,
    )
    stamper = _Timestamper(*token_of, unit) if token_of else None
    signer = signer_of(holder)
    pdf_signer = signers.PdfSigner(metadata, signer, timestamper=stamper)
    out = BytesIO()
    pdf_signer.sign_pdf(writer, output=out, bytes_reserved=SIGNATURE_SPACE)
    return out.getvalue()


def add_validation_data(
    pdf: bytes, certificates: Sequence[Any], crls: Sequence[bytes], ocsps: Sequence[bytes]
) -> bytes:
    """The DSS of level B-LT."""
    from asn1crypto import crl, ocsp

    out = BytesIO(pdf)
    DocumentSecurityStore.add_dss(
        out,
        sig_contents=None,
        certs=[x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in certificates],
        crls=[crl.CertificateList.load(each) for each in crls],
        ocsps=[ocsp.OCSPResponse.load(each) for each in ocsps],
        force_write=True,
    )
    return out.getvalue()


def timestamp_document(pdf: bytes, pki: Pki, at: datetime, *, field: str = "Timestamp1") -> bytes:
    """A document timestamp in a revision of its own (level B-LTA)."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    out = BytesIO()
    PdfTimeStamper(_Timestamper(pki, at, None), field_name=field).timestamp_pdf(
        writer, "sha256", output=out, bytes_reserved=SIGNATURE_SPACE
    )
    return out.getvalue()


def trust_in(pki: Pki, *, crls: Sequence[bytes] | None = None, at: datetime | None = None) -> TrustSnapshot:
    """A snapshot that trusts this root; `crls` default to fresh empty ones of both authorities at `at`."""
    moment = at or pki.at
    default = (pki.crl(pki.issuing, at=moment), pki.crl(pki.root, at=moment, lifetime=timedelta(days=300)))
    return TrustSnapshot(
        anchors=(
            TrustAnchorEntry(
                name="Contoh",
                certificate=pki.root.certificate.public_bytes(Encoding.DER),
                certified=False,
                purposes=frozenset({"signature", "timestamp"}),
            ),
        ),
        intermediates=(pki.issuing.certificate.public_bytes(Encoding.DER),),
        crls=tuple(crls if crls is not None else default),
    )


class _Timestamper(timestamps.TimeStamper):
    def __init__(self, pki: Pki, at: datetime, unit: Holder | None) -> None:
        super().__init__()
        self._pki, self._at, self._unit = pki, at, unit

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        return cms.ContentInfo.load(self._pki.token(message_digest, md_algorithm, self._at, unit=self._unit))

    async def async_dummy_response(self, md_algorithm: str) -> cms.ContentInfo:
        return await self.async_timestamp(hashlib.new(md_algorithm).digest(), md_algorithm)


def signer_of(holder: Holder) -> signers.SimpleSigner:
    chain = [x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in holder.chain]
    registry = SimpleCertificateStore()
    registry.register_multiple(chain)
    key = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return signers.SimpleSigner(
        signing_cert=chain[0],
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=registry,
        embed_roots=False,
    )


__all__ = [
    "add_validation_data",
    "append",
    "content",
    "generic",
    "page",
    "pages",
    "sign",
    "timestamp_document",
    "trust_in",
]
