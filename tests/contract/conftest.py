"""One service in memory, as it comes and with a client at its door."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.support.api_memory import MemoryService, memory_service, settings_in


@pytest.fixture
def service(tmp_path: Path) -> MemoryService:
    return memory_service(settings_in(tmp_path))


@pytest.fixture
def http(service: MemoryService) -> Iterator[TestClient[Litestar]]:
    with service.http() as client:
        yield client
