"""An application of a government office, as it is registered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

PUBLIC: Final = frozenset({"none"})
"""Methods of a client that can keep no secret (RFC 6749, 2.1)."""

WITH_SECRET: Final = frozenset({"client_secret_basic", "client_secret_post"})
"""Methods of a client that knows a secret."""


class ClientState(Enum):
    """Whether a client may ask."""

    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One application of a government office. Words of methods and grants are those of RFC 7591, 2."""

    id: str
    name: str
    """As signatories see it."""
    scopes: frozenset[str]
    """What it may ask for at most: for an application what is kept, for staff what their role may now."""
    state: ClientState
    created_at: datetime
    auth_methods: frozenset[str] = WITH_SECRET
    """How it may authenticate."""
    grants: frozenset[str] = frozenset({"client_credentials"})
    """Which grants it may use at the token endpoint."""
    redirect_uris: tuple[str, ...] = ()
    """Where answers of the authorization endpoint may go: compared as strings, character by character."""
    jwks: tuple[Mapping[str, Any], ...] = ()
    """Its public keys (RFC 7517), for `private_key_jwt`."""
    tls_subject: str | None = None
    """Subject of its TLS certificate (RFC 4514), for `tls_client_auth`."""
    tls_thumbprint: str | None = None
    """SHA-256 of its TLS certificate, hex, for `self_signed_tls_client_auth`."""
    networks: tuple[str, ...] = ()
    """Networks that it comes from (CIDR); none: it may come from anywhere."""

    @property
    def active(self) -> bool:
        """Whether it may ask."""
        return self.state is ClientState.ACTIVE

    @property
    def public(self) -> bool:
        """Whether it can keep no secret: it proves nothing but PKCE."""
        return self.auth_methods == PUBLIC
