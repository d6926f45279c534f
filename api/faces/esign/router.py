"""The gateway's addresses, each behind the check of who calls."""

from collections.abc import Sequence

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler, Middleware

from api.bodies import OVERHEAD
from api.esign.build import Esign
from api.faces.esign.bodies import PICTURE_BYTES
from api.faces.esign.caller import BasicAuthentication
from api.faces.esign.errors import esign_handler
from api.faces.esign.paths import PREFIX
from api.faces.esign.signing import SignV1Controller
from api.services import Services

CONTROLLERS: tuple[ControllerRouterHandler, ...] = (SignV1Controller,)
"""Every call of this face."""


def esign_router(
    services: Services,
    esign: Esign,
    *,
    after: Sequence[Middleware],
    controllers: Sequence[ControllerRouterHandler] = CONTROLLERS,
) -> Router:
    """`after`: what stands behind the check of who calls."""
    return Router(
        path=PREFIX,
        route_handlers=list(controllers),
        middleware=[BasicAuthentication(esign.door), *after],
        dependencies={"esign": Provide(lambda: esign, sync_to_thread=False)},
        exception_handlers={Exception: esign_handler(services.now)},
        # base64 is a third longer than what it holds
        request_max_body_size=(services.settings.signing.max_document_bytes + PICTURE_BYTES + OVERHEAD) // 3 * 4,
        opt={"exclude_from_compression": True},
    )
