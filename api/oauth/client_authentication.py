"""Who asks at an endpoint of OAuth: one way for all of them to authenticate a client (RFC 6749, 2.3)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

from litestar.datastructures import Headers
from litestar.types import Scope

from api.auth import Client
from api.failed_logins import FailedLogins
from api.limits import network_of
from api.oauth.assertions import Assertions
from api.oauth.client_certificates import CertificateRules, certificate_in
from api.oauth.errors import OAuthError
from api.oauth.methods import AuthMethod
from api.oauth.offers import BASIC, AssertionOffer, Offer, SecretOffer, read_offer
from signer.seal_model import lies_in

_ENDPOINTS: Final = ("", "/oauth2/token", "/oauth2/pushed_authorize")
"""What an assertion may be addressed to, after the issuer's name (RFC 7523, 3, 3; RFC 9126, 2)."""


class ClientRegistry(Protocol):
    """The applications that are registered."""

    def authenticate(self, client_id: str, secret: str) -> Client | None:
        """The active client of that name and secret; the same answer and time for unknown name and wrong secret."""
        ...

    def active(self, client_id: str) -> Client | None:
        """The active client of that name, whatever a stranger sent as one."""
        ...

    def use_assertion(self, assertion_sha256: str, *, expires_at: datetime) -> bool:
        """Remember this assertion until then; false where it was used before."""
        ...


class ClientAuthentication:
    """Believes a client, or refuses it with an `OAuthError`. Asks the database: call it in a thread."""

    def __init__(
        self,
        *,
        clients: ClientRegistry,
        failed: FailedLogins,
        certificates: CertificateRules,
        issuer: str,
        now: Callable[[], datetime],
    ) -> None:
        """`issuer`: what this service is called in OAuth, without a slash at the end."""
        self._clients = clients
        self._failed = failed
        self._certificates = certificates
        self._assertions = Assertions(clients, audiences=frozenset(issuer + each for each in _ENDPOINTS), now=now)
        self._now = now

    def client_of(self, scope: Scope, form: Mapping[str, str], *, public: bool = False) -> Client:
        """The client that sent this request; `public`: whether one may come that proves nothing.

        1. It offers one proof, in the header or in the form.                                else 400 invalid_request
        2. It, and its network, were not wrong too often in the last minute.                                 else 429
        3. The proof is right, of a way that is registered for it, and from one of its networks. else 401, counted
        """
        offer = read_offer(Headers.from_scope(scope), form)
        network = network_of(scope)
        self._failed.check(network, offer.client_id)
        client = self._proven(scope, offer, public=public)
        if client is None or not _may_come_from(client, scope):
            self._failed.count(network, offer.client_id)
            challenge = BASIC if "authorization" in Headers.from_scope(scope) else None
            raise OAuthError("invalid_client", "Unknown client or wrong secret.", challenge=challenge)
        return client

    def _proven(self, scope: Scope, offer: Offer, *, public: bool) -> Client | None:
        """The client, where it proved by a method of its own that it is this one."""
        method: AuthMethod | None
        if isinstance(offer, SecretOffer):
            client = self._clients.authenticate(offer.client_id, offer.secret)
            method = offer.method
        else:
            client = self._clients.active(offer.client_id)
            method = self._method_of(scope, offer, client) if client is not None else None
        if client is None or method not in client.auth_methods or (method is AuthMethod.NONE and not public):
            return None
        return client

    def _method_of(self, scope: Scope, offer: Offer, client: Client) -> AuthMethod | None:
        if isinstance(offer, AssertionOffer):
            right = self._assertions.proves(offer.assertion, client.id, client.jwks)
            return AuthMethod.PRIVATE_KEY_JWT if right else None
        if client.public:
            return AuthMethod.NONE
        certificate = certificate_in(scope)
        return None if certificate is None else self._certificates.method_of(client, certificate, self._now())


def _may_come_from(client: Client, scope: Scope) -> bool:
    peer = scope["client"]
    return not client.networks or (peer is not None and lies_in(peer[0], client.networks))
