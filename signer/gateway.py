"""Calls at the gateway that may be repeated: the same call within minutes is answered as the first one was.

A client that heard nothing asks again, and must not get a second registered document. Whoever repeats a call proves the
signer's secret again; who comes while the first one is at work waits for it.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, Protocol

from signer.document import Document
from signer.errors import KeyUnavailable, RequestBegun
from signer.model import SignatureRecord, SigningState, SigningTask, TagPlace

LOST_AFTER: Final = timedelta(minutes=2)
"""A call that is at work for so long was cut off with its process."""
_POLL_SECONDS: Final = 0.05
_ID_BYTES: Final = 16
_CONTEXT: Final = "teken/gateway/1"
_NEVER_ALIKE: Final = frozenset({"passphrase", "document", "request_key", "flow"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRequest:
    """One signing that was asked for."""

    id: str
    """`id_dokumen`: random, and no verification code."""
    user_name: str
    """Of the API credential."""
    likeness: str | None
    """What a repeated call has in common with it (hex); `None` as soon as it is over."""
    begun_at: datetime
    repeatable_until: datetime
    code: str | None = None
    """Long verification code of the signing; present exactly when it is done."""
    note: str | None = None
    """What the first answer said of the place of its mark."""
    fetched_at: datetime | None = None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A signed document under its gateway's id."""

    id: str
    document: Document
    record: SignatureRecord
    note: str | None


class GatewayRequestStore(Protocol):
    """What is remembered of them."""

    def begin(self, request: GatewayRequest, /) -> GatewayRequest | None:
        """`None` where this one begins now; else the one with the same likeness that began before it."""
        ...

    def get(self, request_id: str, /) -> GatewayRequest | None: ...

    def finish(self, request_id: str, /, *, code: str, note: str | None) -> None: ...

    def release(self, request_id: str, /) -> None:
        """Nothing was signed: the same call begins anew."""
        ...

    def fetched(self, request_id: str, /, *, at: datetime) -> None: ...


class SignedRecords(Protocol):
    """The part of `signer.ports.SignatureLog` that reads."""

    def find(self, code: str, /) -> SignatureRecord | None: ...

    def of_request(self, request_key: str, /) -> SignatureRecord | None:
        """The signing of that request which did not fail."""
        ...


class KeptDocuments(Protocol):
    """The reading half of the vault."""

    def open(self, sha256: str, /) -> Document | None: ...


class Signed(Protocol):
    """`signer.model.SignedDocument`."""

    @property
    def document(self) -> Document: ...

    @property
    def record(self) -> SignatureRecord: ...

    @property
    def tag(self) -> TagPlace | None: ...


