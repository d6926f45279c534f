"""Addresses as clients glue them together: doubled slashes, one at the end, `api` twice. Never a redirect, because
several clients do not send a body again."""

import re
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

PREFIX: Final = "/api"
_SLASHES: Final = re.compile("/{2,}")


def normalised(path: str) -> str:
    """The path that is meant, where it is one of this face; any other one as it came."""
    plain = _SLASHES.sub("/", path)
    if not belongs_here(plain):
        return path
    plain = plain.removesuffix("/")
    return plain.removeprefix(PREFIX) if plain.startswith(f"{PREFIX}{PREFIX}/") else plain


def belongs_here(path: str) -> bool:
    """Whether a path is under this face."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


class PathRule:
    """Before routing: this face's paths become what they mean."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            path = normalised(scope["path"])
            if path != scope["path"]:
                scope["path"], scope["raw_path"] = path, path.encode("utf-8", "surrogateescape")
        await self._app(scope, receive, send)
