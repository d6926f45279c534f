"""Entity tags of single things (RFC 9110, 8.8.3 and 13): what did not change is not sent again, and a change that was
made upon an older state is refused instead of undoing somebody else's.

The tag is strong, so these answers are never compressed: their octets are always the same.
"""

import hashlib

import msgspec
from litestar import Response

from api.downloads import names
from api.problems import CHANGED_MEANWHILE, RequestRefused

_DIGITS = 32


def tag_of(body: msgspec.Struct) -> str:
    """The tag of what is answered now."""
    return f'"{hashlib.sha256(msgspec.json.encode(body)).hexdigest()[:_DIGITS]}"'


def tagged(body: msgspec.Struct, headers: dict[str, str], *, known: str | None) -> Response[msgspec.Struct | None]:
    """The answer with its tag; 304 where `known`, the field If-None-Match, names it."""
    told = {**headers, "ETag": tag_of(body)}
    if names(known, told["ETag"]):
        return Response(None, status_code=304, headers=told)
    return Response(body, headers=told)


def require_unchanged(body: msgspec.Struct, *, meant: str | None) -> None:
    """Refuses with 412 where `meant`, the field If-Match, names another state than that of now; absent, nothing is
    compared. Tags are compared strongly (RFC 9110, 13.1.1)."""
    if meant is None or meant.strip() == "*":
        return
    if tag_of(body) not in [each.strip() for each in meant.split(",")]:
        raise RequestRefused(
            CHANGED_MEANWHILE, "It is not any more what If-Match names.", field="If-Match", reason="changed"
        )
