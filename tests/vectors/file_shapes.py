"""PDFs as programs of offices write them: the same letter in every container that a PDF may be, and with every form.

Each is made by a program (typst, pikepdf with qpdf), or by hand where no program at hand writes it: a hybrid file as a
word processor's, a form in XFA.
"""

import io
import re
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, String

from tests.support.letters import blank, conforming, letter, saved

_XDP = b'<?xml version="1.0"?><xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template/></xdp:xdp>'


def rewritten(pdf: bytes, **options: object) -> bytes:
    """`pdf` written anew by qpdf."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return saved(opened, **options)


def with_xref_stream(*, filters: bytes | None = None) -> bytes:
    """A cross-reference stream, and every object outside of object streams (PDF 1.5).

    `filters`: PNG's row filters, 0 to 2, taken in turn; without them the stream is not compressed.
    """
    whole = with_table_only()
    start = int(whole[whole.rindex(b"startxref") :].split()[1])
    count = int(whole[start:].split()[2])
    lines = whole[start:].splitlines()[2 : 2 + count]
    rows = [b"\0" + bytes(6)] + [b"\1" + int(line[:10]).to_bytes(4, "big") + bytes(2) for line in lines[1:]]
    table = b"".join(rows) + b"\1" + start.to_bytes(4, "big") + bytes(2)
    more = b""
    if filters is not None:
        table = zlib.compress(_filtered(table, 7, filters))
        more = b" /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 7 >>"
    about = b"/Type /XRef /Size %d /W [1 4 2] /Root 1 0 R /ID [<0A> <0A>] /Length %d" % (count + 1, len(table)) + more
    stream = b"%d 0 obj\n<< %s >>\nstream\n%s\nendstream\nendobj\n" % (count, about, table)
    return whole[:start] + stream + b"startxref\n%d\n%%%%EOF\n" % start


def _filtered(table: bytes, width: int, filters: bytes) -> bytes:
    """Rows as the differences that PNG's filters None, Sub and Up make of them."""
    out, above = b"", bytes(width)
    for number, start in enumerate(range(0, len(table), width)):
        row, kind = table[start : start + width], filters[number % len(filters)]
        left = (bytes(width), b"\0" + row, above)[kind]
        out += bytes([kind]) + bytes((here - there) % 256 for here, there in zip(row, left, strict=False))
        above = row
    return out


def with_object_streams() -> bytes:
    """Most objects inside object streams."""
    return rewritten(letter(), object_stream_mode=ObjectStreamMode.generate)


def with_table_only() -> bytes:
    """A classic table, as every program before 2003 wrote it."""
    return rewritten(letter(), object_stream_mode=ObjectStreamMode.disable)


def linearised() -> bytes:
    """Ordered for the web: two cross-reference sections that are one act, and hints."""
    return rewritten(letter(), linearize=True)


def pdf_2() -> bytes:
    """PDF 2.0, as PDF/A-4."""
    return conforming("a-4")


