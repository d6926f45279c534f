"""The person's own certificate in words: which one signs today, and when its end is spoken of."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.faces.desk.own_certificate import NOTICE, appointments, certificates
from signer.appointments import ActingForm, Appointment
from signer.model import Credential, CredentialState
from store.database import open_database
from tests.support.office import office_in
from tests.support.pki import make_pki


@pytest.fixture
def credential(tmp_path: Path, sqlite_template: Path) -> Credential:
    shutil.copy(sqlite_template, tmp_path / "teken.db")
    with open_database(f"sqlite+pysqlite:///{tmp_path / 'teken.db'}", 2) as database:
        return office_in(tmp_path, database, make_pki()).enrolled()


def test_the_one_that_signs_today_comes_first_and_says_when_it_ends(credential: Credential) -> None:
    ends = credential.certificate.not_valid_after_utc
    retired = replace(credential, state=CredentialState.RETIRED)
    waiting = replace(credential, state=CredentialState.AWAITING_CERTIFICATE, chain=())
    for before, left in ((NOTICE + timedelta(days=1), None), (NOTICE, 60), (timedelta(days=7, hours=1), 7)):
        shown = certificates([retired, waiting, credential], ends - before, 8)
        assert [each.says.id for each in shown] == ["Berlaku", "Digantikan yang lebih baru"]
        assert [each.days_left for each in shown] == [left, None]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (CredentialState.ACTIVE, "Masa berlakunya habis"),
        (CredentialState.SUSPENDED, "Dihentikan sementara"),
        (CredentialState.REVOKED, "Dicabut"),
    ],
)
def test_one_that_signs_nothing_says_why_and_never_that_it_ends_soon(
    credential: Credential, state: CredentialState, says: str
) -> None:
    over = credential.certificate.not_valid_after_utc + timedelta(seconds=1)
    (shown,) = certificates([replace(credential, state=state)], over, 8)
    assert (shown.says.id, shown.days_left) == (says, None)


def test_appointments_of_today_and_of_later_are_told_and_those_that_are_over_are_not(credential: Credential) -> None:
    at = credential.certificate.not_valid_before_utc
    today = (at + timedelta(hours=8)).date()

    def one(number: int, starts: date, ends: date) -> Appointment:
        office, who = f"Kepala Dinas {number}", credential.signatory.id
        return Appointment(
            id=str(number), signatory_id=who, form=ActingForm.PLH, office=office, starts_on=starts, ends_on=ends
        )

    day = timedelta(days=1)
    shown = appointments(
        [one(1, today + day, today + day), one(2, today - day, today), one(3, today - day, today - day)], at
    )
    assert [(each.office, each.in_force) for each in shown] == [
        ("Plh. Kepala Dinas 2", True),
        ("Plh. Kepala Dinas 1", False),
    ]
