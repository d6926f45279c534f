"""A letter with everything in it that somebody could change later, written in several ways.

The same objects under shuffled numbers, with a table or with cross-reference and object streams, with more or fewer
pages: an attack that is found in one of them must be found in all. Deterministic by `Writing.seed`.
"""

import random
import re
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields

from tests.support.pki import Pki
from tests.vectors.letters import sign

TRUE, FALSE = "Rp 1.000", "Rp 9.000"
_REFERENCE: Final = re.compile(rb"@(\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How the letter is written."""

    name: str
    seed: int = 0
    """Shuffles object numbers; 0 leaves them in order."""
    streams: bool = False
    pages: int = 2


WRITINGS: Final = (
    Writing(name="plain"),
    Writing(name="shuffled", seed=7),
    Writing(name="streams", streams=True),
    Writing(name="one page, shuffled, streams", seed=11, streams=True, pages=1),
    Writing(name="nine pages, shuffled", seed=13, pages=9),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The letter, and the number of each of its objects."""

    pdf: bytes
    numbers: dict[str, int]


def stream(dictionary: bytes, data: bytes) -> bytes:
    """The body of a stream object; `dictionary` without its brackets."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (dictionary, len(data), data)


def text_appearance(text: str) -> bytes:
    """What a text field shows."""
    operators = b"/Tx BMC q BT /Helv 12 Tf 0 g 2 4 Td (%s) Tj ET Q EMC" % text.encode("latin-1")
    resources = b"/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /Helv @font >> >>"
    return stream(resources, operators)


def metadata(title: str) -> bytes:
    """The smallest XMP packet."""
    return (
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        b"<!-- %s --></rdf:RDF></x:xmpmeta>" % title.encode()
    )


def bodies(pages: int) -> dict[str, bytes]:
    """Every object by name; `@name` refers to another one."""
    kids = b" ".join(b"@page%d" % number for number in range(1, pages + 1))
    objects = {
        "catalog": b"<< /Type /Catalog /Pages @pages /AcroForm @form /Outlines @outlines /Names @names /Metadata @xmp"
        b" /OCProperties << /OCGs [@layer] /D << /ON [@layer] >> >> /MarkInfo << /Marked true >>"
        b" /StructTreeRoot @tree /Lang (id) /PageLayout /SinglePage >>",
        "pages": b"<< /Type /Pages /Count %d /Kids [%s] /MediaBox [0 0 595 842] >>" % (pages, kids),
        "font": b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "image": stream(
            b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", b"\x00"
        ),
        "layer": b"<< /Type /OCG /Name (Cap) >>",
        "names": b"<< /EmbeddedFiles << /Names [(lampiran) @attachment] >> >>",
        "attachment": b"<< /Type /Filespec /F (lampiran.txt) /EF << /F @file >> >>",
        "file": stream(b"/Type /EmbeddedFile", TRUE.encode()),
        "outlines": b"<< /Type /Outlines /First @outline /Last @outline /Count 1 >>",
        "outline": b"<< /Title (Surat) /Parent @outlines /Dest [@page1 /Fit] >>",
        "tree": b"<< /Type /StructTreeRoot /K @document /ParentTree @parents /ParentTreeNextKey 1 /RoleMap << >> >>",
        "document": b"<< /Type /StructElem /S /Document /P @tree /K [@paragraph] >>",
        "paragraph": b"<< /Type /StructElem /S /P /P @document /Pg @page1 /K 0 /ActualText (%s) >>" % TRUE.encode(),
        "parents": b"<< /Nums [0 [@paragraph]] >>",
        "xmp": stream(b"/Type /Metadata /Subtype /XML", metadata(TRUE)),
        "info": b"<< /Title (Surat) >>",
        "link": b"<< /Type /Annot /Subtype /Link /Rect [60 600 200 620] /A << /S /URI /URI (https://a.example) >> >>",
        "form": b"<< /Fields [@amount @agreed] /DA (/Helv 12 Tf 0 g) /DR << /Font << /Helv @font >> >> >>",
        "amount": b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (amount) /V (%s) /Rect [60 500 260 520] /F 4 /P @page1"
        b" /AP << /N @amount_shown >> /DA (/Helv 12 Tf 0 g) >>" % TRUE.encode(),
        "amount_shown": text_appearance(TRUE),
        "agreed": b"<< /Type /Annot /Subtype /Widget /FT /Btn /T (agreed) /V /Off /AS /Off /Rect [60 460 80 480] /F 4"
        b" /P @page1 /AP << /N << /Yes @yes /Off @off >> >> >>",
        "yes": stream(b"/Type /XObject /Subtype /Form /BBox [0 0 20 20]", b"0 0 20 20 re f"),
        "off": stream(b"/Type /XObject /Subtype /Form /BBox [0 0 20 20]", b""),
        "spare": stream(b"", b"BT /F1 24 Tf 72 720 Td (%s) Tj ET" % FALSE.encode()),
    }
    for number in range(1, pages + 1):
        annots = b" /Annots [@link @amount @agreed] /StructParents 0" if number == 1 else b""
        objects[f"page{number}"] = (
            b"<< /Type /Page /Parent @pages /Contents @content%d%s /Tabs /S"
            b" /Resources << /Font << /F1 @font >> /XObject << /Im @image >> /Properties << /L @layer >> >> >>"
            % (number, annots)
        )
        objects[f"content{number}"] = stream(
            b"", b"/P << /MCID 0 >> BDC BT /F1 24 Tf 72 720 Td (%s) Tj ET EMC" % TRUE.encode()
        )
    return objects


def letter(writing: Writing, replaced: dict[str, bytes] | None = None) -> Letter:
    """The unsigned letter; `replaced` and further objects are planted in it."""
    objects = bodies(writing.pages) | (replaced or {})
    numbers = list(range(1, len(objects) + 1))
    if writing.seed:
        random.Random(writing.seed).shuffle(numbers)  # noqa: S311  # no secret: the same letter every time
    named = dict(zip(objects, numbers, strict=True))
    written = {
        named[name]: _REFERENCE.sub(lambda match: b"%d 0 R" % named[match[1].decode()], body)
        for name, body in objects.items()
    }
    write = _with_streams if writing.streams else _with_table
    return Letter(pdf=write(written, named["catalog"], named["info"]), numbers=named)


def signed(pki: Pki, letter: Letter, *, certify: fields.MDPPerm | None = None, box: bool = False) -> Letter:
    """The letter with one trusted signature, visible where `box`."""
    pdf = sign(
        letter.pdf,
        pki.official,
        claimed=pki.at,
        token_of=(pki, pki.at),
        certify=certify,
        box=(60, 60, 200, 120) if box else None,
    )
    field = PdfFileReader(BytesIO(pdf), strict=False).root["/AcroForm"]["/Fields"].raw_get(-1)
    value = field.get_object().raw_get("/V")
    return Letter(pdf=pdf, numbers=letter.numbers | {"signature": field.idnum, "value": value.idnum})


class QuietWriter(IncrementalPdfFileWriter):
    """Writes one more revision and nothing but what it is told, no metadata either."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__(BytesIO(pdf), strict=False)

    def _update_meta(self) -> None:
        return None


def _with_table(objects: dict[int, bytes], catalog: int, info: int) -> bytes:
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, body in sorted(objects.items()):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offsets[number] for number in sorted(objects))
    out += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<00> <00>] >>\n" % (len(objects) + 1, catalog, info)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _with_streams(objects: dict[int, bytes], catalog: int, info: int) -> bytes:
    packed = {number: body for number, body in objects.items() if b"\nstream\n" not in body}
    holder, section = len(objects) + 1, len(objects) + 2
    index, inside = b"", b""
    for number, body in packed.items():
        index += b"%d %d " % (number, len(inside))
        inside += body + b"\n"
    loose = {number: body for number, body in objects.items() if number not in packed}
    loose[holder] = stream(b"/Type /ObjStm /N %d /First %d" % (len(packed), len(index)), index + inside)
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    rows = {0: (0, 0, 65535)} | {number: (2, holder, place) for place, number in enumerate(packed)}
    for number, body in sorted(loose.items()):
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows[section] = (1, len(out), 0)
    data = b"".join(
        bytes([kind]) + where.to_bytes(4, "big") + last.to_bytes(2, "big")
        for _, (kind, where, last) in sorted(rows.items())
    )
    dictionary = b"/Type /XRef /Size %d /W [1 4 2] /Root %d 0 R /Info %d 0 R /ID [<00> <00>]" % (
        section + 1,
        catalog,
        info,
    )
    start = len(out)
    out += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (section, stream(dictionary, data), start)
    return bytes(out)
