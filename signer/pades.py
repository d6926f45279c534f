"""PAdES baseline signatures, B-B to B-LTA (EN 319 142-1, clause 6). pyHanko writes the PDF, the CMS is ours.

pyHanko's embedder is driven step by step, without its event loop: it makes the field, reserves the room, hashes the
byte range; `CmsSigner` fills it. Every entry of the signature dictionary is set here, none by a default:

    /SubFilter ETSI.CAdES.detached     /M the time of signing (no signing-time attribute inside the CMS)
    /Name /Reason /Location            as given                 /Prop_Build our name

The first revision holds the signature and its timestamp. B-LT adds a second one with the DSS; B-LTA puts the document
timestamp into that same second revision, so that it covers the DSS.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import BuildProps, DocumentTimestamp, PdfSignedData, SignatureObject

from signer.appearance import Appearance
from signer.cms_signer import DIGEST, CmsSigner
from signer.errors import ResultUnsound, TimestampUnavailable
from signer.intake import Intake, reading_a_strangers_pdf
from signer.model import SignatureLevel, ValidationData
from signer.revision import Revision
from signer.timestamping import Timestamp, TimestampAuthorities

Chain = tuple[x509.Certificate, ...]
StatusOf = Callable[[tuple[Chain, ...]], ValidationData]
"""Validation data for several chains at once."""

_SPARE: Final = 256  # octets of room beside what a first attempt turned out to need


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureText:
    """What the signature dictionary says in words. A claim of the signatory's, not a proof."""

    signed_at: datetime
    """Goes to /M; aware."""
    name: str
    reason: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPdf:
    """A signed document, and where in it our signature lies."""

    pdf: bytes
    field_name: str
    contents: tuple[int, int]
    """Start and end of `/Contents`' value, its angle brackets included."""
    revision_end: int
    """Where the byte range of our signature ends."""


def sign_pdf(
    intake: Intake,
    signer: CmsSigner,
    text: SignatureText,
    level: SignatureLevel,
    *,
    chain: Chain,
    appearance: Appearance | None,
    authorities: TimestampAuthorities,
    status_of: StatusOf,
) -> SignedPdf:
    """`intake`'s document with one more signature of `level`.

    Raises `DocumentRefused` where the PDF cannot be extended, `StampRefused`, `TimestampUnavailable`,
    `StatusUnavailable`, `KeyUnavailable`.
    """
    stamps: list[Timestamp] = []

    def timestamp(digest: bytes) -> bytes:
        stamps.append(authorities.timestamp(digest))
        return stamps[-1].token

    asked = timestamp if level.needs_timestamp else None
    expected = signer.size(authorities.expected_size() if level.needs_timestamp else 0)
    signed = _with_room(
        expected,
        lambda room: _write_signature(intake, room, text, appearance, lambda digest: signer.sign(digest, asked)),
    )
    if not level.needs_validation_data:
        return signed
    chains = (chain, stamps[-1].chain)
    if level is SignatureLevel.B_LT:
        longer = _add_validation_data(signed.pdf, intake, status_of(chains))
    else:
        longer = _add_archive_timestamp(signed.pdf, intake, chains, authorities, status_of)
    return SignedPdf(
        pdf=longer, field_name=signed.field_name, contents=signed.contents, revision_end=signed.revision_end
    )


class _NoRoom(Exception):
    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


def _with_room(expected: int, write: Callable[[int], SignedPdf]) -> SignedPdf:
    """What `write` makes with `expected` octets of room; once more with what it needed if that was too little."""
    try:
        return write(expected)
    except _NoRoom as first:
        try:
            return write(first.needed + _SPARE)
        except _NoRoom as second:
            raise ResultUnsound(f"the signature grew to {second.needed} octets on its second attempt") from second


