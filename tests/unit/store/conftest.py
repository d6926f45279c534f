"""Every test of the store that asks for `database` runs on SQLite and on PostgreSQL."""

import pytest

from tests.support.pki import Pki, make_pki

__all__ = ["pki"]


@pytest.fixture(scope="session")
def pki() -> Pki:
    """A hierarchy with an official; its keys are made once."""
    return make_pki()
