"""Photographs that people add: made small and plain before they are kept."""

import io
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from eoffice.errors import Refused

LARGEST: Final = 12 * 1024 * 1024
"""Bytes of a photograph as it comes from a phone."""
MOST_PIXELS: Final = 50_000_000
SIDE: Final = 1_600
"""Pixels of the longer side as it is kept: a receipt stays readable, and some 300 kB."""
_QUALITY: Final = 75


def plain_picture(content: bytes, *, field: str) -> bytes:
    """The photograph as a JPEG that stands upright: no place, no time and no name of a phone is left in it.

    Raises `Refused` for what is no JPEG or PNG, is damaged, or is too large.
    """
    if len(content) > LARGEST:
        raise Refused(
            f"Paling besar {LARGEST >> 20} MB. · {LARGEST >> 20} MB at most.",
            field=field,
        )
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _unreadable(field)
            picture.draft("RGB", (SIDE, SIDE))  # a JPEG need not be unpacked any larger
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((SIDE, SIDE))
            sheet = Image.new("RGB", upright.size, "white")
            sheet.paste(upright, mask=upright.getchannel("A") if upright.mode in ("RGBA", "LA") else None)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _unreadable(field) from None
    kept = io.BytesIO()
    sheet.save(kept, "JPEG", quality=_QUALITY)
    return kept.getvalue()


def _unreadable(field: str) -> Refused:
    return Refused(
        "Pilih foto JPEG atau PNG yang utuh, paling besar 50 megapiksel. · Choose a whole JPEG or PNG, 50 megapixels "
        "at most.",
        field=field,
    )
