"""Letters that are encrypted and then signed."""

from datetime import datetime
from io import BytesIO

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import fields, signers

from tests.support.pki import Holder
from tests.vectors.letters import SIGNATURE_SPACE, signer_of

REVISIONS = {"RC4, 128 bits": 3, "AES, 128 bits": 4, "AES, 256 bits": 6}


def encrypted_letter(pdf: bytes, revision: int, *, user: str, owner: str = "pemilik") -> bytes:
    """`pdf` under these passwords (ISO 32000-2, 7.6.4)."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        modern = revision > 3
        opened.save(out, encryption=pikepdf.Encryption(owner=owner, user=user, R=revision, aes=modern, metadata=modern))
    return out.getvalue()


def guarded_letter(pdf: bytes, *, user: str, owner: str = "pemilik") -> bytes:
    """`pdf` under these passwords with an integrity code over all of it (ISO 32004)."""
    writer = copy_into_new_writer(PdfFileReader(BytesIO(pdf)))
    writer.output_version = (2, 0)
    writer.encrypt(owner, user, pdf_mac=True)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def sign_encrypted(pdf: bytes, holder: Holder, *, password: str, claimed: datetime) -> bytes:
    """One signature in a file that `password` opens."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    writer.encrypt(password)
    fields.append_signature_field(writer, fields.SigFieldSpec("Signature1", on_page=0))
    metadata = signers.PdfSignatureMetadata(
        field_name="Signature1", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    out = BytesIO()
    signers.PdfSigner(metadata, signer_of(holder)).sign_pdf(writer, output=out, bytes_reserved=SIGNATURE_SPACE)
    return out.getvalue()
