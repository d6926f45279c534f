"""Who stands behind a bearer token: an application alone, a person with it, or one authorisation to sign."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from api.oauth.asking import CREDENTIAL, SERVICE, AskingClient
from api.oauth.secrets import ACCESS, hash_of
from signer.authorisation import Authorisation, AuthorisationKind
from signer.seal_model import lies_in
from store.oauth_model import IssuedToken

_PERSONAL: Final = AuthorisationKind.OAUTH2CODE


class BearerUnknown(Exception):
    """No token of ours, or one that is not for this door."""


class BearerOver(Exception):
    """A token that was good once: expired, revoked, used up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who calls."""

    client_id: str
    user_id: str | None
    """The signatory whose login stands behind it; `None` where an application calls for itself."""
    scope: str
    """`service`, or `credential`: then the token is the SAD of `authorisation`."""
    scopes: frozenset[str]
    authorisation: Authorisation | None = None


class CallingClient(AskingClient, Protocol):
    """A registered application, as far as its calls are judged by it."""

    @property
    def networks(self) -> tuple[str, ...]:
        """Networks that it comes from (CIDR); none: from anywhere."""
        ...


class Tokens(Protocol):
    """What is remembered of access tokens."""

    def find(self, token_sha256: str, /) -> IssuedToken | None: ...


class AuthorisationsBehind(Protocol):
    """`signer.authorisation.Authorisations`, as far as it is asked here."""

    def behind(self, sad_sha256: str, /) -> Authorisation | None: ...


class Bearers:
    """Looks bearer tokens up. `active`: the client of an id, while it may ask; `now` gives aware UTC."""

    def __init__(
        self,
        *,
        tokens: Tokens,
        authorisations: AuthorisationsBehind,
        active: Callable[[str], CallingClient | None],
        now: Callable[[], datetime],
    ) -> None:
        self._tokens = tokens
        self._authorisations = authorisations
        self._active = active
        self._now = now

    def of(self, text: str, address: str | None) -> Bearer:
        """Whose token `text` is, that came from `address`.

        Raises `BearerUnknown`, also where its client does not come from there, and `BearerOver` for one that was good
        once.
        """
        access = hash_of(text, ACCESS)
        bearer = self._credential(text) if access is None else self._service(access)
        client = self._active(bearer.client_id)
        if client is None or (client.networks and not lies_in(address or "", client.networks)):
            raise BearerUnknown
        return bearer

    def _service(self, token_sha256: str) -> Bearer:
        token = self._tokens.find(token_sha256)
        if token is None or SERVICE not in token.scopes:
            raise BearerUnknown
        if not token.is_good(self._now()):
            raise BearerOver
        return Bearer(client_id=token.client_id, user_id=token.user_id, scope=SERVICE, scopes=token.scopes)

    def _credential(self, text: str) -> Bearer:
        """The SAD of a person's credential is its token; that of a seal opens no door by itself."""
        hashed = hash_of(text)
        found = self._authorisations.behind(hashed) if hashed is not None else None
        if found is None or found.kind is not _PERSONAL:
            raise BearerUnknown
        client = self._active(found.client_id)
        if client is None or CREDENTIAL not in client.scopes:
            raise BearerUnknown
        if not found.is_good(self._now()):
            raise BearerOver
        return Bearer(
            client_id=found.client_id,
            user_id=found.user_id,
            scope=CREDENTIAL,
            scopes=frozenset({CREDENTIAL}),
            authorisation=found,
        )
