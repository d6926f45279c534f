"""The last look at a signed document before it is released.

Read from the finished document alone, by the positions at which our revision was written; the digest of what came in is
continued and not computed again. Catches a key that is not the
certificate's, a token that computes wrongly, and a byte range that does not cover what it should.
"""

import re
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signer.cms_check import ID_DATA, CmsUnsound, check_signed_data
from signer.cms_signer import embedded_part
from signer.document import Content, Document
from signer.errors import ResultUnsound
from signer.model import SignatureLevel
from signer.pades import SignedPdf
from signer.timestamp_check import certificates_in, check_token

_ARCHIVE_RANGE: Final = re.compile(rb"/ByteRange\s*\[0 (\d+) (\d+) (\d+)\s*\]")
_BYTE_RANGE: Final = re.compile(rb"\s*/ByteRange\s*\[0 (\d+) (\d+) (\d+)\s*\]")


def require_sound(
    signed: SignedPdf, original: Content, chain: tuple[x509.Certificate, ...], level: SignatureLevel
) -> None:
    """Nothing, or `ResultUnsound` when `signed` is not `original` with a good signature of `chain`'s first certificate.

    1. The original is there, unchanged, at the beginning.
    2. The byte range covers our whole revision but the contents.
    3. The CMS signs exactly that digest with the certificate's key (RFC 5652, 5.6).
    4. It carries the chain without the root, unharmed.
    5. A timestamp token is in it where the level has one.
    6. What follows is a document timestamp over all of the file where the level has one (ISO 32000-2, 12.8.5).
    """
    pdf, (start, end), last = signed.document, signed.contents, signed.revision_end
    before = Document.of(original)
    _require(last <= len(pdf) and pdf.begins_with(before), "the original is not its beginning")
    _require(len(before) < start < end < last, "the signature lies outside of our revision")
    _require(pdf[start : start + 1] == b"<" and pdf[end - 1 : end] == b">", "no contents where they should be")
    written = _BYTE_RANGE.match(pdf[end:last])
    _require(written is not None, "no byte range beside the contents")
    covered = tuple(int(number) for number in written.groups()) if written else ()
    _require(covered == (start, end, last - end), "the byte range does not cover our revision")
    digest = before.hasher()
    digest.update(pdf[len(before) : start])
    digest.update(pdf[end:last])
    try:
        cms = bytes.fromhex(pdf[start + 1 : end - 1].decode("ascii"))
        checked = check_signed_data(cms, chain[0], content_type=ID_DATA, detached_digest=digest.digest())
    except (CmsUnsound, ValueError) as error:
        raise ResultUnsound(str(error)) from error
    expected = sorted(certificate.public_bytes(Encoding.DER) for certificate in embedded_part(chain))
    _require(sorted(checked.certificates) == expected, "the embedded certificates are others")
    _require((checked.timestamp_token is not None) == level.needs_timestamp, "timestamp token missing or unasked")
    if level is SignatureLevel.B_LTA:
        _require_archive_timestamp(pdf, before, last)


def _require_archive_timestamp(pdf: Document, before: Document, last: int) -> None:
    """Step 6, by the last byte range that was written behind `last`."""
    tail = pdf[last:]
    written = list(_ARCHIVE_RANGE.finditer(tail))
    _require(bool(written), "no document timestamp")
    start, end, length = (int(number) for number in written[-1].groups())
    _require(last < start < end and end + length == len(pdf), "the document timestamp does not cover the file")
    _require(pdf[start : start + 1] == b"<" and pdf[end - 1 : end] == b">", "no token where it should be")
    digest = before.hasher()
    digest.update(pdf[len(before) : start])
    digest.update(pdf[end:])
    try:
        token = bytes.fromhex(pdf[start + 1 : end - 1].decode("ascii"))
        check_token(token, digest.digest(), certificates_in(token)[0])
    except ValueError as error:
        raise ResultUnsound(f"the document timestamp: {error}") from error


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ResultUnsound(otherwise)
