"""A QR code as SVG, by segno (ISO/IEC 18004). It leads to the verification page and is never called the signature."""

import io
from typing import Final

import segno

_QUIET_ZONE: Final = 4  # modules (ISO/IEC 18004)
_MASK: Final = 4
"""The same for every code. What is encoded is random, so that no mask suits it better than another: of 150 codes,
blurred until readers begin to fail, this one left as many readable as the mask that weighing all eight (3 ms) finds."""


class QrTooLong(ValueError):
    """No QR code holds so much."""


def qr_svg(said: str) -> str:
    """`said` at error correction M, with a quiet zone of four modules and opaque white behind it.

    Raises `QrTooLong`.
    """
    drawn = io.BytesIO()
    encoding = None if said.isascii() else "utf-8"  # what telephones take for granted
    try:
        code = segno.make_qr(said, error="m", boost_error=False, mask=_MASK, encoding=encoding)
    except segno.DataOverflowError:
        raise QrTooLong from None
    code.save(drawn, kind="svg", border=_QUIET_ZONE, dark="#000", light="#fff", xmldecl=False, omitsize=True)
    return drawn.getvalue().decode("ascii")
