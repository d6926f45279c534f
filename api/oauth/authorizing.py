"""The authorization endpoint without its pages: read, kept, put before a person, decided, answered."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from api.oauth.answering import answered, refused
from api.oauth.asking import (
    SERVICE,
    AskingClient,
    AskRules,
    AuthorizeRequest,
    Destination,
    once,
    read_destination,
    read_request,
)
from api.oauth.refusals import NoRedirect, OAuthRefused
from api.oauth.secrets import PUSHED, hash_of, new_secret
from signer.activation import extra_time
from signer.activation_requests import Asked
from signer.authorisation import AuthorisedDigest
from signer.errors import CredentialUnknown, CredentialUnusable
from signer.model import Credential, Secret
from signer.opening import usable_credential
from signer.ports import CredentialStore
from store.audit import Origin, acting
from store.oauth import SqlOAuthRequests
from store.oauth_model import PushedRequest, ServiceConsent, Transaction, TransactionState
from store.oauth_tokens import SqlOAuthTokens

__all__ = ["Authorizing", "HashRequests", "Received", "SendTo", "Transaction"]

TRANSACTION: Final = timedelta(seconds=300)
CODE: Final = timedelta(seconds=60)
ORIGIN: Final = "oauth2"
_ID_BYTES: Final = 16
_NO_CREDENTIAL: Final = "Invalid parameter credentialID"


class HashRequests(Protocol):
    """`signer.activation_requests.ActivationRequests`, as far as digests alone are concerned."""

    def ask_hashes(
        self,
        client_id: str,
        credential_id: str,
        digests: Sequence[AuthorisedDigest],
        /,
        *,
        origin: str,
        description: str | None,
    ) -> Asked: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request whose parameters are in order; no browser has opened it yet."""

    parameters: Mapping[str, str]
    request: AuthorizeRequest
    pushed: PushedRequest | None


@dataclass(frozen=True, slots=True)
class SendTo:
    """The browser's way is to this address of the client."""

    url: str

    def __repr__(self) -> str:
        return "SendTo(***)"  # it may hold a code


