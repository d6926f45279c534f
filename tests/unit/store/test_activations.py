"""`store.activations`: consent covers what it says, once, and nothing else."""

from datetime import timedelta

import pytest

from signer.errors import ActivationRefused
from store.activations import SqlActivationStore
from store.audit import Act, AuditTrail
from store.database import Database
from store.errors import AlreadyExists
from tests.support.databases import execute
from tests.unit.store.samples import MINUTE, NOON, activation, digest, together


@pytest.fixture
def consents(database: Database) -> SqlActivationStore:
    """A store with one consent in it."""
    store = SqlActivationStore(database)
    store.grant(activation())
    return store


GOOD = {"client_id": "eoffice", "credential_id": "credential-1", "digest": digest("one"), "at": NOON + MINUTE}
HANDLE = activation().id


@pytest.mark.parametrize(
    "difference",
    [
        {"client_id": "another"},
        {"credential_id": "another"},
        {"digest": digest("four")},
        {"digest": ""},
        {"at": NOON - timedelta(microseconds=1)},
        {"at": NOON + 5 * MINUTE},
        {"at": NOON + timedelta(days=365)},
    ],
)
def test_what_the_consent_does_not_cover_is_refused_and_spends_nothing(
    consents: SqlActivationStore, difference: dict
) -> None:
    with pytest.raises(ActivationRefused):
        consents.redeem(HANDLE, **GOOD | difference)
    consents.redeem(HANDLE, **GOOD)


@pytest.mark.parametrize("handle", ["", "unknown", digest(HANDLE), "\ud800", "nul \0"])
def test_an_unknown_handle_and_a_stolen_hash_open_nothing(consents: SqlActivationStore, handle: str) -> None:
    with pytest.raises(ActivationRefused):
        consents.redeem(handle, **GOOD)


def test_each_digest_is_good_once(consents: SqlActivationStore) -> None:
    for text in ("one", "two", "three"):
        consents.redeem(HANDLE, **GOOD | {"digest": digest(text)})
    for text in ("one", "two", "three"):
        with pytest.raises(ActivationRefused):
            consents.redeem(HANDLE, **GOOD | {"digest": digest(text)})


def test_of_sixteen_that_redeem_at_once_exactly_one_wins(consents: SqlActivationStore) -> None:
    outcomes = together(16, lambda _: consents.redeem(HANDLE, **GOOD))
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, ActivationRefused) for outcome in outcomes) == 15


def test_a_consent_is_granted_once(consents: SqlActivationStore) -> None:
    with pytest.raises(AlreadyExists):
        consents.grant(activation(digests=frozenset({digest("four")})))
    with pytest.raises(ActivationRefused):
        consents.redeem(HANDLE, **GOOD | {"digest": digest("four")})


def test_a_consent_to_nothing_covers_nothing(database: Database) -> None:
    store = SqlActivationStore(database)
    store.grant(activation(digests=frozenset()))
    with pytest.raises(ActivationRefused):
        store.redeem(HANDLE, **GOOD)


def test_the_handle_is_nowhere_in_the_database(consents: SqlActivationStore, database_url: str) -> None:
    consents.redeem(HANDLE, **GOOD)
    rows = [
        *execute(database_url, "SELECT * FROM activations"),
        *execute(database_url, "SELECT * FROM activation_digests"),
        *execute(database_url, "SELECT * FROM audit_entries"),
    ]
    assert HANDLE not in repr(rows)
    assert digest(HANDLE) in repr(rows)


def test_grants_uses_and_refusals_are_all_in_the_trail(consents: SqlActivationStore, database: Database) -> None:
    consents.redeem(HANDLE, **GOOD)
    with pytest.raises(ActivationRefused):
        consents.redeem(HANDLE, **GOOD)
    entries = AuditTrail(database).read()
    assert [(entry.act, entry.outcome) for entry in entries] == [
        (Act.ACTIVATION_GRANT.value, "done"),
        (Act.ACTIVATION_REDEEM.value, "done"),
        (Act.ACTIVATION_REDEEM.value, "refused"),
    ]
