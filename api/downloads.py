"""A kept PDF on its way out: whole, or from where a broken download stopped (RFC 9110, 13 and 14).

The entity tag is the document's SHA-256 and strong, so a piece that is fetched later belongs to the same octets or is
not sent. One range is answered; a list of ranges is answered with the whole, as RFC 9110, 14.2 allows.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from litestar import Response
from litestar.datastructures import Headers
from litestar.response import Stream

from api.bodies import PDF
from api.problems import RANGE_NOT_SATISFIABLE, RequestRefused
from signer.document import IN_MEMORY, Document

_RANGE: Final = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)


def download(asked: Headers, document: Document, headers: Mapping[str, str]) -> Response[Any]:
    """`document` as the request with the headers `asked` wants it: 200, 206 or 304; `headers` go with each.

    Raises `RequestRefused` (416) for a range behind the end.
    """
    tag = f'"{document.sha256}"'
    told = {**headers, "ETag": tag, "Accept-Ranges": "bytes"}
    if names(asked.get("If-None-Match"), tag):
        return Response(b"", status_code=304, headers=told)
    piece = _piece(asked, tag, len(document))
    if piece is None:
        return streamed(document, told)
    start, end = piece
    told |= {"Content-Range": f"bytes {start}-{end - 1}/{len(document)}", "Content-Length": str(end - start)}
    return Stream(partial(document.chunks, start, end), media_type=PDF, status_code=206, headers=told)


def streamed(document: Document, headers: Mapping[str, str], *, status_code: int = 200) -> Response[Any]:
    """A document as an answer; a large one leaves its file in pieces."""
    if len(document) <= IN_MEMORY:
        return Response(document.content(), media_type=PDF, status_code=status_code, headers=dict(headers))
    length = {"Content-Length": str(len(document))}
    return Stream(document.chunks, media_type=PDF, status_code=status_code, headers={**headers, **length})


def names(header: str | None, tag: str) -> bool:
    """Whether `If-None-Match` names this document: by its tag, a weak one too (RFC 9110, 13.1.2), or by `*`."""
    names = [each.strip().removeprefix("W/") for each in (header or "").split(",")]
    return tag in names or names == ["*"]


def _piece(asked: Headers, tag: str, size: int) -> tuple[int, int] | None:
    """First octet and end of the range that is asked for; `None` where the whole is to be sent."""
    wanted = _RANGE.fullmatch(asked.get("Range", ""))
    if wanted is None or not (wanted[1] or wanted[2]) or asked.get("If-Range", tag).strip() != tag:
        return None
    if wanted[1]:
        start, end = int(wanted[1]), min(int(wanted[2]) + 1, size) if wanted[2] else size
        if wanted[2] and int(wanted[2]) < start:
            return None  # not a range at all (14.1.1)
    else:
        start, end = max(size - int(wanted[2]), 0), size
    if start >= size:
        raise RequestRefused(
            RANGE_NOT_SATISFIABLE,
            f"The document has {size} bytes.",
            field="Range",
            reason="behind-the-end",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return start, end
