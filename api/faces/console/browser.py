"""Whose browser it is: a cookie that no script reads, and a proof that a form came from the console itself.

The CSRF token is an HMAC under the cookie's secret, so it needs no second place to be kept in and ends with the login.
"""

import hashlib
import hmac
from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException

from api.faces.console.ports import ConsoleSettings, Logins
from signer.factors.model import Session, SignedInBy
from signer.factors.signing_in import NewSession
from signer.factors.staff import LONGEST

_CONTEXT: Final = b"teken/console/csrf/1"
_OURS: Final = ("same-origin", "none")


def cookie_name(settings: ConsoleSettings) -> str:
    """With HTTPS the browser itself keeps other hosts and plain HTTP away from it (RFC 6265bis, 4.1.3.2)."""
    return "__Host-teken-console" if settings.secure else "teken-console"


class Browser:
    """One request of one browser."""

    def __init__(self, request: Request[Any, Any, Any], logins: Logins, settings: ConsoleSettings) -> None:
        self._settings = settings
        self._token = request.cookies.get(cookie_name(settings))
        self._site = request.headers.get("sec-fetch-site", "none")
        self.session = logins.find(self._token)

    @property
    def person(self) -> Session | None:
        """The login, where somebody is logged in."""
        return self.session if self.session is not None and self.session.by is not SignedInBy.NOBODY else None

    @property
    def csrf(self) -> str:
        """What every form of this browser carries."""
        return csrf_of(self._token) if self._token is not None and self.session is not None else ""

    def require_own(self, given: str) -> None:
        """The form is one of ours; else 403. A form of another site has neither the token nor the cookie's secret."""
        known = bool(self.csrf) and hmac.compare_digest(given.encode(), self.csrf.encode())
        if not known or self._site not in _OURS:
            raise HTTPException(status_code=403, detail="not a form of this page")

    def keep(self, new: NewSession, answer: Response[Any]) -> Response[Any]:
        """`answer`, with the secret of a new login."""
        answer.set_cookie(self._cookie(new.token, int(LONGEST.total_seconds())))
        return answer

    def forget(self, answer: Response[Any]) -> Response[Any]:
        """`answer`, that takes the secret away."""
        answer.set_cookie(self._cookie("", 0))
        return answer

    def _cookie(self, value: str, max_age: int) -> Cookie:
        return Cookie(
            key=cookie_name(self._settings),
            value=value,
            path="/",
            secure=self._settings.secure,
            httponly=True,
            samesite="lax",
            max_age=max_age,
        )


def csrf_of(token: str) -> str:
    """The token of the forms of a login."""
    return hmac.new(token.encode(), _CONTEXT, hashlib.sha256).hexdigest()
