"""A drawing by typst, taken into a document: each page a form XObject, fonts once, every glyph with its characters."""

import io
import re
import struct
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.page_tree import pages_of
from signer.pdf_objects import elements, look_up, resolved
from signer.revision import Revision

_MOST_PAGES: Final = 1_000  # of one drawing
_MAPPED: Final = re.compile(rb"<([0-9A-F]{4})> <")
_AT_ONCE: Final = 100  # entries of one bfchar (Adobe Technical Note 5411, 1.4.1)


def import_pages(revision: Revision, drawing: bytes) -> list[generic.IndirectObject]:
    """Each page of `drawing` as a form XObject of `revision`."""
    source = PdfFileReader(io.BytesIO(drawing))
    pages = [reference.get_object() for reference in pages_of(source.root, at_most=_MOST_PAGES)]
    resources = generic.ArrayObject(page.raw_get("/Resources") for page in pages)
    resources.container_ref = source.root_ref  # one call for all of them, or fonts would come once a page
    imported = revision.import_object(resources)
    fonts = {id(font): font for own in imported for font in _fonts(resolved(own))}
    for font in fonts.values():
        _complete(revision, font)
    return [revision.add_object(_form(revision, page, own)) for page, own in zip(pages, tuple(imported), strict=True)]


def _form(revision: Revision, page: Any, resources: Any) -> generic.StreamObject:
    content = page["/Contents"]
    entries = {
        pdf_name("/Type"): pdf_name("/XObject"),
        pdf_name("/Subtype"): pdf_name("/Form"),
        pdf_name("/BBox"): revision.import_object(page["/MediaBox"]),
        pdf_name("/Resources"): resources,
    }
    if (packed := look_up(content, "/Filter")) is not None:
        entries[pdf_name("/Filter")] = pdf_name(str(packed))  # one filter, by name: typst writes no other
    return generic.StreamObject(entries, encoded_data=content.encoded_data)


def _fonts(resources: Any) -> list[Any]:
    fonts = look_up(resources, "/Font")
    return [look_up(fonts, name) for name in fonts] if isinstance(fonts, generic.DictionaryObject) else []


def _complete(revision: Revision, font: Any) -> None:
    """Give each glyph a Unicode value (PDF/UA-1, 7.21.7; ISO 19005-2, 6.2.11.7.2).

    A glyph that stands for other characters in other places, such as a Balinese vowel sign, has none of its own: there
    typst writes the characters beside the text (/ActualText), and leaves the glyph out of /ToUnicode. It gets a space
    of no width, which adds nothing to what is read.
    """
    cmap = look_up(font, "/ToUnicode")
    if not isinstance(cmap, generic.StreamObject):
        return
    text = cmap.data
    mapped = {int(code, 16) for code in _MAPPED.findall(text)}
    missing = sorted(set(range(1, _glyphs(font, at_least=max(mapped, default=0) + 1))) - mapped)
    if not missing or b"beginbfrange" in text:
        return
    head, _, tail = text.rpartition(b"endcmap")
    more = [
        b"%d beginbfchar\n%sendbfchar\n" % (len(part), b"".join(b"<%04X> <200B>\n" % code for code in part))
        for part in (missing[at : at + _AT_ONCE] for at in range(0, len(missing), _AT_ONCE))
    ]
    completed = generic.StreamObject(stream_data=b"".join((head, *more, b"endcmap", tail)))
    completed.compress()
    font[pdf_name("/ToUnicode")] = revision.add_object(completed)


def _glyphs(font: Any, *, at_least: int) -> int:
    """How many glyphs the subset of a TrueType font has; typst numbers them without gaps, and a code is a number.

    /W would not do: a glyph without width of its own, such as many a vowel sign, is not in it. Of other kinds of fonts
    `at_least` is known.
    """
    descriptor = look_up(resolved(elements(font, "/DescendantFonts")[0]), "/FontDescriptor")
    program = look_up(descriptor, "/FontFile2")
    if not isinstance(program, generic.StreamObject):
        return at_least
    for tag, _, offset, _ in struct.iter_unpack(">4sIII", program.data[12 : 12 + 16 * _word(program.data, 4)]):
        if tag == b"maxp":
            return max(at_least, _word(program.data, offset + 4))  # OpenType 1.9.1, "maxp"
    return at_least


def _word(data: bytes, offset: int) -> int:
    (value,) = struct.unpack_from(">H", data, offset)
    return int(value)
