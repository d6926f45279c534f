"""The templates and the answers made of them. Every text of a stranger is scrubbed and escaped on its way out."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response
from markupsafe import Markup

from api.faces.public.privacy import scrub
from api.faces.public.settings import PublicSettings
from api.static.files import asset

TEMPLATES: Final = Path(__file__).parent / "templates"
NEITHER_KEPT_NOR_FOUND: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
"""For everything about one document: no copy in a cache, no entry in a search engine."""


class Pages:
    """Renders the citizen's templates for one office."""

    def __init__(self, settings: PublicSettings) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_scrubbed,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"settings": settings, "asset": asset}

    def show(
        self, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **content: Any
    ) -> Response[str]:
        """The page as an answer."""
        html = self._environment.get_template(template).render(content)
        return Response(html, status_code=status, headers=headers or {}, media_type=MediaType.HTML)


def _scrubbed(value: Any) -> Any:
    """Jinja asks this for each printed value: plain text loses what must never be shown, our own markup stays."""
    return scrub(value) if isinstance(value, str) and not isinstance(value, Markup) else value
