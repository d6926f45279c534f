"""The authorization server, built once from the settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from api.oauth.allowing import Applications
from api.oauth.asking import AskRules
from api.oauth.assertions import ALGORITHMS
from api.oauth.authorizing import Authorizing, HashRequests
from api.oauth.bearers import Bearers
from api.oauth.client_authentication import ClientRegistry
from api.oauth.granting import Granting, Lifetimes
from api.oauth.metadata import metadata
from api.oauth.methods import AuthMethod
from api.oauth.pushing import Pushing
from api.oauth.revoking import AccessTokens, Revoking
from api.settings import OAuthSettings, Settings
from signer.authorisation import Authorisations, KeyCarrier
from signer.model import Credential
from signer.ports import CredentialStore
from store.database import Database
from store.oauth import SqlOAuthRequests
from store.oauth_tokens import SqlOAuthTokens


class Registry(ClientRegistry, AccessTokens, Protocol):
    """Registered applications and their access tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthServices:
    """The authorization server behind its endpoints."""

    issuer: str
    granting: Granting
    pushing: Pushing
    revoking: Revoking
    bearers: Bearers
    document: Mapping[str, Any]
    """RFC 8414."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthPages:
    """The same behind the pages for people."""

    authorizing: Authorizing
    applications: Applications


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthGround:
    """What it stands on. `now` gives aware UTC, `random_bytes` a CSPRNG's octets."""

    database: Database
    clients: Registry
    authorisations: Authorisations
    carrier: KeyCarrier
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleGround:
    """What its pages stand on besides. `own`: a person's credentials; `client_name`: as people read it."""

    credentials: CredentialStore
    own: Callable[[str], Sequence[Credential]]
    client_name: Callable[[str], str]
    asking: HashRequests


def build_oauth(settings: Settings, ground: OAuthGround) -> OAuthServices:
    """Over the same database as consent and signing."""
    requests, tokens = SqlOAuthRequests(ground.database), SqlOAuthTokens(ground.database)
    now, random_bytes, own = ground.now, ground.random_bytes, settings.oauth
    rules = _rules(settings)
    lifetimes = Lifetimes(access=timedelta(minutes=own.token_minutes), refresh=timedelta(hours=own.refresh_hours))
    return OAuthServices(
        issuer=settings.issuer,
        granting=Granting(
            requests=requests,
            tokens=tokens,
            authorisations=ground.authorisations,
            carrier=ground.carrier,
            rules=rules,
            lifetimes=lifetimes,
            now=now,
            random_bytes=random_bytes,
        ),
        pushing=Pushing(requests=requests, rules=rules, now=now, random_bytes=random_bytes),
        revoking=Revoking(access=ground.clients, refresh=tokens, authorisations=ground.authorisations, now=now),
        bearers=Bearers(tokens=tokens, authorisations=ground.authorisations, active=ground.clients.active, now=now),
        document=metadata(settings.issuer, methods=_methods(own), algorithms=ALGORITHMS),
    )


def oauth_pages(settings: Settings, ground: OAuthGround, people: PeopleGround) -> OAuthPages:
    """The same for people."""
    tokens = SqlOAuthTokens(ground.database)
    authorizing = Authorizing(
        requests=SqlOAuthRequests(ground.database),
        tokens=tokens,
        active=ground.clients.active,
        asking=people.asking,
        credentials=people.credentials,
        own=people.own,
        rules=_rules(settings),
        issuer=settings.issuer,
        now=ground.now,
        random_bytes=ground.random_bytes,
        lasts=timedelta(seconds=settings.factors.transaction_seconds),
    )
    applications = Applications(tokens=tokens, client_name=people.client_name, now=ground.now)
    return OAuthPages(authorizing=authorizing, applications=applications)


def _rules(settings: Settings) -> AskRules:
    qualifiers = frozenset(settings.oauth.signature_qualifiers)
    return AskRules(most=settings.factors.documents, qualifiers=qualifiers)


def _methods(settings: OAuthSettings) -> list[str]:
    """Certificates authenticate nobody where no proxy passes them on."""
    tls = {AuthMethod.TLS, AuthMethod.SELF_SIGNED_TLS} if settings.certificate_header is None else set()
    return [each.value for each in AuthMethod if each not in tls]
