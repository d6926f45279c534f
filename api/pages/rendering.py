"""Templates, and the answers made of them. Every text of a stranger is scrubbed and escaped on its way out."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response
from markupsafe import Markup, escape

from api.pages.scrub import scrub
from api.static.files import asset

SHARED: Final = Path(__file__).parent / "templates"
NEITHER_KEPT_NOR_FOUND: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
"""For everything about one document or person: no copy in a cache, no entry in a search engine."""


class Rendering:
    """Renders the templates of one face beside those that all share, for one office."""

    def __init__(self, templates: Path, **known: Any) -> None:
        """`known`: what every template may name."""
        self._environment = Environment(
            loader=FileSystemLoader([templates, SHARED]),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_scrubbed,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"asset": asset, **known}
        self._environment.filters["own"] = escape  # texts that we made: in hex, digits may look like a person's number

    def show(
        self, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **content: Any
    ) -> Response[str]:
        """The page as an answer."""
        html = self._environment.get_template(template).render(content)
        return Response(html, status_code=status, headers=headers or {}, media_type=MediaType.HTML)


def _scrubbed(value: Any) -> Any:
    """Jinja asks this for each printed value: plain text loses what must never be shown, our own markup stays."""
    return scrub(value) if isinstance(value, str) and not isinstance(value, Markup) else value