def _write_signature(
    intake: Intake,
    room: int,
    text: SignatureText,
    appearance: Appearance | None,
    make_cms: Callable[[bytes], bytes],
) -> SignedPdf:
    placeholder = SignatureObject(
        timestamp=text.signed_at,
        subfilter=SigSeedSubFilter.PADES,
        name=text.name,
        location=text.location,
        reason=text.reason,
        app_build_props=BuildProps(name="Teken"),
        bytes_reserved=2 * room,
    )
    name = _free_name("Signature", intake.field_names)
    with reading_a_strangers_pdf():
        revision = Revision(intake.document, intake.decode_limits)
        revision.declare_pades()
        label = f"Tanda tangan elektronik {text.name}"
        if appearance is None:
            dress, spec = None, SigFieldSpec(name, readable_field_name=label)
        else:
            placed = appearance.place_on(revision)
            dress = partial(appearance.attach, revision, placed)
            spec = SigFieldSpec(name, appearance.page_index, placed.rectangle, readable_field_name=label)
    return _embed(revision, spec, placeholder, make_cms, dress)


def _embed(
    revision: Revision,
    spec: SigFieldSpec,
    placeholder: PdfSignedData,
    make_cms: Callable[[bytes], bytes],
    dress: Callable[[generic.DictionaryObject], None] | None = None,
) -> SignedPdf:
    """Write `revision` with a new field of `spec`, whose contents are `make_cms(digest of the byte range)`."""
    with reading_a_strangers_pdf():
        steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(spec.sig_field_name, revision)
        field = next(steps).get_object()
        if dress is not None:
            dress(field)
        steps.send(SigObjSetup(sig_placeholder=placeholder))
        output = io.BytesIO()
        prepared, _ = steps.send(SigIOSetup(md_algorithm=DIGEST, output=output))
        end = output.tell()
    contents = (prepared.reserved_region_start, prepared.reserved_region_end)
    cms = make_cms(prepared.document_digest)
    if 2 * len(cms) > contents[1] - contents[0] - 2:
        raise _NoRoom(len(cms))
    steps.send(cms)
    return SignedPdf(pdf=output.getvalue(), field_name=spec.sig_field_name, contents=contents, revision_end=end)


def _add_validation_data(pdf: bytes, intake: Intake, data: ValidationData) -> bytes:
    with reading_a_strangers_pdf():
        revision = _revision_with_dss(pdf, intake, data)
        output = io.BytesIO()
        revision.write(output)
        return output.getvalue()


def _add_archive_timestamp(
    pdf: bytes,
    intake: Intake,
    chains: tuple[Chain, ...],
    authorities: TimestampAuthorities,
    status_of: StatusOf,
) -> bytes:
    """DSS and document timestamp in one revision.

    The DSS must also speak for whoever gives the document timestamp. If that turns out to be an authority that nobody
    knew beforehand (the first one failed meanwhile), its chain is added and the revision is made anew.
    """
    for _ in range(2):
        data = status_of(chains)
        stamps: list[Timestamp] = []

        def timestamp(digest: bytes, answers: list[Timestamp] = stamps) -> bytes:
            answers.append(authorities.timestamp(digest))
            return answers[-1].token

        def write(room: int, data: ValidationData = data, ask: Callable[[bytes], bytes] = timestamp) -> SignedPdf:
            with reading_a_strangers_pdf():
                revision = _revision_with_dss(pdf, intake, data)
            spec = SigFieldSpec(_free_name("Timestamp", intake.field_names), readable_field_name="Stempel waktu")
            return _embed(revision, spec, DocumentTimestamp(bytes_reserved=2 * room), ask)

        longer = _with_room(authorities.expected_size(), write)
        if stamps[-1].chain in chains:
            return longer.pdf
        chains = (*chains, stamps[-1].chain)
    raise TimestampUnavailable("the time-stamping authorities keep changing")


def _revision_with_dss(pdf: bytes, intake: Intake, data: ValidationData) -> Revision:
    """EN 319 142-1, 5.4.2."""
    revision = Revision(pdf, intake.decode_limits)
    certificates = tuple(certificate.public_bytes(Encoding.DER) for certificate in data.certificates)
    revision.add_to_dss("/Certs", certificates, DecodePurpose.CERTIFICATE)
    revision.add_to_dss("/OCSPs", data.ocsp_responses, DecodePurpose.OCSP_RESPONSE)
    revision.add_to_dss("/CRLs", data.crls, DecodePurpose.CRL)
    return revision


def _free_name(stem: str, taken: frozenset[str]) -> str:
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"
