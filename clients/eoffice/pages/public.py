"""Pages that everybody may read: what features say in public."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from eoffice.errors import NotFound
from eoffice.pages.visit import Visits


class PublicController(Controller):
    """Without a login."""

    path = "/open"

    @get("/{name:str}", sync_to_thread=True)
    def show(self, visit: Visits, name: FromPath[str]) -> Response[Any]:
        """The open list of a feature."""
        feature = visit.office.service.features.get(name)
        if feature is None or feature.public is None:
            raise NotFound("Halaman ini tidak ada. · There is no such page.", field="feature")
        return visit.show(f"{name}/open.html", feature=feature, **feature.public(visit.office))
