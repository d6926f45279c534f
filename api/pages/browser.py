"""Whose browser it is: a cookie that no script reads, and a proof that a form came from our own page.

The CSRF token is an HMAC under the cookie's secret, so it needs no second place to be kept in and ends with the login.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException

from signer.factors.model import Session, SignedInBy
from signer.factors.signing_in import NewSession

_OURS: Final = ("same-origin", "none")


class FindsLogins(Protocol):
    """The part of an entrance that knows who holds a cookie."""

    def find(self, token: str | None, /) -> Session | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginCookie:
    """The cookie of one entrance. Two entrances differ in all of it, so that no login and no form serves at both."""

    name: str
    context: bytes
    """What its CSRF tokens are bound to."""
    longest: timedelta
    """How long a login may last."""

    def csrf_of(self, token: str) -> str:
        """The token of the forms of a login."""
        return hmac.new(token.encode(), self.context, hashlib.sha256).hexdigest()

    def named(self, *, secure: bool) -> str:
        """With HTTPS the browser itself keeps other hosts and plain HTTP away from it (RFC 6265bis, 4.1.3.2)."""
        return f"__Host-{self.name}" if secure else self.name


class Browser:
    """One request of one browser. `secure`: browsers reach us by HTTPS."""

    def __init__(
        self, request: Request[Any, Any, Any], logins: FindsLogins, cookie: LoginCookie, *, secure: bool
    ) -> None:
        self._cookie = cookie
        self._secure = secure
        self._token = request.cookies.get(cookie.named(secure=secure))
        self._site = request.headers.get("sec-fetch-site", "none")
        self.session = logins.find(self._token)

    @property
    def person(self) -> Session | None:
        """The login, where somebody is logged in."""
        return self.session if self.session is not None and self.session.by is not SignedInBy.NOBODY else None

    @property
    def csrf(self) -> str:
        """What every form of this browser carries."""
        return self._cookie.csrf_of(self._token) if self._token is not None and self.session is not None else ""

    def require_own(self, given: str) -> None:
        """The form is one of ours; else 403. A form of another site has neither the token nor the cookie's secret."""
        known = bool(self.csrf) and hmac.compare_digest(given.encode(), self.csrf.encode())
        if not known or self._site not in _OURS:
            raise HTTPException(status_code=403, detail="not a form of this page")

    def keep(self, new: NewSession, answer: Response[Any]) -> Response[Any]:
        """`answer`, with the secret of a new login."""
        answer.set_cookie(self._set(new.token, self._cookie.longest))
        return answer

    def forget(self, answer: Response[Any]) -> Response[Any]:
        """`answer`, that takes the secret away."""
        answer.set_cookie(self._set("", timedelta(0)))
        return answer

    def _set(self, value: str, lasting: timedelta) -> Cookie:
        return Cookie(
            key=self._cookie.named(secure=self._secure),
            value=value,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
            max_age=int(lasting.total_seconds()),
        )
