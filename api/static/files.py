"""Where assets live and how pages name them: an address changes with the content, so browsers may keep it for ever."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

ASSETS: Final = Path(__file__).parent / "assets"
PREFIX: Final = "/static"
FOR_A_YEAR: Final = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)


@cache
def asset(name: str) -> str:
    """The address of `assets/<name>`: vendored files have their version in it, ours a fingerprint of their bytes.

    Raises `FileNotFoundError` where there is no such asset.
    """
    if name.startswith("vendor/") and (ASSETS / name).is_file():
        return f"{PREFIX}/{name}"  # style sheets name these too, and one file must not have two addresses
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()
    return f"{PREFIX}/{name}?v={digest[:12]}"


def static_router() -> Router:
    """Serves `assets/` below `/static`."""
    return create_static_files_router(
        path=PREFIX, directories=[ASSETS], name="static", cache_control=FOR_A_YEAR, include_in_schema=False
    )
