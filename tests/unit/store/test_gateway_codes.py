"""Codes of seals and requests for enrolment, on both databases: each is good once, also for two who come at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from signer.enrolment_requests import EnrolmentRequest
from signer.errors import ActivationRefused, RegistrationRefused
from signer.model import SEAL_PREFIX, Credential
from signer.seal_codes import SealCode, SealCodeKind, SealUse
from signer.seal_model import SealPermission
from store.credentials import SqlCredentialStore
from store.database import Database
from store.enrolment_requests import SqlEnrolmentRequests
from store.seal_codes import SqlSealCodes
from store.seals import SqlSeals
from tests.support.pki import NOON, Pki
from tests.unit.store.samples import credential

MINUTE = timedelta(minutes=1)


@pytest.fixture
def seal(database: Database, pki: Pki) -> Iterator[Credential]:
    made = credential(pki.official)
    made = replace(made, signatory=replace(made.signatory, id=f"{SEAL_PREFIX}CONTOH"))
    made = replace(made, key=replace(made.key, signatory_id=made.signatory.id))
    SqlCredentialStore(database).add(made, actor="test", at=NOON)
    permission = SealPermission(
        id="permission",
        credential_id=made.id,
        client_id="e-office",
        networks=("192.0.2.0/24",),
        documents=3,
        used=0,
        granted_at=NOON,
        expires_at=NOON + timedelta(hours=1),
        ended_at=None,
    )
    SqlSeals(database).grant(permission)
    return made


def code(seal: Credential, name: str = "0a" * 16, **changes: object) -> SealCode:
    plain = SealCode(
        id=name,
        kind=SealCodeKind.SEALING,
        user_name="e-office-utama",
        credential_id=seal.id,
        permission_id="permission",
        code_hash="ab" * 32,
        files=2,
        made_at=NOON,
        expires_at=NOON + 5 * MINUTE,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields of the class


def use(seal: Credential, *, files: int = 2, address: str = "192.0.2.7", call: str = "cd" * 32) -> SealUse:
    return SealUse(
        user_name="e-office-utama",
        client_id="e-office",
        credential_id=seal.id,
        address=address,
        files=files,
        call=call,
        repeated_since=NOON,
    )


def used(database: Database, seal: Credential) -> int:
    (permission,) = SqlSeals(database).newest(seal.id, "e-office")
    return permission.used


def test_of_two_who_bring_a_code_at_once_one_seals(database: Database, seal: Credential) -> None:
    store, made = SqlSealCodes(database), code(seal)
    store.replace(made, at=NOON)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: store.use(made, use(seal, files=1), at=NOON + MINUTE), range(4)))
    assert sorted(done) == [False, False, False, True]
    assert used(database, seal) == 1


def test_a_permission_with_too_little_left_costs_no_code(database: Database, seal: Credential) -> None:
    store, made = SqlSealCodes(database), code(seal)
    store.replace(made, at=NOON)
    with pytest.raises(ActivationRefused) as refused:
        store.use(made, use(seal, files=4), at=NOON + MINUTE)
    assert refused.value.reason == "seal-used-up"
    with pytest.raises(ActivationRefused) as refused:
        store.use(made, use(seal, address="198.51.100.1"), at=NOON + MINUTE)
    assert refused.value.reason == "seal-network"
    assert used(database, seal) == 0
    assert store.use(made, use(seal), at=NOON + MINUTE)
    known = store.newest(SealCodeKind.SEALING, "e-office-utama", seal.id)
    assert known is not None
    assert (known.used_for, known.ended_at) == ("cd" * 32, NOON + MINUTE)


def test_a_code_ends_with_its_time_its_successor_and_its_last_wrong_try(database: Database, seal: Credential) -> None:
    store, first = SqlSealCodes(database), code(seal)
    store.replace(first, at=NOON)
    assert not store.use(first, use(seal), at=NOON + 5 * MINUTE)
    second = code(seal, "0b" * 16, made_at=NOON + MINUTE)
    store.replace(second, at=NOON + MINUTE)
    assert not store.check(first.id, True, most_wrong=5, at=NOON + 2 * MINUTE)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.check(second.id, False, most_wrong=5, at=NOON + 2 * MINUTE), range(5)))
    assert not store.check(second.id, True, most_wrong=5, at=NOON + 2 * MINUTE)
    assert not store.end(second.id, at=NOON + 2 * MINUTE)
    assert store.purge(NOON + timedelta(days=1)) == 2


def request(name: str, email: str, client_id: str = "e-office") -> EnrolmentRequest:
    return EnrolmentRequest(id=name, client_id=client_id, name="Ni Contoh", email=email, asked_at=NOON)


def test_an_address_waits_once_in_whatever_case(database: Database) -> None:
    store = SqlEnrolmentRequests(database)
    emails = ["Ni@contoh.go.id", "ni@contoh.go.id", "NI@CONTOH.GO.ID", "lain@contoh.go.id"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: store.add(request(f"r{each[0]}", emails[each[0]]), most=9), enumerate(emails)))
    assert len(store.open(after="", limit=10)) == 2
    assert store.waits("nI@contoh.go.id")


def test_a_closed_request_is_closed_and_its_address_may_wait_again(database: Database) -> None:
    store = SqlEnrolmentRequests(database)
    store.add(request("r1", "ni@contoh.go.id"), most=1)
    with pytest.raises(RegistrationRefused):
        store.add(request("r2", "lain@contoh.go.id"), most=1)
    store.add(request("r3", "lain@contoh.go.id", "lain"), most=1)
    closed = store.close("r1", actor="rani", at=NOON + MINUTE)
    assert closed is not None
    assert (closed.closed_by, closed.closed_at) == ("rani", NOON + MINUTE)
    assert store.close("r1", actor="rani", at=NOON + MINUTE) is None
    assert not store.waits("ni@contoh.go.id")
    store.add(request("r4", "ni@contoh.go.id"), most=1)
    assert [each.id for each in store.open(after="r3", limit=10)] == ["r4"]
