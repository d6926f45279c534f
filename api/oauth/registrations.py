"""Applications registered, changed, given another secret and disabled: for the desk and the command line."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from api.oauth.jwks import public_keys
from api.oauth.methods import Grant
from api.oauth.registration_rules import checked
from signer.errors import ClientRefused
from store.client_model import PUBLIC, WITH_SECRET, Client, ClientState
from store.client_registrations import SqlClientRegistrations
from store.clients import SqlClientStore
from store.errors import AlreadyExists

_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 10  # in hex longer than a NIK or NIP, so that no id looks like one by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How an application is registered; what is `None` stays as it is, or is what the rest suggests."""

    name: str | None = None
    scopes: Sequence[str] | None = None
    auth_methods: Sequence[str] | None = None
    grants: Sequence[str] | None = None
    redirect_uris: Sequence[str] | None = None
    jwks: Mapping[str, Any] | None = None
    """A JWK set."""
    tls_subject: str | None = None
    """Empty: none from now on."""
    tls_thumbprint: str | None = None
    """Empty: none from now on."""
    networks: Sequence[str] | None = None

    def changes(self) -> dict[str, Any]:
        """The fields of a `Client` that are named here; raises `ClientRefused` for keys that are none."""
        named: dict[str, Any] = {
            "name": self.name,
            "scopes": _set(self.scopes),
            "auth_methods": _set(self.auth_methods),
            "grants": _set(self.grants),
            "redirect_uris": _tuple(self.redirect_uris),
            "jwks": None if self.jwks is None else _keys(self.jwks),
            "tls_subject": self.tls_subject,
            "tls_thumbprint": self.tls_thumbprint,
            "networks": _tuple(self.networks),
        }
        return {part: value for part, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldClient:
    """An application, and its new secret in the only moment at which it exists here."""

    client: Client
    secret: str | None = field(repr=False)
    """`None` for one that authenticates without."""


class ClientRegistrations:
    """Every act of administrators on applications. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        clients: SqlClientStore,
        registrations: SqlClientRegistrations,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._clients = clients
        self._registrations = registrations
        self._now = now
        self._random_bytes = random_bytes

    def add(self, terms: Terms, *, client_id: str | None = None, actor: str | None = None) -> ToldClient:
        """A new application; its secret, where it has one, is told this once. Raises `ClientRefused`.

        Without `grants`: the code and refresh grants where there are redirect addresses, and the client's own where it
        can keep a secret.
        """
        named = terms.changes()
        methods = named.get("auth_methods", WITH_SECRET)
        named.setdefault("grants", _usual_grants(has_redirects=bool(terms.redirect_uris), public=methods == PUBLIC))
        client = checked(
            Client(
                id=client_id or self._random_bytes(_ID_BYTES).hex(),
                state=ClientState.ACTIVE,
                created_at=self._now(),
                **{"name": "", "scopes": frozenset(), **named},
            )
        )
        secret = self._drawn() if client.auth_methods & WITH_SECRET else None
        try:
            self._clients.add(client, None if secret is None else _hashed(secret), actor=actor)
        except AlreadyExists:
            message = f"The identifier {client.id} is taken: choose another one."
            raise ClientRefused(message, field="clientId", reason="taken") from None
        except ValueError as error:
            raise ClientRefused(str(error), field="clientId", reason="not-an-id") from None
        return ToldClient(client=client, secret=secret)

    def page(self, *, after: str = "", limit: int = 50) -> tuple[Client, ...]:
        """Applications behind `after`, by id."""
        return self._registrations.page(after=after, limit=limit)

    def get(self, client_id: str) -> Client:
        """One of them; raises `ClientUnknown`."""
        return self._registrations.get(client_id)

    def change(
        self,
        client_id: str,
        terms: Terms,
        *,
        actor: str | None = None,
        require: Callable[[Client], None] = lambda _: None,
    ) -> Client:
        """Other terms for an active one; raises `ClientUnknown` and `ClientRefused`, and as `require`, which sees what
        is changed within the transaction that changes it."""
        named = terms.changes()

        def edit(client: Client) -> Client:
            require(client)
            return checked(replace(client, **named))

        return self._registrations.change(client_id, edit, actor=actor, at=self._now())

    def rotate(self, client_id: str, *, actor: str | None = None) -> ToldClient:
        """Another secret, told this once; the one of before and all access tokens are good no more.

        Raises `ClientUnknown`, and `ClientRefused` for one that authenticates without a secret.
        """
        if not self.get(client_id).auth_methods & WITH_SECRET:
            message = "This application authenticates without a secret."
            raise ClientRefused(message, field="client", reason="no-secret")
        secret = self._drawn()
        client = self._registrations.rotate(client_id, _hashed(secret), actor=actor, at=self._now())
        return ToldClient(client=client, secret=secret)

    def disable(self, client_id: str, *, actor: str | None = None) -> Client:
        """No log-in and no token of it is good any more; raises `ClientUnknown`."""
        return self._registrations.disable(client_id, actor=actor, at=self._now())

    def _drawn(self) -> str:
        """256 random bits in unreserved characters, which read the same form-encoded and not."""
        return base64.urlsafe_b64encode(self._random_bytes(_SECRET_BYTES)).rstrip(b"=").decode()


def _usual_grants(*, has_redirects: bool, public: bool) -> frozenset[str]:
    code = {Grant.AUTHORIZATION_CODE.value, Grant.REFRESH_TOKEN.value} if has_redirects else set[str]()
    return frozenset(code if public else {*code, Grant.CLIENT_CREDENTIALS.value})


def _keys(key_set: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The keys of the set; an empty set takes them away."""
    return () if key_set == {"keys": []} else public_keys(key_set)


def _set(values: Sequence[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(map(str, values))


def _tuple(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
