"""An application in one request, and the routes around letters at which it comes in."""

from typing import Any, Final, TypeVar

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.faces.rest.declaring import Asked, Coming, Routes
from api.faces.rest.sign_body import passphrase_of
from api.services import Services

Brought = TypeVar("Brought")

Asking = Coming
"""An application in one request."""

Asks = NamedDependency[SkipValidation[Coming[Brought]]]
"""The parameter of a handler."""


async def _admit(_: Asked, __: Services) -> type[Coming[Any]]:
    """Whoever has the scope."""
    return Coming


_ROUTES: Final = Routes("asking", _admit, passphrase_of)
reads, acts = _ROUTES.reads, _ROUTES.acts
