"""How a JSON body is read: strictly, with the name of the field that is wrong, and without repeating a value."""

import re
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request

from api.problems import INVALID_REQUEST, UNSUPPORTED_MEDIA_TYPE, RequestRefused

PRINTABLE: Final = r"^[^\x00-\x1f\x7f]*$"
"""No control characters: these texts end in PDF, XML and logs of others."""

JSON: Final = "application/json"

_MISSING: Final = re.compile("Object missing required field `(.+)`")
_UNKNOWN: Final = re.compile("Object contains unknown field `(.+)`")
_ENUM: Final = re.compile("Invalid enum value .*")
_PATTERN: Final = re.compile("Expected `str` matching regex .*")

Body = TypeVar("Body")


async def json_of(request: Request[Any, Any, Any], decoder: msgspec.json.Decoder[Body]) -> Body:
    """The body of a request; refuses another content type with 415, and as `read_json`."""
    if request.content_type[0] != JSON:
        raise RequestRefused(
            UNSUPPORTED_MEDIA_TYPE,
            f"Send {JSON}.",
            field="Content-Type",
            reason="unsupported",
            headers={"Accept-Post": JSON},
        )
    return read_json(decoder, await request.body())


def read_json(decoder: msgspec.json.Decoder[Body], text: bytes) -> Body:
    """The JSON text as a body; refuses with 400 and the name of the field."""
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$.")
        raise _refusal(reason, where.rstrip("`")) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RequestRefused(
            INVALID_REQUEST, "The part request is not JSON.", field="request", reason="not-json"
        ) from None


def _refusal(reason: str, where: str) -> RequestRefused:
    if missing := _MISSING.fullmatch(reason):
        return RequestRefused(
            INVALID_REQUEST, "This field is needed.", field=_join(where, missing[1]), reason="missing"
        )
    if _UNKNOWN.fullmatch(reason):
        return RequestRefused(INVALID_REQUEST, f"{reason[:80]}.", field=where or "request", reason="unknown-field")
    if _ENUM.fullmatch(reason):
        reason = "Not one of the allowed values"
    elif _PATTERN.fullmatch(reason):
        printable = reason.endswith(f"{PRINTABLE!r}")
        reason = "Control characters are not allowed" if printable else "Not in the form that the contract says"
    return RequestRefused(INVALID_REQUEST, f"{reason}.", field=where or "request", reason="invalid")


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
