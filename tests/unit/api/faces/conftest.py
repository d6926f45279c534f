"""A service in memory whose database is a real one, for what surrounds a signature."""

import shutil
from pathlib import Path

import pytest

from tests.support.api_memory import MemoryService, memory_service, settings_in


@pytest.fixture
def kept(tmp_path: Path, sqlite_template: Path) -> MemoryService:
    """Doors over memory, with a migrated database behind `services.letters`."""
    settings = settings_in(tmp_path)
    shutil.copy(sqlite_template, settings.store.url().partition(":///")[2])
    return memory_service(settings)
