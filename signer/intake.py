"""May this PDF be signed? Read here once, within limits, before any key is touched.

The document comes from an authenticated client and is still a stranger's: whatever the parser raises is a refusal, and
what it may decode is bounded. Nothing is repaired; a file that readers must guess about is not a file to sign.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget
from pyhanko.sign.fields import FieldMDPSpec

from signer.claims import claims_pdfa_1
from signer.document import Content, Document
from signer.errors import DocumentRefused, SignerError
from signer.forms import refuse_dynamic_form, refuse_second_form, require_drawn_values
from signer.hybrid import require_one_view
from signer.locks import locks_in, require_some_field
from signer.pdf_objects import elements, look_up
from signer.reading import Reader

_HEADER: Final = re.compile(rb"%PDF-[12]\.\d")
_MIB: Final = 1024 * 1024
_ENCRYPTED: Final = (
    "PDF ini terenkripsi, mungkin juga bila terbuka tanpa kata sandi. Simpan ulang tanpa perlindungan, misalnya dengan"
    " mencetaknya ke PDF. / The PDF is encrypted, even if it opens without a password. Save it without protection, for"
    " example by printing it to PDF."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimits:
    """What one document may cost us."""

    bytes: int = 100 * _MIB
    pages: int = 5_000
    objects: int = 1_000_000  # a page of text has some ten; pyHanko keeps an entry for each
    decoded_bytes: int = 256 * _MIB  # cross-reference and object streams; page contents are never decoded
    fields: int = 10_000
    depth: int = 64  # of the page tree and of the form's field tree
    signatures: int = 63  # with ours 64, the most that our verifier judges


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A document that may be signed, and what signing must know of it."""

    document: Document
    page_count: int
    field_names: frozenset[str]
    """Fully qualified names of all form fields, so that ours is new."""
    signatures: int
    """Signatures and document timestamps that are in it already."""
    pdfa_1: bool
    """Whether it claims to be PDF/A-1."""
    locks: tuple[FieldMDPSpec, ...]
    """Form fields that earlier signatures lock; empty where no signature is to be added."""
    decode_limits: DecodeLimits
    """To be used whenever this document is read again."""
    reader: Reader = field(repr=False)
    """The document as it was read: to look at, never to change. A revision reads it anew."""

    @property
    def sha256(self) -> str:
        """Hex digest of the document."""
        return self.document.sha256


def inspect(content: Content, limits: IntakeLimits) -> Intake:
    """The document as an `Intake`, or `DocumentRefused` with `field="document"` and a stable reason."""
    document = _require_a_pdf(content, limits)
    with reading_a_strangers_pdf():
        return _read(document, limits, adds_signature=True)


def inspect_signed(content: Content, limits: IntakeLimits) -> Intake:
    """A signed document to which validation data and timestamps may be added; `DocumentRefused` as `inspect` raises it.

    What a certification forbids (DocMDP with P 1, FieldMDP) is no obstacle: a DSS and document timestamps are no
    changes in its sense (ISO 32000-2, 12.8.2.2.2, table 257).
    """
    document = _require_a_pdf(content, limits)
    with reading_a_strangers_pdf():
        intake = _read(document, limits, adds_signature=False)
    _require(intake.signatures > 0, "unsigned", "The PDF has no signature. Have it signed first.")
    return intake


def _require_a_pdf(content: Content, limits: IntakeLimits) -> Document:
    _require(len(content) > 0, "empty", "The document is empty. Send the bytes of a PDF file.")
    most = limits.bytes // _MIB
    _require(len(content) <= limits.bytes, "too-large", f"The document is larger than {most} MiB. Send a smaller one.")
    _require(_HEADER.match(content[:16]) is not None, "not-a-pdf", "This is not a PDF file. Convert it to PDF first.")
    return Document.of(content)


def sha256_of(document: Content) -> str:
    """The digest (hex) under which a document is consented to."""
    return Document.of(document).sha256


