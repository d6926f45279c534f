"""The OCSP responder's door (RFC 6960, appendix A; RFC 5019, 5 and 6). HTTP 200 also for OCSP's own errors."""

import base64
import binascii
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.faces.pki.caching import conditional, seconds_left
from api.http_dates import http_date
from api.problems import UNSUPPORTED_MEDIA_TYPE, URI_TOO_LONG, RequestRefused
from api.services import OcspAnswer, Services

REQUEST: Final = "application/ocsp-request"
ANSWER: Final = "application/ocsp-response"
MAX_POST_BYTES: Final = 10 * 1024
MAX_GET_BYTES: Final = 1024
"""Of the request itself, before base64."""

_PREFIX: Final = b"/pki/ocsp"
_NOT_KEPT: Final = {"Cache-Control": "no-store"}


class OcspController(Controller):
    """GET and POST; only a GET may be cached, because caches key by address."""

    path = "/pki/ocsp"

    @post("/", operation_id="AskOcsp", status_code=200)
    async def by_post(
        self, request: Request[Any, Any, Any], services: NamedDependency[SkipValidation[Services]]
    ) -> Response[bytes]:
        """The status of certificates, asked in the body."""
        if request.content_type[0] != REQUEST:
            raise RequestRefused(UNSUPPORTED_MEDIA_TYPE, f"Send {REQUEST}.", field="Content-Type", reason="unsupported")
        answer = await sync_to_thread(services.ocsp.respond, await request.body())
        return Response(answer.der, media_type=ANSWER, headers=_NOT_KEPT)

    @get("/{encoded:path}", operation_id="AskOcspByGet", sync_to_thread=True)
    def by_get(
        self, request: Request[Any, Any, Any], services: NamedDependency[SkipValidation[Services]]
    ) -> Response[Any]:
        """The status of certificates, asked in the address."""
        answer = services.ocsp.respond(_request_in(request.scope["raw_path"]))
        return _cached(request, services, answer)


def _request_in(raw_path: bytes) -> bytes:
    """The request in the address: base64, percent-encoded or raw, behind one slash or two.

    The raw path is read, because the decoded one has its doubled slashes joined, and base64 may hold some.
    """
    encoded = unquote_to_bytes(raw_path.partition(b"?")[0].removeprefix(_PREFIX)).lstrip(b"/")
    if len(encoded) > 4 * MAX_GET_BYTES // 3 + 4:
        raise RequestRefused(URI_TOO_LONG, f"The request has more than {MAX_GET_BYTES} bytes.", reason="too-large")
    padded = encoded.rstrip(b"=") + b"=" * (-len(encoded.rstrip(b"=")) % 4)
    try:
        return base64.b64decode(padded, validate=True)
    except binascii.Error:
        return encoded  # no DER: the responder says malformedRequest, as it does for every other garbage


def _cached(request: Request[Any, Any, Any], services: Services, answer: OcspAnswer) -> Response[Any]:
    """RFC 5019, 6: a pre-signed answer may be kept, briefly; every other one never."""
    if answer.this_update is None or answer.next_update is None:
        return Response(answer.der, media_type=ANSWER, headers=_NOT_KEPT)
    age = seconds_left(answer.next_update, services.now())
    headers = {
        "Expires": http_date(answer.next_update),
        "Cache-Control": f"public, no-transform, must-revalidate, max-age={age}",
    }
    return conditional(request.headers, answer.der, media_type=ANSWER, headers=headers, modified=answer.this_update)
