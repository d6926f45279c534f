"""`signer.remote` over both databases: the races and crashes of csc.md, 14, "SAD and consumption"."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from signer.authorisation import AuthorisationState, AuthorisedDigest, Purpose, secret_hash
from signer.errors import ActivationRefused
from signer.model import Secret
from signer.remote_model import Caller, RemoteRefusal
from store.audit import Act
from store.database import Database, open_database
from tests.support.csc import CLIENT, HOME, PERSON, Court, digest
from tests.support.pki import Pki
from tests.support.signer_memory import MemoryKeyVault

CALLERS = 20
PERSONS = Caller(client_id=CLIENT, user_id=PERSON, address=HOME)
CLIENTS = Caller(client_id=CLIENT, user_id=None, address=HOME)


class CountingVault(MemoryKeyVault):
    """Software keys that count what they signed."""

    def __init__(self) -> None:
        super().__init__()
        self.signed = 0

    def sign_all(self, key: ec.EllipticCurvePrivateKey, digests: Sequence[bytes]) -> tuple[bytes, ...]:
        self.signed += len(digests)
        return super().sign_all(key, digests)


class DyingVault(MemoryKeyVault):
    """Takes the whole process with it in the moment of signing."""

    def sign_all(self, key: ec.EllipticCurvePrivateKey, digests: Sequence[bytes]) -> tuple[bytes, ...]:
        os._exit(9)


def use(text: str, purpose: Purpose | None = Purpose.DTBSR) -> AuthorisedDigest:
    return AuthorisedDigest(value=digest(text).hex(), purpose=purpose)


def at_once(court: Court, caller: Caller, credential_id: str, sad: str, digests: Sequence[str]) -> list[str]:
    """What became of as many calls as there are digests, begun in the same moment."""
    barrier = Barrier(len(digests))

    def call(text: str) -> str:
        barrier.wait()
        try:
            court.remote.sign_hashes(caller, credential_id, [use(text)], Secret(sad))
        except ActivationRefused as error:
            return error.reason
        return "signed"

    with ThreadPoolExecutor(len(digests)) as threads:
        return list(threads.map(call, digests))


def test_20_calls_at_once_for_one_digest_make_exactly_one_signature(database: Database) -> None:
    vault = CountingVault()
    court = Court(database, keys=vault)
    official = court.enrol("cred-official", PERSON, holder=court.pki.official)
    sad = court.approved(official, [digest("one"), digest("another")])

    became = at_once(court, PERSONS, official.id, sad, ["one"] * CALLERS)

    assert sorted(became) == sorted([RemoteRefusal.DIGEST.value] * (CALLERS - 1) + ["signed"])
    assert vault.signed == 1
    assert court.state(sad) == (AuthorisationState.ACTIVE, 1)


def test_20_calls_at_once_for_the_last_count_make_exactly_one_signature(database: Database) -> None:
    vault = CountingVault()
    court = Court(database, keys=vault)
    seal = court.enrol("cred-seal", "seal-DINAS")
    court.lend(seal.id)
    sad = court.sealed(seal.id, [], count=1)

    became = at_once(court, CLIENTS, seal.id, sad, [f"last {each}" for each in range(CALLERS)])

    assert became.count("signed") == 1
    assert set(became) <= {"signed", RemoteRefusal.DIGEST.value, RemoteRefusal.SAD.value}
    assert vault.signed == 1
    assert court.state(sad) == (AuthorisationState.SPENT, 1)


def test_20_authorisations_at_once_never_take_more_than_was_lent(database: Database) -> None:
    court = Court(database)
    seal = court.enrol("cred-seal", "seal-DINAS")
    permission = court.lend(seal.id, documents=7)

    def ask(_: int) -> bool:
        try:
            court.sealed(seal.id, [], count=2)
        except ActivationRefused:
            return False
        return True

    with ThreadPoolExecutor(CALLERS) as threads:
        given = list(threads.map(ask, range(CALLERS)))

    found = court.lent.permission(permission)
    assert sum(given) == 3
    assert found is not None
    assert found.used == 6


def test_what_is_used_up_is_committed_before_the_key_is_used(database: Database, database_url: str) -> None:
    """The process dies inside of the HSM's call; another one looks."""
    court = Court(database)
    official = court.enrol("cred-official", PERSON, holder=court.pki.official)
    sad = court.approved(official, [digest("dying"), digest("living")])

    ended = os.fork()
    if ended == 0:
        _die_signing(database_url, court.pki, official.id, sad)
    _, status = os.waitpid(ended, 0)

    assert os.waitstatus_to_exitcode(status) == 9
    assert court.state(sad) == (AuthorisationState.ACTIVE, 1)
    (consumed,) = court.entries(Act.ACTIVATION_CONSUME)
    assert consumed.outcome == "done"
    assert digest("dying").hex() in consumed.details
    assert court.entries(Act.ACTIVATION_SIGN) == []  # nobody lived to tell
    with pytest.raises(ActivationRefused) as again:
        court.remote.sign_hashes(PERSONS, official.id, [use("dying")], Secret(sad))
    assert again.value.reason == RemoteRefusal.DIGEST
    assert court.remote.sign_hashes(PERSONS, official.id, [use("living")], Secret(sad))


def _die_signing(url: str, pki: Pki, credential_id: str, sad: str) -> None:
    """In a process of its own, with a database connection of its own."""
    try:
        with open_database(url, 2, software="teken/test") as own:
            Court(own, pki=pki, keys=DyingVault()).remote.sign_hashes(
                PERSONS, credential_id, [use("dying")], Secret(sad)
            )
    finally:
        os._exit(1)


def test_the_key_of_an_authorisation_is_gone_when_it_is_used_up(database: Database) -> None:
    court = Court(database)
    official = court.enrol("cred-official", PERSON, holder=court.pki.official)
    sad = court.approved(official, [digest("last one")])
    court.remote.sign_hashes(PERSONS, official.id, [use("last one")], Secret(sad))

    found = court.authorisations.behind(secret_hash(sad))

    assert found is not None
    assert found.carried is None
