"""The console in front of an office over a real database."""

import pytest

from store.database import Database
from tests.support.console import ConsoleHouse, console_house
from tests.support.office import TestOffice
from tests.support.office_doors import database, office, pki

__all__ = ["database", "office", "pki"]


@pytest.fixture
def house(office: TestOffice, database: Database) -> ConsoleHouse:
    return console_house(office, database)
