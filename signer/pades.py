"""PAdES baseline signatures, B-B to B-LTA (EN 319 142-1, clause 6). pyHanko writes the PDF, the CMS is ours.

pyHanko's embedder is driven step by step, without its event loop: it makes the field, reserves the room, hashes the
byte range (`prepare_pdf`); once the key has signed, `finish_pdf` fills it. Every entry of the signature dictionary is
set here, none by a default:

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
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DecodePurpose
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import BuildProps, DocumentTimestamp, PdfSignedData, SignatureObject

from signer.appearance import Appearance
from signer.cms_signer import DIGEST, signed_data, size_of
from signer.errors import ResultUnsound, TimestampUnavailable
from signer.intake import Intake, reading_a_strangers_pdf
from signer.model import SignatureLevel, ValidationData
from signer.revision import Revision
from signer.timestamping import Timestamp, TimestampAuthorities

Chain = tuple[x509.Certificate, ...]
StatusOf = Callable[[tuple[Chain, ...]], ValidationData]
"""Validation data for several chains at once."""

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureText:
    """What the signature dictionary says in words. A claim of the signatory's, not a proof."""

    signed_at: datetime
    """Goes to /M; aware."""
    name: str
    label: str = "Tanda tangan elektronik"
    """What the field is called for who cannot see it; the name follows."""
    reason: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPdf:
    """A document with our revision in it, whose signature is still to be made and put into its place."""

    pdf: bytes
    """Ends where the byte range of our signature ends."""
    digest: bytes
    """SHA-256 of the byte range."""
    field_name: str
    contents: tuple[int, int]
    """Start and end of `/Contents`' value, its angle brackets included."""
    timestamp_name: str
    """A free name for the field of a document timestamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPdf:
    """A signed document, and where in it our signature lies."""

    pdf: bytes
    field_name: str
    contents: tuple[int, int]
    """Start and end of `/Contents`' value, its angle brackets included."""
    revision_end: int
    """Where the byte range of our signature ends."""


