"""One audit room a test, on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest

from store.database import Database
from tests.support.audit import AuditRoom, new_room


@pytest.fixture
def room(database: Database, tmp_path: Path) -> AuditRoom:
    """Empty."""
    return new_room(database, tmp_path)
