"""PAdES baseline signatures, B-B to B-LTA (EN 319 142-1, clause 6). pyHanko writes the PDF, the CMS is ours.

`prepare_pdf` writes everything but the signature; once the key has signed, `finish_pdf` puts it into its place. Every
entry of the signature dictionary is set here, none by a default:

    /SubFilter ETSI.CAdES.detached     /M the time of signing (no signing-time attribute inside the CMS)
    /Name /Reason /Location            as given                 /Prop_Build our name

The first revision holds the signature and its timestamp. B-LT adds a second one with the DSS; B-LTA puts the document
timestamp into that same second revision, so that it covers the DSS.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pyhanko.pdf_utils.decode_limits import DecodeLimits
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_byterange import BuildProps, SignatureObject

from signer.appearance import Appearance
from signer.archival import Chain, StatusOf, add_archive_timestamp, add_validation_data
from signer.cms_signer import signed_data, size_of
from signer.document import Content, Document
from signer.embedding import fill, free_name, write_field
from signer.forms import drop_second_form
from signer.intake import Intake, reading_a_strangers_pdf
from signer.model import SignatureLevel
from signer.revision import Revision
from signer.timestamping import Timestamp, TimestampAuthorities


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

    pdf: Content
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

    document: Document
    field_name: str
    contents: tuple[int, int]
    """Start and end of `/Contents`' value, its angle brackets included."""
    revision_end: int
    """Where the byte range of our signature ends."""

    @property
    def pdf(self) -> bytes:
        """All of it in memory."""
        return self.document.content()


def room_for(chain: Chain, level: SignatureLevel, authorities: TimestampAuthorities) -> int:
    """Octets that a signature of `level` will need."""
    return size_of(chain, authorities.expected_size() if level.needs_timestamp else 0)


def prepare_pdf(
    intake: Intake,
    text: SignatureText,
    appearance: Appearance | None,
    *,
    name: str,
    room: int,
    lock: FieldMDPSpec | None = None,
    closes: MDPPerm | None = None,
    certify: MDPPerm | None = None,
) -> PreparedPdf:
    """`intake`'s document with the signature field `name`, new unless the appearance has its own, and `room` octets
    for its contents; `lock`, `closes` and `certify` say what may change afterwards.

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
    stamp = appearance.stamp if appearance is not None else None
    marks = appearance.marks if appearance is not None else None
    field = stamp.spot.field if stamp is not None else None
    with reading_a_strangers_pdf():
        revision = Revision(intake.document, intake.decode_limits, bears_signatures=intake.signatures > 0)
        revision.declare_pades()
        drop_second_form(revision)
        label = f"{text.label} {text.name}"
        if marks is not None:
            marks.lay_on(revision)
        if stamp is None:
            dress, place = None, {}
        else:
            placed = stamp.place_on(revision)
            dress = partial(stamp.attach, revision, placed)
            place = {"on_page": stamp.spot.page_index, "box": placed.rectangle}
        spec = SigFieldSpec(name, **place, readable_field_name=label, field_mdp_spec=lock, doc_mdp_update_value=closes)
    existing = field is not None
    pdf, digest, contents = write_field(revision, spec, placeholder, dress, existing=existing, certify=certify)
    return PreparedPdf(
        pdf=pdf,
        digest=digest,
        field_name=name,
        contents=contents,
        timestamp_name=free_name("Timestamp", intake.field_names),
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
    pdf = fill(Document.of(prepared.pdf), prepared.contents, cms)
    if level.needs_validation_data:
        chains = (chain, stamps[-1].chain)
        if level is SignatureLevel.B_LT:
            pdf = add_validation_data(pdf, decode_limits, status_of(chains))
        else:
            name = prepared.timestamp_name
            pdf = add_archive_timestamp(
                pdf, decode_limits, chains, name=name, authorities=authorities, status_of=status_of
            )
    return SignedPdf(
        document=pdf, field_name=prepared.field_name, contents=prepared.contents, revision_end=len(prepared.pdf)
    )
