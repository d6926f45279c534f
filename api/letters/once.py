"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request under a key is carried out once.

The same key with the same request gets the same answer, with another request 422, while it is carried out 409. What
was refused or failed did nothing, so its key is free again. Keys belong to their client and expire by setting; secrets
are left out of what is compared, so nothing kept here helps to guess them.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import msgspec
from litestar.datastructures import Headers

from api.problems import INVALID_REQUEST, KEY_IN_USE, KEY_REUSED, RequestRefused
from signer.document import Content, Document
from signer.model import Secret

HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r'"?([\x21\x23-\x5b\x5d-\x7e]{1,255})"?')
_NEVER_COMPARED: Final = frozenset({"nip"})  # 18 digits are quickly tried, so no hash without a key is kept


class Kept(Protocol):
    """`store.idempotency.KeptRequest`."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def begun_at(self) -> datetime: ...

    @property
    def status(self) -> int | None: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


class RequestStore(Protocol):
    """`store.idempotency.SqlRequests`."""

    def begin(self, client_id: str, key: str, fingerprint: str, *, at: datetime, expires_at: datetime) -> bool: ...

    def take_over(self, client_id: str, key: str, *, begun_at: datetime, at: datetime) -> bool: ...

    def find(self, client_id: str, key: str) -> Kept | None: ...

    def finish(self, client_id: str, key: str, *, status: int, headers: Mapping[str, str], body: bytes) -> None: ...

    def release(self, client_id: str, key: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer, as it is kept."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Once:
    """Carries requests out once. Safe in several threads and processes; `now` gives aware UTC."""

    def __init__(
        self, store: RequestStore, *, life: timedelta, lost_after: timedelta, now: Callable[[], datetime]
    ) -> None:
        """`lost_after`: a request that began so long ago and never ended was interrupted, and may be taken up again."""
        self._store = store
        self._life = life
        self._lost_after = lost_after
        self._now = now

    def carry_out(self, client_id: str, key: str, fingerprint: str, act: Callable[[], Told]) -> Told:
        """The answer of `act`, or that of the same request before. Raises `RequestRefused` and as `act`."""
        at = self._now()
        if not self._store.begin(client_id, key, fingerprint, at=at, expires_at=at + self._life):
            kept = self._store.find(client_id, key)
            if kept is None:
                raise _in_use()  # it was given free at this very moment
            if kept.fingerprint != fingerprint:
                raise RequestRefused(
                    KEY_REUSED, "This key belongs to another request of yours.", field=HEADER, reason="reused"
                )
            if kept.status is not None:
                return Told(status=kept.status, headers=kept.headers, body=kept.body)
            if at - kept.begun_at < self._lost_after or not self._store.take_over(
                client_id, key, begun_at=kept.begun_at, at=at
            ):
                raise _in_use()
        try:
            told = act()
        except BaseException:
            self._store.release(client_id, key)
            raise
        self._store.finish(client_id, key, status=told.status, headers=told.headers, body=told.body)
        return told


def key_of(headers: Headers) -> str | None:
    """The key of a request; `None` where it has none. Refuses with 400 what is none."""
    given = headers.getall(HEADER.lower(), [])
    if not given:
        return None
    found = _KEY.fullmatch(given[0].strip())
    if len(given) > 1 or found is None:
        raise RequestRefused(
            INVALID_REQUEST, "Send one key of 1 to 255 printable characters.", field=HEADER, reason="bad-key"
        )
    return found[1]


def request_key(client_id: str, key: str) -> str:
    """The name of a signing request in the log of signatures, hex."""
    return hashlib.sha256(f"{client_id}\n{key}".encode()).hexdigest()


def fingerprint_of(
    operation: Iterable[str],
    body: Any,
    document: Content = b"",
    *,
    hidden: Callable[[Secret], str | None] = lambda _: None,
) -> str:
    """What makes two requests the same: where they go, what they say without its secrets, and the document. Hex.

    `hidden`: what stands for a secret; its keyed hash, or nothing.
    """

    def without_secrets(value: Any) -> Any:
        if isinstance(value, Secret):
            return {"keyed": hidden(value)}
        raise NotImplementedError(type(value))

    plain = _compared(msgspec.to_builtins(body, enc_hook=without_secrets))
    said = msgspec.json.encode([*operation, plain], order="deterministic")
    return hashlib.sha256(bytes.fromhex(Document.of(document).sha256) + said).hexdigest()


def _compared(value: Any) -> Any:
    if isinstance(value, dict):
        never = [name for name, each in value.items() if name in _NEVER_COMPARED and isinstance(each, str)]
        return {name: _compared(each) for name, each in value.items() if name not in never}
    if isinstance(value, list | tuple):
        return [_compared(each) for each in value]
    return value


def _in_use() -> RequestRefused:
    return RequestRefused(
        KEY_IN_USE,
        "A request with this key is being carried out.",
        field=HEADER,
        reason="in-progress",
        headers={"Retry-After": "2"},
    )
