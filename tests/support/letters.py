"""PDFs to be signed: a real-looking letter, and small ones with one thing special or wrong about each."""

import io
from functools import lru_cache
from pathlib import Path

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name, String

_FONTS = Path(__file__).resolve().parents[2] / "signer" / "fonts"
_LETTER = """
#set page(paper: "a4", margin: 2.5cm)
#set text(font: "Plus Jakarta Sans", size: 11pt, lang: "id")
#align(center)[*PEMERINTAH PROVINSI CONTOH* \\ *DINAS CONTOH*]
#line(length: 100%)
Nomor: 000.1.2/123/CONTOH/2026 #h(1fr) 21 November 2026 \\
Sifat: biasa \\ Hal: Undangan rapat
#v(1em)
Dengan hormat, kami mengundang Saudara untuk hadir pada rapat koordinasi penerapan tanda tangan elektronik.
#for n in range(4) [ #lorem(60) #parbreak() ]
"""


@lru_cache(maxsize=1)
def letter() -> bytes:
    """One A4 page of an office letter, fonts embedded, about 20 KB."""
    pdf = typst.compile(
        _LETTER.encode(), format="pdf", font_paths=[_FONTS], ignore_system_fonts=True, timestamp=1_795_233_600
    )
    assert isinstance(pdf, bytes)
    return pdf


@lru_cache(maxsize=8)
def conforming(*standards: str) -> bytes:
    """The letter as PDF/A or PDF/UA, in typst's words: `a-2b`, `ua-1` ..."""
    about = (
        '#set document(title: "Undangan rapat", author: "Dinas Contoh", date: datetime(year: 2026, month: 11, day: 21))'
    )
    pdf = typst.compile(
        (about + _LETTER).encode(),
        format="pdf",
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        timestamp=1_795_233_600,
        pdf_standards=list(standards),
    )
    assert isinstance(pdf, bytes)
    return pdf


def blank(pages: int = 1, *, size: tuple[float, float] = (595, 842), rotate: int = 0) -> pikepdf.Pdf:
    """Empty pages, to be spoilt."""
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=size)
    for page in pdf.pages:
        if rotate:
            page.obj.Rotate = rotate
    return pdf


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    """The bytes of `pdf`."""
    out = io.BytesIO()
    pdf.save(out, **options)  # type: ignore[arg-type]  # passed on as they are
    return out.getvalue()


def encrypted(*, user: str = "") -> bytes:
    """A letter under a password; with an empty user password every reader opens it unasked."""
    return saved(blank(), encryption=pikepdf.Encryption(owner="owner", user=user))


def with_dynamic_form() -> bytes:
    """An XFA form whose pages exist only once a reader has run it."""
    pdf = blank()
    pdf.Root.NeedsRendering = True
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array(), XFA=pdf.make_stream(b"<xdp/>")))
    return saved(pdf)


def with_lock(method: str, *, indirect: bool = True, **parameters: object) -> bytes:
    """A form whose one signature carries a lock: `with_lock("DocMDP", P=1)`, `with_lock("FieldMDP", Action=...)`.

    Every step on the way to the lock is a reference when `indirect`: one that is not followed hides it.
    """
    pdf = blank()

    def wrap(value: pikepdf.Object) -> pikepdf.Object:
        return pdf.make_indirect(value) if indirect else value

    params = wrap(Dictionary({f"/{key}": value for key, value in parameters.items()}))
    reference = wrap(Dictionary(Type=Name.SigRef, TransformMethod=Name(f"/{method}"), TransformParams=params))
    signature = pdf.make_indirect(
        Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Reference=wrap(Array([reference])))
    )
    field = pdf.make_indirect(Dictionary(FT=Name.Sig, T=String("Earlier"), V=signature))
    pdf.Root.AcroForm = wrap(Dictionary(Fields=wrap(Array([field])), SigFlags=3))
    return saved(pdf)


def with_looping_fields() -> bytes:
    """A form field that is its own grandchild."""
    pdf = blank()
    child = pdf.make_indirect(Dictionary(T=String("child")))
    parent = pdf.make_indirect(Dictionary(T=String("parent"), Kids=Array([child])))
    child.Kids = Array([parent])
    pdf.Root.AcroForm = Dictionary(Fields=Array([parent]))
    return saved(pdf)


def written_by_hand(*objects: bytes) -> bytes:
    """A file of exactly these object bodies, numbered from 1; the first is the catalog."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def packed_by_hand(*objects: bytes) -> bytes:
    """The same bodies inside one object stream, found through a cross-reference stream (PDF 1.5 and later)."""
    offsets = [sum(len(body) + 1 for body in objects[:index]) for index in range(len(objects))]
    index = b" ".join(b"%d %d" % pair for pair in enumerate(offsets, start=1)) + b" "
    payload = index + b" ".join(objects)
    count = len(objects)
    out = bytearray(b"%PDF-1.7\n")
    container = len(out)
    out += b"%d 0 obj\n<< /Type /ObjStm /N %d /First %d /Length %d >>\n" % (count + 1, count, len(index), len(payload))
    out += b"stream\n" + payload + b"\nendstream\nendobj\n"
    start = len(out)
    rows = [b"\0\0\0\0\xff", *(b"\2" + (count + 1).to_bytes(3, "big") + bytes([at]) for at in range(count))]
    rows += [b"\1" + offset.to_bytes(3, "big") + b"\0" for offset in (container, start)]
    table = b"".join(rows)
    out += b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 3 1] /Root 1 0 R /Length %d >>\n" % (
        count + 2,
        count + 3,
        len(table),
    )
    out += b"stream\n" + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def page_contents(document: bytes) -> list[bytes]:
    """What is drawn on each page, as one stream."""
    with pikepdf.open(io.BytesIO(document)) as opened:
        for page in opened.pages:
            page.contents_coalesce()
        return [page.Contents.read_bytes() for page in opened.pages]
