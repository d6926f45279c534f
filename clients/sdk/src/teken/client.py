"""The two clients: `Teken` blocks, `AsyncTeken` is awaited. They have the same operations, and one core."""

import random
import ssl
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Generic, Self

import httpx

from teken.core.retries import Retries
from teken.core.session import Outside, Session
from teken.core.steps import RunnerT_co
from teken.groups.activations import Activations
from teken.groups.batches import Batches
from teken.groups.documents import Documents
from teken.groups.events import Events, Webhooks
from teken.groups.letters import Letters
from teken.groups.people import Credentials, Seals
from teken.groups.service import Service
from teken.groups.signatures import Signatures
from teken.groups.verifications import Verifications
from teken.login import Login
from teken.runners import AsyncRunner, SyncRunner

VERSION: Final = "0.1.0"

_OUTSIDE: Final = Outside(
    monotonic=time.monotonic,
    seconds_since_1970=time.time,
    random=random.random,
    new_name=lambda: str(uuid.uuid4()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds that one step of one attempt may take."""

    connect: float = 10
    write: float = 60
    """For the next piece of a document to leave."""
    read: float = 60
    """For the next piece of an answer to come; a signature takes less than one."""
    pool: float = 30
    """For a free connection."""


TIMEOUTS: Final = Timeouts()
RETRIES: Final = Retries()


class _Groups(Generic[RunnerT_co]):
    """All that a client can do."""

    def __init__(self, session: Session, runner: RunnerT_co) -> None:
        self.signatures = Signatures(session, runner)
        self.activations = Activations(session, runner)
        self.batches = Batches(session, runner)
        self.documents = Documents(session, runner)
        self.verifications = Verifications(session, runner)
        self.letters = Letters(session, runner)
        self.events = Events(session, runner)
        self.webhooks = Webhooks(session, runner)
        self.credentials = Credentials(session, runner)
        self.seals = Seals(session, runner)
        self.service = Service(session, runner)


class Teken(_Groups[SyncRunner]):
    """A client that blocks. Safe in several threads; close it, or use it in a `with`."""

    def __init__(
        self,
        address: str,
        login: Login | None = None,
        *,
        scopes: Collection[str] = (),
        timeouts: Timeouts = TIMEOUTS,
        retries: Retries = RETRIES,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`address`: where the service is, `https://teken.example.go.id`. `login`: needed but for verifying. `scopes`:
        all that the application may, where it names none. `verify`: whom TLS trusts."""
        http = httpx.Client(
            base_url=_base(address),
            headers=_HEADERS,
            timeout=_timeout(timeouts),
            verify=verify,
            transport=transport,
        )
        self._runner = SyncRunner(http)
        super().__init__(_session(address, login, scopes, retries), self._runner)

    def close(self) -> None:
        """Ends its connections."""
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncTeken(_Groups[AsyncRunner]):
    """The same in an event loop of asyncio. Close it, or use it in an `async with`."""

    def __init__(
        self,
        address: str,
        login: Login | None = None,
        *,
        scopes: Collection[str] = (),
        timeouts: Timeouts = TIMEOUTS,
        retries: Retries = RETRIES,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """As `Teken`."""
        http = httpx.AsyncClient(
            base_url=_base(address),
            headers=_HEADERS,
            timeout=_timeout(timeouts),
            verify=verify,
            transport=transport,
        )
        self._runner = AsyncRunner(http)
        super().__init__(_session(address, login, scopes, retries), self._runner)

    async def close(self) -> None:
        """Ends its connections."""
        await self._runner.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


_HEADERS: Final = {"User-Agent": f"teken-python/{VERSION}"}


def _base(address: str) -> str:
    """The address without its end; raises `ValueError` where secrets would go over a line that everybody reads."""
    url = httpx.URL(address)
    if url.scheme != "https" and not (url.scheme == "http" and url.host in ("127.0.0.1", "::1", "localhost")):
        raise ValueError(f"{url.scheme}://{url.host}: only https, or http to this machine itself")
    if url.userinfo or url.query or url.fragment:
        raise ValueError("the address of the service has neither user nor query")
    return str(url).rstrip("/")


def _session(address: str, login: Login | None, scopes: Collection[str], retries: Retries) -> Session:
    return Session(login, base=_base(address), scopes=scopes, retries=retries, outside=_OUTSIDE)


def _timeout(timeouts: Timeouts) -> httpx.Timeout:
    return httpx.Timeout(connect=timeouts.connect, write=timeouts.write, read=timeouts.read, pool=timeouts.pool)
