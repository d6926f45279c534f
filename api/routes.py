"""The routers of the faces."""

from typing import Any, Self

from litestar import Router


class Routes(Router):
    """A router that is made for one application.

    Litestar copies every router that is registered, with all its handlers and theirs again, in case it is registered
    a second time. Ours never are, and the copies were a third of what making the application takes.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself."""
        return self
