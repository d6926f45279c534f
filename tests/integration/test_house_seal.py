"""The house's own seal: made when it is needed, succeeded in time, never gone round and never lent."""

from datetime import timedelta
from pathlib import Path

import pytest

from signer.errors import CredentialUnusable, Refused, Unavailable
from signer.house_seal import ACTOR, RENEW_BEFORE, HouseSeal
from signer.model import CredentialState
from signer.seals import HOUSE_SEAL
from store.database import Database
from tests.support.batches import CLIENT, BatchOffice
from tests.support.databases import execute
from tests.support.letters import letter
from tests.vectors.letters import trust_in
from verifier.model import Indication
from verifier.policy import load_policy
from verifier.validation import validate

NAME = "Layanan Verifikasi Contoh"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> BatchOffice:
    return BatchOffice(database, tmp_path)


@pytest.fixture
def house(office: BatchOffice) -> HouseSeal:
    return HouseSeal(
        seals=office.seals,
        credentials=office.credentials,
        acts=office.signing.acts,
        name=NAME,
        organisation_identifier="NTRID-000000000",
        now=office.now,
    )


def test_the_first_paper_makes_the_seal_and_the_next_one_uses_it(office: BatchOffice, house: HouseSeal) -> None:
    paper = letter()
    sealed = house.seal(paper, reason="Tanda terima")
    assert sealed.startswith(paper)
    pki = office.desk.pki
    report = validate(sealed, load_policy("teken-1"), trust_in(pki, at=office.now()), office.now())
    assert report.indication is Indication.TOTAL_PASSED, report.detail
    (seal,) = report.signatures
    assert seal.is_seal
    assert seal.signer is not None
    assert (seal.signer.subject, seal.level) == (NAME, "PAdES-B-LT")
    first = house.credential()
    house.seal(letter(), reason="Tanda terima")
    assert house.credential().id == first.id


def test_its_successor_comes_a_month_before_its_end(office: BatchOffice, house: HouseSeal) -> None:
    first = house.credential()
    office.desk.clock = first.certificate.not_valid_after_utc - RENEW_BEFORE - timedelta(minutes=1)
    assert house.credential().id == first.id
    office.desk.clock += timedelta(minutes=2)
    second = house.credential()
    assert second.id != first.id
    assert second.signatory == first.signatory
    old = office.credentials.get(first.id)
    assert old is not None
    assert old.state is CredentialState.RETIRED


def test_a_suspended_seal_is_not_gone_round_and_a_revoked_one_has_a_new_key(
    office: BatchOffice, house: HouseSeal
) -> None:
    first = house.credential()
    office.credentials.set_state(first.id, CredentialState.SUSPENDED, actor="administrator-1", at=office.now())
    with pytest.raises(CredentialUnusable):
        house.seal(letter(), reason="Tanda terima")
    assert len(office.seals.all()) == 1
    office.credentials.set_state(first.id, CredentialState.REVOKED, actor="administrator-1", at=office.now())
    assert house.credential().id != first.id


def test_no_client_is_let_to_it(office: BatchOffice, house: HouseSeal, database_url: str) -> None:
    seal = house.credential()
    with pytest.raises(Refused):
        office.seals.activate(seal.id, CLIENT, ["192.0.2.0/24"], documents=1, life=timedelta(hours=1))
    assert execute(database_url, "SELECT count(*) FROM seal_permissions")[0][0] == 0


def test_nothing_is_sealed_while_the_trail_is_not_proven(
    office: BatchOffice, house: HouseSeal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unproven() -> None:
        raise Unavailable("the trail waits for its checkpoint")

    monkeypatch.setattr(office.signing.acts, "require_trail", unproven)
    with pytest.raises(Unavailable):
        house.seal(letter(), reason="Tanda terima")
    assert office.seals.all() == ()


def test_who_it_is_stands_in_the_trail(house: HouseSeal, database_url: str) -> None:
    seal = house.credential()
    assert seal.signatory.id == HOUSE_SEAL
    actors = execute(database_url, "SELECT actor FROM audit_entries WHERE act = 'credential.enrol'")
    assert (ACTOR,) in [tuple(each) for each in actors]