class NoRoom(Exception):
    """What was to be put into `/Contents` is longer than the room that was kept for it."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


def room_for(chain: Chain, level: SignatureLevel, authorities: TimestampAuthorities) -> int:
    """Octets that a signature of `level` will need."""
    return size_of(chain, authorities.expected_size() if level.needs_timestamp else 0)


def prepare_pdf(intake: Intake, text: SignatureText, appearance: Appearance | None, *, room: int) -> PreparedPdf:
    """`intake`'s document with a new signature field and `room` octets for its contents.

    The key signs `signer.cms_signer.digest_to_sign(chain, prepared.digest)`, now or later. Raises `DocumentRefused`
    and `StampRefused`.
    """
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
        label = f"{text.label} {text.name}"
        if appearance is None:
            dress, spec = None, SigFieldSpec(name, readable_field_name=label)
        else:
            placed = appearance.place_on(revision)
            dress = partial(appearance.attach, revision, placed)
            spec = SigFieldSpec(name, appearance.page_index, placed.rectangle, readable_field_name=label)
    pdf, digest, contents = _write_field(revision, spec, placeholder, dress)
    return PreparedPdf(
        pdf=pdf,
        digest=digest,
        field_name=name,
        contents=contents,
        timestamp_name=_free_name("Timestamp", intake.field_names),
    )


def finish_pdf(
    prepared: PreparedPdf,
    value: bytes,
    level: SignatureLevel,
    *,
    chain: Chain,
    decode_limits: DecodeLimits,
    authorities: TimestampAuthorities,
    status_of: StatusOf,
) -> SignedPdf:
    """The prepared document with the signature `value` in its place, timestamped and with status as `level` asks.

    Raises `NoRoom`, `TimestampUnavailable`, `StatusUnavailable`, `DocumentRefused`.
    """
    stamps: list[Timestamp] = []

    def timestamp(digest: bytes) -> bytes:
        stamps.append(authorities.timestamp(digest))
        return stamps[-1].token

    cms = signed_data(chain, prepared.digest, value, timestamp if level.needs_timestamp else None)
    pdf = _fill(prepared.pdf, prepared.contents, cms)
    if level.needs_validation_data:
        chains = (chain, stamps[-1].chain)
        if level is SignatureLevel.B_LT:
            pdf = _add_validation_data(pdf, decode_limits, status_of(chains))
        else:
            name = prepared.timestamp_name
            pdf = _add_archive_timestamp(
                pdf, decode_limits, chains, name=name, authorities=authorities, status_of=status_of
            )
    return SignedPdf(
        pdf=pdf, field_name=prepared.field_name, contents=prepared.contents, revision_end=len(prepared.pdf)
    )


def with_room(expected: int, write: Callable[[int], Made]) -> Made:
    """What `write` makes with `expected` octets of room; once more with twice what it needed if that was too little,
    because the next timestamp may come from another unit with a longer chain."""
    try:
        return write(expected)
    except NoRoom as first:
        try:
            return write(2 * first.needed)
        except NoRoom as second:
            raise ResultUnsound(f"the signature grew to {second.needed} octets on its second attempt") from second


def _write_field(
    revision: Revision,
    spec: SigFieldSpec,
    placeholder: PdfSignedData,
    dress: Callable[[generic.DictionaryObject], None] | None = None,
) -> tuple[bytes, bytes, tuple[int, int]]:
    """`revision` written out with a new field of `spec`; the digest of its byte range, and where its contents go."""
    with reading_a_strangers_pdf():
        steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(spec.sig_field_name, revision)
        field = next(steps).get_object()
        if dress is not None:
            dress(field)
        steps.send(SigObjSetup(sig_placeholder=placeholder))
        output = io.BytesIO()
        prepared, _ = steps.send(SigIOSetup(md_algorithm=DIGEST, output=output))
    contents = (prepared.reserved_region_start, prepared.reserved_region_end)
    return output.getvalue(), prepared.document_digest, contents


def _fill(pdf: bytes, contents: tuple[int, int], cms: bytes) -> bytes:
    """`cms` as the hexadecimal text between the angle brackets of `contents`, whose rest stays zero."""
    start, end = contents
    if 2 * len(cms) > end - start - 2:
        raise NoRoom(len(cms))
    text = cms.hex().upper().encode()
    return b"".join((pdf[: start + 1], text, pdf[start + 1 + len(text) :]))


def _add_validation_data(pdf: bytes, decode_limits: DecodeLimits, data: ValidationData) -> bytes:
    with reading_a_strangers_pdf():
        revision = _revision_with_dss(pdf, decode_limits, data)
        output = io.BytesIO()
        revision.write(output)
        return output.getvalue()


def _add_archive_timestamp(
    pdf: bytes,
    decode_limits: DecodeLimits,
    chains: tuple[Chain, ...],
    *,
    name: str,
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

        def write(room: int, data: ValidationData = data, answers: list[Timestamp] = stamps) -> bytes:
            with reading_a_strangers_pdf():
                revision = _revision_with_dss(pdf, decode_limits, data)
            spec = SigFieldSpec(name, readable_field_name="Stempel waktu")
            longer, digest, contents = _write_field(revision, spec, DocumentTimestamp(bytes_reserved=2 * room))
            answers.append(authorities.timestamp(digest))
            return _fill(longer, contents, answers[-1].token)

        stamped = with_room(authorities.expected_size(), write)
        if stamps[-1].chain in chains:
            return stamped
        chains = (*chains, stamps[-1].chain)
    raise TimestampUnavailable("the time-stamping authorities keep changing")


def _revision_with_dss(pdf: bytes, decode_limits: DecodeLimits, data: ValidationData) -> Revision:
    """EN 319 142-1, 5.4.2."""
    revision = Revision(pdf, decode_limits)
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
