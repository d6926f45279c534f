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
from api.faces.esign.sealing import SealController
from api.faces.esign.signing import SignV1Controller
from api.faces.esign.signing_v2 import SignV2Controller
from api.faces.esign.status import StatusController
from api.faces.esign.verifying import VerifyController
from api.routes import Routes
from api.services import Services
from api.settings import MIB

CONTROLLERS: tuple[ControllerRouterHandler, ...] = (
    SignV1Controller,
    SignV2Controller,
    SealController,
    StatusController,
    VerifyController,
)
"""Every call of this face."""


def esign_router(
    services: Services,
    esign: Esign,
    *,
    after: Sequence[Middleware],
    controllers: Sequence[ControllerRouterHandler] = CONTROLLERS,
) -> Router:
    """`after`: what stands behind the check of who calls."""
    return Routes(
        path=PREFIX,
        route_handlers=list(controllers),
        middleware=[BasicAuthentication(esign.door), *after],
        dependencies={"esign": Provide(lambda: esign, sync_to_thread=False)},
        exception_handlers={Exception: esign_handler(services.now)},
        # base64 is a third longer than what it holds; several documents in one body have a bound of their own
        request_max_body_size=max(
            (services.settings.signing.max_document_bytes + PICTURE_BYTES + OVERHEAD) // 3 * 4,
            services.settings.esign.body_mebibytes * MIB,
        ),
        opt={"exclude_from_compression": True},
    )
