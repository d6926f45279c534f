"""What comes after a signature: validation data and document timestamps (EN 319 142-1, 5.4; ISO 32000-2, 12.8.4.3
and 12.8.5). No key of a signatory is needed for either. Imports pyHanko.
"""

from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DecodePurpose
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp

from signer.document import Document
from signer.embedding import fill, with_room, write_field
from signer.errors import TimestampUnavailable
from signer.intake import reading_a_strangers_pdf
from signer.model import ValidationData
from signer.revision import Revision
from signer.timestamping import Timestamp, TimestampAuthorities

Chain = tuple[x509.Certificate, ...]
StatusOf = Callable[[tuple[Chain, ...]], ValidationData]
"""Validation data for several chains at once."""


def add_validation_data(pdf: Document, decode_limits: DecodeLimits, data: ValidationData) -> Document:
    """`pdf` with one more revision that adds `data` to the document security store."""
    with reading_a_strangers_pdf():
        return _revision_with_dss(pdf, decode_limits, data).written()


def add_archive_timestamp(
    pdf: Document,
    decode_limits: DecodeLimits,
    chains: tuple[Chain, ...],
    *,
    name: str,
    authorities: TimestampAuthorities,
    status_of: StatusOf,
) -> Document:
    """DSS and document timestamp in one revision.

    The DSS must also speak for whoever gives the document timestamp. If that turns out to be an authority that nobody
    knew beforehand (the first one failed meanwhile), its chain is added and the revision is made anew.
    """
    for _ in range(2):
        data = status_of(chains)

        def revision(data: ValidationData = data) -> Revision:
            return _revision_with_dss(pdf, decode_limits, data)

        stamped, stamp = _stamped(revision, name, authorities)
        if stamp.chain in chains:
            return stamped
        chains = (*chains, stamp.chain)
    raise TimestampUnavailable("the time-stamping authorities keep changing")


def add_document_timestamp(
    pdf: Document, decode_limits: DecodeLimits, *, name: str, authorities: TimestampAuthorities
) -> tuple[Document, Chain]:
    """`pdf` with one more revision that is a document timestamp and nothing else, and the chain of its unit."""
    stamped, stamp = _stamped(lambda: Revision(pdf, decode_limits), name, authorities)
    return stamped, stamp.chain


def _stamped(
    revision: Callable[[], Revision], name: str, authorities: TimestampAuthorities
) -> tuple[Document, Timestamp]:
    """What `revision` makes, written out with a document timestamp in a field called `name`."""

    def write(room: int) -> tuple[Document, Timestamp]:
        with reading_a_strangers_pdf():
            new = revision()
        spec = SigFieldSpec(name, readable_field_name="Stempel waktu")
        longer, digest, contents = write_field(new, spec, DocumentTimestamp(bytes_reserved=2 * room))
        stamp = authorities.timestamp(digest)
        return fill(longer, contents, stamp.token), stamp

    return with_room(authorities.expected_size(), write)


def _revision_with_dss(pdf: Document, decode_limits: DecodeLimits, data: ValidationData) -> Revision:
    """EN 319 142-1, 5.4.2."""
    revision = Revision(pdf, decode_limits)
    certificates = tuple(certificate.public_bytes(Encoding.DER) for certificate in data.certificates)
    revision.add_to_dss("/Certs", certificates, DecodePurpose.CERTIFICATE)
    revision.add_to_dss("/OCSPs", data.ocsp_responses, DecodePurpose.OCSP_RESPONSE)
    revision.add_to_dss("/CRLs", data.crls, DecodePurpose.CRL)
    return revision
