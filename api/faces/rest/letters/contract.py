"""What surrounds a signature, as its part of the OpenAPI document."""

from typing import Final

from litestar import Controller

import signer.errors
from api.faces.rest.letters.kinds import KindController
from api.faces.rest.letters.withdrawals import LetterController
from api.faces.rest.office.contract import bodies_of, paths_of
from api.problems import (
    INVALID_REQUEST,
    PROBLEMS,
    RATE_EXCEEDED,
    SCOPE_MISSING,
    UNAUTHENTICATED,
    UNEXPECTED,
)

CONTROLLERS: Final[tuple[type[Controller], ...]] = (KindController, LetterController)

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