@contextmanager
def reading_a_strangers_pdf() -> Iterator[None]:
    """Whatever a parser raises inside is the document's fault and becomes `DocumentRefused`; our own errors pass."""
    try:
        yield
    except SignerError:
        raise
    except Exception as error:
        message = "The PDF is damaged or incomplete. Export it again from the program that made it."
        raise _refused("broken", message) from error


def open_reader(document: Document, decode_limits: DecodeLimits) -> Reader:
    """A reader that forgives what other readers forgive too, hybrid cross-references included."""
    return Reader(document, decode_limits)


def new_decode_limits(limits: IntakeLimits) -> DecodeLimits:
    """What one document may decode, counted from nothing."""
    return DecodeLimits(document_budget=DocumentDecodeBudget(base_allowance=limits.decoded_bytes, max_ratio=0.0))


def _read(document: Document, limits: IntakeLimits, *, adds_signature: bool) -> Intake:
    decode_limits = new_decode_limits(limits)
    reader = open_reader(document, decode_limits)
    _require("/Encrypt" not in reader.trailer, "encrypted", _ENCRYPTED)
    require_one_view(reader)
    size = int(reader.trailer["/Size"])
    _require(0 < size <= limits.objects, "too-many-objects", "The PDF has too many objects. Export it again.")
    root = reader.root
    pages = _page_count(root, limits)
    fields = list(fields_of(root, limits))
    signed = [value for _, field in fields if (value := _signature_of(field)) is not None]
    _require(len(signed) <= limits.signatures, "too-many-signatures", "The PDF has too many signatures already.")
    refuse_dynamic_form(root)
    if adds_signature:
        require_drawn_values(root, (field for _, field in fields))
        refuse_second_form(root, signed=bool(signed))
    names = frozenset(name for name, _ in fields)
    locks = tuple(lock for signature in signed for lock in locks_in(signature)) if adds_signature else ()
    require_some_field(locks)
    return Intake(
        document=document,
        page_count=pages,
        field_names=names,
        signatures=len(signed),
        pdfa_1=claims_pdfa_1(root),
        locks=locks,
        decode_limits=decode_limits,
        reader=reader,
    )


def _page_count(root: generic.DictionaryObject, limits: IntakeLimits) -> int:
    """`/Count` of the page tree. That the pages can be reached is proven when one of them is touched."""
    count = int(root["/Pages"]["/Count"])
    _require(count > 0, "no-page", "The PDF has no page. There is nothing to sign.")
    _require(count <= limits.pages, "too-many-pages", f"The PDF has more than {limits.pages} pages. Split it.")
    return count


def fields_of(root: generic.DictionaryObject, limits: IntakeLimits) -> Iterator[tuple[str, generic.DictionaryObject]]:
    """Every form field with its fully qualified name, each visited once."""
    seen: set[tuple[int, int]] = set()
    pending = [(entry, "", 1) for entry in elements(look_up(root, "/AcroForm"), "/Fields")]
    while pending:
        reference, parent, depth = pending.pop()
        if not isinstance(reference, generic.IndirectObject):
            raise _refused("broken", "The PDF's form is damaged. Export it again from the program that made it.")
        field = reference.get_object()
        key = (reference.idnum, reference.generation)
        if key in seen or not isinstance(field, generic.DictionaryObject):
            continue
        seen.add(key)
        _require(len(seen) <= limits.fields and depth <= limits.depth, "form-too-big", "The PDF's form is too big.")
        partial = look_up(field, "/T")
        name = parent if partial is None else f"{parent}.{partial}".lstrip(".")
        yield name, field
        pending.extend((kid, name, depth + 1) for kid in elements(field, "/Kids"))


def _signature_of(field: generic.DictionaryObject) -> generic.DictionaryObject | None:
    """The signature dictionary of a signed field."""
    value = look_up(field, "/V")
    if value is None or look_up(field, "/FT") not in ("/Sig", None):  # a kid inherits its type
        return None
    return value if isinstance(value, generic.DictionaryObject) else None


def _require(holds: bool, reason: str, message: str) -> None:
    if not holds:
        raise _refused(reason, message)


def _refused(reason: str, message: str) -> DocumentRefused:
    return DocumentRefused(message, field="document", reason=reason)
