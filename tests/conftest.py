"""What holds for every test."""

import os
from pathlib import Path


def pytest_configure() -> None:
    """Programs that tests start are compiled once, not once each: some images tell Python to keep no bytecode.

    It lies apart, so that neither the environment nor the checkout is written to. Halves the start of each program.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    kept = Path(__file__).resolve().parents[1] / ".pytest_cache" / "bytecode"
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(kept))
