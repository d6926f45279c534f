"""One house with an official and an application, anew for every test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import open_database
from tests.support.authorising import AuthorisingHouse, authorising_house
from tests.support.consent import consent_house
from tests.support.pki import Pki, make_pki


@pytest.fixture(scope="session")
def pki() -> Pki:
    """A hierarchy; its keys are made once."""
    return make_pki()


@pytest.fixture
def place(tmp_path: Path, sqlite_template: Path, pki: Pki) -> Iterator[AuthorisingHouse]:
    """The authorization server with everybody around it."""
    shutil.copy(sqlite_template, tmp_path / "teken.db")
    with (
        open_database(f"sqlite+pysqlite:///{tmp_path / 'teken.db'}", 8) as database,
        authorising_house(consent_house(tmp_path, database, pki)) as made,
    ):
        yield made
