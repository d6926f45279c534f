"""The page that reads a QR, with the camera or from a photo; nothing of it leaves the reader's device."""

from typing import Final

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.faces.public.pages import Pages
from api.headers import CONTENT_SECURITY_POLICY

SCANNING_POLICY: Final = CONTENT_SECURITY_POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
"""Browsers without a reader of their own get one in WebAssembly, which no other page may run."""


class ScanController(Controller):
    """`/scan`; the script does the rest, and without it the page tells the other ways in."""

    include_in_schema = False

    @get("/scan", sync_to_thread=True)
    def scan(self, pages: NamedDependency[SkipValidation[Pages]]) -> Response[str]:
        """Scan a QR, choose a photo of it, or type the code."""
        return pages.show("scan.html", headers={"Content-Security-Policy": SCANNING_POLICY})
