"""Our own contract as one router, with the limits of its routes."""

from collections.abc import Callable, Sequence
from datetime import datetime

from litestar import Router
from litestar.types import Middleware

from api.bodies import OVERHEAD
from api.ending import ENDINGS
from api.faces.rest.activations import ActivationController, BatchActivationController, StepActivationController
from api.faces.rest.augmentations import AugmentationController, SigningAugmentationController
from api.faces.rest.batches import BatchController
from api.faces.rest.contract import PATHS
from api.faces.rest.events import contract as events
from api.faces.rest.first import looked_at_first
from api.faces.rest.index import index, problem, problems
from api.faces.rest.letters import contract as letters
from api.faces.rest.letters.documents import DocumentFileController
from api.faces.rest.office.contract import CONTROLLERS
from api.faces.rest.passphrases import PassphraseController
from api.faces.rest.signatures import SignatureController
from api.faces.rest.verifications import VerificationController
from api.routes import Routes
from api.settings import Settings


def rest_router(
    settings: Settings,
    *,
    signing: Sequence[Middleware],
    verifying: Sequence[Middleware],
    asking: Sequence[Middleware],
    now: Callable[[], datetime],
) -> Router:
    """`signing`, `verifying` and `asking` stand before their routes, outermost first: who asks, and how often."""
    return Routes(
        path="/",
        before_request=looked_at_first(PATHS, ENDINGS, now=now),
        route_handlers=[
            index,
            problems,
            problem,
            Routes(
                path="/v1",
                route_handlers=[SignatureController, AugmentationController, BatchController, DocumentFileController],
                middleware=signing,
                request_max_body_size=settings.signing.max_document_bytes + OVERHEAD,
                opt={"exclude_from_compression": True},
            ),
            Routes(
                path="/v1",
                route_handlers=[ActivationController],
                middleware=signing,
                request_max_body_size=settings.signing.max_document_bytes + OVERHEAD,
            ),
            Routes(
                path="/v1",
                route_handlers=[
                    *letters.CONTROLLERS,
                    PassphraseController,
                    SigningAugmentationController,
                    BatchActivationController,
                    StepActivationController,
                ],
                middleware=signing,
            ),
            Routes(
                path="/v1",
                route_handlers=[*CONTROLLERS, *events.CONTROLLERS],
                middleware=asking,
            ),
            Routes(
                path="/v1",
                route_handlers=[VerificationController],
                middleware=verifying,
                request_max_body_size=settings.verification.max_document_bytes + OVERHEAD,
            ),
        ],
    )
