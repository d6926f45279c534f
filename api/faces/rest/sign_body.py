"""What a client says about a document to be signed: the part `request`, or the header `Teken-Request`."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from api.faces.rest.json_body import PRINTABLE, read_json
from api.problems import PASSPHRASE_NOT_HERE, RequestRefused
from api.settings import Settings
from signer.document import Content
from signer.model import (
    Certify,
    FieldLock,
    LetterMetadata,
    LockAction,
    Secrecy,
    Secret,
    SignatureLevel,
    SignedAs,
    SignRequest,
    StampPlacement,
    Urgency,
)

Coordinate = Annotated[float, Meta(ge=-14400, le=14400)]
Length = Annotated[float, Meta(gt=0, le=14400)]
Words = Annotated[str, Meta(max_length=200, pattern=PRINTABLE)]


class StampBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Where the visible stamp goes: a box in PDF points, origin at the lower left of the page as seen.

    Its place is named in one way: x and y, or tag, or field, or box; in none: the lower right corner.
    """

    page: Annotated[
        int | None,
        Meta(
            description="From 1, or from the end when negative; absent: the last one, or whichever has the tag.",
            examples=[-1],
        ),
    ] = None
    x: Annotated[Coordinate | None, Meta(description="Left edge.")] = None
    y: Annotated[Coordinate | None, Meta(description="Lower edge.")] = None
    tag: Annotated[
        Words | None,
        Meta(description="A text of the document; the stamp is centred over it.", examples=["${ttd_pengirim1}"]),
    ] = None
    occurrence: Annotated[
        int | None,
        Meta(description="Which of several places of the tag; absent: it has to be the only one.", examples=[-1]),
    ] = None
    field_name: Annotated[
        Words | None,
        Meta(description="An empty signature field, whose rectangle and lock are kept.", examples=["Tanda tangan 1"]),
    ] = msgspec.field(default=None, name="field")
    box: Annotated[Words | None, Meta(description="A saved box.", examples=["kanan-bawah"])] = None
    width: Annotated[Length | None, Meta(description="Of the box; absent: the stamp's own.", examples=[210])] = None
    height: Annotated[Length | None, Meta(description="Of the box; absent: the stamp's own.", examples=[72])] = None
    template: Annotated[
        Words | None,
        Meta(description="Which stamp; absent: the agency's, or the default.", examples=["surat"]),
    ] = None
    nip: Annotated[
        Words | None,
        Meta(
            description="18 digits, printed under the name and kept nowhere else; only where the letter's form asks.",
            examples=["000000000000000000"],
        ),
    ] = None


class SignedAsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """In which office somebody signs; printed in the stamp and kept with the signing."""

    office: Annotated[Words | None, Meta(description="Jabatan.", examples=["Kepala Dinas Contoh"])] = None
    agency: Annotated[Words | None, Meta(description="Instansi.", examples=["Dinas Contoh"])] = None
    rank: Annotated[Words | None, Meta(description="Pangkat.", examples=["Pembina Utama Muda"])] = None
    on_behalf: Annotated[
        Words | None,
        Meta(
            description="The form above the office; several lines are parted by semicolons.",
            examples=["a.n. Gubernur Contoh; Sekretaris Daerah; u.b."],
        ),
    ] = None


class LetterBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What the calling system knows of the letter; shown in public only as its secrecy allows."""

    external_id: Annotated[Words | None, Meta(description="Your identifier.", examples=["surat-2026-000123"])] = None
    kind: Annotated[Words | None, Meta(description="Jenis naskah.", examples=["Surat Dinas"])] = None
    number: Annotated[Words | None, Meta(description="Nomor surat.", examples=["B.00/0000/CONTOH"])] = None
    subject: Annotated[
        Annotated[str, Meta(max_length=500, pattern=PRINTABLE)] | None,
        Meta(description="Hal.", examples=["Undangan rapat contoh"]),
    ] = None
    secrecy: Annotated[Secrecy, Meta(description="Sifat.")] = Secrecy.BIASA
    urgency: Annotated[Urgency, Meta(description="Derajat.")] = Urgency.BIASA
    classification: Annotated[Words | None, Meta(description="Klasifikasi.", examples=["000.1.2"])] = None
    copies_to: Annotated[
        tuple[Words, ...], Meta(max_length=100, description="Tembusan; never public.", examples=[["Arsip Contoh"]])
    ] = ()
    valid_until: Annotated[
        date | None, Meta(description="Last day on which it holds, for permits.", examples=["2031-12-31"])
    ] = None
    replaces: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="Code of your earlier letter whose place it takes.", examples=["23456 789AB"]),
    ] = None
    preview: Annotated[bool, Meta(description="Whether the public page may show the pages.")] = True


class LockBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Form fields whose values nobody changes any more (FieldMDP)."""

    action: LockAction
    fields: Annotated[
        tuple[Words, ...],
        Meta(max_length=500, description="Full names; those locked for include, those left open for exclude."),
    ] = ()
    closes: Annotated[
        bool,
        Meta(description="Only with all: nobody signs any more; validation data and timestamps may follow (P 1)."),
    ] = False


