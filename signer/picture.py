"""A picture that somebody sent, as far as its first octets tell: PNG or JPEG, and not larger than a page needs.

Only the drawing engine decodes it. What it would cost is known before: the size stands in front of the pixels.
"""

import struct
from dataclasses import dataclass, field
from typing import Final

from signer.errors import StampRefused

MOST_SIDE: Final = 12_000
MOST_PNG_PIXELS: Final = 8_000_000  # decoded and packed anew, half a second; a JPEG goes into the document as it is
MOST_JPEG_PIXELS: Final = 50_000_000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # SOFn (ITU-T T.81, table B.1)
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture."""

    octets: bytes = field(repr=False)
    media_type: str
    width: int
    """In pixels."""
    height: int


def picture_of(octets: bytes) -> Picture:
    """What `octets` are; raises `StampRefused` for what is no PNG or JPEG, or too large."""
    if octets.startswith(_PNG):
        return _checked(octets, "image/png", _png_size(octets), MOST_PNG_PIXELS)
    if octets.startswith(_JPEG):
        return _checked(octets, "image/jpeg", _jpeg_size(octets), MOST_JPEG_PIXELS)
    raise _refused("not-a-picture", "The picture is neither PNG nor JPEG.")


def _checked(octets: bytes, media_type: str, size: tuple[int, int] | None, most: int) -> Picture:
    if size is None or 0 in size:
        raise _refused("not-a-picture", "The picture is damaged.")
    width, height = size
    if max(size) > MOST_SIDE or width * height > most:
        raise _refused("picture-too-large", "The picture has too many pixels. Make it smaller.")
    return Picture(octets=octets, media_type=media_type, width=width, height=height)


def _png_size(octets: bytes) -> tuple[int, int] | None:
    """From the header chunk, which comes first (ISO/IEC 15948, 11.2.2)."""
    if len(octets) < 33 or octets[8:16] != b"\x00\x00\x00\x0dIHDR":
        return None
    return struct.unpack(">II", octets[16:24])


def _jpeg_size(octets: bytes) -> tuple[int, int] | None:
    """From the first frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 < len(octets):
        if octets[at] != 0xFF:
            return None
        marker = octets[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", octets[at + 5 : at + 9])
            return width, height
        at += 1 if marker == 0xFF else 2  # any number of fill bytes may stand before a marker
        if marker != 0xFF and marker not in _ALONE:
            at += int.from_bytes(octets[at : at + 2])
    return None


def _refused(reason: str, message: str) -> StampRefused:
    return StampRefused(message, field="stamp.mark", reason=reason)
