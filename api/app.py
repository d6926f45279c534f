"""The service as one ASGI application: every face in its place, and what stands around all of them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from litestar import Litestar, Router
from litestar.concurrency import set_asyncio_executor
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler, Scope

from api.answers import PageHandler, log_failure, problem_handler
from api.auth import BearerAuthentication, TokenService, client_of
from api.bodies import Intake, UploadRoom
from api.ending import ENDINGS, ending_fields
from api.faces.csc.errors import csc_handler
from api.faces.csc.router import PREFIX as CSC
from api.faces.csc.router import csc_router
from api.faces.esign.errors import esign_handler
from api.faces.esign.paths import PREFIX, PathRule
from api.faces.esign.router import esign_router
from api.faces.esign.unread import ReadToTheEnd
from api.faces.oauth.router import OAuthDoors, oauth_router
from api.faces.oauth.well_known import metadata_router
from api.faces.pki.router import pki_router
from api.faces.rest.router import rest_router
from api.framing import AllowWhole, CloseUnread, HeadAsGet, RequestFrame
from api.headers import security_headers
from api.health import health_router
from api.issuer_path import IssuerPath
from api.limits import RateLimit, TokenBuckets
from api.metrics import Metrics
from api.oauth.build import client_authentication
from api.openapi import openapi_handler
from api.routes import Routes
from api.services import Services
from api.settings import MIB

SMALL_BODY: Final = 64 * 1024
"""Largest body where a route says nothing else."""

_CODE_PAGES: Final = ("/v/{code}", "/v/{code}/revisions/{name}", "/c")
_LINK_PAGES: Final = (
    "/enrol/{token}",
    "/staff/{token}",
    "/console/sign-in",
    "/desk/link/{link}",
    "/desk/sign-in",
    "/desk/a/{link}/sign-in",
    "/desk/o/{transaction_id}/sign-in",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The faces for people, and what they answer where nobody serves anything."""

    handlers: Sequence[ControllerRouterHandler] = ()
    problem: PageHandler


def create_app(services: Services, *, pages: Pages | None = None, lifespan: Sequence[Any] = ()) -> Litestar:
    """The application over `services`.

    Sets the threads of all handlers, so it has to be called before the event loop starts.
    `lifespan`: async context managers that take the application, entered at start and left at the end.
    """
    settings, now = services.settings, services.now
    set_asyncio_executor(ThreadPoolExecutor(settings.server.threads, thread_name_prefix="door"))
    limits, metrics = (
        _Limits(services),
        Metrics(
            services.gate_counters,
            services.alarms,
            services.timestamping,
            services.archive_progress,
            services.webhook_health,
        ),
    )
    tokens = TokenService(
        clients=services.clients,
        life=timedelta(minutes=settings.oauth.token_minutes),
        now=now,
        random_bytes=services.random_bytes,
    )
    room = UploadRoom(settings.limits.upload_memory_mib * MIB)
    app = Litestar(
        route_handlers=[
            rest_router(
                settings,
                signing=[BearerAuthentication(tokens), limits.signatures],
                verifying=[limits.verifications],
                asking=[BearerAuthentication(tokens)],
                now=now,
            ),
            oauth_router(
                OAuthDoors(
                    services=services.oauth,
                    tokens=tokens,
                    authentication=client_authentication(settings, services.clients, now=now),
                ),
                now=now,
                before=[limits.tokens],
            ),
            metadata_router(services.oauth.document),
            *([] if services.esign is None else [esign_router(services, services.esign, after=[limits.signatures])]),
            *([] if services.csc is None else [csc_router(services.csc, room=room, signing=limits.signing)]),
            pki_router(),
            health_router(services.checks, metrics, now=now, metrics_from=settings.server.metrics_from),
            openapi_handler(settings),
            *([] if pages is None else [_limited(pages, limits)]),
        ],
        dependencies={
            "services": _given(services),
            "metrics": _given(metrics),
            "signing_intake": _given(_intake(services, room, settings.signing.max_document_bytes)),
            "verification_intake": _given(_intake(services, room, settings.verification.max_document_bytes)),
        },
        exception_handlers={
            Exception: problem_handler(
                now,
                None if pages is None else pages.problem,
                {PREFIX: esign_handler(now), CSC: csc_handler(now)},
            )
        },
        after_exception=[log_failure],
        before_send=[
            security_headers(https=settings.server.public_url.startswith("https:")),
            ending_fields(ENDINGS, page=f"{settings.server.public_url}/docs"),
        ],
        middleware=[limits.requests],
        compression_config=CompressionConfig(
            backend="gzip", gzip_compress_level=6, exclude_opt_key="exclude_from_compression"
        ),
        request_max_body_size=SMALL_BODY,
        lifespan=list(lifespan),
        openapi_config=None,
        logging_config=None,
    )
    routed = PathRule(ReadToTheEnd(AllowWhole(app.asgi_handler, _methods(app))))
    app.asgi_handler = RequestFrame(
        CloseUnread(HeadAsGet(IssuerPath(routed, settings.issuer))),
        random_bytes=services.random_bytes,
        observe=metrics.request,
    )
    return app


