"""A member of staff in one request, and the routes at which they come in."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.faces.rest.declaring import Asked, Coming, Routes
from api.faces.rest.office.wire import LONGEST_NUMBER
from api.logging import request_id_of
from api.office.build import People
from api.office.desk import Caller
from api.problems import OFFICE_CLOSED, RequestRefused
from api.services import Services
from signer.model import Secret

Brought = TypeVar("Brought")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Coming[Brought]):
    """A member of staff in one request."""

    people: People
    caller: Caller

    def hidden(self, secret: Secret) -> str:
        """Personal numbers are compared as keyed hashes, as they are kept."""
        return self.people.numbers().compared(secret)


Visiting = NamedDependency[SkipValidation[Visit[Brought]]]
"""The parameter of a handler."""


async def _admit(request: Asked, services: Services) -> "partial[Visit[Any]]":
    people, caller = await sync_to_thread(_admitted, services, request)
    return partial(Visit, people=people, caller=caller)


def _admitted(services: Services, request: Asked) -> tuple[People, Caller]:
    """The office, and who asks; refuses an application, whatever its token says."""
    if services.people is None:
        raise RequestRefused(OFFICE_CLOSED, "This process serves no registration office.")
    return services.people, services.people.office.desk.caller(request.user.client_id, request_id_of(request.scope))


def _personal_number(kind: type[Any], value: Any) -> Any:
    """For the decoder: a number arrives as a text and becomes a `Secret` at once."""
    if kind is Secret and isinstance(value, str) and 0 < len(value) <= LONGEST_NUMBER:
        return Secret(value)
    raise ValueError(f"Expected a text of 1 to {LONGEST_NUMBER} characters")


_ROUTES: Final = Routes("visit", _admit, _personal_number)
reads, acts, takes_file = _ROUTES.reads, _ROUTES.acts, _ROUTES.takes_file