def word_hybrid(*, agreeing: bool = True) -> bytes:
    """A hybrid-reference file as a word processor exports it (ISO 32000-2, 7.5.8.4).

    A classic table in which the hidden objects are free, and behind it an empty one that names a cross-reference
    stream; there the hidden objects (a structure tree's) lie in an object stream. Where the views do not agree, the
    stream also finds the page's content elsewhere: old readers show one amount, new ones another.
    """
    shown, other = b"BT /F1 24 Tf 72 720 Td (Rp 1.000.000) Tj ET", b"BT /F1 24 Tf 72 720 Td (Rp 9.000.000) Tj ET"
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R/Lang(id-ID)/StructTreeRoot 7 0 R/MarkInfo<</Marked false>>>>",
        b"<</Type/Pages/Count 1/Kids[ 3 0 R] >>",
        b"<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 5 0 R>>>>/MediaBox[ 0 0 595.32 841.92]/Contents 4 0 R>>",
        b"<</Length %d>>\r\nstream\r\n%s\r\nendstream" % (len(shown), shown),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Creator(Pengolah Kata)/Producer(Pengolah Kata)>>",
    ]
    out, rows = bytearray(b"%PDF-1.7\r\n%\xb5\xb5\xb5\xb5\r\n"), [b"0000000007 65535 f\r\n"]
    for number, body in enumerate(bodies, start=1):
        rows.append(b"%010d 00000 n\r\n" % len(out))
        out += b"%d 0 obj\r\n%s\r\nendobj\r\n" % (number, body)
    hidden = [b"<</Type/StructTreeRoot/K 8 0 R>>", b"<</Type/StructElem/S/Document/P 7 0 R>>"]
    index = b"7 0 8 %d " % (len(hidden[0]) + 1)
    packed = index + b" ".join(hidden)
    container = len(out)
    out += b"9 0 obj\r\n<</Type/ObjStm/N 2/First %d/Length %d>>\r\nstream\r\n" % (len(index), len(packed))
    out += packed + b"\r\nendstream\r\nendobj\r\n"
    entries = {7: (2, 9, 0), 8: (2, 9, 1), 9: (1, container, 0)}
    if not agreeing:
        entries[4] = (1, len(out), 0)
        out += b"4 0 obj\r\n<</Length %d>>\r\nstream\r\n%s\r\nendstream\r\nendobj\r\n" % (len(other), other)
    entries[10] = (1, len(out), 0)
    stream = len(out)
    table = b"".join(
        bytes([kind]) + place.to_bytes(4, "big") + bytes([more]) for _, (kind, place, more) in sorted(entries.items())
    )
    numbers = b" ".join(b"%d 1" % number for number in sorted(entries))
    out += b"10 0 obj\r\n<</Type/XRef/Size 11/W[ 1 4 1]/Index[%s]/Root 1 0 R/Info 6 0 R/Length %d>>\r\n" % (
        numbers,
        len(table),
    )
    out += b"stream\r\n" + table + b"\r\nendstream\r\nendobj\r\n"
    rows += [b"%010d 65535 f\r\n" % (number + 1) for number in range(7, 10)] + [b"0000000000 65535 f\r\n"]
    first = len(out)
    about = b"/Size 11/Root 1 0 R/Info 6 0 R/ID[<0A><0A>]"
    out += b"xref\r\n0 11\r\n%strailer\r\n<<%s>>\r\nstartxref\r\n%d\r\n%%%%EOF\r\n" % (b"".join(rows), about, first)
    second = len(out)
    out += b"xref\r\n0 0\r\ntrailer\r\n<<%s/Prev %d/XRefStm %d>>\r\nstartxref\r\n%d\r\n%%%%EOF" % (
        about,
        first,
        stream,
        second,
    )
    return bytes(out)


def form(*, need_appearances: bool = False, drawn: bool = True, xfa: str | None = None) -> bytes:
    """A form with one text field that somebody filled in.

    `drawn`: whether the value has an appearance. `xfa`: a second description of the form, `static` or `dynamic`.
    """
    pdf = blank()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    field = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T=String("jumlah"),
        V=String("Rp 1.000.000"),
        DA=String("/Helv 12 Tf 0 g"),
        Rect=Array([72, 700, 300, 724]),
        F=4,
        P=pdf.pages[0].obj,
    )
    if drawn:
        stream = pdf.make_stream(b"/Tx BMC q BT /Helv 12 Tf 2 6 Td (Rp 1.000.000) Tj ET Q EMC")
        stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array([0, 0, 228, 24])
        stream.Resources = Dictionary(Font=Dictionary(Helv=font))
        field.AP = Dictionary(N=stream)
    widget = pdf.make_indirect(field)
    pdf.pages[0].obj.Annots = Array([widget])
    acro_form = Dictionary(
        Fields=Array([widget]), DR=Dictionary(Font=Dictionary(Helv=font)), DA=String("/Helv 12 Tf 0 g")
    )
    if need_appearances:
        acro_form.NeedAppearances = True
    if xfa is not None:
        acro_form.XFA = pdf.make_stream(_XDP)
        if xfa == "dynamic":
            pdf.Root.NeedsRendering = True
    pdf.Root.AcroForm = pdf.make_indirect(acro_form)
    return saved(pdf)


def is_hybrid(pdf: bytes) -> bool:
    """Whether a trailer names a cross-reference stream beside a table."""
    return re.search(rb"/XRefStm\s*\d", pdf) is not None


def protected(revision: int) -> bytes:
    """Encrypted, and opened by every reader without asking: only the owner's password is set."""
    modern = revision > 3
    return saved(
        blank(), encryption=pikepdf.Encryption(owner="pemilik", user="", R=revision, aes=modern, metadata=modern)
    )
