"""The token endpoint (RFC 6749, 3.2): a code, a refresh token or the client's own authentication become tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn, Protocol

from api.oauth.asking import CREDENTIAL, SERVICE, AskRules, AuthorizeRequest, read_destination, read_request
from api.oauth.details import read_details
from api.oauth.refusals import NoRedirect, OAuthRefused
from api.oauth.secrets import ACCESS, REFRESH, hash_of, new_secret, verifier_fits
from signer.authorisation import Authorisation, Authorisations, AuthorisationState, CarriedKey, KeyCarrier
from signer.errors import PassphraseWrong
from signer.model import Secret
from store.oauth import SqlOAuthRequests
from store.oauth_model import Family, IssuedToken, Transaction
from store.oauth_tokens import SqlOAuthTokens

_ID_BYTES: Final = 16
_BAD_CODE: Final = "The code is unknown, expired or used, or is another client's"
_BAD_REFRESH: Final = "The refresh token is unknown, expired or used, or is another client's"


class GrantingClient(Protocol):
    """An authenticated client; a public one proved nothing."""

    @property
    def id(self) -> str: ...

    @property
    def scopes(self) -> frozenset[str]: ...

    @property
    def redirect_uris(self) -> tuple[str, ...]: ...

    @property
    def grants(self) -> frozenset[str]: ...

    @property
    def public(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a client gets; the only moment at which the texts exist here."""

    access_token: str
    token_type: str
    seconds: int
    scope: str
    refresh_token: str | None = None
    credential_id: str | None = None
    """Where the server chose it."""
    details: tuple[dict[str, Any], ...] = field(default=())

    def __repr__(self) -> str:
        return f"Granted(scope={self.scope!r}, ***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """How long each is good."""

    access: timedelta = timedelta(minutes=30)
    refresh: timedelta = timedelta(hours=12)
    """From the consent on, whatever is rotated."""
    credential: timedelta = timedelta(seconds=300)


class Granting:
    """Gives tokens out. `carrier` carries a key from the code to the SAD; `now` gives aware UTC."""

    def __init__(
        self,
        *,
        requests: SqlOAuthRequests,
        tokens: SqlOAuthTokens,
        authorisations: Authorisations,
        carrier: KeyCarrier,
        rules: AskRules,
        lifetimes: Lifetimes,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._requests = requests
        self._tokens = tokens
        self._authorisations = authorisations
        self._carrier = carrier
        self._rules = rules
        self._lives = lifetimes
        self._now = now
        self._random_bytes = random_bytes

    def code(self, client: GrantingClient, form: Mapping[str, str]) -> Granted:
        """A code becomes a token, once (RFC 6749, 4.1.3; RFC 7636, 4.5).

        1. The code is this client's. A second use ends what the first produced.
        2. It has not expired; the redirect address and the verifier are those of the request.
        3. What the client says again of its request means the same.
        4. Scope `service`: tokens of a new family. Scope `credential`: the key goes on from the code to the SAD.
        """
        text = _required(form, "code")
        hashed, at = hash_of(text), self._now()
        found = self._requests.behind_code(hashed) if hashed is not None else None
        if hashed is None or found is None or found.client_id != client.id:
            _refuse(_BAD_CODE)
        if found.code_used_at is not None:
            self._replayed(found, hashed, at)
        if found.code_expires_at is None or found.code_expires_at <= at:
            _refuse(_BAD_CODE)
        request = self._request(found, client)
        self._require_same(form, request, found)
        if request.scope == SERVICE:
            return self._family(client, found, hashed, at)
        return self._signing(found, request, text, hashed, at)

    def _replayed(self, found: Transaction, hashed: str, at: datetime) -> NoReturn:
        self._requests.replayed(found, at=at)
        behind = self._authorisations.behind_code(hashed)
        if behind is not None:
            self._authorisations.revoke(behind.id, at=at)
        _refuse(_BAD_CODE)

    def _request(self, found: Transaction, client: GrantingClient) -> AuthorizeRequest:
        """As it was asked; a client that may not ask so any more gets nothing."""
        try:
            to = read_destination(found.parameters, frozenset(), client)
            return read_request(found.parameters, frozenset(), client, to, self._rules)
        except (NoRedirect, OAuthRefused):
            _refuse("The client's registration has changed")

    def _require_same(self, form: Mapping[str, str], request: AuthorizeRequest, found: Transaction) -> None:
        """Steps 2 and 3."""
        given = form.get("redirect_uri")
        if given != request.redirect_uri and (given is not None or request.redirect_named):
            _refuse("redirect_uri is not the one of the request")
        if not verifier_fits(_required(form, "code_verifier"), request.challenge):
            _refuse("code_verifier does not fit")
        if "authorization_details" not in form:
            return
        granted = request.credential.details if request.credential is not None else None
        if granted is None or not read_details(form["authorization_details"]).means(granted, found.credential_id or ""):
            raise OAuthRefused("invalid_authorization_details", "authorization_details are not those that were granted")

    def _family(self, client: GrantingClient, found: Transaction, hashed: str, at: datetime) -> Granted:
        family = Family(
            id=self._random_bytes(_ID_BYTES).hex(),
            client_id=client.id,
            user_id=found.user_id or "",
            began_at=at,
            ends_at=at + self._lives.refresh,
        )
        access, refresh = new_secret(self._random_bytes, ACCESS), self._new_refresh(client)
        kept = self._kept(access, client, family.user_id, at)
        done = self._requests.exchange(
            hashed, at=at, family=family, access=kept, refresh_sha256=hash_of(refresh or "", REFRESH)
        )
        if not done:
            self._lost(hashed, at)
        return self._granted(access, refresh, kept, at)

    def _signing(self, found: Transaction, request: AuthorizeRequest, code: str, hashed: str, at: datetime) -> Granted:
        authorisation = self._authorisations.behind_code(hashed)
        asked = request.credential
        if authorisation is None or asked is None or authorisation.state is not AuthorisationState.APPROVED:
            _refuse(_BAD_CODE)
        sad = new_secret(self._random_bytes)
        carried = self._carried_on(authorisation, code, sad)
        expires_at, sad_sha256 = min(at + self._lives.credential, authorisation.hard_end), hash_of(sad) or ""
        if not self._requests.exchange(hashed, at=at) or not self._authorisations.exchange(
            authorisation.id, sad_sha256=sad_sha256, carried=carried, expires_at=expires_at, at=at
        ):
            self._lost(hashed, at)
        return Granted(
            access_token=sad,
            token_type=asked.token_type,
            seconds=int((expires_at - at).total_seconds()),
            scope=CREDENTIAL,
            credential_id=found.credential_id if asked.credential_id is None else None,
            details=() if asked.details is None else (asked.details.echo(authorisation.credential_id),),
        )

    def _carried_on(self, authorisation: Authorisation, code: str, sad: str) -> CarriedKey:
        """The key first: where the HSM fails nothing is used up, and the client may ask again."""
        if authorisation.carried is None:
            _refuse(_BAD_CODE)
        try:
            key = self._carrier.open_carried(authorisation.carried, Secret(code), owner=authorisation.id)
        except PassphraseWrong:
            _refuse(_BAD_CODE)
        return self._carrier.carry(key, Secret(sad), owner=authorisation.id)

    def _lost(self, hashed: str, at: datetime) -> NoReturn:
        """Somebody brought the same code in the same moment and was first: that is a second use."""
        found = self._requests.behind_code(hashed)
        if found is not None and found.code_used_at is not None:
            self._replayed(found, hashed, at)
        _refuse(_BAD_CODE)

    def refresh(self, client: GrantingClient, form: Mapping[str, str]) -> Granted:
        """Another refresh token and another access token, scope `service` (RFC 6749, 6)."""
        text = _required(form, "refresh_token")
        if form.get("scope", SERVICE).split() != [SERVICE]:
            raise OAuthRefused("invalid_scope", "A refresh token is of scope service")
        if SERVICE not in client.scopes or "refresh_token" not in client.grants:
            raise OAuthRefused("unauthorized_client", "The client may not use the refresh token grant")
        hashed, at = hash_of(text, REFRESH), self._now()
        access, refresh = new_secret(self._random_bytes, ACCESS), new_secret(self._random_bytes, REFRESH)
        new, kept = hash_of(refresh, REFRESH), self._kept(access, client, None, at)
        family = None
        if hashed is not None and new is not None:
            family = self._tokens.rotate(hashed, client_id=client.id, new_sha256=new, access=kept, at=at)
        if family is None:
            _refuse(_BAD_REFRESH)
        return self._granted(access, refresh, kept, at)

    def _new_refresh(self, client: GrantingClient) -> str | None:
        return new_secret(self._random_bytes, REFRESH) if "refresh_token" in client.grants else None

    def _kept(self, access: str, client: GrantingClient, user_id: str | None, at: datetime) -> IssuedToken:
        return IssuedToken(
            token_sha256=hash_of(access, ACCESS) or "",
            client_id=client.id,
            user_id=user_id,
            scopes=frozenset({SERVICE}),
            expires_at=at + self._lives.access,
        )

    def _granted(self, access: str, refresh: str | None, kept: IssuedToken, at: datetime) -> Granted:
        return Granted(
            access_token=access,
            token_type="Bearer",  # noqa: S106 - the name of a scheme
            seconds=int((kept.expires_at - at).total_seconds()),
            scope=SERVICE,
            refresh_token=refresh,
        )


def _required(form: Mapping[str, str], name: str) -> str:
    value = form.get(name)
    if value is None:
        raise OAuthRefused("invalid_request", f"Missing (or invalid type) string parameter {name}")
    return value


def _refuse(description: str) -> NoReturn:
    raise OAuthRefused("invalid_grant", description)