Footer = Annotated[
    Words | None,
    Meta(
        description="A mark on every page, before the first signature: a template's name, or * for the agency's.",
        examples=["footer"],
    ),
]


class SignBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Who signs, how, and what the letter is."""

    credential: Annotated[
        str, Meta(min_length=1, max_length=64, description="The signatory's credential.", examples=["cred-contoh"])
    ]
    passphrase: Annotated[Secret, Meta(description="The signatory's passphrase; used once and kept nowhere.")]
    level: Annotated[
        SignatureLevel | None,
        Meta(description="PAdES level; where absent that of the letter's kind, else the service's default."),
    ] = None
    stamp: Annotated[StampBody | None, Meta(description="Absent or null: an invisible signature.")] = None
    footer: Footer = None
    reason: Annotated[Words | None, Meta(description="Why it is signed; ends in the PDF.")] = None
    location: Annotated[Words | None, Meta(description="Where it is signed; ends in the PDF.")] = None
    certify: Annotated[
        Certify | None,
        Meta(description="DocMDP of a first signature: 1 no changes, 2 forms and signatures, 3 annotations too."),
    ] = None
    lock: Annotated[LockBody | None, Meta(examples=[None])] = None
    signed_as: SignedAsBody = msgspec.field(default_factory=SignedAsBody)
    letter: LetterBody = msgspec.field(default_factory=LetterBody)

    def to_request(
        self, document: Content, *, client_id: str, level_for: Callable[[str | None], SignatureLevel]
    ) -> SignRequest:
        """The same in the words of signing."""
        return SignRequest(
            document=document,
            credential_id=self.credential,
            passphrase=self.passphrase,
            client_id=client_id,
            level=self.level or level_for(self.letter.kind),
            stamp=stamp_of(self.stamp),
            certify=self.certify,
            lock=lock_of(self.lock),
            footer=self.footer,
            reason=self.reason,
            location=self.location,
            signed_as=signed_as_of(self.signed_as),
            letter=letter_of(self.letter),
        )


def stamp_of(body: StampBody | None) -> StampPlacement | None:
    """The same in the words of signing."""
    return None if body is None else StampPlacement(**msgspec.structs.asdict(body))


def lock_of(body: LockBody | None) -> FieldLock | None:
    """The same in the words of signing."""
    return None if body is None else FieldLock(**msgspec.structs.asdict(body))


def signed_as_of(body: SignedAsBody) -> SignedAs:
    """The same in the words of signing."""
    return SignedAs(**msgspec.structs.asdict(body))


def letter_of(body: LetterBody) -> LetterMetadata:
    """The same in the words of signing."""
    return LetterMetadata(**msgspec.structs.asdict(body))


MAX_PASSPHRASE: Final = 256


def require_passphrases_taken(settings: Settings) -> None:
    """Every door behind which an application's passphrase signs asks this first, before it reads the body."""
    if not settings.signing.passphrase_through_api:
        raise RequestRefused(
            PASSPHRASE_NOT_HERE, "Ask for consent instead.", field="passphrase", reason="not-through-api"
        )


def passphrase_of(kind: type[Any], value: Any) -> Any:
    """For the decoder: a passphrase arrives as a text and becomes a `Secret` at once."""
    if kind is Secret and isinstance(value, str) and 0 < len(value) <= MAX_PASSPHRASE:
        return Secret(value)
    raise ValueError(f"Expected a text of 1 to {MAX_PASSPHRASE} characters")


_DECODER: Final = msgspec.json.Decoder(SignBody, dec_hook=passphrase_of)


def read_sign_body(text: bytes) -> SignBody:
    """The JSON text as a body; refuses with 400 and the name of the field, and never repeats a value."""
    return read_json(_DECODER, text)
