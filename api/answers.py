"""How an error is answered: problem details for HTTP APIs (RFC 9457), written from the table in `api/problems.py`.

What a caller can act on carries `field`, `reason` and `nextStep`. What is our fault carries a request id, and not
one word more.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import Scope

from api.logging import frames_of, request_id_of
from api.problems import (
    BODY_TOO_LARGE,
    INVALID_REQUEST,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    RATE_EXCEEDED,
    SCOPE_MISSING,
    UNAUTHENTICATED,
    UNEXPECTED,
    UNSUPPORTED_MEDIA_TYPE,
    Problem,
    RequestRefused,
    problem_of,
)
from ca.errors import CaRefused
from signer.errors import PassphraseLocked, QuotaExceeded, Refused, TooSoon
from verifier.errors import VerificationRefused, WorkerBusy

MEDIA_TYPE: Final = "application/problem+json"

API_PREFIXES: Final = ("/v1", "/oauth2", "/pki", "/problems", "/openapi.json", "/healthz", "/readyz", "/metrics")
"""Paths that answer machines; every other path answers people, with a page."""

RETRY_SECONDS: Final = 5
"""What a client is told where our side failed and nobody knows for how long."""

_BY_STATUS: Final[Mapping[int, Problem]] = {
    400: INVALID_REQUEST,
    401: UNAUTHENTICATED,
    403: SCOPE_MISSING,
    404: NOT_FOUND,
    405: METHOD_NOT_ALLOWED,
    413: BODY_TOO_LARGE,
    415: UNSUPPORTED_MEDIA_TYPE,
    429: RATE_EXCEEDED,
}
"""For what the framework raises by itself."""

PageHandler = Callable[[Request[Any, Any, Any], HTTPException], Response[Any]]
"""Turns an error into a page, by its status."""

_log = structlog.get_logger("teken.problems")


def is_api_path(path: str) -> bool:
    """Whether an error on this path is answered to a machine: the one place that decides it."""
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in API_PREFIXES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is told of one error, before a face gives it its shape."""

    problem: Problem
    detail: str | None = None
    field: str | None = None
    reason: str | None = None
    headers: Mapping[str, str]

    def body(self, request_id: str) -> dict[str, Any]:
        """The members of the problem details object; extension members as in section 3.2."""
        told = {
            "type": self.problem.type,
            "title": self.problem.title,
            "status": self.problem.status,
            "detail": self.detail,
            "field": self.field,
            "reason": self.reason,
            "nextStep": self.problem.next_step,
            "requestId": request_id,
        }
        return {name: value for name, value in told.items() if value is not None}


def answer_of(error: Exception, now: Callable[[], datetime]) -> Answer:
    """What is told of an error: all of what the caller can act on, nothing of what is our fault."""
    if isinstance(error, RequestRefused):
        return Answer(
            problem=error.problem,
            detail=error.detail,
            field=error.field,
            reason=error.reason,
            headers=error.headers or {},
        )
    if isinstance(error, HTTPException):
        return _of_framework(error)
    problem = problem_of(error)
    if isinstance(error, Refused | CaRefused | VerificationRefused):
        return Answer(
            problem=problem,
            detail=str(error),
            field=error.field,
            reason=error.reason,
            headers=_retry_after(error, now),
        )
    return Answer(problem=problem, headers=_retry_after(error, now) if problem.status == 503 else {})


def _retry_after(error: Exception, now: Callable[[], datetime]) -> dict[str, str]:
    match error:
        case QuotaExceeded(until=until, policy=policy):
            seconds = max(1, math.ceil((until - now()).total_seconds()))
            name = policy.partition(";")[0]
            return {
                "Retry-After": str(seconds),
                "RateLimit-Policy": policy,
                "RateLimit": f"{name};r=0;t={seconds}",
            }
        case PassphraseLocked(until=None):
            return {}
        case PassphraseLocked(until=datetime() as until) | TooSoon(until=until):
            return {"Retry-After": str(max(1, math.ceil((until - now()).total_seconds())))}
        case WorkerBusy(retry_after=seconds):
            return {"Retry-After": str(seconds)}
        case Refused() | CaRefused() | VerificationRefused():
            return {}
        case _:
            return {"Retry-After": str(RETRY_SECONDS)}


def _of_framework(error: HTTPException) -> Answer:
    problem = _BY_STATUS.get(error.status_code, UNEXPECTED if error.status_code >= 500 else INVALID_REQUEST)
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    field = None
    if isinstance(error, ValidationException) and isinstance(error.extra, list) and error.extra:
        field = _on_the_wire(error.extra[0].get("key"))
    return Answer(problem=problem, field=field, headers=headers)


def _on_the_wire(parameter: Any) -> str | None:
    """`external_id` as `externalId`: the framework names the handler's parameter, callers know the query's."""
    first, *rest = str(parameter).split("_")
    return first + "".join(part.capitalize() for part in rest) if isinstance(parameter, str) else None


def problem_handler(
    now: Callable[[], datetime],
    pages: PageHandler | None = None,
    faces: Mapping[str, Callable[[Request[Any, Any, Any], Exception], Response[Any]]] | None = None,
) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """The handler of every error of the service; `pages` answers where people read, `faces` under the prefix of a
    face that has errors of its own."""

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        path = "/" + "/".join(part for part in request.url.path.split("/") if part)
        for prefix, handler in (faces or {}).items():
            if path == prefix or path.startswith(f"{prefix}/"):
                return handler(request, error)
        if pages is not None and not is_api_path(request.url.path):
            known = error if isinstance(error, HTTPException) else HTTPException(status_code=500)
            return pages(request, known)
        answer = answer_of(error, now)
        return Response(
            answer.body(request_id_of(request.scope)),
            status_code=answer.problem.status,
            media_type=MEDIA_TYPE,
            headers={"Cache-Control": "no-store", **answer.headers},
        )

    return handle


async def log_failure(error: Exception, _: Scope) -> None:
    """One line for what is our fault: kind and place of the error, and its text only where the text is ours."""
    problem = error.problem if isinstance(error, RequestRefused) else problem_of(error)
    if problem.status < 500 or (isinstance(error, HTTPException) and error.status_code < 500):
        return
    ours = type(error).__module__.endswith(".errors") and not isinstance(error, HTTPException)
    _log.error(
        "failure",
        error=type(error).__qualname__,
        said=str(error) if ours else None,
        frames=frames_of(error),
        problem=problem.slug,
    )
