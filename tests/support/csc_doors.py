"""The whole application in memory with a court of `tests.support.csc` behind its CSC face."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from litestar import Litestar
from litestar.testing import TestClient

from api.settings import Settings
from tests.support.api_memory import memory_service
from tests.support.csc import HOME, Court


@contextmanager
def http_of(court: Court, settings: Settings) -> Iterator[TestClient[Litestar]]:
    """A client that asks from `HOME`."""
    made = memory_service(settings, adjust=lambda services: replace(services, csc=court.services(settings)))
    made.peer = HOME
    with made.http() as client:
        yield client
