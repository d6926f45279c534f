"""What people let applications do in their name: seen, and withdrawn by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from store.audit import Origin, acting
from store.oauth_tokens import SqlOAuthTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """One application that a person connected."""

    client_id: str
    name: str
    since: datetime


class Applications:
    """Standing consents. `client_name`: as it is registered; `now` gives aware UTC."""

    def __init__(
        self, *, tokens: SqlOAuthTokens, client_name: Callable[[str], str], now: Callable[[], datetime]
    ) -> None:
        self._tokens = tokens
        self._client_name = client_name
        self._now = now

    def of(self, user_id: str) -> tuple[Allowed, ...]:
        """One person's, the newest first."""
        return tuple(
            Allowed(client_id=each.client_id, name=self._client_name(each.client_id), since=each.given_at)
            for each in self._tokens.consents(user_id)
        )

    def withdraw(self, client_id: str, user_id: str) -> bool:
        """The application's tokens for this person end at once; whether it had any consent."""
        with acting(Origin(actor=user_id, role="signatory")):
            return self._tokens.withdraw(client_id, user_id, at=self._now())