class Authorizing:
    """What the pages stand before. `own`: a person's credentials; `now` gives aware UTC."""

    def __init__(
        self,
        *,
        requests: SqlOAuthRequests,
        tokens: SqlOAuthTokens,
        active: Callable[[str], AskingClient | None],
        asking: HashRequests,
        credentials: CredentialStore,
        own: Callable[[str], Sequence[Credential]],
        rules: AskRules,
        issuer: str,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        lasts: timedelta = TRANSACTION,
    ) -> None:
        self._requests = requests
        self._tokens = tokens
        self._active = active
        self._asking = asking
        self._credentials = credentials
        self._own = own
        self._rules = rules
        self._issuer = issuer
        self._now = now
        self._random_bytes = random_bytes
        self._lasts = lasts

    def receive(self, pairs: Sequence[tuple[str, str]]) -> Received | SendTo:
        """The request of these parameters, or the way back to the client with what is wrong with it.

        Raises `NoRedirect` where nothing may be sent anywhere: `client`, `redirect`, `request-uri`.
        """
        found, doubled = once(pairs)
        client = self._active(found.get("client_id", ""))
        pushed = None
        if "request_uri" in found:
            pushed = self._pushed(found["request_uri"], doubled, client)
            found, doubled = dict(pushed.parameters), frozenset()
        to = read_destination(found, doubled, client)
        if client is None:  # it is told above
            raise NoRedirect("client")
        try:
            request = read_request(found, doubled, client, to, self._rules)
        except OAuthRefused as error:
            return SendTo(refused(to, self._issuer, error))
        return Received(parameters=found, request=request, pushed=pushed)

    def _pushed(self, uri: str, doubled: frozenset[str], client: AskingClient | None) -> PushedRequest:
        """Parameters beside it are ignored; the pushed ones count."""
        hashed = hash_of(uri, PUSHED)
        pushed = self._requests.pushed(hashed) if hashed is not None else None
        if client is None or "client_id" in doubled:
            raise NoRedirect("client")
        if pushed is None or pushed.client_id != client.id or "request_uri" in doubled:
            raise NoRedirect("request-uri")
        if pushed.transaction_id is None and pushed.expires_at <= self._now():
            raise NoRedirect("request-uri")
        return pushed

    def begin(self, received: Received, *, session: str) -> Transaction:
        """Bound to this browser from now on. A pushed request that this browser opened already is the same one.

        Raises `NoRedirect` for a pushed request that somebody else opened, or whose transaction has ended.
        """
        pushed, at = received.pushed, self._now()
        if pushed is not None and pushed.transaction_id is not None:
            return self._reopened(pushed.transaction_id, session)
        asked = received.request.credential
        extra = extra_time(len(asked.digests)) if asked is not None else timedelta()
        transaction = Transaction(
            id=self._random_bytes(_ID_BYTES).hex(),
            client_id=received.request.client_id,
            parameters=received.parameters,
            session=session,
            state=TransactionState.OPEN,
            asked_at=at,
            expires_at=at + self._lasts + extra,
        )
        if not self._requests.begin(transaction, pushed=None if pushed is None else pushed.uri_sha256):
            raise NoRedirect("request-uri")
        return transaction

    def _reopened(self, transaction_id: str, session: str) -> Transaction:
        found = self.find(transaction_id, session=session)
        if found is None or not found.is_open(self._now()):
            raise NoRedirect("request-uri")
        return found

    def find(self, transaction_id: str, *, session: str | None) -> Transaction | None:
        """One that this browser opened, in whatever state; another browser's is not there."""
        found = self._requests.get(transaction_id)
        return found if found is not None and session is not None and found.session == session else None

    def rebind(self, transaction: Transaction, *, session: str) -> None:
        """The same browser, with the secret of a new login."""
        self._requests.rebind(transaction.id, old=transaction.session, new=session)

    def is_open(self, transaction: Transaction) -> bool:
        """Whether it can still be decided."""
        return transaction.is_open(self._now())

    def request_of(self, transaction: Transaction) -> AuthorizeRequest:
        """What is asked, from what is stored. Raises `NoRedirect` and `OAuthRefused` where the client's registration
        does not allow it any more."""
        client = self._active(transaction.client_id)
        to = read_destination(transaction.parameters, frozenset(), client)
        if client is None:
            raise NoRedirect("client")
        return read_request(transaction.parameters, frozenset(), client, to, self._rules)

    def holder(self, request: AuthorizeRequest) -> str | None:
        """Whose the named credential is, for a login with a code alone; never told to anybody."""
        named = request.credential.credential_id if request.credential is not None else None
        found = self._credentials.get(named) if named is not None and _is_id(named) else None
        return None if found is None or found.is_seal else found.signatory.id

    def choices(self, request: AuthorizeRequest, user_id: str) -> tuple[Credential, ...]:
        """The person's credentials that it can be about: the named one, or every one that may sign now.

        Raises `OAuthRefused`: unknown, a seal and another person's alike.
        """
        asked = request.credential
        if asked is None or asked.credential_id is None:
            usable = tuple(each for each in self._own(user_id) if self._usable(each.id))
            if not usable:
                raise OAuthRefused("invalid_request", "Invalid parameter signatureQualifier")
            return usable
        found = self._credentials.get(asked.credential_id) if _is_id(asked.credential_id) else None
        if found is None or found.is_seal or found.signatory.id != user_id:
            raise OAuthRefused("invalid_request", _NO_CREDENTIAL)
        if not self._usable(found.id):
            raise OAuthRefused("invalid_request", "The credential identified by credentialID is disabled")
        return (found,)

    def put_before(
        self, transaction: Transaction, request: AuthorizeRequest, *, user_id: str, credential_id: str
    ) -> Transaction:
        """The person is asked about exactly these digests, with this credential of theirs; asked already, the same.

        Raises `OAuthRefused` for a credential that is not theirs or may not sign.
        """
        asked = request.credential
        if asked is None or credential_id not in {each.id for each in self.choices(request, user_id)}:
            raise OAuthRefused("invalid_request", _NO_CREDENTIAL)
        if transaction.request_id is None:
            new = self._asking.ask_hashes(
                request.client_id,
                credential_id,
                asked.digests,
                origin=f"{ORIGIN} {asked.named}",
                description=asked.description,
            )
            with _person(user_id):
                self._requests.put_before(
                    transaction.id,
                    session=transaction.session,
                    user_id=user_id,
                    credential_id=credential_id,
                    request_id=new.request.id,
                    at=self._now(),
                )
        return self._requests.get(transaction.id) or transaction

    def consented(self, transaction: Transaction, user_id: str) -> bool:
        """Whether the person let this application call in their name before."""
        return self._tokens.consented(transaction.client_id, user_id)

    def approve_service(self, transaction: Transaction, request: AuthorizeRequest, *, user_id: str) -> SendTo | None:
        """Scope `service`: remembered, and a code; `None` where the transaction has ended."""
        if request.scope != SERVICE:
            raise ValueError("a signature is approved with factors")
        given = ServiceConsent(client_id=transaction.client_id, user_id=user_id, given_at=self._now())
        if not self.is_open(transaction):
            return None
        with _person(user_id):
            self._tokens.consent(given)
        return self._approved(transaction, request, user_id, self._new_code())

    def approve_credential(
        self,
        transaction: Transaction,
        request: AuthorizeRequest,
        *,
        user_id: str,
        prove: Callable[[str, Secret], object],
    ) -> SendTo | None:
        """`prove(request_id, code)` tries the factors and carries the key on under the code; whatever it raises goes
        through. `None` where the transaction has ended."""
        if transaction.request_id is None or not self.is_open(transaction):
            return None
        code = self._new_code()
        prove(transaction.request_id, Secret(code))
        return self._approved(transaction, request, user_id, code)

    def fail(
        self, transaction: Transaction, request: AuthorizeRequest, error: OAuthRefused, *, user_id: str | None
    ) -> SendTo | None:
        """It ends, and the client hears why; `None` where it had ended before."""
        with _person(user_id):
            ended = self._requests.end(
                transaction.id, session=transaction.session, user_id=user_id, reason=error.error, at=self._now()
            )
        return SendTo(refused(_destination(request), self._issuer, error)) if ended else None

    def _new_code(self) -> str:
        return new_secret(self._random_bytes)

    def _approved(self, transaction: Transaction, request: AuthorizeRequest, user_id: str, code: str) -> SendTo | None:
        at, hashed = self._now(), hash_of(code)
        with _person(user_id):
            done = hashed is not None and self._requests.approve(
                transaction.id,
                session=transaction.session,
                user_id=user_id,
                code_sha256=hashed,
                expires_at=at + CODE,
                at=at,
            )
        return SendTo(answered(_destination(request), self._issuer, code=code)) if done else None

    def _usable(self, credential_id: str) -> bool:
        try:
            usable_credential(self._credentials, credential_id, at=self._now())
        except (CredentialUnknown, CredentialUnusable):
            return False
        return True


def _person(user_id: str | None) -> AbstractContextManager[None]:
    """Every entry of the trail names who decided."""
    return acting(Origin(actor=user_id or "signatory", role="signatory"))


def _destination(request: AuthorizeRequest) -> Destination:
    return Destination(
        client_id=request.client_id,
        redirect_uri=request.redirect_uri,
        redirect_named=request.redirect_named,
        state=request.state,
    )


def _is_id(text: str) -> bool:
    """Whether it can be a credential's; a stranger's text does not reach the database."""
    return text.isascii() and text.isprintable() and len(text) <= 64
