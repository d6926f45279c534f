"""What bodies and addresses of staff are made of: bases, texts, cursors, serial numbers."""

import base64
import binascii
import re
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta

from api.faces.rest.json_body import PRINTABLE
from api.problems import INVALID_REQUEST, RequestRefused
from signer.errors import CursorUnknown
from signer.model import Signatory

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=PRINTABLE)]
Reference = Annotated[str, Meta(min_length=1, max_length=64, pattern=PRINTABLE)]
Note = Annotated[str, Meta(max_length=500, pattern=PRINTABLE)]
Moment = Annotated[datetime, Meta(tz=True)]
Following = Annotated[str | None, Meta(description="Send it as `cursor` for what follows; null at the end.")]

LONGEST_NUMBER: Final = 32
"""Characters of a NIK or NIP as it is typed."""
LONGEST_SERIAL: Final = 40
SERIAL: Final = "^0*[1-9A-Fa-f][0-9A-Fa-f]*$"
"""A serial number in hexadecimal; none is zero (RFC 5280, 4.1.2.2)."""
_SERIAL: Final = re.compile(SERIAL.rstrip("$"))
_NUMBER: Final = re.compile("[0-9]{1,15}")

Place = TypeVar("Place")


class Sent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A body that comes in."""


class Told(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A body that goes out."""


def cursor_of(place: tuple[Any, ...]) -> str:
    """A place in a list as an opaque text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def place_of(cursor: str | None, kind: type[Place]) -> Place | None:
    """The place that `cursor_of` wrote; raises `CursorUnknown` for what it did not."""
    if cursor is None:
        return None
    try:
        padded = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(padded, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise _no_cursor() from None


def number_of(cursor: str | None) -> int | None:
    """The same where the place is a number of a log, as text."""
    if cursor is None:
        return None
    if _NUMBER.fullmatch(cursor) is None:
        raise _no_cursor()
    return int(cursor)


def _no_cursor() -> CursorUnknown:
    return CursorUnknown("Send the cursor as it was told.", field="cursor", reason="not-a-cursor")


def moment_of(text: str | None, field: str) -> datetime | None:
    """A time with a zone (RFC 3339); refuses with 400 what is none."""
    if text is None:
        return None
    try:
        return msgspec.convert(text, Moment)
    except msgspec.ValidationError:
        message = "Write the time with its zone, as 2026-11-21T04:00:00Z."
        raise RequestRefused(INVALID_REQUEST, message, field=field, reason="not-a-time") from None


def cursor_after(official: Signatory) -> str:
    """Where the page after `official` begins."""
    return cursor_of((" ".join(official.name.casefold().split()), official.id))


def read_serial(text: str) -> int:
    """A serial number in hexadecimal (RFC 5280: at most 20 octets); refuses with 400 what is none."""
    if _SERIAL.fullmatch(text) is None or len(text) > LONGEST_SERIAL:
        raise RequestRefused(INVALID_REQUEST, "A serial number is hexadecimal.", field="serial", reason="not-a-serial")
    return int(text, 16)
