"""What holds for every test."""

import gc
import logging
import os
from pathlib import Path

from hypothesis import HealthCheck, settings

from tests.support.databases import database, database_url, postgres, sqlite_template, sqlite_url

# Known here once: a fixture that several files import is one for each of them, and so would be its server.
__all__ = ["database", "database_url", "postgres", "sqlite_template", "sqlite_url"]

# The same examples in each run, so that a change is judged by what it changed;
# HYPOTHESIS_PROFILE=explore looks further. None is judged by its time: the machine may be busy with others.
_untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", _untimed, derandomize=True)
settings.register_profile("explore", _untimed, derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


for each in ("alembic", "dbos"):  # a hundred lines for every new database, before what a failed test has to say
    logging.getLogger(each).setLevel(logging.WARNING)


def pytest_configure() -> None:
    """Programs that tests start are compiled once, not once each: some images tell Python to keep no bytecode.

    It lies apart, so that neither the environment nor the checkout is written to. Halves the start of each program.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    kept = Path(__file__).resolve().parents[1] / ".pytest_cache" / "bytecode"
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(kept))


def pytest_collection_finish() -> None:
    """What was loaded stays, so nobody looks through it again and again for what may go: half of what tests took."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
