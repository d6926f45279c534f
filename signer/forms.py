"""Forms that would show each reader something else: values nobody has drawn, and forms described twice.

What is signed has to be what is seen. With NeedAppearances (ISO 32000-2, table 224) every reader draws the values anew
and in its own way; XFA (deprecated there, 12.7.8) is a second description of the form, which a few readers show instead
of the pages.
"""

from collections.abc import Iterable
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signer.errors import DocumentRefused
from signer.pdf_objects import Dictionary, look_up

_HIDDEN: Final = 0b10  # of an annotation's flags (table 167)
_DEPTH: Final = 64  # of the field tree


def refuse_dynamic_form(root: Dictionary) -> None:
    """Nothing, or `DocumentRefused` for a form whose pages exist only once a program ran (XFA with NeedsRendering)."""
    if bool(look_up(root, "/NeedsRendering")):
        raise DocumentRefused(
            "PDF ini formulir XFA dinamis, yang halamannya baru dihitung ketika dibuka. Cetak dahulu ke PDF. / The PDF"
            " is a dynamic XFA form, whose pages are computed when it is opened. Print it to PDF first.",
            field="document",
            reason="dynamic-form",
        )


def refuse_second_form(root: Dictionary, *, signed: bool) -> None:
    """Nothing, or `DocumentRefused` for a static XFA form that somebody signed: it can neither stay nor go."""
    if signed and look_up(look_up(root, "/AcroForm"), "/XFA") is not None:
        raise DocumentRefused(
            "PDF ini memuat formulir XFA di samping halamannya dan sudah ditandatangani. Mintalah naskahnya tanpa XFA."
            " / The PDF has an XFA form beside its pages and is signed already. Ask for the document without XFA.",
            field="document",
            reason="xfa-and-signed",
        )


def require_drawn_values(root: Dictionary, fields: Iterable[Dictionary]) -> None:
    """Nothing, or `DocumentRefused` where readers are asked to draw a visible value that nobody has drawn."""
    if not bool(look_up(look_up(root, "/AcroForm"), "/NeedAppearances")):
        return
    for field in fields:
        shown = look_up(field, "/Subtype") == "/Widget" and not int(look_up(field, "/F") or 0) & _HIDDEN
        has_value = _inherited(field, "/FT") in ("/Tx", "/Ch") and _inherited(field, "/V") not in (None, "", b"")
        if shown and has_value and look_up(look_up(field, "/AP"), "/N") is None:
            raise DocumentRefused(
                "Isian formulir PDF ini belum digambar, sehingga tiap pembaca menampilkannya sendiri-sendiri. Cetak"
                " dahulu ke PDF. / The values in this PDF's form are not drawn, so each reader shows them in its own"
                " way. Print it to PDF first.",
                field="document",
                reason="not-drawn",
            )


def drop_second_form(revision: IncrementalPdfFileWriter) -> None:
    """Take XFA out of a form that nobody signed, so that every reader shows the pages."""
    form = look_up(revision.root, "/AcroForm")
    if look_up(form, "/XFA") is None:
        return
    del form[pdf_name("/XFA")]
    revision.update_container(form)


def _inherited(field: Dictionary, key: str) -> Any:
    """The field's own value of `key` or that of the nearest parent that has one (12.7.4.1)."""
    for _ in range(_DEPTH):
        found = look_up(field, key)
        if found is not None:
            return found
        field = look_up(field, "/Parent")
        if not isinstance(field, generic.DictionaryObject):
            return None
    return None
