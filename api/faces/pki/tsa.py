"""The time-stamping authority's door (RFC 3161, 3.4)."""

from typing import Any, Final

from litestar import Controller, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.problems import UNSUPPORTED_MEDIA_TYPE, RequestRefused
from api.services import Services

QUERY: Final = "application/timestamp-query"
REPLY: Final = "application/timestamp-reply"
MAX_QUERY_BYTES: Final = 4 * 1024


class TimestampController(Controller):
    """One address; a refusal by the authority is an answer with HTTP 200."""

    path = "/pki/tsa"

    @post("/", operation_id="Timestamp", status_code=200)
    async def timestamp(
        self, request: Request[Any, Any, Any], services: NamedDependency[SkipValidation[Services]]
    ) -> Response[bytes]:
        """A timestamp token over the digest in the query."""
        if request.content_type[0] != QUERY:
            raise RequestRefused(UNSUPPORTED_MEDIA_TYPE, f"Send {QUERY}.", field="Content-Type", reason="unsupported")
        reply = await sync_to_thread(services.tsa.respond, await request.body())
        return Response(reply, media_type=REPLY, headers={"Cache-Control": "no-store"})
