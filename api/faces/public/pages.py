"""The citizen's templates."""

from pathlib import Path
from typing import Final

from api.faces.public.settings import PublicSettings
from api.pages.rendering import NEITHER_KEPT_NOR_FOUND, Rendering

__all__ = ["NEITHER_KEPT_NOR_FOUND", "TEMPLATES", "Pages"]

TEMPLATES: Final = Path(__file__).parent / "templates"


class Pages(Rendering):
    """Renders the citizen's templates for one office."""

    def __init__(self, settings: PublicSettings) -> None:
        super().__init__(TEMPLATES, settings=settings)
        self.settings = settings
