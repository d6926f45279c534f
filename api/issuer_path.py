"""An issuer may have a path of its own: what comes beneath it is what comes without it."""

from typing import Final
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

_WELL_KNOWN: Final = "/.well-known/"


class IssuerPath:
    """Takes the issuer's path from the front of the address, but for documents that lie beneath it by name."""

    def __init__(self, app: ASGIApp, issuer: str) -> None:
        self._app = app
        self._path = urlsplit(issuer).path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if self._path and scope["type"] == ScopeType.HTTP and scope["path"].startswith(f"{self._path}/"):
            rest = scope["path"][len(self._path) :]
            if not rest.startswith(_WELL_KNOWN):
                scope["path"] = rest
                scope["raw_path"] = rest.encode()
        await self._app(scope, receive, send)
