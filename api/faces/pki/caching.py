"""Answers that others may keep: validators, conditional requests, and never longer than the content is good."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from litestar import Response
from litestar.datastructures import Headers

from api.http_dates import http_date, moment_in

MAX_AGE: Final = timedelta(seconds=300)
"""How long a cache elsewhere may hold a status."""


def validators(content: bytes, modified: datetime) -> dict[str, str]:
    """Strong `ETag` and `Last-Modified`."""
    return {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "Last-Modified": http_date(modified)}


def seconds_left(until: datetime, now: datetime) -> int:
    """`max-age` for content that is good until `until`: at most `MAX_AGE`, never negative."""
    return max(0, int(min(MAX_AGE, until - now).total_seconds()))


def conditional(
    asked: Headers, content: bytes, *, media_type: str, headers: Mapping[str, str], modified: datetime
) -> Response[Any]:
    """The content, or 304 where the asker has it already (RFC 9110, 13.2.2: the tag decides before the date)."""
    headers = {**validators(content, modified), **headers}
    if _has_it(asked, headers["ETag"], modified):
        return Response(None, status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _has_it(asked: Headers, tag: str, modified: datetime) -> bool:
    if (tags := asked.get("If-None-Match")) is not None:
        known = {each.strip().removeprefix("W/") for each in tags.split(",")}
        return "*" in known or tag in known
    since = moment_in(asked.get("If-Modified-Since"))
    return since is not None and modified.replace(microsecond=0) <= since
