"""Where clients look for what the authorization server says of itself (RFC 8414, 3)."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import MediaType, Response, Router, get
from litestar.handlers import HTTPRouteHandler

from api.routes import Routes

PATH: Final = "/.well-known/oauth-authorization-server"
_KEPT: Final = {"Cache-Control": "public, max-age=300"}


def metadata_router(document: Mapping[str, Any]) -> Router:
    """At the host's root; of an issuer with a path also where RFC 8414, 3.1 puts it, and beneath the issuer itself."""
    path = urlsplit(document["issuer"]).path
    places = [PATH] if not path else [PATH, f"{PATH}{path}", f"{path}{PATH}"]
    return Routes(path="/", route_handlers=[_handler(place, document) for place in places])


def _handler(place: str, document: Mapping[str, Any]) -> HTTPRouteHandler:
    @get(place, operation_id="ReadServerMetadata", media_type=MediaType.JSON, sync_to_thread=False)
    def read() -> Response[Mapping[str, Any]]:
        return Response(document, headers=_KEPT)

    return read
