"""The very first administrator comes in behind a link that whoever holds the machine makes, and nobody after them."""

import pytest

from api.office.accounts import Accounts
from api.office.build import build_accounts
from signer.errors import LinkRefused, NotPermitted
from signer.factors.model import Passkey
from signer.factors.subjects import staff_subject
from signer.model import Secret
from signer.people import Role
from store.database import Database
from store.factors import SqlFactorStore
from tests.support.office import NOON, TestOffice
from tests.support.office_doors import database, office, pki
from tests.support.signing import counted_bytes

__all__ = ["database", "office", "pki"]

NUMBER = "5171" + "0" * 12


@pytest.fixture
def accounts(office: TestOffice, database: Database) -> Accounts:
    """Of an installation where nobody has an account yet."""
    for each in office.people.accounts.all():
        office.staff.disable(each.id, actor="test", at=NOON)
    return build_accounts(office.settings, database, now=lambda: NOON, random_bytes=counted_bytes())


def invited(accounts: Accounts) -> str | None:
    made = accounts.invite_first(id="kepala", name="Ni Contoh Kepala", number=lambda: Secret(NUMBER))
    return made.token if made is not None else None


def test_a_link_is_made_again_until_its_person_has_a_second_factor(accounts: Accounts, database: Database) -> None:
    first = invited(accounts)
    second = invited(accounts)
    assert first is not None
    assert second is not None
    with pytest.raises(LinkRefused):
        accounts.behind(first)
    assert accounts.behind(second).role is Role.ADMINISTRATOR
    accounts.enter(second, "$argon2id$...")
    third = invited(accounts)  # the tab was closed before a factor was added
    assert third is not None
    accounts.enter(third, "$argon2id$...")
    with_factor(database, "kepala")
    assert invited(accounts) is None
    assert [each.id for each in accounts.all() if each.active] == ["kepala"]


def test_where_somebody_has_an_account_no_link_is_made(office: TestOffice) -> None:
    assert invited(office.people.accounts) is None


def test_who_never_came_gives_way_to_an_account_made_at_the_command_line(accounts: Accounts) -> None:
    token = invited(accounts)
    assert token is not None
    made = accounts.add_first(
        id="lain", name="I Contoh Lain", role=Role.ADMINISTRATOR, number=Secret("5171" + "1" * 12)
    )
    assert [each.id for each in accounts.all() if each.active] == [made.member.id]
    with pytest.raises(LinkRefused):
        accounts.behind(token)
    assert invited(accounts) is None


def test_who_came_does_not_give_way(accounts: Accounts) -> None:
    token = invited(accounts)
    assert token is not None
    accounts.open(token)
    with pytest.raises(NotPermitted):
        accounts.add_first(id="lain", name="Lain", role=Role.ADMINISTRATOR, number=Secret("5171" + "1" * 12))


def with_factor(database: Database, staff_id: str) -> None:
    passkey = Passkey(
        id="1" * 32,
        signatory_id=staff_subject(staff_id),
        label="Laptop",
        credential_id=b"credential",
        public_key=b"key",
        sign_count=0,
        added_at=NOON,
    )
    SqlFactorStore(database).add_passkey(passkey, at=NOON)
