"""Conditions of single things (RFC 9110, 8.8 and 13): what did not change is not sent again, and a change that was made
upon an older state is refused instead of undoing somebody else's.

The tag is strong, so these answers are never compressed: their octets are always the same. The time of the last change
is told a second after it at the earliest: from then on no change can have the same one, so it decides as well as the
tag does (8.8.2.2).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from litestar import Response
from litestar.datastructures import Headers

from api.downloads import names
from api.http_dates import http_date, moment_in
from api.problems import CHANGED_MEANWHILE, RequestRefused

_DIGITS = 32
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What somebody says to have already."""

    tag: str | None = None
    """The field If-None-Match."""
    since: datetime | None = None
    """The field If-Modified-Since; counts where the other one is absent (13.1.3)."""
    now: datetime

    @classmethod
    def of(cls, headers: Headers, *, now: datetime) -> "Known":
        """What the fields of a request say; what is no time is ignored."""
        return cls(tag=headers.get("If-None-Match"), since=moment_in(headers.get("If-Modified-Since")), now=now)

    def has(self, tag: str, changed: datetime | None) -> bool:
        """Whether that is the state of now."""
        if self.tag is not None:
            return names(self.tag, tag)
        return changed is not None and self.since is not None and changed <= self.since


def tag_of(body: msgspec.Struct) -> str:
    """The tag of what is answered now."""
    return f'"{hashlib.sha256(msgspec.json.encode(body)).hexdigest()[:_DIGITS]}"'


def tagged(
    body: msgspec.Struct, headers: dict[str, str], *, known: Known, changed: datetime | None = None
) -> Response[msgspec.Struct | None]:
    """The answer with its tag and, where it has one, the time of its last change; 304 where the asker knows it."""
    told = {**headers, "ETag": tag_of(body)}
    settled = changed.replace(microsecond=0) if changed is not None else None
    if settled is not None and settled + _SECOND > known.now:
        settled = None
    if settled is not None:
        told["Last-Modified"] = http_date(settled)
    if known.has(told["ETag"], settled):
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
