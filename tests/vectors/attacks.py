"""Published attacks on signed PDFs, rebuilt on a letter of ours. Each says how it must fail.

Sources: "1 Trillion Dollar Refund" (Mladenov, Mainka, Meyer zu Selhausen, Grothe, Schwenk; CCS 2019) for USF, ISA and
SWA; "Shadow Attacks" (Mainka, Mladenov, Rohlmann; NDSS 2021); "Breaking the Specification" (Rohlmann and others; S&P
2021) for EAA and SSA. The letter grants Rp 1.000, the forgery Rp 9.000.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from asn1crypto.parser import peek
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields

from tests.support.pki import Pki, make_pki
from tests.vectors.letters import append, content, page, pages, sign, timestamp_document

TRUE, FALSE = "Rp 1.000", "Rp 9.000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One forged letter."""

    name: str
    pdf: bytes
    why: str
    """What is special about it, and how it must fail."""


def build_all(pki: Pki) -> list[Vector]:
    """Every attack on one hierarchy."""
    return [Vector(name=each.__name__, pdf=each(pki), why=" ".join((each.__doc__ or "").split())) for each in ATTACKS]


def letter(pki: Pki, **options: object) -> bytes:
    """The honest letter: one page, a spare page that no tree names, one trusted signature with a timestamp."""
    pdf = pages(TRUE, spare=FALSE)
    return sign(pdf, pki.official, claimed=pki.at, token_of=(pki, pki.at), **options)  # type: ignore[arg-type]


def _size(pdf: bytes) -> int:
    return int(PdfFileReader(BytesIO(pdf), strict=False).trailer["/Size"])


def _root(pdf: bytes) -> bytes:
    root = PdfFileReader(BytesIO(pdf), strict=False).trailer.raw_get("/Root")
    return b"/Root %d %d R" % (root.idnum, root.generation)


def _revise(pdf: bytes, objects: dict[int, bytes]) -> bytes:
    size = max(_size(pdf), *(number + 1 for number in objects))
    return append(pdf, objects, size=size, trailer=_root(pdf))


def _range(pdf: bytes) -> tuple[int, int, int, int]:
    start = pdf.rindex(b"/ByteRange")
    numbers = pdf[pdf.index(b"[", start) + 1 : pdf.index(b"]", start)].split()
    first, length, resume, rest = (int(each) for each in numbers)
    return first, length, resume, rest


def _with_range(pdf: bytes, replacement: bytes) -> bytes:
    start = pdf.rindex(b"/ByteRange")
    end = pdf.index(b"]", start) + 1
    return pdf[:start] + replacement.ljust(end - start) + pdf[end:]


def _plant_in_gap(signed: bytes, planted: bytes) -> bytes:
    _, length, resume, _ = _range(signed)
    padded = signed[length + 1 : resume - 1]
    container = 2 * peek(bytes.fromhex(padded.decode()))  # its last octet may be a zero like the padding
    shortened = b"<" + padded[:container] + b"> " + planted
    return signed[:length] + shortened.ljust(resume - length) + signed[resume:]


def content_overwritten(pki: Pki) -> bytes:
    """ISA: a later revision overwrites the page's content stream. DOCUMENT_CHANGED."""
    return _revise(letter(pki), {5: content(FALSE)})


def page_swapped(pki: Pki) -> bytes:
    """Shadow replace: the page tree is pointed at the spare page that was signed along. DOCUMENT_CHANGED."""
    return _revise(letter(pki), {2: b"<< /Type /Pages /Count 1 /Kids [6 0 R] >>"})


def page_shows_spare_content(pki: Pki) -> bytes:
    """Shadow replace: the page object is pointed at the spare content. DOCUMENT_CHANGED."""
    return _revise(letter(pki), {4: page(7)})


def page_added(pki: Pki) -> bytes:
    """A page is appended after signing. DOCUMENT_CHANGED."""
    signed = letter(pki)
    size = _size(signed)
    return _revise(
        signed,
        {
            2: b"<< /Type /Pages /Count 2 /Kids [4 0 R %d 0 R] >>" % size,
            size: page(size + 1),
            size + 1: content(FALSE),
        },
    )


