"""The nouns of the authorization server (RFC 6749). Times are aware and in UTC; every secret is here as its SHA-256."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TransactionState(StrEnum):
    """`open -> approved | ended`. Expired is computed from its time, never stored."""

    OPEN = "open"
    APPROVED = "approved"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedRequest:
    """Parameters that a client sent before anybody's browser did (RFC 9126)."""

    uri_sha256: str
    client_id: str
    parameters: Mapping[str, str]
    expires_at: datetime
    transaction_id: str | None = None
    """What it opened: it opens nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One request at the authorization endpoint, from the browser's coming to the code's exchange."""

    id: str
    client_id: str
    parameters: Mapping[str, str]
    """As they came. What they mean is read from them every time, so nothing else can be shown or granted."""
    session: str
    """SHA-256, hex, of the browser's secret: nobody else goes on with it."""
    state: TransactionState
    asked_at: datetime
    expires_at: datetime
    user_id: str | None = None
    """Who decided it."""
    credential_id: str | None = None
    """Which credential it is about, once that is known."""
    request_id: str | None = None
    """The request that its person is asked."""
    code_expires_at: datetime | None = None
    code_used_at: datetime | None = None
    family_id: str | None = None
    """What its code produced."""

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be decided at `at` (aware)."""
        return self.state is TransactionState.OPEN and at < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Everything that came of one consent: refresh tokens, one after the other, and their access tokens."""

    id: str
    client_id: str
    user_id: str
    began_at: datetime
    ends_at: datetime
    """No refresh token is good beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """An access token as it is kept."""

    token_sha256: str
    client_id: str
    user_id: str | None
    """Whose login stood behind it; `None` where the client asked for itself."""
    scopes: frozenset[str]
    expires_at: datetime
    family_id: str | None = None
    revoked_at: datetime | None = None

    def is_good(self, at: datetime) -> bool:
        """Whether it opens a door at `at` (aware)."""
        return self.revoked_at is None and at < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConsent:
    """A person lets an application call in their name; it signs nothing."""

    client_id: str
    user_id: str
    given_at: datetime
