"""Revocation (RFC 7009; CSC API, `oauth2/revoke`): a token of the client that asks, of whatever kind."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from api.oauth.secrets import ACCESS, REFRESH, hash_of
from signer.authorisation import Authorisation
from store.oauth_tokens import SqlOAuthTokens


class AccessTokens(Protocol):
    """What is remembered of access tokens, whoever stands behind them."""

    def revoke_token(self, token_sha256: str, client_id: str, /, *, at: datetime) -> bool: ...


class Revocable(Protocol):
    """`signer.authorisation.Authorisations`, as far as it is asked here."""

    def behind(self, sad_sha256: str, /) -> Authorisation | None: ...

    def revoke(self, authorisation_id: str, /, *, at: datetime) -> bool: ...


class Revoking:
    """Ends tokens. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        access: AccessTokens,
        refresh: SqlOAuthTokens,
        authorisations: Revocable,
        now: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._refresh = refresh
        self._authorisations = authorisations
        self._now = now

    def revoke(self, text: str, *, client_id: str) -> bool:
        """End it; whether it was a live token of that client: unknown, dead and another client's are alike."""
        at = self._now()
        access, refresh, sad = hash_of(text, ACCESS), hash_of(text, REFRESH), hash_of(text)
        if access is not None and self._access.revoke_token(access, client_id, at=at):
            return True
        if refresh is not None and self._refresh.revoke_refresh(refresh, client_id=client_id, at=at):
            return True
        found = self._authorisations.behind(sad) if sad is not None else None
        if found is None or found.client_id != client_id or not found.is_good(at):
            return False
        return self._authorisations.revoke(found.id, at=at)