def font_overwritten(pki: Pki) -> bytes:
    """Shadow replace: another font shows other digits for the same signed codes. DOCUMENT_CHANGED."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [49 /nine] >> >>"
    return _revise(letter(pki), {3: font})


def dangling_object_defined(pki: Pki) -> bytes:
    """Shadow hide: the signed page draws an object that exists only since a later revision. DOCUMENT_CHANGED."""
    missing = 60
    body = page(5).replace(b"/Contents 5 0 R", b"/Contents [5 0 R %d 0 R]" % missing)
    pdf = append(pages(TRUE), {4: body}, size=6)
    signed = sign(pdf, pki.official, claimed=pki.at, token_of=(pki, pki.at))
    return _revise(signed, {missing: content(FALSE)})


def dangling_object_behind_odd_white_space(pki: Pki) -> bytes:
    """Shadow hide: the same, the parts of the reference kept apart by tabs and form feeds. DOCUMENT_CHANGED."""
    body = page(5).replace(b"/Contents 5 0 R", b"/Contents [5 0 R 60\t0\x0cR]")
    signed = sign(append(pages(TRUE), {4: body}, size=6), pki.official, claimed=pki.at, token_of=(pki, pki.at))
    return _revise(signed, {60: content(FALSE)})


def revision_hidden_from_the_chain(pki: Pki) -> bytes:
    """ISA: a revision is appended, then a trailer that leads back past it, for readers that rebuild. Not passed."""
    signed = letter(pki)
    start = int(signed[signed.rindex(b"startxref") :].split()[1])
    forged = _revise(signed, {5: content(FALSE)})
    return forged + b"startxref\n%d\n%%%%EOF\n" % start


def bytes_appended(pki: Pki) -> bytes:
    """ISA: a naked object behind the last marker, for readers that rebuild the file. Not passed."""
    return letter(pki) + b"5 0 obj\n" + content(FALSE) + b"\nendobj\n"


def no_byte_range(pki: Pki) -> bytes:
    """USF: /ByteRange is renamed away. Not passed."""
    return letter(pki).replace(b"/ByteRange", b"/ByteRang3")


def byte_range_negative(pki: Pki) -> bytes:
    """USF: negative numbers. Not passed."""
    return _with_range(letter(pki), b"/ByteRange [0 -1 -1 0]")


def byte_range_of_one_part(pki: Pki) -> bytes:
    """USF: only the first half is said to be covered. Not passed."""
    signed = letter(pki)
    return _with_range(signed, b"/ByteRange [0 %d]" % _range(signed)[1])


def byte_range_null(pki: Pki) -> bytes:
    """USF: null instead of an array. Not passed."""
    return _with_range(letter(pki), b"/ByteRange null")


def contents_of_zeros(pki: Pki) -> bytes:
    """USF: /Contents holds only zeros. Not passed."""
    signed = letter(pki)
    _, length, resume, _ = _range(signed)
    return signed[: length + 1] + b"0" * (resume - length - 2) + signed[resume - 1 :]


def contents_empty(pki: Pki) -> bytes:
    """USF: /Contents is an empty string, padded with blanks. Not passed."""
    signed = letter(pki)
    _, length, resume, _ = _range(signed)
    return signed[:length] + b"<>".ljust(resume - length) + signed[resume:]


def gap_with_a_passenger(pki: Pki) -> bytes:
    """SWA: the padding of /Contents makes room for a forged content stream inside the uncovered gap. Not passed."""
    return _plant_in_gap(letter(pki), b"/Planted (%s)" % FALSE.encode())


def byte_range_twice(pki: Pki) -> bytes:
    """SWA: a second /ByteRange hides in the uncovered gap, each reader taking another one. Not passed."""
    signed = letter(pki)
    return _plant_in_gap(signed, b"/ByteRange [0 %d %d %d]" % _range(signed)[1:])


def signature_of_another_letter(pki: Pki) -> bytes:
    """A genuine signature container of another letter is put into the gap. HASH_FAILURE."""
    mine = letter(pki)
    other = sign(pages("Surat lain", spare=FALSE), pki.official, claimed=pki.at, token_of=(pki, pki.at))
    _, length, resume, _ = _range(mine)
    _, other_length, other_resume, _ = _range(other)
    foreign = other[other_length + 1 : other_resume - 1]
    space = resume - length - 2
    return mine[: length + 1] + foreign[:space].ljust(space, b"0") + mine[resume - 1 :]


def timestamp_of_another_letter(pki: Pki) -> bytes:
    """A document timestamp whose token was made for another file. Not passed."""
    mine = timestamp_document(letter(pki), pki, pki.at)
    other = timestamp_document(sign(pages("Surat lain"), pki.official, claimed=pki.at), pki, pki.at)
    _, length, resume, _ = _range(mine)
    _, other_length, other_resume, _ = _range(other)
    foreign = other[other_length + 1 : other_resume - 1]
    return mine[: length + 1] + foreign[: resume - length - 2].ljust(resume - length - 2, b"0") + mine[resume - 1 :]


def annotation_over_the_sum(pki: Pki) -> bytes:
    """EAA: a free text annotation covers the sum, after a certification that permits form filling. DOCUMENT_CHANGED."""
    return _annotate(letter(pki, certify=fields.MDPPerm.FILL_FORMS))


def annotation_where_annotations_are_permitted(pki: Pki) -> bytes:
    """EAA: the same where DocMDP 3 permits annotations; our policy never does. DOCUMENT_CHANGED."""
    return _annotate(letter(pki, certify=fields.MDPPerm.ANNOTATE))


def unsigned_stamp_over_the_sum(pki: Pki) -> bytes:
    """SSA: an empty signature field with an appearance of its own covers the sum. DOCUMENT_CHANGED."""
    writer = IncrementalPdfFileWriter(BytesIO(letter(pki)), strict=False)
    fields.append_signature_field(writer, fields.SigFieldSpec("Cap", box=(60, 700, 300, 760), on_page=0))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def signed_after_a_certification_that_forbids(pki: Pki) -> bytes:
    """DocMDP 1 forbids every later change, a further signature included. DOCUMENT_CHANGED."""
    certified = letter(pki, certify=fields.MDPPerm.NO_CHANGES)
    writer = IncrementalPdfFileWriter(BytesIO(certified), strict=False)
    writer.root["/Extra"] = generic.NumberObject(1)
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def signature_removed(pki: Pki) -> bytes:
    """The form is taken out of the catalog, so that the file looks unsigned. Not passed, and not "no signature"."""
    signed = letter(pki)
    number = int(_root(signed).split()[1])
    return _revise(signed, {number: b"<< /Type /Catalog /Pages 2 0 R >>"})


def signed_by_a_stranger_of_the_same_name(pki: Pki) -> bytes:
    """A hierarchy with the same names and other keys. NO_CERTIFICATE_CHAIN_FOUND, never passed."""
    stranger = make_pki(pki.at)
    return sign(pages(FALSE), stranger.official, claimed=pki.at, token_of=(stranger, pki.at + timedelta(seconds=1)))


def _annotate(signed: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(signed), strict=False)
    reference, _ = writer.find_page_for_modification(0)
    annotation = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (60, 700, 300, 760))),
            generic.pdf_name("/Contents"): generic.pdf_string(FALSE),
        }
    )
    writer.register_annotation(reference, writer.add_object(annotation))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


ATTACKS: tuple[Callable[[Pki], bytes], ...] = (
    content_overwritten,
    page_swapped,
    page_shows_spare_content,
    page_added,
    font_overwritten,
    dangling_object_defined,
    dangling_object_behind_odd_white_space,
    revision_hidden_from_the_chain,
    bytes_appended,
    no_byte_range,
    byte_range_negative,
    byte_range_of_one_part,
    byte_range_null,
    contents_of_zeros,
    contents_empty,
    gap_with_a_passenger,
    byte_range_twice,
    signature_of_another_letter,
    timestamp_of_another_letter,
    annotation_over_the_sum,
    annotation_where_annotations_are_permitted,
    unsigned_stamp_over_the_sum,
    signed_after_a_certification_that_forbids,
    signature_removed,
    signed_by_a_stranger_of_the_same_name,
)
