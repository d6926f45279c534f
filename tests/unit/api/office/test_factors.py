"""The office and an official's second factors: registrars alone, and for a reset two people."""

from pathlib import Path

import pytest

from signer.errors import ApprovalRefused, CredentialUnknown, FactorRefused, NotPermitted
from signer.factors.model import FactorKind
from signer.people import Role
from store.database import Database
from tests.support.consent import ConsentHouse, consent_house
from tests.support.office import PASSPHRASE
from tests.support.pki import make_pki


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


def test_a_reset_takes_two_people_and_leads_to_new_factors(house: ConsentHouse) -> None:
    factors, registrar = house.office.people.factors, house.office.caller(Role.REGISTRAR)
    proposed = factors.propose_reset(registrar, house.who)
    assert house.credential.signatory.name in proposed.summary
    with pytest.raises(ApprovalRefused):
        factors.reset(registrar, house.who, approval_id=proposed.id)
    house.office.people.office.decide(house.office.caller(Role.APPROVER), proposed.id, approve=True)
    path = factors.reset(registrar, house.who, approval_id=proposed.id)
    assert not house.store.held(house.who).second
    session = house.desk.claim(path.removeprefix("/desk/link/"), PASSPHRASE).session
    house.with_authenticator(session)
    assert house.store.held(house.who).usable == {FactorKind.TOTP}


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.APPROVER, Role.AUDITOR])
def test_nobody_but_a_registrar_touches_factors(house: ConsentHouse, role: Role) -> None:
    factors, caller = house.office.people.factors, house.office.caller(role)
    for act in (
        lambda: factors.unlock(caller, house.who),
        lambda: factors.propose_reset(caller, house.who),
        lambda: factors.reset(caller, house.who, approval_id="x"),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert house.store.held(house.who).second


def test_an_unknown_official_has_no_factors(house: ConsentHouse) -> None:
    factors, registrar = house.office.people.factors, house.office.caller(Role.REGISTRAR)
    with pytest.raises(CredentialUnknown):
        factors.unlock(registrar, "SOMEBODYELSE")


def without_factors(house: ConsentHouse) -> None:
    """As who was enrolled before there were any."""
    house.store.reset(house.who, actor="test", at=house.office.at)


def test_a_first_factor_takes_two_people_and_nothing_away(house: ConsentHouse) -> None:
    without_factors(house)
    factors, registrar = house.office.people.factors, house.office.caller(Role.REGISTRAR)
    proposed = factors.propose_first(registrar, house.who)
    assert house.credential.signatory.name in proposed.summary
    with pytest.raises(ApprovalRefused):
        factors.first(registrar, house.who, approval_id=proposed.id)
    house.office.people.office.decide(house.office.caller(Role.APPROVER), proposed.id, approve=True)
    with pytest.raises(ApprovalRefused):
        factors.reset(registrar, house.who, approval_id=proposed.id)  # it is good for a first one alone
    path = factors.first(registrar, house.who, approval_id=proposed.id)
    with pytest.raises(ApprovalRefused):
        factors.first(registrar, house.who, approval_id=proposed.id)
    session = house.desk.claim(path.removeprefix("/desk/link/"), PASSPHRASE).session
    house.with_authenticator(session)
    assert house.store.held(house.who).usable == {FactorKind.TOTP}


def test_who_has_a_factor_gets_no_first_one(house: ConsentHouse) -> None:
    factors, registrar = house.office.people.factors, house.office.caller(Role.REGISTRAR)
    before = house.store.held(house.who)
    with pytest.raises(FactorRefused) as refused:
        factors.propose_first(registrar, house.who)
    assert (refused.value.field, refused.value.reason) == ("factors", "has-one")
    reset = factors.propose_reset(registrar, house.who)
    house.office.people.office.decide(house.office.caller(Role.APPROVER), reset.id, approve=True)
    with pytest.raises(FactorRefused):
        factors.first(registrar, house.who, approval_id=reset.id)
    assert house.store.held(house.who) == before


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.APPROVER, Role.AUDITOR])
def test_nobody_but_a_registrar_invites_to_a_first_factor(house: ConsentHouse, role: Role) -> None:
    without_factors(house)
    factors, caller = house.office.people.factors, house.office.caller(role)
    for act in (
        lambda: factors.propose_first(caller, house.who),
        lambda: factors.first(caller, house.who, approval_id="x"),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_unlocked_is_good_again(house: ConsentHouse) -> None:
    for _ in range(10):
        assert house.store.begin_attempt(house.who, FactorKind.TOTP, at=house.office.at)
        house.forward(hours=1)
    house.office.people.factors.unlock(house.office.caller(Role.REGISTRAR), house.who)
    assert house.factors.check(house.who, house.totp(), challenge=b"") is not None
