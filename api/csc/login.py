"""`auth/login`: accounts of integrations get tokens for a name and a password.

What comes out is an ordinary token of scope `service` with the account behind it: counted as the account's application,
ended with the account, and good for no more than the seals that the account keeps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from api.failed_logins import FailedLogins
from api.oauth.asking import SERVICE
from api.oauth.bearers import CallingClient
from api.oauth.granting import Lifetimes
from api.oauth.secrets import ACCESS, REFRESH, hash_of, new_secret
from signer.accounts import PREFIX, Account
from signer.model import Secret
from signer.seal_model import lies_in
from store.oauth_model import Family, IssuedToken

_ID_BYTES: Final = 16


class KnownAccounts(Protocol):
    """`signer.accounts.Accounts`, as far as it is asked here."""

    def log_in(self, name: str, password: Secret, /) -> Account | None: ...


class LoginTokens(Protocol):
    """`store.oauth_tokens.SqlOAuthTokens`, as far as it is asked here."""

    def begin(self, family: Family, access: IssuedToken, refresh_sha256: str | None, /, *, at: datetime) -> None: ...

    def family_of(self, refresh_sha256: str, /) -> Family | None: ...

    def rotate(
        self, old_sha256: str, /, *, client_id: str, new_sha256: str, access: IssuedToken, at: datetime
    ) -> Family | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """What an account gets; the only moment at which the texts exist here."""

    access_token: str
    seconds: int
    refresh_token: str | None

    def __repr__(self) -> str:
        return "LoggedIn(***)"


class PasswordLogins:
    """Logs accounts in. `active`: the application of an id, while it may ask; `now` gives aware UTC."""

    def __init__(
        self,
        *,
        accounts: KnownAccounts,
        tokens: LoginTokens,
        active: Callable[[str], CallingClient | None],
        failed: FailedLogins,
        lifetimes: Lifetimes,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._active = active
        self._failed = failed
        self._lives = lifetimes
        self._now = now
        self._random_bytes = random_bytes

    def with_password(
        self, name: str, password: Secret, *, address: str | None, network: str, remember: bool
    ) -> LoggedIn | None:
        """Tokens, or `None` for whatever is wrong: which of it is not told.

        1. The name, from its network, was not wrong too often in the last minute. else `RequestRefused`, 429
        2. Name and password are those of an account; the attempt was counted before.
        3. Its application is active, may use scope `service`, and comes from `address`.
        4. A family of tokens begins; `remember`: with a refresh token.
        """
        self._failed.check(network, name)
        account = self._accounts.log_in(name, password)
        if account is None or not self._may(account.client_id, address):
            self._failed.count(network, name)
            return None
        at = self._now()
        family = Family(
            id=self._random_bytes(_ID_BYTES).hex(),
            client_id=account.client_id,
            user_id=account.id,
            began_at=at,
            ends_at=at + self._lives.refresh,
        )
        access, refresh = self._new(ACCESS), self._new(REFRESH) if remember else None
        kept = self._kept(access, account.client_id, account.id, at)
        self._tokens.begin(family, kept, None if refresh is None else hash_of(refresh, REFRESH), at=at)
        return self._told(access, refresh)

    def with_refresh(self, text: str, *, address: str | None) -> LoggedIn | None:
        """The next tokens of an account; `None` for a refresh token that is unknown, over, used before (which ends all
        that came of it), or a person's."""
        hashed, at = hash_of(text, REFRESH), self._now()
        family = self._tokens.family_of(hashed) if hashed is not None else None
        if hashed is None or family is None or not family.user_id.startswith(PREFIX):
            return None
        access, refresh = self._new(ACCESS), self._new(REFRESH)
        new, kept = hash_of(refresh, REFRESH), self._kept(access, family.client_id, family.user_id, at)
        if new is None or not self._may(family.client_id, address):
            return None
        rotated = self._tokens.rotate(hashed, client_id=family.client_id, new_sha256=new, access=kept, at=at)
        return None if rotated is None else self._told(access, refresh)

    def _may(self, client_id: str, address: str | None) -> bool:
        client = self._active(client_id)
        if client is None or SERVICE not in client.scopes:
            return False
        return not client.networks or lies_in(address or "", client.networks)

    def _new(self, prefix: str) -> str:
        return new_secret(self._random_bytes, prefix)

    def _kept(self, access: str, client_id: str, user_id: str, at: datetime) -> IssuedToken:
        return IssuedToken(
            token_sha256=hash_of(access, ACCESS) or "",
            client_id=client_id,
            user_id=user_id,
            scopes=frozenset({SERVICE}),
            expires_at=at + self._lives.access,
        )

    def _told(self, access: str, refresh: str | None) -> LoggedIn:
        return LoggedIn(access_token=access, seconds=int(self._lives.access.total_seconds()), refresh_token=refresh)
