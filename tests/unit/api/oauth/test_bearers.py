"""Who stands behind a bearer token, and which of the two answers a bad one gets."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from api.oauth.bearers import Bearer, BearerOver, Bearers, BearerUnknown
from api.oauth.secrets import hash_of
from signer.authorisation import Authorisation, AuthorisationKind, AuthorisationState, AuthorisedDigest
from store.oauth_model import IssuedToken

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOKEN, SAD = "tk_" + "t" * 43, "s" * 43
SERVICE = IssuedToken(
    token_sha256=hash_of(TOKEN, "tk_") or "",
    client_id="e-office",
    user_id="WAYAN",
    scopes=frozenset({"service"}),
    expires_at=NOON + MINUTE,
)
SIGNING = Authorisation(
    id="a" * 64,
    credential_id="kredensial-1",
    client_id="e-office",
    user_id="WAYAN",
    kind=AuthorisationKind.OAUTH2CODE,
    scal=2,
    total=1,
    digests=(AuthorisedDigest(value="0" * 64),),
    factors=("passphrase", "totp"),
    origin="oauth2 hashes",
    state=AuthorisationState.ACTIVE,
    granted_at=NOON - MINUTE,
    expires_at=NOON + MINUTE,
    hard_end=NOON + MINUTE,
)


@dataclass(frozen=True)
class App:
    id: str = "e-office"
    scopes: frozenset[str] = frozenset({"service", "credential"})
    redirect_uris: tuple[str, ...] = ()
    grants: frozenset[str] = frozenset()
    networks: tuple[str, ...] = ()


@dataclass
class Known:
    """What the two stores remember."""

    token: IssuedToken = SERVICE
    authorisation: Authorisation = SIGNING
    app: App | None = field(default_factory=App)

    def find(self, token_sha256: str) -> IssuedToken | None:
        return self.token if token_sha256 == self.token.token_sha256 else None

    def behind(self, sad_sha256: str) -> Authorisation | None:
        return self.authorisation if sad_sha256 == hash_of(SAD) else None

    def active(self, _client_id: str) -> App | None:
        return self.app


def of(text: str, known: Known | None = None, address: str | None = None) -> Bearer:
    stores = known or Known()
    return Bearers(tokens=stores, authorisations=stores, active=stores.active, now=lambda: NOON).of(text, address)


def test_a_service_token_says_whose_login_stands_behind_it() -> None:
    assert of(TOKEN) == Bearer(
        client_id="e-office", user_id="WAYAN", scope="service", scopes=frozenset({"service"}), authorisation=None
    )
    assert of(TOKEN, Known(token=replace(SERVICE, user_id=None))).user_id is None


def test_a_credential_token_is_the_sad() -> None:
    bearer = of(SAD)

    assert (bearer.scope, bearer.user_id, bearer.authorisation) == ("credential", "WAYAN", SIGNING)


@pytest.mark.parametrize("text", ["", "x", "tk_" + "x" * 43, "x" * 43, "tk_" + "t" * 42, TOKEN + "=", "ü" * 43])
def test_an_unknown_token(text: str) -> None:
    with pytest.raises(BearerUnknown):
        of(text)


@pytest.mark.parametrize(
    "known",
    [
        Known(token=replace(SERVICE, expires_at=NOON)),
        Known(token=replace(SERVICE, revoked_at=NOON - MINUTE)),
    ],
)
def test_a_service_token_that_is_over(known: Known) -> None:
    with pytest.raises(BearerOver):
        of(TOKEN, known)


@pytest.mark.parametrize(
    "authorisation",
    [
        replace(SIGNING, expires_at=NOON),
        replace(SIGNING, state=AuthorisationState.SPENT, used=1),
        replace(SIGNING, state=AuthorisationState.REVOKED),
    ],
)
def test_a_credential_token_that_is_over(authorisation: Authorisation) -> None:
    with pytest.raises(BearerOver):
        of(SAD, Known(authorisation=authorisation))


@pytest.mark.parametrize(
    "known",
    [
        Known(authorisation=replace(SIGNING, kind=AuthorisationKind.CLIENT)),
        Known(app=None),
        Known(app=App(scopes=frozenset({"service"}))),
    ],
)
def test_what_opens_no_door_by_itself(known: Known) -> None:
    """The SAD of a seal; a client that is disabled, or may not sign any more."""
    with pytest.raises(BearerUnknown):
        of(SAD, known)


def test_a_token_of_the_interface_v1_is_for_another_door() -> None:
    with pytest.raises(BearerUnknown):
        of(TOKEN, Known(token=replace(SERVICE, scopes=frozenset({"signature:create"}))))


@pytest.mark.parametrize("text", [TOKEN, SAD])
def test_a_token_is_unknown_where_its_client_does_not_come_from(text: str) -> None:
    known = Known(app=App(networks=("192.0.2.0/24", "2001:db8::/32")))
    for address in ("192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"):
        assert of(text, known, address).client_id == "e-office"
    for address in ("198.51.100.7", "2001:db9::1", "", None):
        with pytest.raises(BearerUnknown):
            of(text, known, address)
