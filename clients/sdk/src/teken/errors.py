"""What can go wrong.

TekenError
    Refused                 the service says no: what, which field, why, and what to do now
        Unauthorised        it does not know this application, or its token
        Forbidden           scope, role, passphrase or consent does not allow it
        NotFound            there is no such thing of yours, or no longer
        Conflict            the state of the thing does not allow it now
        RateLimited         too often, or the quota is used up: `retry_after`
    Unavailable             no answer, or only that it cannot now, until patience ended
    NotConsented            a signatory said no, or said nothing in time
    TookTooLong             what was waited for did not come in time
    AnswerUnreadable        an answer that the contract does not know, or a document that was damaged on its way
    WebhookRefused          a delivery that is not from the service, or too old

None of them holds a secret, neither in its text nor in its attributes.
"""

import json
from collections.abc import Mapping
from typing import Any, Final


class TekenError(Exception):
    """Everything that this package raises by itself."""

    idempotency_key: str | None = None
    """Under which the request was sent: send it again under the same one, and nothing is signed a second time."""


class Refused(TekenError):
    """The service refuses. Members as in its problem details (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.type = _text(problem, "type") or "about:blank"
        """URI reference of the kind of problem; `slug` is its last part, a stable word."""
        self.title = _text(problem, "title") or f"HTTP {status}"
        self.detail = _text(problem, "detail")
        self.field = _text(problem, "field")
        """The part of the request to change."""
        self.reason = _text(problem, "reason")
        """A stable word for machines."""
        self.next_step = _text(problem, "nextStep")
        self.request_id = _text(problem, "requestId")
        """Name it when you ask the operator."""
        self.retry_after = retry_after
        """Seconds, where the service says from when on it is worth asking again."""
        super().__init__(self._sentence())

    @property
    def slug(self) -> str:
        """The kind of problem in one stable word."""
        return self.type.rpartition("/")[2]

    def _sentence(self) -> str:
        told = [f"{self.title}." if not self.title.endswith(".") else self.title, self.detail, self.next_step]
        named = {"field": self.field, "reason": self.reason, "request": self.request_id}
        marks = ", ".join(f"{name} {value}" for name, value in named.items() if value)
        return " ".join(each for each in told if each) + (f" ({marks})" if marks else "")


class Unauthorised(Refused):
    """401, and whatever the token endpoint refuses."""


class Forbidden(Refused):
    """403."""


class NotFound(Refused):
    """404, 410."""


class Conflict(Refused):
    """409, 423."""


class RateLimited(Refused):
    """429."""


class Unavailable(TekenError):
    """Nobody knows whether it was carried out; under `idempotency_key` it is safe to ask again."""

    def __init__(
        self,
        text: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        """Of the last answer; `None` where there was none."""
        self.request_id = request_id
        self.retry_after = retry_after


class NotConsented(TekenError):
    """A request for consent that ended without it. `state`: `denied`, `ended` or `expired`."""

    def __init__(self, state: str, reason: str | None) -> None:
        super().__init__(f"The request is {state}" + (f": {reason}" if reason else "."))
        self.state = state
        self.reason = reason


class TookTooLong(TekenError):
    """The service goes on; whoever waited does not."""


class AnswerUnreadable(TekenError):
    """Something between here and there, or a service of another version."""


class WebhookRefused(TekenError):
    """Answer it with 400 and do nothing."""


_BY_STATUS: Final[Mapping[int, type[Refused]]] = {
    401: Unauthorised,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    423: Conflict,
    429: RateLimited,
}


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> TekenError:
    """What an answer without success means."""
    problem, retry_after = _problem(body), _seconds(headers.get("retry-after"))
    if status >= 500:
        title = _text(problem, "title") or f"HTTP {status}"
        asked = _text(problem, "requestId")
        return Unavailable(f"{title}.", status=status, request_id=asked, retry_after=retry_after)
    if not problem:
        return AnswerUnreadable(f"HTTP {status} without problem details: is this the address of the service?")
    if "error" in problem and "type" not in problem:  # the token endpoint's own words (RFC 6749, 5.2)
        told = {"title": "No access token", "detail": _text(problem, "error_description"), "reason": problem["error"]}
        return Unauthorised(status, told, retry_after)
    return _BY_STATUS.get(status, Refused)(status, problem, retry_after)


def _problem(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _text(problem: Mapping[str, Any], name: str) -> str | None:
    value = problem.get(name)
    return value if isinstance(value, str) else None


def _seconds(header: str | None) -> float | None:
    """`Retry-After` in seconds; the service never sends a date."""
    return float(header) if header is not None and header.isdecimal() else None
