"""An application's own mark becomes a PDF of exactly its box's size, by typst: as much PDF/A as a stamp is."""

import base64
import json
import threading
from datetime import datetime
from typing import Any, Final, Literal

import typst

from signer.errors import StampRefused
from signer.model import Mark
from signer.picture import Picture, picture_of
from signer.qr import QrTooLong, qr_svg
from signer.stamp_painter import FONTS, NOWHERE, refusal_of
from signer.stamp_reading import HOUSE

_FAMILIES: Final = ("Plus Jakarta Sans", "Noto Sans Balinese")
_ALT_PICTURE: Final = "Tanda tangan"
_ALT_QR: Final = "Kode QR"


class MarkPainter:
    """Keeps the compiler with its fonts; one drawing at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._source = (HOUSE / "mark.typ").read_bytes()
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
        self._compiler = typst.Compiler(
            root=HOUSE, font_paths=fonts, ignore_system_fonts=True, package_path=NOWHERE, package_cache_path=NOWHERE
        )

    def paint(self, mark: Mark, size: tuple[float, float], *, address: str, at: datetime, pdfa_1: bool) -> bytes:
        """A PDF of one page of `size` (points), opaque white behind it; `address` is in the QR where the mark names
        nothing else. Raises `StampRefused`."""
        data = {"width": size[0], "height": size[1], "fonts": _FAMILIES, "text": mark.text or None}
        data |= _picture(picture_of(mark.picture)) if mark.picture is not None else _qr(mark.qr or address)
        try:
            drawn = self._compile(data, at, "a-2b")
        except typst.TypstError as error:
            raise _refusal(error) from error
        if not pdfa_1:
            return drawn
        try:
            return self._compile(data, at, "a-1b")
        except typst.TypstError as error:
            message = "The document is PDF/A-1, which forbids a picture with transparency. Use one without."
            raise StampRefused(message, field="stamp.mark", reason="not-for-pdfa-1") from error

    def _compile(self, data: dict[str, Any], at: datetime, standard: Literal["a-1b", "a-2b"]) -> bytes:
        with self._lock:
            pdf = self._compiler.compile(
                input=self._source,
                format="pdf",
                sys_inputs={"data": json.dumps(data)},
                timestamp=int(at.timestamp()),
                pdf_standards=standard,
                pdf_tags=False,
            )
        if not isinstance(pdf, bytes):
            raise TypeError("typst gave no PDF")
        return pdf


def _picture(picture: Picture) -> dict[str, Any]:
    """The picture inside of an SVG: the only way in for octets that are no file."""
    octets, width, height = base64.b64encode(picture.octets).decode(), picture.width, picture.height
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:{picture.media_type};base64,{octets}"/></svg>'
    )
    return {"picture": svg, "qr": None, "alt": _ALT_PICTURE}


def _qr(said: str) -> dict[str, Any]:
    try:
        return {"picture": None, "qr": qr_svg(said), "alt": _ALT_QR}
    except QrTooLong:
        message = "No QR code holds so long a text. Shorten it."
        raise StampRefused(message, field="stamp.mark", reason="too-long-for-qr") from None


def _refusal(error: typst.TypstError) -> Exception:
    if "process image" in error.message or "decode" in error.message:
        return StampRefused("The picture is damaged.", field="stamp.mark", reason="not-a-picture")
    return refusal_of(error)
