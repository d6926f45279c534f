"""Pushed authorization requests (RFC 9126): all parameters are judged before any browser comes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.oauth.asking import AskingClient, AskRules, read_destination, read_request
from api.oauth.refusals import NoRedirect, OAuthRefused
from api.oauth.secrets import PUSHED, hash_of, new_secret
from store.oauth import SqlOAuthRequests
from store.oauth_model import PushedRequest

LASTS: Final = timedelta(seconds=90)
_NOT_KEPT: Final = ("client_secret", "client_assertion", "client_assertion_type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """The address of a pushed request; the only moment at which it exists here."""

    request_uri: str
    seconds: int

    def __repr__(self) -> str:
        return "Pushed(***)"


class Pushing:
    """Takes them in. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        requests: SqlOAuthRequests,
        rules: AskRules,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._requests = requests
        self._rules = rules
        self._now = now
        self._random_bytes = random_bytes

    def push(self, form: Mapping[str, str], client: AskingClient) -> Pushed:
        """Keep the parameters of an authenticated client. Raises `OAuthRefused` for what the authorization endpoint
        would refuse too, and for a `request_uri` among them (RFC 9126, 2.1)."""
        if "request_uri" in form:
            raise OAuthRefused("invalid_request", "Invalid parameter request_uri")
        asked = {name: value for name, value in form.items() if name not in _NOT_KEPT} | {"client_id": client.id}
        try:
            to = read_destination(asked, frozenset(), client)
        except NoRedirect:
            raise OAuthRefused("invalid_request", "Invalid parameter redirect_uri") from None
        read_request(asked, frozenset(), client, to, self._rules)
        uri = new_secret(self._random_bytes, PUSHED)
        hashed = hash_of(uri, PUSHED)
        if hashed is None:
            raise RuntimeError("a new address has not the form of one")
        expires_at = self._now() + LASTS
        self._requests.push(
            PushedRequest(uri_sha256=hashed, client_id=client.id, parameters=asked, expires_at=expires_at)
        )
        return Pushed(request_uri=uri, seconds=int(LASTS.total_seconds()))
