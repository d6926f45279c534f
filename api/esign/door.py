"""Who comes in at the gateway: a user name and its password, with guesses counted."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from api.failed_logins import FailedLogins
from signer.api_credentials import ApiCredential
from signer.model import Secret


class Authenticating(Protocol):
    """The part of `signer.api_credentials.ApiCredentials` that the door needs."""

    def authenticate(self, user_name: str, password: Secret, /) -> ApiCredential | None: ...


class Door:
    """Safe in several threads. `now` gives aware UTC."""

    def __init__(
        self, credentials: Authenticating, *, plain_http: bool, failed_per_minute: int, now: Callable[[], datetime]
    ) -> None:
        """`plain_http`: whether unencrypted calls over a network are taken."""
        self.plain_http = plain_http
        self._credentials = credentials
        self._failed = FailedLogins(per_minute=failed_per_minute, now=now)

    def caller(self, network: str, user_name: str, password: Secret) -> ApiCredential | None:
        """The credential of that name and password, in whatever state; `None` for none, which is counted.

        Raises `RequestRefused` (429) where too many were wrong.
        """
        self._failed.check(network, user_name)
        found = self._credentials.authenticate(user_name, password)
        if found is None:
            self._failed.count(network, user_name)
        return found
