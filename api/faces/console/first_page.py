"""Where staff land after the login."""

from typing import Any

from litestar import Controller, Response, get

from api.faces.console.visit import HOME, Visits


class FirstPageController(Controller):
    """What needs attention."""

    include_in_schema = False

    @get(HOME, sync_to_thread=True)
    def show(self, visit: Visits) -> Response[Any]:
        """For every role; each sees what it may."""
        return visit.show("first_page.html", caller=visit.caller)