class _Limits:
    """Every rate limit of the service, as middleware."""

    def __init__(self, services: Services) -> None:
        rates, now = services.settings.limits, services.now

        def buckets(name: str, per_minute: int) -> TokenBuckets:
            return TokenBuckets(name=name, per_minute=per_minute, now=now)

        uploads = buckets("verifications", rates.verifications_per_minute)
        self.requests = RateLimit(buckets("requests", rates.requests_per_minute))
        self.tokens = RateLimit(buckets("tokens", rates.tokens_per_minute))
        self.signing = buckets("signatures", rates.signatures_per_minute)
        self.signatures = RateLimit(self.signing, key=client_of)
        self.verifications = RateLimit(uploads)
        self.page_uploads = RateLimit(uploads, applies=_is_upload)
        self.authorizations = RateLimit(buckets("authorizations", rates.tokens_per_minute), applies=_is_authorization)
        self.links = RateLimit(buckets("links", rates.enrolments_per_minute), applies=_is_link_page)
        self.reports = RateLimit(buckets("fake-reports", rates.fake_reports_per_minute), applies=_is_fake_report)
        self.codes = RateLimit(buckets("codes", rates.codes_per_minute), applies=_is_code_page)


def _limited(pages: Pages, limits: _Limits) -> Router:
    """The pages, where a code or an upload counts against its own limit as well."""
    return Routes(
        path="/",
        route_handlers=list(pages.handlers),
        middleware=[limits.page_uploads, limits.reports, limits.codes, limits.links, limits.authorizations],
    )


def _methods(app: Litestar) -> dict[str, set[str]]:
    """The methods of each route, by its template."""
    return {route.path_format: set(route.methods) for route in app.routes if isinstance(route, HTTPRoute)}


def _is_upload(scope: Scope) -> bool:
    return scope.get("method") == "POST"


def _is_code_page(scope: Scope) -> bool:
    return scope["path_template"] in _CODE_PAGES


def _is_fake_report(scope: Scope) -> bool:
    return scope["path_template"] == "/report-fake" and _is_upload(scope)


def _is_authorization(scope: Scope) -> bool:
    return scope["path_template"] == "/oauth2/authorize"


def _is_link_page(scope: Scope) -> bool:
    return scope["path_template"] in _LINK_PAGES


def _intake(services: Services, room: UploadRoom, max_document_bytes: int) -> Intake:
    seconds = services.settings.limits.upload_seconds
    return Intake(room=room, max_document_bytes=max_document_bytes, seconds=seconds)


def _given(what: object) -> Provide:
    """`what` as a dependency, the same for every request."""

    def provide() -> Any:
        return what

    return Provide(provide, sync_to_thread=False)
