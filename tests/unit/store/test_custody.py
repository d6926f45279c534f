"""Stored canaries, and who still names which version of KEK and pepper."""

from dataclasses import replace

import pytest

from signer.factors.model import Authenticator, SealedSeed
from signer.model import CredentialState
from store.audit import Act, AuditTrail
from store.credentials import SqlCredentialStore
from store.custody import SqlCustodyStore
from store.database import Database
from store.errors import AlreadyExists
from store.factors import SqlFactorStore
from tests.support.api_memory import MemorySecrets
from tests.support.hooks import HookOffice
from tests.support.pki import Pki
from tests.unit.store.samples import NOON, credential


def acts(database: Database) -> list[tuple[str, str]]:
    return [(entry.act, entry.object) for entry in AuditTrail(database).read()]


def test_a_canary_comes_back_as_it_was_stored(database: Database, pki: Pki) -> None:
    store, canary = SqlCustodyStore(database), credential(pki.official).key
    store.add_canary(canary, actor="service", at=NOON)
    assert store.canaries() == (canary,)
    assert acts(database) == [(Act.KEY_CUSTODY.value, f"key:{canary.kek_label}")]


def test_a_canary_is_never_replaced(database: Database, pki: Pki) -> None:
    store, canary = SqlCustodyStore(database), credential(pki.official).key
    store.add_canary(canary, actor="service", at=NOON)
    with pytest.raises(AlreadyExists):
        store.add_canary(replace(canary, key_id="other"), actor="service", at=NOON)
    assert store.canaries() == (canary,)
    assert len(acts(database)) == 1


def test_versions_are_counted_by_the_credentials_that_may_still_sign(database: Database, pki: Pki) -> None:
    credentials, store = SqlCredentialStore(database), SqlCustodyStore(database)
    for number, state in enumerate(CredentialState):
        one = credential(pki.official)
        key = replace(one.key, key_id=f"key-{number}", kek_label="kek-1" if number else "kek-2")
        credentials.add(replace(one, id=f"credential-{number}", key=key, state=state), actor="ra", at=NOON)
    alive = len(CredentialState) - 2  # revoked and retired ones open nothing any more
    named = store.named_by()
    assert named["kek-2"] == 1
    assert named["kek-1"] == alive - 1
    assert named[credential(pki.official).key.pepper_label] == alive


def test_a_version_that_is_named_is_not_retired(database: Database, pki: Pki) -> None:
    credentials, store = SqlCredentialStore(database), SqlCustodyStore(database)
    one = credential(pki.official)
    credentials.add(one, actor="ra", at=NOON)
    store.add_canary(one.key, actor="service", at=NOON)
    before = acts(database)
    assert store.retire(one.key.kek_label, actor="custodian", at=NOON) == 1
    assert store.canaries() == (one.key,)
    assert acts(database) == before


@pytest.mark.parametrize("which", ["kek_label", "pepper_label"])
def test_a_version_that_nobody_names_is_retired_with_its_canary(database: Database, pki: Pki, which: str) -> None:
    credentials, store = SqlCredentialStore(database), SqlCustodyStore(database)
    one = credential(pki.official)
    credentials.add(one, actor="ra", at=NOON)
    older = replace(one.key, kek_label="kek-official-0", pepper_label="pepper-0")
    for canary in (one.key, older):
        store.add_canary(canary, actor="service", at=NOON)
    assert store.retire(getattr(older, which), actor="custodian", at=NOON) == 0
    assert store.canaries() == (one.key,)
    assert acts(database)[-1] == (Act.KEY_CUSTODY.value, f"key:{getattr(older, which)}")


def test_the_secret_of_a_webhook_keeps_its_pepper_until_it_is_sealed_anew(database: Database) -> None:
    store, office = SqlCustodyStore(database), HookOffice(database)
    hook, _ = office.hook("https://surat.contoh.go.id/hook")
    ((_, old),) = office.store.sealed_otherwise("pepper-2")
    new = replace(old, pepper_label="pepper-2", sealed=b"sealed anew")
    assert store.named_by()["pepper-1"] == 1
    assert store.retire("pepper-1", actor="test", at=NOON) == 1
    assert office.service.reseal("pepper-1") == 0
    assert office.store.reseal(hook.id, old=old, new=new, at=NOON)
    assert not office.store.reseal(hook.id, old=old, new=new, at=NOON)
    assert store.retire("pepper-1", actor="test", at=NOON) == 0
    assert office.store.sealed_otherwise("pepper-1") == ((hook.id, new),)


def test_secrets_of_webhooks_are_sealed_anew_by_the_job(database: Database) -> None:
    office = HookOffice(database)
    hook, secret = office.hook("https://surat.contoh.go.id/hook")
    assert office.service.reseal("pepper-of-tomorrow") == 1
    (sealed,) = office.queue.secrets(hook.id, at=NOON)
    assert MemorySecrets().open(sealed, owner=f"webhook:{hook.id}").decode() == secret.reveal()


def test_an_authenticator_keeps_its_pepper_from_being_retired(database: Database, pki: Pki) -> None:
    store, factors = SqlCustodyStore(database), SqlFactorStore(database)
    seed = SealedSeed(sealed=b"s", nonce=b"n", salt=b"t", pepper_label="pepper-7")
    made = Authenticator(id="a", signatory_id="K5QX", label="", seed=seed, last_step=0, added_at=NOON)
    factors.propose(made, at=NOON)
    assert store.named_by()["pepper-7"] == 1
    assert store.retire("pepper-7", actor="test", at=NOON) == 1
    factors.reset("K5QX", actor="test", at=NOON)
    assert store.retire("pepper-7", actor="test", at=NOON) == 0
