"""A passphrase is guessed through every door that tries one.

Over the real database: every guess is counted before its answer, whatever becomes of the request, and all doors share
one count. The door of an enrolment link tries no passphrase, it takes one; a guessed link opens nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from signer.errors import CredentialUnusable, LinkRefused, PassphraseLocked, PassphraseWrong
from signer.model import Credential, CredentialState, Secret
from signer.people import Role
from signer.service import SigningService
from signer.timestamping import TimestampAuthorities
from store.activations import SqlActivationStore
from store.database import Database
from store.documents import open_vault
from store.signatures import SqlSignatureLog
from tests.support.office import ANOTHER, PASSPHRASE, TestOffice, office_in
from tests.support.pki import Pki, make_pki
from tests.support.signer_memory import PkiStatusSource, PkiTimestamper
from tests.support.signing import counted_bytes, request

WRONG = Secret("tebakan yang salah")


@dataclass(frozen=True, kw_only=True)
class House:
    """An official who can sign, with a link to renew in hand."""

    office: TestOffice
    signing: SigningService
    official: Credential
    renewal: str

    def known(self) -> Credential:
        credential = self.office.kept.get(self.official.id)
        assert credential is not None
        return credential

    def sign(self, passphrase: Secret) -> None:
        self.signing.sign(request(credential_id=self.official.id, passphrase=passphrase))

    def renew(self, passphrase: Secret) -> None:
        self.office.credentials.renew(self.official.id, passphrase, "signatory")

    def follow_the_link(self, passphrase: Secret) -> None:
        self.office.people.registrations.complete(self.renewal, passphrase)

    def change(self, passphrase: Secret) -> None:
        self.office.credentials.change_passphrase(self.official.id, passphrase, ANOTHER, "signatory")


Door = Callable[[House, Secret], None]
DOORS: tuple[Door, ...] = (House.sign, House.renew, House.follow_the_link, House.change)
EVERY_DOOR = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture
def house(database: Database, tmp_path: Path, pki: Pki) -> House:
    office = office_in(tmp_path, database, pki)

    def now() -> datetime:
        return office.at

    signing = SigningService(
        credentials=office.kept,
        keys=office.vault,
        activations=SqlActivationStore(database),
        log=SqlSignatureLog(database),
        vault=open_vault(tmp_path / "vault"),
        authorities=TimestampAuthorities([PkiTimestamper(pki=pki)], now=now),
        status=PkiStatusSource(pki=pki),
        verify_url=lambda code: f"https://tte.contoh.go.id/v/{code.token}",
        now=now,
        random_bytes=counted_bytes(),
    )
    official = office.enrolled()
    renewal = office.people.office.renew(office.caller(Role.REGISTRAR), official.certificate.serial_number).token
    return House(office=office, signing=signing, official=official, renewal=renewal)


@EVERY_DOOR
def test_ten_guesses_through_one_door_suspend_and_no_door_opens_any_more(house: House, door: Door) -> None:
    for number in range(1, 11):
        with pytest.raises(PassphraseWrong):
            door(house, WRONG)
        assert house.known().failed_attempts == number
        house.office.forward(minutes=61)
    assert house.known().state is CredentialState.SUSPENDED
    for other in DOORS:
        with pytest.raises((CredentialUnusable, PassphraseLocked)):
            other(house, PASSPHRASE)
    assert house.known().failed_attempts == 10


@EVERY_DOOR
def test_after_five_guesses_through_any_doors_the_right_one_waits_at_every_door(house: House, door: Door) -> None:
    for number in range(5):
        with pytest.raises(PassphraseWrong):
            DOORS[number % len(DOORS)](house, WRONG)
    for _ in range(3):
        with pytest.raises(PassphraseLocked) as refused:
            door(house, PASSPHRASE)
        assert refused.value.until == house.office.at + timedelta(minutes=1)
    assert house.known().failed_attempts == 5, "a refusal at a closed door is no guess, and forgets none"
    house.office.forward(minutes=1)
    door(house, PASSPHRASE)
    assert house.known().failed_attempts == 0


@EVERY_DOOR
def test_a_guess_stays_counted_when_the_request_around_it_is_rolled_back(
    house: House, database: Database, door: Door
) -> None:
    for number in range(1, 4):
        with pytest.raises(PassphraseWrong), database.transaction():
            door(house, WRONG)
        assert house.known().failed_attempts == number


def test_guessed_links_cost_nobody_an_attempt_and_leave_the_true_link_good(house: House) -> None:
    for number in range(20):
        with pytest.raises(LinkRefused):
            house.office.people.registrations.complete(f"{number:043d}", PASSPHRASE)
    assert house.known().failed_attempts == 0
    house.follow_the_link(PASSPHRASE)
    assert house.known().state is CredentialState.RETIRED
