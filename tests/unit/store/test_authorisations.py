"""`store.authorisations`: used up before a key is used, exactly once, by whom it was given to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from signer.activation import consent
from signer.authorisation import (
    Authorisation,
    AuthorisationKind,
    AuthorisationState,
    AuthorisedDigest,
    CarriedKey,
    LaterUse,
    Purpose,
    secret_hash,
)
from signer.errors import ActivationRefused
from store.activations import SqlActivationStore, grant_in
from store.audit import Act, AuditTrail
from store.authorisations import SqlAuthorisations
from store.database import Database
from tests.support.databases import execute
from tests.unit.store.samples import MINUTE, NOON, digest, together

SAD, NEXT, CODE = "s" * 43, "n" * 43, "c" * 43
ID = digest("authorisation")
GOOD: dict[str, Any] = {
    "client_id": "eoffice",
    "user_id": None,
    "credential_id": "seal-1",
    "call": "call-1",
    "at": NOON + MINUTE,
}
KEY = CarriedKey(
    public_key=b"spki",
    sealed=b"sealed under the code",
    nonce=b"n" * 12,
    salt=b"s" * 16,
    pepper_label="pepper-1",
    kek_label="kek-1",
    wrap_mechanism=0x210A,
)


def uses(*texts: str, purpose: Purpose | None = None) -> tuple[AuthorisedDigest, ...]:
    return tuple(AuthorisedDigest(value=digest(text), purpose=purpose) for text in texts)


def seal(**differences: Any) -> Authorisation:
    """Of a seal, for three digests."""
    good = Authorisation(
        id=ID,
        credential_id="seal-1",
        client_id="eoffice",
        user_id=None,
        kind=AuthorisationKind.CLIENT,
        scal=1,
        total=3,
        digests=uses("one", "two", "three"),
        factors=("client",),
        origin="csc/v2",
        state=AuthorisationState.ACTIVE,
        granted_at=NOON,
        expires_at=NOON + 5 * MINUTE,
        hard_end=NOON + 10 * MINUTE,
    )
    return replace(good, **differences)


@pytest.fixture
def store(database: Database) -> SqlAuthorisations:
    return SqlAuthorisations(database)


@pytest.fixture
def added(store: SqlAuthorisations) -> SqlAuthorisations:
    """With one authorisation in it."""
    store.add(seal(), sad_sha256=secret_hash(SAD))
    return store


def standing(store: SqlAuthorisations, secret: str = SAD) -> Authorisation:
    found = store.behind(secret_hash(secret))
    assert found is not None
    return found


def spent(store: SqlAuthorisations) -> set[str]:
    return {each.value for each in standing(store).digests if each.spent}


def test_it_comes_back_as_it_was_added(added: SqlAuthorisations) -> None:
    listed = tuple(sorted(seal().digests, key=lambda each: each.value))
    assert standing(added) == replace(seal(), digests=listed)


def test_the_secret_itself_is_nowhere(added: SqlAuthorisations, database_url: str) -> None:
    rows = execute(database_url, "SELECT * FROM activations")
    assert rows
    assert SAD not in repr(rows)
    assert added.behind(SAD) is None


@pytest.mark.parametrize(
    "calls", [[("one", "two", "three")], [("three",), ("one",), ("two",)], [("two", "one"), ("three",)]]
)
def test_all_in_one_call_or_one_after_the_other_in_any_order(
    added: SqlAuthorisations, calls: Sequence[tuple[str, ...]]
) -> None:
    for names in calls:
        assert added.consume(ID, uses(*names), **GOOD)
    assert standing(added).state is AuthorisationState.SPENT
    assert not added.consume(ID, uses("one"), **GOOD)


@pytest.mark.parametrize(
    "difference",
    [
        {"client_id": "another"},
        {"credential_id": "another"},
        {"at": NOON - timedelta(microseconds=1)},
        {"at": NOON + 5 * MINUTE},
    ],
)
def test_another_client_credential_or_time_uses_nothing_up(
    added: SqlAuthorisations, difference: dict[str, Any]
) -> None:
    assert not added.consume(ID, uses("one"), **GOOD | difference)
    assert (standing(added).used, spent(added)) == (0, set())
    assert added.consume(ID, uses("one"), **GOOD)


@pytest.mark.parametrize(
    "asked",
    [
        uses("four"),
        uses("one", "four"),
        uses("one", "one"),
        uses("one", "two", "three", "four"),
        (),
        (AuthorisedDigest(value=digest("one") + digest("one")),),
    ],
)
def test_one_that_is_not_authorised_and_none_is(added: SqlAuthorisations, asked: tuple[AuthorisedDigest, ...]) -> None:
    assert not added.consume(ID, asked, **GOOD)
    assert (standing(added).used, spent(added)) == (0, set())


def test_what_was_used_up_stays_so_whatever_became_of_it(added: SqlAuthorisations, database: Database) -> None:
    assert added.consume(ID, uses("one"), **GOOD)
    added.outcome(ID, call="call-1", failure="key-unavailable", at=NOON + MINUTE)
    assert not added.consume(ID, uses("one"), **GOOD)
    entry = AuditTrail(database).newest(Act.ACTIVATION_SIGN)
    assert entry is not None
    assert (entry.outcome, "key-unavailable" in entry.details) == ("refused", True)


@pytest.mark.parametrize(
    ("declared", "asked", "fits"),
    [
        (Purpose.DTBSR, Purpose.DTBSR, True),
        (Purpose.SDR, Purpose.SDR, True),
        (None, Purpose.DTBSR, True),
        (None, Purpose.SDR, True),
        (Purpose.DTBSR, Purpose.SDR, False),
        (Purpose.SDR, Purpose.DTBSR, False),
    ],
)
def test_a_declared_purpose_is_the_only_one(
    store: SqlAuthorisations, declared: Purpose | None, asked: Purpose, fits: bool
) -> None:
    store.add(seal(digests=uses("one", purpose=declared)), sad_sha256=secret_hash(SAD))
    assert store.consume(ID, uses("one", purpose=asked), **GOOD) is fits


def test_of_twenty_calls_for_one_digest_exactly_one_wins(added: SqlAuthorisations) -> None:
    outcomes = together(20, lambda _: added.consume(ID, uses("one"), **GOOD))
    assert sorted(map(bool, outcomes)) == [False] * 19 + [True]
    assert standing(added).used == 1


def test_of_twenty_calls_for_the_last_count_exactly_one_wins(store: SqlAuthorisations) -> None:
    store.add(seal(digests=(), bound=False, total=1), sad_sha256=secret_hash(SAD))
    outcomes = together(20, lambda number: store.consume(ID, uses(str(number)), **GOOD))
    assert sorted(map(bool, outcomes)) == [False] * 19 + [True]


def test_without_digests_the_count_is_the_limit_and_each_digest_is_good_once(store: SqlAuthorisations) -> None:
    store.add(seal(digests=(), bound=False, total=3), sad_sha256=secret_hash(SAD))
    assert store.consume(ID, uses("one"), **GOOD)
    assert not store.consume(ID, uses("one"), **GOOD)
    assert not store.consume(ID, uses("two", "two"), **GOOD)
    assert not store.consume(ID, uses("two", "three", "four"), **GOOD)
    assert store.consume(ID, uses("two", "three"), **GOOD)
    assert (standing(store).used, spent(store)) == (3, {digest(each) for each in ("one", "two", "three")})


def test_the_intent_is_in_the_trail_before_the_key_and_so_is_a_refusal(
    added: SqlAuthorisations, database: Database
) -> None:
    added.consume(ID, uses("one"), **GOOD)
    added.consume(ID, uses("one"), **GOOD)
    outcomes = [each.outcome for each in AuditTrail(database).read(act=Act.ACTIVATION_CONSUME, limit=10)]
    assert sorted(outcomes) == ["done", "refused"]


def test_a_revoked_one_signs_nothing(added: SqlAuthorisations) -> None:
    assert added.revoke(ID, at=NOON)
    assert not added.revoke(ID, at=NOON)
    assert not added.consume(ID, uses("one"), **GOOD)


# --- extension ---------------------------------------------------------------------------------------------------


def extend(store: SqlAuthorisations, *digests: str, **differences: Any) -> bool:
    good: dict[str, Any] = {
        "old_sad_sha256": secret_hash(SAD),
        "new_sad_sha256": secret_hash(NEXT),
        "expires_at": NOON + 6 * MINUTE,
        "at": NOON + MINUTE,
    }
    return store.extend(ID, digests=uses(*digests), **good | differences)


def test_an_extension_takes_more_digests_and_ends_the_secret_before(store: SqlAuthorisations) -> None:
    store.add(seal(digests=uses("one")), sad_sha256=secret_hash(SAD))
    assert store.consume(ID, uses("one"), **GOOD)
    assert extend(store, "two")
    assert store.behind(secret_hash(SAD)) is None
    assert standing(store, NEXT).expires_at == NOON + 6 * MINUTE
    assert store.consume(ID, uses("two"), **GOOD)


def test_digests_of_an_extension_bind_what_was_given_for_a_count(store: SqlAuthorisations) -> None:
    store.add(seal(digests=(), bound=False, total=3), sad_sha256=secret_hash(SAD))
    assert store.consume(ID, uses("free"), **GOOD)
    assert extend(store, "two")
    assert standing(store, NEXT).bound
    assert not store.consume(ID, uses("another"), **GOOD)
    assert not store.consume(ID, uses("two", "another"), **GOOD)
    assert store.consume(ID, uses("two"), **GOOD)
    assert not store.consume(ID, uses("another"), **GOOD)  # the third is for what is named next


def test_an_extension_that_names_nothing_leaves_a_count_as_it_was(store: SqlAuthorisations) -> None:
    store.add(seal(digests=(), bound=False, total=2), sad_sha256=secret_hash(SAD))
    assert extend(store)
    assert not standing(store, NEXT).bound
    assert store.consume(ID, uses("free"), **GOOD)


@pytest.mark.parametrize(
    ("digests", "difference"),
    [
        (("four",), {}),
        (("one",), {}),
        ((), {"expires_at": NOON + 11 * MINUTE}),
        ((), {"at": NOON + 5 * MINUTE}),
        ((), {"old_sad_sha256": secret_hash(NEXT)}),
    ],
)
def test_an_extension_beyond_its_bounds_changes_nothing(
    added: SqlAuthorisations, digests: tuple[str, ...], difference: dict[str, Any]
) -> None:
    before = standing(added)
    assert not extend(added, *digests, **difference)
    assert standing(added) == before


# --- of a person -------------------------------------------------------------------------------------------------


@pytest.fixture
def approved(store: SqlAuthorisations, database: Database) -> Authorisation:
    """What a person approved a moment ago, as it waits for its code."""
    given = consent(
        credential_id="seal-1",
        client_id="eoffice",
        digests=frozenset({digest("one")}),
        at=NOON,
        random_bytes=lambda size: b"r" * size,
    )
    later = LaterUse(
        code_sha256=secret_hash(CODE),
        origin="csc/v1",
        user_id="signatory-1",
        request_id="request-1",
        digests=uses("one"),
        carried=KEY,
        hard_end=NOON + 6 * MINUTE,
    )
    with database.transaction() as session:
        grant_in(session, given, later)
    who = {"client_id": "eoffice", "credential_id": "seal-1"}
    with pytest.raises(ActivationRefused):  # the handle of the consent is no second way
        SqlActivationStore(database).redeem(given.id, **who, digest=digest("one"), at=NOON)
    found = store.behind_code(secret_hash(CODE))
    assert found is not None
    return found


def exchange(store: SqlAuthorisations, approved: Authorisation, **differences: Any) -> bool:
    good: dict[str, Any] = {
        "sad_sha256": secret_hash(SAD),
        "carried": replace(KEY, sealed=b"sealed under the SAD"),
        "expires_at": NOON + 6 * MINUTE,
        "at": NOON + MINUTE,
    }
    return store.exchange(approved.id, **good | differences)


PERSON = GOOD | {"user_id": "signatory-1"}


def test_a_code_becomes_the_sad_once_and_the_key_goes_with_it(
    store: SqlAuthorisations, approved: Authorisation
) -> None:
    assert (approved.state, approved.carried) == (AuthorisationState.APPROVED, KEY)
    assert not store.consume(approved.id, uses("one"), **PERSON)
    assert exchange(store, approved)
    assert not exchange(store, approved, sad_sha256=secret_hash(NEXT))
    active = standing(store)
    assert (active.state, active.user_id) == (AuthorisationState.ACTIVE, "signatory-1")
    assert active.carried is not None
    assert active.carried.sealed == b"sealed under the SAD"
    assert store.consume(approved.id, uses("one"), **PERSON)
    assert standing(store).carried is None


def test_of_two_that_bring_the_code_exactly_one_has_the_sad(store: SqlAuthorisations, approved: Authorisation) -> None:
    outcomes = together(8, lambda number: exchange(store, approved, sad_sha256=secret_hash(f"{number}" * 43)))
    assert sorted(map(bool, outcomes)) == [False] * 7 + [True]


@pytest.mark.parametrize("difference", [{"at": NOON + 2 * MINUTE}, {"expires_at": NOON + 7 * MINUTE}])
def test_a_code_that_is_over_or_asks_for_too_long_is_not_exchanged(
    store: SqlAuthorisations, approved: Authorisation, difference: dict[str, Any]
) -> None:
    assert not exchange(store, approved, **difference)


@pytest.mark.parametrize("user", [None, "signatory-2", ""])
def test_the_login_of_nobody_or_somebody_else_signs_nothing(
    store: SqlAuthorisations, approved: Authorisation, user: str | None
) -> None:
    assert exchange(store, approved)
    assert not store.consume(approved.id, uses("one"), **PERSON | {"user_id": user})
    assert store.consume(approved.id, uses("one"), **PERSON)


def test_a_person_s_is_never_extended(store: SqlAuthorisations, approved: Authorisation) -> None:
    assert exchange(store, approved)
    now = {"old_sad_sha256": secret_hash(SAD), "new_sad_sha256": secret_hash(NEXT), "at": NOON + MINUTE}
    assert not store.extend(approved.id, digests=(), expires_at=NOON + 5 * MINUTE, **now)


@pytest.mark.parametrize("exchanged", [False, True])
def test_a_key_is_forgotten_with_its_minutes_and_when_it_is_revoked(
    store: SqlAuthorisations, approved: Authorisation, database_url: str, exchanged: bool
) -> None:
    if exchanged:
        assert exchange(store, approved)
    assert store.forget_keys(NOON + MINUTE) == 0
    assert store.forget_keys(NOON + 7 * MINUTE) == 1
    assert not execute(database_url, "SELECT * FROM carried_keys")


def test_a_revoked_code_brings_nothing(store: SqlAuthorisations, approved: Authorisation, database_url: str) -> None:
    assert store.revoke(approved.id, at=NOON)
    assert not exchange(store, approved)
    assert not execute(database_url, "SELECT * FROM carried_keys")
