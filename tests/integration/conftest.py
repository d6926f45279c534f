"""Tests of whole parts together."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """`-m 'not slow'` leaves out what takes more than twenty seconds."""
    config.addinivalue_line("markers", "slow: takes more than twenty seconds")
