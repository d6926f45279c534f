"""`store.seal_pins` and `store.accounts`: wrong secrets are counted, whoever comes at the same moment."""

import pytest

from signer.accounts import Account
from signer.factors.counters import LOCK_AT, WAIT_FROM
from signer.model import Secret
from signer.seal_pins import PinStanding
from store.accounts import SqlAccounts
from store.audit import Act, AuditTrail
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import Database
from store.oauth_model import Family, IssuedToken
from store.oauth_tokens import SqlOAuthTokens
from store.seal_pins import SqlSealKeepers, SqlSealPins
from tests.unit.store.samples import MINUTE, NOON, digest, together

SEAL = "seal-DINAS"
PASSWORD = Secret("a password of 192 random bits")


@pytest.fixture
def pins(database: Database) -> SqlSealPins:
    store = SqlSealPins(database)
    store.set(SEAL, digest("pin"), at=NOON)
    return store


@pytest.fixture
def accounts(database: Database) -> SqlAccounts:
    client = Client(id="bangku", name="B", scopes=frozenset(), state=ClientState.ACTIVE, created_at=NOON)
    SqlClientStore(database).add(client, None)
    store = SqlAccounts(database)
    store.add(Account(name="uji", client_id="bangku", enabled=True, made_at=NOON), PASSWORD, actor="operator")
    return store


def test_twenty_guesses_at_once_are_all_counted_and_wait(pins: SqlSealPins) -> None:
    tried = together(20, lambda _: pins.begin_attempt(SEAL, at=NOON))
    assert sum(tried) == WAIT_FROM
    assert pins.standing(SEAL) == PinStanding(locked=False, failures=WAIT_FROM)


def test_a_pin_locks_at_the_tenth_and_is_unlocked_or_set_anew(pins: SqlSealPins, database: Database) -> None:
    at = NOON
    for _ in range(LOCK_AT):
        assert pins.begin_attempt(SEAL, at=at)
        at += 60 * MINUTE
    assert not pins.begin_attempt(SEAL, at=at + 6000 * MINUTE)
    assert pins.standing(SEAL) == PinStanding(locked=True, failures=LOCK_AT)
    tries = [each.outcome for each in AuditTrail(database).read(act=Act.SEAL_PIN_TRY)]
    assert tries == ["done"] * LOCK_AT + ["refused"]
    assert pins.unlock(SEAL, at=at)
    assert pins.begin_attempt(SEAL, at=at)
    assert pins.accept(SEAL, digest("pin"))
    assert pins.standing(SEAL) == PinStanding(locked=False, failures=0)
    pins.set(SEAL, digest("another"), at=at)
    assert not pins.accept(SEAL, digest("pin"))
    assert pins.accept(SEAL, digest("another"))


def test_what_has_no_pin_has_none(pins: SqlSealPins) -> None:
    assert pins.remove(SEAL, at=NOON)
    assert not pins.remove(SEAL, at=NOON)
    assert not pins.unlock(SEAL, at=NOON)
    assert pins.standing(SEAL) is None
    assert not pins.begin_attempt(SEAL, at=NOON)
    assert not pins.accept(SEAL, digest("pin"))


def test_keepers_are_named_once_and_dismissed_once(database: Database) -> None:
    keepers = SqlSealKeepers(database)
    assert keepers.name(SEAL, "B", at=NOON)
    assert not keepers.name(SEAL, "B", at=NOON)
    assert keepers.name(SEAL, "A", at=NOON)
    assert keepers.of(SEAL) == ("A", "B")
    assert keepers.keeps("A", SEAL)
    assert not keepers.keeps("A", "seal-LAIN")
    assert keepers.dismiss(SEAL, "A", at=NOON)
    assert not keepers.dismiss(SEAL, "A", at=NOON)
    assert not keepers.keeps("A", SEAL)


def test_an_account_logs_in_and_wrong_passwords_are_all_counted(accounts: SqlAccounts) -> None:
    found = accounts.log_in("uji", PASSWORD, at=NOON)
    assert found is not None
    assert (found.id, found.client_id) == ("account:uji", "bangku")
    together(20, lambda _: accounts.log_in("uji", Secret("salah"), at=NOON))
    assert accounts.log_in("uji", PASSWORD, at=NOON) is None  # it waits
    assert accounts.log_in("uji", PASSWORD, at=NOON + MINUTE) == found


def test_an_account_ends_with_its_tokens(accounts: SqlAccounts, database: Database) -> None:
    tokens = SqlOAuthTokens(database)
    family = Family(id="f", client_id="bangku", user_id="account:uji", began_at=NOON, ends_at=NOON + 60 * MINUTE)
    access = IssuedToken(
        token_sha256=digest("access"),
        client_id="bangku",
        user_id="account:uji",
        scopes=frozenset({"service"}),
        expires_at=NOON + 30 * MINUTE,
    )
    tokens.begin(family, access, digest("refresh"), at=NOON)
    assert tokens.family_of(digest("refresh")) == family
    assert tokens.family_of(digest("nobody's")) is None

    accounts.enable("uji", False, actor="operator", at=NOON)

    found = tokens.find(digest("access"))
    assert found is not None
    assert not found.is_good(NOON)
    assert not tokens.revoke_refresh(digest("refresh"), client_id="bangku", at=NOON)
    assert accounts.log_in("uji", PASSWORD, at=NOON) is None
    told = [(each.act, each.reason) for each in AuditTrail(database).read() if each.object == "account:uji"]
    assert ("account.change", "disabled") in told
