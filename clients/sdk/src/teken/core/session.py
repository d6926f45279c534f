"""One request from beginning to end: token, key, attempts, answer. Nothing here has a connection or reads a clock."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from teken.core import operations
from teken.core.content import Content, Plain
from teken.core.receiving import Answer, Download
from teken.core.retries import Patience, Retries
from teken.core.steps import NoAnswer, Send, Steps, Wait
from teken.core.wire import Operation
from teken.errors import AnswerUnreadable, TekenError, Unauthorised, Unavailable, error_of
from teken.login import Asking, Login
from teken.types import TokenBody

RENEWED_BEFORE: Final = 30
"""Seconds before its end from which on a token is not used any more."""

WHILE_ASKED: Final = 0.02
"""Seconds between two looks at whether another call has the new token."""

JSON: Final = "application/json"

_log = logging.getLogger("teken")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Time and randomness, passed in."""

    monotonic: Callable[[], float]
    """Seconds of a clock that never goes back."""
    seconds_since_1970: Callable[[], float]
    random: Callable[[], float]
    """From 0 up to 1."""
    new_name: Callable[[], str]
    """One that was never used before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an operation."""

    operation: Operation
    path: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    """`None` is left out, a list is given several times."""
    content: Content | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    """The `Idempotency-Key`; a new one where it is absent."""
    harmless: bool = False
    """Whether it may be sent again without a key, because it changes nothing, or the second time nothing more."""
    also: Collection[int] = ()
    """Statuses besides 2xx that are no errors."""

    @property
    def address(self) -> str:
        """Path and query."""
        path = self.operation.path.format(**{name: quote(str(value), safe="") for name, value in self.path.items()})
        query = urlencode({name: value for name, value in self.query.items() if value is not None}, doseq=True)
        return f"{path}?{query}" if query else path

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again."""
        return self.harmless or self.operation.method == "GET" or self.operation.keyed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    text: str = field(repr=False)
    until: float
    """When it is not used any more."""


class Session:
    """What one client remembers from request to request: its access token."""

    def __init__(
        self, login: Login | None, *, base: str, scopes: Collection[str], retries: Retries, outside: Outside
    ) -> None:
        self.outside = outside
        self._login = login
        self._base = base
        self._scopes = scopes
        self._retries = retries
        self._token: _Token | None = None
        self._asking = False

    def told(self, call: Call, kind: type[T]) -> Steps[T]:
        """The answer of a call as `kind`."""
        answer = yield from self.ask(call)
        return read(answer, kind)

    def ask(self, call: Call, receiver: Answer | None = None) -> Steps[Answer]:
        """Carry a call out.

        1. An access token, new where there is none or its end is near.
        2. An `Idempotency-Key`, where the operation takes one.
        3. Attempts, until there is an answer or patience ends.
        4. Where the token was refused: once more with a new one; it was not carried out.

        Raises `TekenError`.
        """
        receiver = receiver or Answer()
        if call.operation.keyed and call.key is None:
            call = replace(call, key=self.outside.new_name())
        known = self._token
        token = yield from self._access_token(call)
        try:
            return (yield from self._attempts(lambda: call, receiver, token))
        except Unauthorised:
            if token is None or token is not known:
                raise  # it was new
        if self._token is token:
            self._token = None
        return (yield from self._attempts(lambda: call, receiver, (yield from self._access_token(call))))

    def _access_token(self, call: Call) -> Steps[_Token | None]:
        """The token to be used; calls that run side by side wait for the one of them that asks for a new one."""
        if call.operation.open or self._login is None:
            return None
        while self._asking:
            yield Wait(WHILE_ASKED)
        if self._token is None or self.outside.monotonic() >= self._token.until:
            self._asking = True
            try:
                self._token = yield from self._new_token(self._login)
            finally:
                self._asking = False
        return self._token

    def _new_token(self, login: Login) -> Steps[_Token]:
        asked = self.outside.monotonic()
        answer = yield from self._attempts(lambda: self._asking_for_token(login), Answer(), None)
        body = read(answer, TokenBody)
        until = asked + max(body.expires_in - RENEWED_BEFORE, body.expires_in / 2)
        return _Token(text=body.access_token, until=until)

    def _asking_for_token(self, login: Login) -> Call:
        """Proven anew for each attempt: an assertion is good once."""
        asking = Asking(
            at=self.outside.seconds_since_1970(),
            name=self.outside.new_name(),
            token_url=f"{self._base}{operations.ISSUE_TOKEN.path}",
        )
        form, headers = login.prove(asking)
        fields = {"grant_type": "client_credentials", **form}
        if self._scopes:
            fields["scope"] = " ".join(self._scopes)
        content = Plain(urlencode(fields).encode(), "application/x-www-form-urlencoded")
        return Call(operation=operations.ISSUE_TOKEN, content=content, headers=headers, harmless=True)

    def _attempts(self, attempt: Callable[[], Call], receiver: Answer, token: _Token | None) -> Steps[Answer]:
        patience = Patience(self._retries, now=self.outside.monotonic, random=self.outside.random)
        while True:
            call = attempt()
            try:
                yield self._send(call, receiver, token)
            except NoAnswer as error:
                failed: TekenError = Unavailable(f"No answer: {error}.")
                wait = patience.after(error, repeatable=call.repeatable)
            except AnswerUnreadable as error:
                failed, wait = error, None
            else:
                if receiver.ok or receiver.status in call.also:
                    return receiver
                failed = error_of(receiver.status, receiver.headers, receiver.body)
                wait = patience.after(failed, repeatable=call.repeatable)
            if wait is None:
                failed.idempotency_key = call.key
                raise failed
            _log.info("%s %s again in %.1f s", call.operation.method, call.operation.path, wait)
            yield Wait(wait)

    def _send(self, call: Call, receiver: Answer, token: _Token | None) -> Send:
        headers = {"Accept": JSON, **call.headers}
        if token is not None:
            headers["Authorization"] = f"Bearer {token.text}"
        if call.key is not None:
            headers["Idempotency-Key"] = call.key
        if call.content is not None:
            headers["Content-Type"] = call.content.media_type
        if isinstance(receiver, Download):
            headers |= {"Accept-Encoding": "identity", **receiver.headers_to_go_on()}
        return Send(
            method=call.operation.method, path=call.address, headers=headers, content=call.content, receiver=receiver
        )


def json_content(body: Any) -> Plain:
    """A body as JSON."""
    return Plain(msgspec.json.encode(body), JSON)


def read(answer: Answer, kind: type[T]) -> T:
    """The JSON of an answer; raises `AnswerUnreadable`."""
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AnswerUnreadable(f"The answer is not a {kind.__name__}: {error}") from None
