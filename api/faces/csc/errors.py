"""Errors in the shape of CSC (1.0.4.0, 10.1; 2.0.0.2, 10.1): `error`, `error_description`, and nothing else."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from api.answers import answer_of
from api.logging import request_id_of

NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}

BAD_REQUEST: Final = "invalid_request"
NOT_IMPLEMENTED: Final = "not_implemented"

_DESCRIBED: Final = {
    404: "Unknown method",
    405: "Method not allowed",
    413: "Request body too large",
}
_log = structlog.get_logger("teken.csc")


class CscError(HTTPException):
    """One error of the specification; the description is safe to show."""

    def __init__(self, error: str, description: str, *, status: int = 400, challenge: str = "Bearer") -> None:
        """`challenge`: how to authenticate, told with a 401."""
        headers = {"WWW-Authenticate": challenge} if status == 401 else {}
        super().__init__(detail=description, status_code=status, headers=headers)
        self.error = error


def invalid(description: str) -> CscError:
    """400 `invalid_request`."""
    return CscError(BAD_REQUEST, description)


def missing(kind: str, name: str) -> CscError:
    """A field that is not there, or of another type than `kind` (`string`, `array` ...)."""
    return invalid(f"Missing (or invalid type) {kind} parameter {name}")


def bad_value(name: str) -> CscError:
    """A value that is unknown, somebody else's, or makes no sense."""
    return invalid(f"Invalid parameter {name}")


def not_offered(what: str) -> CscError:
    """A method or mode of the specification that this service does not offer."""
    return CscError(NOT_IMPLEMENTED, f"{what} is not offered", status=501)


def csc_handler(now: Callable[[], datetime]) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """The handler of every error below `/csc`, the framework's own included."""

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        if isinstance(error, CscError):
            if error.status_code < 500:
                _log.info("refused", error=error.error, said=error.detail)
            return _told(error.error, error.detail, error.status_code, error.headers)
        answer = answer_of(error, now)
        status = answer.problem.status
        described = _DESCRIBED.get(status, answer.problem.title)
        if status >= 500:
            described += f". Request {request_id_of(request.scope)}"
        return _told(_word(status), described, status, answer.headers)

    return handle


def _told(error: str, description: str, status: int, headers: Any) -> Response[Any]:
    body = {"error": error, "error_description": description}
    return Response(body, status_code=status, headers={**NO_STORE, **(headers or {})})


def _word(status: int) -> str:
    if status in (429, 503):
        return "temporarily_unavailable"
    return "server_error" if status >= 500 else BAD_REQUEST
