"""Pages of lists, on both databases: each item comes once and in its order, also where several have the same time."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from signer.appointments import ActingForm, Appointment
from signer.model import SEAL_PREFIX
from signer.seal_model import SealPermission
from store.bulk import SqlAppointmentStore
from store.credentials import SqlCredentialStore
from store.database import Database
from store.seals import SqlSeals
from tests.support.pki import NOON, Pki
from tests.unit.store.samples import credential

TIMES = (0, 1, 1, 1, 2)
"""When each was made, in seconds or days after the first one."""


def in_pages(page: Callable[[Any], Sequence[Any]], place: Callable[[Any], Any]) -> list[str]:
    """Ids of all items, asked for by two."""
    found, after = list[Any](), None
    while items := page(after):
        found.extend(items)
        after = place(found[-1])
    return [each.id for each in found]


def test_activations_of_a_seal_the_newest_first(database: Database, pki: Pki) -> None:
    made = credential(pki.official)
    made = replace(made, signatory=replace(made.signatory, id=f"{SEAL_PREFIX}CONTOH"))
    made = replace(made, key=replace(made.key, signatory_id=made.signatory.id))
    SqlCredentialStore(database).add(made, actor="test", at=NOON)
    seals = SqlSeals(database)
    for number, seconds in enumerate(TIMES):
        at = NOON + timedelta(seconds=seconds)
        permission = SealPermission(
            id=f"permission-{number}",
            credential_id=made.id,
            client_id="e-office",
            networks=("192.0.2.0/24",),
            documents=3,
            used=0,
            granted_at=at,
            expires_at=at + timedelta(hours=1),
            ended_at=None,
        )
        seals.grant(permission)

    found = in_pages(
        lambda before: seals.newest(made.id, None, before=before, limit=2), lambda one: (one.granted_at, one.id)
    )

    assert found == [f"permission-{number}" for number in (4, 1, 2, 3, 0)]


def test_appointments_by_first_day(database: Database) -> None:
    appointments = SqlAppointmentStore(database)
    for number, days in enumerate(reversed(TIMES)):
        first = date(2026, 11, 21) + timedelta(days=days)
        one = Appointment(
            id=f"appointment-{number}",
            signatory_id="WAYAN",
            form=ActingForm.PLT,
            office="Kepala Dinas Contoh",
            starts_on=first,
            ends_on=first + timedelta(days=9),
        )
        appointments.record(one, actor="test", at=NOON)

    found = in_pages(lambda after: appointments.of("WAYAN", after=after, limit=2), lambda one: (one.starts_on, one.id))

    assert found == [f"appointment-{number}" for number in (4, 1, 2, 3, 0)]
    assert [each.id for each in appointments.of("WAYAN")] == found
