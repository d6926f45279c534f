"""`store.credentials`: states move as they may, and every guess counts."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from signer.errors import CredentialUnknown, CredentialUnusable, PassphraseLocked, SignerError
from signer.model import CredentialState
from store.audit import Act, AuditTrail
from store.credentials import SqlCredentialStore
from store.database import Database
from store.errors import AlreadyExists
from tests.support.databases import execute
from tests.support.pki import Pki
from tests.unit.store.samples import MINUTE, NOON, credential, together

ACTIVE, SUSPENDED = CredentialState.ACTIVE, CredentialState.SUSPENDED
REVOKED, RETIRED = CredentialState.REVOKED, CredentialState.RETIRED
AWAITING = CredentialState.AWAITING_CERTIFICATE
ID = "credential-1"


@pytest.fixture
def store(database: Database, pki: Pki) -> SqlCredentialStore:
    """A store with one active credential."""
    store = SqlCredentialStore(database)
    store.add(credential(pki.official), actor="ra-1", at=NOON)
    return store


def guess(store: SqlCredentialStore, times: int, at: datetime = NOON) -> datetime:
    """`times` attempts that nobody cleared, each as soon as it is allowed; when the last one was made."""
    for _ in range(times):
        found = store.get(ID)
        assert found is not None
        at = max(at, found.locked_until or at)
        store.begin_attempt(ID, at=at)
    return at


def test_a_credential_comes_back_as_it_went_in(store: SqlCredentialStore, pki: Pki) -> None:
    assert store.get(ID) == credential(pki.official)
    assert store.get("unknown") is None


def test_neither_id_nor_key_is_used_twice(store: SqlCredentialStore, pki: Pki) -> None:
    with pytest.raises(AlreadyExists):
        store.add(credential(pki.official), actor="ra-1", at=NOON)
    with pytest.raises(AlreadyExists):
        store.add(replace(credential(pki.official), id="credential-2"), actor="ra-1", at=NOON)


def test_a_key_of_another_signatory_is_refused(store: SqlCredentialStore, pki: Pki) -> None:
    good = credential(pki.official, id="credential-2")
    with pytest.raises(ValueError, match="another signatory"):
        store.add(replace(good, key=replace(good.key, signatory_id="other")), actor="ra-1", at=NOON)
    assert store.get("credential-2") is None


@pytest.mark.parametrize("final", [REVOKED, RETIRED])
@pytest.mark.parametrize("wanted", list(CredentialState))
def test_an_ended_credential_stays_ended(
    store: SqlCredentialStore, final: CredentialState, wanted: CredentialState
) -> None:
    store.set_state(ID, final, actor="ra-1", at=NOON)
    with pytest.raises(CredentialUnusable) as caught:
        store.set_state(ID, wanted, actor="ra-1", at=NOON)
    assert caught.value.reason == final.value
    assert store.get(ID).state is final


def test_suspended_can_be_resumed_revoked_or_retired(store: SqlCredentialStore) -> None:
    for state in (SUSPENDED, ACTIVE, SUSPENDED, REVOKED):
        store.set_state(ID, state, actor="ra-1", at=NOON)
        assert store.get(ID).state is state


def test_an_unknown_credential_is_unknown_to_every_method(store: SqlCredentialStore) -> None:
    for ask in (
        lambda: store.set_state("unknown", SUSPENDED, actor="ra-1", at=NOON),
        lambda: store.begin_attempt("unknown", at=NOON),
        lambda: store.clear_attempts("unknown", at=NOON),
    ):
        with pytest.raises(CredentialUnknown):
            ask()


@pytest.mark.parametrize("state", [SUSPENDED, REVOKED, RETIRED])
def test_no_passphrase_is_tried_while_the_credential_rests_or_has_ended(
    store: SqlCredentialStore, state: CredentialState
) -> None:
    store.set_state(ID, state, actor="ra-1", at=NOON)
    with pytest.raises(CredentialUnusable) as caught:
        store.begin_attempt(ID, at=NOON)
    assert caught.value.reason == state.value
    assert store.get(ID).failed_attempts == 0


def test_four_mistakes_cost_nothing(store: SqlCredentialStore) -> None:
    for number in range(1, 5):
        assert store.begin_attempt(ID, at=NOON).failed_attempts == number
    assert store.get(ID).locked_until is None


def test_from_the_fifth_on_waits_double_and_the_tenth_suspends(store: SqlCredentialStore) -> None:
    at, waits = guess(store, 4), []
    for _ in range(6):
        begun = store.begin_attempt(ID, at=at)
        waits.append(begun.locked_until - at)
        assert begun.state is ACTIVE
        with pytest.raises(PassphraseLocked) as caught:
            store.begin_attempt(ID, at=begun.locked_until - timedelta(microseconds=1))
        assert caught.value.until in (begun.locked_until, None)
        at = begun.locked_until
    assert waits == [number * MINUTE for number in (1, 2, 4, 8, 16, 32)]
    assert store.get(ID).state is SUSPENDED
    assert store.get(ID).failed_attempts == 10
    with pytest.raises(PassphraseLocked) as caught:
        store.begin_attempt(ID, at=at + timedelta(days=365))
    assert caught.value.until is None


def test_the_right_passphrase_starts_the_count_anew(store: SqlCredentialStore) -> None:
    at = guess(store, 9)
    store.clear_attempts(ID, at=at)
    assert store.get(ID).failed_attempts == 0
    assert store.get(ID).locked_until is None
    assert store.begin_attempt(ID, at=at).failed_attempts == 1


def test_the_right_passphrase_at_the_tenth_attempt_still_counts(store: SqlCredentialStore) -> None:
    at = guess(store, 10)
    store.clear_attempts(ID, at=at)
    assert store.get(ID).state is ACTIVE
    assert store.begin_attempt(ID, at=at).failed_attempts == 1


@pytest.mark.parametrize("state", [SUSPENDED, REVOKED, RETIRED])
def test_a_right_passphrase_never_undoes_what_an_officer_did(store: SqlCredentialStore, state: CredentialState) -> None:
    at = guess(store, 10)
    store.set_state(ID, state, actor="ra-1", at=at)
    store.clear_attempts(ID, at=at)
    assert store.get(ID).state is state


def test_an_officer_resumes_what_guessing_suspended(store: SqlCredentialStore) -> None:
    at = guess(store, 10)
    store.set_state(ID, ACTIVE, actor="ra-1", at=at)
    assert store.begin_attempt(ID, at=at).failed_attempts == 1


def test_guesses_in_parallel_are_all_counted_and_end_at_the_fifth(store: SqlCredentialStore) -> None:
    outcomes = together(16, lambda _: store.begin_attempt(ID, at=NOON))
    begun = sorted(o.failed_attempts for o in outcomes if not isinstance(o, SignerError))
    assert begun == [1, 2, 3, 4, 5]
    assert sum(isinstance(outcome, PassphraseLocked) for outcome in outcomes) == 11
    assert store.get(ID).failed_attempts == 5


def test_a_counted_attempt_survives_whatever_its_caller_does(database: Database, store: SqlCredentialStore) -> None:
    def refuse_the_request() -> None:
        with database.transaction():
            store.begin_attempt(ID, at=NOON)
            raise KeyError

    with pytest.raises(KeyError):
        refuse_the_request()
    assert store.get(ID).failed_attempts == 1


def test_moves_of_state_at_once_leave_one_version_each(store: SqlCredentialStore, database_url: str) -> None:
    outcomes = together(8, lambda n: store.set_state(ID, SUSPENDED if n % 2 else ACTIVE, actor="ra-1", at=NOON))
    assert outcomes == [None] * 8
    assert execute(database_url, "SELECT version FROM credentials") == [(9,)]


def test_the_list_filters_and_pages(store: SqlCredentialStore, pki: Pki) -> None:
    for number in range(2, 6):
        store.add(credential(pki.official, id=f"credential-{number}"), actor="ra-1", at=NOON)
    store.set_state("credential-3", SUSPENDED, actor="ra-1", at=NOON)

    def ids(**filters: object) -> list[str]:
        return [each.id[-1] for each in store.list(**filters)]

    assert ids() == ["1", "2", "3", "4", "5"]
    assert ids(limit=2) == ["1", "2"]
    assert ids(after="credential-2", limit=2) == ["3", "4"]
    assert ids(state=SUSPENDED) == ["3"]
    assert ids(state=ACTIVE, after="credential-2") == ["4", "5"]
    assert ids(signatory_id="K5QXA2LBONUWC3TB") == ["1", "2", "3", "4", "5"]
    assert ids(signatory_id="unknown") == []
    assert ids(name="wayan c") == ["1", "2", "3", "4", "5"]
    assert ids(name="%") == []


def test_acts_and_refusals_are_in_the_trail_and_no_key_is(store: SqlCredentialStore, database: Database) -> None:
    at = guess(store, 10)
    with pytest.raises(PassphraseLocked):
        store.begin_attempt(ID, at=at)
    store.set_state(ID, REVOKED, actor="ra-1", at=at)
    with pytest.raises(CredentialUnusable):
        store.set_state(ID, ACTIVE, actor="ra-2", at=at)
    entries = AuditTrail(database).read()
    assert [(entry.act, entry.outcome) for entry in entries] == [
        (Act.CREDENTIAL_ENROL.value, "done"),
        *[(Act.PASSPHRASE_ATTEMPT.value, "done")] * 10,
        (Act.CREDENTIAL_STATE.value, "done"),
        (Act.PASSPHRASE_ATTEMPT.value, "refused"),
        (Act.CREDENTIAL_STATE.value, "done"),
        (Act.CREDENTIAL_STATE.value, "refused"),
    ]
    assert entries[11].reason == "wrong-passphrases"
    assert entries[-1].actor == "ra-2"
    assert (b"s" * 96).hex() not in repr(entries)


@pytest.fixture
def awaiting(store: SqlCredentialStore, pki: Pki) -> str:
    """A second credential, whose certificate has not come yet."""
    waiting = credential(pki.official, id="credential-2", state=AWAITING, chain=())
    store.add(replace(waiting, key=replace(waiting.key, key_id="key-2")), actor="ra-1", at=NOON)
    return "credential-2"


def test_a_waiting_credential_becomes_active_by_its_certificate_alone(
    store: SqlCredentialStore, pki: Pki, awaiting: str
) -> None:
    with pytest.raises(CredentialUnusable) as caught:
        store.set_state(awaiting, ACTIVE, actor="ra-1", at=NOON)
    assert caught.value.reason == AWAITING.value
    store.install_chain(awaiting, pki.official.chain, actor="ra-1", at=NOON)
    found = store.get(awaiting)
    assert found is not None
    assert (found.state, found.chain) == (ACTIVE, pki.official.chain)


def test_no_certificate_is_replaced(store: SqlCredentialStore, pki: Pki) -> None:
    with pytest.raises(CredentialUnusable):
        store.install_chain(ID, pki.official.chain, actor="ra-1", at=NOON)
    with pytest.raises(CredentialUnknown):
        store.install_chain("unknown", pki.official.chain, actor="ra-1", at=NOON)


@pytest.mark.parametrize("end", [REVOKED, RETIRED])
def test_a_waiting_credential_can_be_given_up(store: SqlCredentialStore, awaiting: str, end: CredentialState) -> None:
    store.set_state(awaiting, end, actor="ra-1", at=NOON)
    assert store.get(awaiting).state is end


def test_no_passphrase_is_tried_before_the_certificate_has_come(store: SqlCredentialStore, awaiting: str) -> None:
    with pytest.raises(CredentialUnusable):
        store.begin_attempt(awaiting, at=NOON)
