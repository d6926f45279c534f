"""A whole office in a folder, whose time stands still until it is moved; Teken is nowhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from eoffice.compose import Office, compose
from eoffice.model import Person
from eoffice.settings import Settings, TekenSettings

from tests.unit.eoffice.conftest import BIRO, DINAS, DRAFTER, HEAD, SECRETARY, STRANGER

NOWHERE = "http://127.0.0.1:9"
"""Where nobody listens."""


class Clock:
    """The office's time."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def moves(self, **by: float) -> None:
        self.at += timedelta(**by)


@contextmanager
def whole_office(folder: Path, clock: Clock, *, more: tuple[Person, ...] = ()) -> Iterator[Office]:
    """With two agencies and their people."""
    (folder / "secret").write_text("never used")
    teken = TekenSettings(url=NOWHERE, client="office", secret_file=folder / "secret")
    with compose(Settings(folder=folder, teken=teken), now=clock) as office:
        for agency in (DINAS, BIRO):
            office.people.put_agency(agency)
        for person in (DRAFTER, HEAD, SECRETARY, STRANGER, *more):
            office.people.put_person(person)
        yield office
