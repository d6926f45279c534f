"""Errors in the shape of OAuth 2.0 (RFC 6749, 5.2): `error`, `error_description`, and nothing else."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from litestar import Request, Response

from api.answers import answer_of
from api.logging import request_id_of
from api.oauth.errors import OAuthError
from api.oauth.refusals import OAuthRefused

NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def oauth_handler(now: Callable[[], datetime]) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """The handler of every error under the OAuth router, the framework's own included."""

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        if isinstance(error, OAuthRefused):
            error = OAuthError(error.error, error.description)
        if isinstance(error, OAuthError):
            told = {"error": error.error, "error_description": error.detail}
            return Response(told, status_code=error.status_code, headers={**NO_STORE, **(error.headers or {})})
        answer = answer_of(error, now)
        status = answer.problem.status
        described = f"{answer.problem.title}. {answer.problem.next_step}"
        if status >= 500:
            described += f" Request {request_id_of(request.scope)}."
        told = {"error": _word(status), "error_description": described}
        return Response(told, status_code=status, headers={**NO_STORE, **answer.headers})

    return handle


def _word(status: int) -> str:
    if status in (429, 503):
        return "temporarily_unavailable"
    return "server_error" if status >= 500 else "invalid_request"
