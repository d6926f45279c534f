"""Attacks on what readers make of one revision: keys, generations, free entries, object streams. Written byte by byte.

Each is a revision that one reader takes for nothing and another one for new content (ISO 32000-2, 7.3.7, 7.5.4, 7.5.7).
"""

from collections.abc import Callable
from typing import Final

from pyhanko.pdf_utils.generic import IndirectObject

from tests.vectors.edits import SHOWN
from tests.vectors.furnished import Letter, QuietWriter, stream


def revision(
    pdf: bytes, bodies: dict[int, bytes], *, generation: int = 0, freed: dict[int, int] | None = None
) -> bytes:
    """One more revision with a table; `freed` tells the generation of each entry that it frees."""
    out, table = bytearray(pdf), b""
    for number, body in bodies.items():
        table += b"%d 1\n%010d %05d n \n" % (number, len(out), generation)
        out += b"%d %d obj\n%s\nendobj\n" % (number, generation, body)
    for number, following in (freed or {}).items():
        table += b"%d 1\n0000000000 %05d f \n" % (number, following)
    start = len(out)
    out += b"xref\n%strailer\n<< %s >>\nstartxref\n%d\n%%%%EOF\n" % (table, _trailer(pdf), start)
    return bytes(out)


def packed_revision(pdf: bytes, holder: int, objects: list[tuple[int, bytes]], listed: dict[int, int]) -> bytes:
    """One more revision with an object stream under the number `holder`, and a cross-reference stream.

    `listed`: which of its objects the cross-reference stream names, each with its index.
    """
    index, inside = b"", b""
    for number, body in objects:
        index += b"%d %d " % (number, len(inside))
        inside += body + b"\n"
    out, size = bytearray(pdf), _size(pdf)
    rows = [(holder, 1, len(out), 0)] + [(number, 2, holder, place) for number, place in listed.items()]
    body = stream(b"/Type /ObjStm /N %d /First %d" % (len(objects), len(index)), index + inside)
    out += b"%d 0 obj\n%s\nendobj\n" % (holder, body)
    section = max(size, holder + 1)
    rows.append((section, 1, len(out), 0))
    start = len(out)
    rows.sort()
    ranges = b" ".join(b"%d 1" % number for number, *_ in rows)
    data = b"".join(bytes([kind]) + where.to_bytes(4, "big") + last.to_bytes(2, "big") for _, kind, where, last in rows)
    dictionary = b"/Type /XRef /W [1 4 2] /Index [%s] %s" % (ranges, _trailer(pdf, section + 1))
    out += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (section, stream(dictionary, data), start)
    return bytes(out)


def _size(pdf: bytes) -> int:
    return int(QuietWriter(pdf).prev.trailer["/Size"])


def _trailer(pdf: bytes, size: int | None = None) -> bytes:
    root: IndirectObject = QuietWriter(pdf).prev.trailer.raw_get("/Root")
    previous = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    return b"/Size %d /Root %d 0 R /Prev %d" % (size or _size(pdf), root.idnum, previous)


def _page(letter: Letter, contents: bytes) -> bytes:
    """The first page as it is, but for what it draws."""
    page = QuietWriter(letter.pdf).prev.root["/Pages"]["/Kids"][0]
    annotations = b" ".join(
        b"%d 0 R" % each.idnum for each in map(page["/Annots"].raw_get, range(len(page["/Annots"])))
    )
    resources = b"<< /Font << /F1 @font >> /XObject << /Im @image >> /Properties << /L @layer >> >>"
    for name, number in letter.numbers.items():
        resources = resources.replace(b"@%s " % name.encode(), b"%d 0 R " % number)
    return b"<< /Type /Page /Parent %d 0 R %s /Annots [%s] /StructParents 0 /Tabs /S /Resources %s >>" % (
        letter.numbers["pages"],
        contents,
        annotations,
        resources,
    )


def key_named_twice(letter: Letter) -> bytes:
    """The page draws what it drew, and under the same key something else."""
    numbers = letter.numbers
    contents = b"/Contents %d 0 R /Contents %d 0 R" % (numbers["content1"], numbers["spare"])
    return revision(letter.pdf, {numbers["page1"]: _page(letter, contents)})


def key_written_in_another_way(letter: Letter) -> bytes:
    """The same, the second time with an escape in the name."""
    numbers = letter.numbers
    contents = b"/Contents %d 0 R /Cont#65nts %d 0 R" % (numbers["content1"], numbers["spare"])
    return revision(letter.pdf, {numbers["page1"]: _page(letter, contents)})


def another_generation(letter: Letter) -> bytes:
    """The content under its number and the next generation, which many readers do not look at."""
    return revision(letter.pdf, {letter.numbers["content1"]: SHOWN}, generation=1)


def freed(letter: Letter) -> bytes:
    """The content is set free."""
    return revision(letter.pdf, {}, freed={letter.numbers["content1"]: 1})


def freed_as_if_dead(letter: Letter) -> bytes:
    """The content is set free under generation 0, which some readers take for nothing."""
    return revision(letter.pdf, {}, freed={letter.numbers["content1"]: 0})


def freed_as_in_a_hybrid_file(letter: Letter) -> bytes:
    """The content is set free under generation 65535."""
    return revision(letter.pdf, {}, freed={letter.numbers["content1"]: 65535})


def offset_of_another_object(letter: Letter) -> bytes:
    """The table says that the content stands where the spare content stands."""
    pdf = letter.pdf
    start = pdf.index(b"\n%d 0 obj" % letter.numbers["spare"]) + 1
    table = b"%d 1\n%010d 00000 n \n" % (letter.numbers["content1"], start)
    place = len(pdf)
    return pdf + b"xref\n%strailer\n<< %s >>\nstartxref\n%d\n%%%%EOF\n" % (table, _trailer(pdf), place)


def object_stream_replaced(letter: Letter) -> bytes:
    """The object stream of the signed revision is overwritten, none of its objects is listed."""
    reader = QuietWriter(letter.pdf).prev
    holder = min(reader.xrefs.get_xref_data(0).obj_streams_used)
    page = letter.numbers["page1"]
    return packed_revision(
        letter.pdf, holder, [(page, _page(letter, b"/Contents %d 0 R" % letter.numbers["spare"]))], {}
    )


def object_packed_twice(letter: Letter) -> bytes:
    """A new object stream holds the page twice: as it was, and drawing something else."""
    page, numbers = letter.numbers["page1"], letter.numbers
    honest, forged = (_page(letter, b"/Contents %d 0 R" % numbers[name]) for name in ("content1", "spare"))
    return packed_revision(letter.pdf, _size(letter.pdf), [(page, honest), (page, forged)], {page: 1})


def object_packed_under_another_index(letter: Letter) -> bytes:
    """The cross-reference stream names the place of another object in the object stream."""
    page, numbers = letter.numbers["page1"], letter.numbers
    honest, forged = (_page(letter, b"/Contents %d 0 R" % numbers[name]) for name in ("content1", "spare"))
    size = _size(letter.pdf)
    return packed_revision(letter.pdf, size, [(page, honest), (size + 1, forged)], {page: 1})


TABLES: Final[tuple[Callable[[Letter], bytes], ...]] = (
    key_named_twice,
    key_written_in_another_way,
    another_generation,
    freed,
    freed_as_if_dead,
    freed_as_in_a_hybrid_file,
    offset_of_another_object,
)
STREAMS: Final[tuple[Callable[[Letter], bytes], ...]] = (
    object_stream_replaced,
    object_packed_twice,
    object_packed_under_another_index,
)