class GatewayCalls:
    """Carries each call out once. Safe in several threads and processes; `now` gives aware UTC, `wait` sleeps."""

    def __init__(
        self,
        store: GatewayRequestStore,
        *,
        log: SignedRecords,
        vault: KeptDocuments,
        kept: timedelta,
        now: Callable[[], datetime],
        wait: Callable[[float], None],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """`kept`: how long a document waits to be downloaded."""
        self._store = store
        self._log = log
        self._vault = vault
        self._kept = kept
        self._now = now
        self._wait = wait
        self._random_bytes = random_bytes

    def carry_out(
        self,
        user_name: str,
        likeness: str,
        *,
        within: timedelta,
        patience: timedelta,
        sign: Callable[[str], Signed],
        prove: Callable[[], object],
        placed: Callable[[], TagPlace | None] = lambda: None,
    ) -> Answered:
        """What `sign` gives, or what the same call within `within` got before it.

        `sign` takes the request's key for the log of signatures; `prove` checks the caller's secrets again, or raises;
        `placed` looks up where the mark's tag is, for an answer whose process ended before it could tell.
        Who waits longer than `patience` for the first call gets `RequestBegun`.
        """
        until = self._now() + patience
        proven = False
        while True:
            mine = self._new(user_name, likeness, within)
            before = self._store.begin(mine)
            if before is None:
                return self._first(mine, sign)
            if not proven:
                prove()
                proven = True
            answer = self._of(before, until, placed)
            if answer is not None:
                return answer

    def of(self, request: GatewayRequest) -> Answered | None:
        """The document of a call that is done; `None` where it is not, or nothing is kept any more."""
        record = self._log.find(request.code) if request.code is not None else None
        return None if record is None else self._answered(request, record)

    def find(self, request_id: str, user_name: str) -> GatewayRequest | None:
        """A call that is done, whose document that credential has not fetched yet."""
        found = self._store.get(request_id)
        if found is None or found.user_name != user_name or found.code is None or found.fetched_at is not None:
            return None
        return found if found.expires_at > self._now() else None

    def fetched(self, request: GatewayRequest) -> None:
        """Its document was handed over: it is not handed over again."""
        self._store.fetched(request.id, at=self._now())

    def _new(self, user_name: str, likeness: str, within: timedelta) -> GatewayRequest:
        at = self._now()
        return GatewayRequest(
            id=self._random_bytes(_ID_BYTES).hex(),
            user_name=user_name,
            likeness=likeness,
            begun_at=at,
            repeatable_until=at + within,
            expires_at=at + max(within, self._kept),
        )

    def _first(self, request: GatewayRequest, sign: Callable[[str], Signed]) -> Answered:
        try:
            signed = sign(_key_of(request))
        except BaseException:
            self._store.release(request.id)
            raise
        note = _note(signed.tag)
        self._store.finish(request.id, code=signed.record.intent.code.token, note=note)
        return Answered(id=request.id, document=signed.document, record=signed.record, note=note)

    def _of(self, before: GatewayRequest, until: datetime, placed: Callable[[], TagPlace | None]) -> Answered | None:
        """The answer of the call `before`, waited for; `None` where it came to nothing."""
        request: GatewayRequest | None = before
        while request is not None:
            if request.code is not None:
                answer = self.of(request)
                if answer is None:
                    raise KeyUnavailable("the log or the vault lacks a document that was signed at the gateway")
                return answer
            if self._now() - request.begun_at >= LOST_AFTER:
                return self._taken_up(request, placed)
            if self._now() >= until:
                raise RequestBegun("The same call is at work.", field="file", reason="in-progress")
            self._wait(_POLL_SECONDS)
            request = self._store.get(request.id)
        return None

    def _taken_up(self, request: GatewayRequest, placed: Callable[[], TagPlace | None]) -> Answered | None:
        """A call whose process ended before it could tell: what the log knows of it counts."""
        record = self._log.of_request(_key_of(request))
        if record is None:
            self._store.release(request.id)
            return None
        if record.outcome is None:
            raise RequestBegun("The same call was cut off.", field="file", reason="in-progress")
        told = replace(request, note=_note(placed()))
        self._store.finish(request.id, code=record.intent.code.token, note=told.note)
        return self._answered(told, record)

    def _answered(self, request: GatewayRequest, record: SignatureRecord) -> Answered | None:
        outcome = record.outcome
        if outcome is None or outcome.state is not SigningState.SIGNED or outcome.document_sha256 is None:
            return None
        document = self._vault.open(outcome.document_sha256)
        return (
            None if document is None else Answered(id=request.id, document=document, record=record, note=request.note)
        )


def _note(tag: TagPlace | None) -> str | None:
    """What an answer says of the place of its mark."""
    return None if tag is None else f"page={tag.page}; matches={tag.matches}"


def likeness_of(user_name: str, signatory_id: str, task: SigningTask, *, key: str | None = None) -> str:
    """What makes two calls the same, hex: who asks, who signs, the document, and everything said about it.

    `key`: an `Idempotency-Key`; calls with different keys are different.
    """
    said = {each.name: getattr(task, each.name) for each in fields(task) if each.name not in _NEVER_ALIKE}
    told = [_CONTEXT, user_name, signatory_id, Document.of(task.document).sha256, key, said]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, Enum):
        return value.name
    return str(value)


def _key_of(request: GatewayRequest) -> str:
    """The name of a call in the log of signatures."""
    return hashlib.sha256(f"{_CONTEXT}\n{request.id}".encode()).hexdigest()
