"""A template and its texts become a PDF, by typst: fonts embedded, colours with their profile, nothing transparent.

Each drawing is made to the rules of PDF/A-2b, which typst checks, so that a stamp never takes away a letter's claim.
For a letter that is PDF/A-1 it is made once more, to those of PDF/A-1b. (Those alone would not do: typst then draws a
box where no font has a character.)
"""

import json
import re
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import typst

from signer.errors import StampRefused
from signer.qr import qr_svg
from signer.stamp import StampText
from signer.stamp_reading import HOUSE
from signer.stamp_template import StampKind, StampTemplate

FONTS: Final = Path(__file__).parent / "fonts"
_PLACEHOLDER: Final = re.compile(r"\{[a-z]+\}")
_EACH_PAGE: Final = """
#for sheet in data.pages { page(width: sheet.width * 1pt, footer(sheet)) }
"""
_PORTION: Final = 50
"""Pages of one drawing: typst remembers its last ten, which is 770 MB for drawings of 300 pages."""
NOWHERE: Final = HOUSE / "no-packages"
"""Does not exist: a drawing has no packages."""


class StampPainter:
    """Draws one template. Keeps the compiler with its source and fonts; one drawing at a time."""

    def __init__(self, template: StampTemplate) -> None:
        self._template = template
        self._lock = threading.Lock()
        footer = template.kind is StampKind.FOOTER
        self._source = f"{_prelude()}\n{template.drawing}\n{_EACH_PAGE if footer else ''}".encode()
        self._compiler = typst.Compiler(
            root=template.folder,
            font_paths=_fonts(template.folder),
            ignore_system_fonts=True,
            package_path=NOWHERE,
            package_cache_path=NOWHERE,
        )

    def paint(self, text: StampText, at: datetime, *, pdfa_1: bool = False) -> bytes:
        """A PDF of one page of the template's size; the same input gives the same bytes.

        Raises `StampRefused` where the texts do not fit in, no font has a character of theirs, or the drawing is not
        fit for PDF/A-1 where that is asked for.
        """
        return self._draw(self._data(text), at, pdfa_1=pdfa_1)

    def paint_footers(
        self, text: StampText, widths: Sequence[float], at: datetime, *, pdfa_1: bool = False
    ) -> tuple[bytes, ...]:
        """PDFs that together have one page for each of `widths`, numbered in this order. Raises as `paint`."""
        data = self._data(text)
        pages = [
            {"width": width, "check": fill(data["check"], {"{halaman}": str(number), "{jumlah}": str(len(widths))})}
            for number, width in enumerate(widths, start=1)
        ]
        portions = (pages[first : first + _PORTION] for first in range(0, len(pages), _PORTION))
        return tuple(
            self._draw(data | {"pages": portion, "width": widths[0]}, at, pdfa_1=pdfa_1) for portion in portions
        )

    def _draw(self, data: Mapping[str, Any], at: datetime, *, pdfa_1: bool) -> bytes:
        try:
            drawn = self._compile(data, at, "a-2b")
        except typst.TypstError as error:
            raise refusal_of(error) from error
        if not pdfa_1:
            return drawn
        try:
            return self._compile(data, at, "a-1b")
        except typst.TypstError as error:
            raise StampRefused(
                "The document is PDF/A-1, which forbids what this stamp is drawn with (a logo with transparency)."
                " Choose another stamp, or sign without one.",
                field="stamp.template",
                reason="not-for-pdfa-1",
            ) from error

    def _compile(self, data: Mapping[str, Any], at: datetime, standard: Literal["a-1b", "a-2b"]) -> bytes:
        with self._lock:
            pdf = self._compiler.compile(
                input=self._source,  # here and not above: the compiler forgets bytes after its first drawing
                format="pdf",
                sys_inputs={"data": json.dumps(data)},
                timestamp=int(at.timestamp()),
                pdf_standards=standard,
                pdf_tags=False,
            )
        if not isinstance(pdf, bytes):
            raise TypeError("typst gave no PDF")
        return pdf

    def _data(self, text: StampText) -> dict[str, Any]:
        template = self._template
        filled = {
            "{penerbit}": text.issuer,
            "{instansi}": text.agency or "",
            "{alamat}": text.host,
            "{kode}": text.code,
            "{nip}": text.nip or "",
        }
        words = {key: fill(value, filled) for key, value in template.words.items()}
        return {
            "width": template.width,
            "height": template.height,
            "fonts": template.fonts,
            "colours": dict(template.colours),
            "sizes": dict(template.sizes),
            "words": words,
            "logo": template.logo,
            "logo-alt": template.logo_alt,
            "titles": text.titles,
            "name": text.name,
            "agency": text.agency,
            "rank": text.rank,
            "nip": words["nip"] if text.nip and "nip" in words else None,
            "time": text.time,
            "code": text.code,
            "certificate": words.get("certified" if text.certified else "uncertified", ""),
            "check": words["check"],
            "alt": words["check"],
            "qr": qr_svg(text.address),
        }


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders replaced once: what a value says is never a placeholder itself."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[0], found[0]), text)


def refusal_of(error: typst.TypstError) -> Exception:
    """`StampRefused` for what the caller can mend; the error itself for what the template's author has to."""
    said = error.message
    if "too-much-text" in said:
        return StampRefused(
            "The texts do not fit into the stamp. Shorten office, rank or the form on behalf, or choose a larger"
            " template.",
            field="signed_as",
            reason="too-much-text",
        )
    if "could not be displayed" in said:
        return StampRefused(
            "The stamp's fonts lack a character of a text. Write it in Latin or Balinese letters.",
            field="signed_as",
            reason="no-such-letter",
        )
    return error


@lru_cache(maxsize=1)
def _prelude() -> str:
    return (HOUSE / "prelude.typ").read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def _fonts(folder: Path) -> typst.Fonts:
    """The house's fonts and the template's own; read once, never while somebody signs."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS, folder])
