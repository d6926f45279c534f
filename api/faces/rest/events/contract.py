"""Events as their part of the OpenAPI document."""

from typing import Final

from litestar import Controller

import signer.errors
from api.faces.rest.declared_contract import bodies_of, paths_of
from api.faces.rest.events.events import EventController
from api.faces.rest.events.webhooks import WebhookController
from api.problems import INVALID_REQUEST, PROBLEMS, RATE_EXCEEDED, SCOPE_MISSING, UNAUTHENTICATED, UNEXPECTED

CONTROLLERS: Final[tuple[type[Controller], ...]] = (EventController, WebhookController)

_ALWAYS: Final = (
    UNAUTHENTICATED,
    SCOPE_MISSING,
    INVALID_REQUEST,
    PROBLEMS[signer.errors.Unavailable],
    RATE_EXCEEDED,
    UNEXPECTED,
)

PATHS: Final = paths_of(CONTROLLERS, always=_ALWAYS)

BODIES: Final = bodies_of(CONTROLLERS)
