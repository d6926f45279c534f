import dataclasses
import hashlib
import hmac
import threading
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hsm_config import sealing
from hsm_config.errors import HsmMisconfigured, HsmUnavailable, SealNotOpened
from hsm_config.sealing import Argon2Cost, Binding, Seal, open_seal, seal

PASSPHRASE = "kunci rahasia contoh"
BLOB = bytes(range(80))
BINDING = Binding(
    key_id="key-1",
    signatory_id="signatory-1",
    public_key=b"a public key",
    kek_label="kek-official-1",
    wrap_mechanism=0x210A,
)


def pepper(message: bytes) -> bytes:
    return hmac.digest(b"in the HSM", message, hashlib.sha256)


def other_pepper(message: bytes) -> bytes:
    return hmac.digest(b"in another HSM", message, hashlib.sha256)


def counted(count: int) -> bytes:
    return bytes(range(count))


@pytest.fixture(scope="module")
def sealed() -> Seal:
    return seal(BLOB, BINDING, passphrase=PASSPHRASE, pepper=pepper, random_bytes=counted)


def test_the_right_passphrase_opens_the_seal(sealed: Seal) -> None:
    assert open_seal(sealed, BINDING, passphrase=PASSPHRASE, pepper=pepper) == BLOB


def test_a_sealed_p256_key_takes_96_octets_and_the_cost_is_the_contract_s(sealed: Seal) -> None:
    assert len(sealed.sealed) == 96
    assert sealed.cost == Argon2Cost(memory_kib=65536, passes=3, lanes=1)


def test_the_derivation_is_the_contract_s_step_by_step(sealed: Seal) -> None:
    salt, nonce, context = bytes(range(16)), bytes(range(12)), b"teken/layer2/1"
    a = Argon2id(salt=salt, length=32, iterations=3, lanes=1, memory_cost=65536).derive(PASSPHRASE.encode())
    extracted = hmac.digest(bytes(32), a + pepper(context + b"key-1" + salt), "sha256")  # RFC 5869, 2.2
    k = hmac.digest(extracted, context + b"\x01", "sha256")  # RFC 5869, 2.3: one block
    assert AESGCM(k).decrypt(nonce, sealed.sealed, BINDING.aad()) == BLOB


def test_the_sealed_bytes_never_change(sealed: Seal) -> None:
    """Golden: a release that derives another key or aad opens none of the keys sealed before it."""
    digest = hashlib.sha256(sealed.sealed).hexdigest()
    assert digest == "e4ab5c94441f8e5dbbcfed60d3e7af36843c061f9bd4f379bbca1ba9ee074143"


def test_another_unicode_spelling_of_the_passphrase_opens_it_too(sealed: Seal) -> None:
    composed = seal(BLOB, BINDING, passphrase="café ﬁnal 12 huruf", pepper=pepper, random_bytes=counted)
    assert open_seal(composed, BINDING, passphrase="cafe\u0301 final 12 huruf", pepper=pepper) == BLOB


def test_a_wrong_passphrase_does_not_open_it_and_is_not_repeated(sealed: Seal) -> None:
    with pytest.raises(SealNotOpened) as refusal:
        open_seal(sealed, BINDING, passphrase="kunci yang salah", pepper=pepper)
    assert "salah" not in str(refusal.value)


def test_another_pepper_does_not_open_it(sealed: Seal) -> None:
    with pytest.raises(SealNotOpened):
        open_seal(sealed, BINDING, passphrase=PASSPHRASE, pepper=other_pepper)


@pytest.mark.parametrize(
    "changed",
    [
        {"key_id": "key-2"},
        {"signatory_id": "signatory-2"},
        {"public_key": b"another public key"},
        {"kek_label": "kek-official-2"},
        {"wrap_mechanism": 0x210B},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_no_bound_field_can_be_changed(sealed: Seal, changed: dict[str, Any]) -> None:
    with pytest.raises(SealNotOpened):
        open_seal(sealed, dataclasses.replace(BINDING, **changed), passphrase=PASSPHRASE, pepper=pepper)


def test_a_seal_of_a_later_release_is_named_as_such(sealed: Seal) -> None:
    with pytest.raises(HsmMisconfigured, match="layer version 2"):
        open_seal(sealed, dataclasses.replace(BINDING, layer_version=2), passphrase=PASSPHRASE, pepper=pepper)


@pytest.mark.parametrize(
    "changed",
    [
        {"salt": bytes(16)},
        {"salt": b"short"},
        {"nonce": bytes(12)},
        {"nonce": b"short"},
        {"sealed": bytes(96)},
        {"sealed": b""},
        {"cost": Argon2Cost(passes=2)},
        {"cost": Argon2Cost(passes=0)},
        {"cost": Argon2Cost(lanes=0)},
        {"cost": Argon2Cost(memory_kib=7)},
        {"cost": Argon2Cost(memory_kib=32 * 1024 * 1024)},
        {"cost": Argon2Cost(passes=1_000_000)},
    ],
    ids=str,
)
def test_no_part_of_the_seal_can_be_changed(sealed: Seal, changed: dict[str, Any]) -> None:
    with pytest.raises(SealNotOpened):
        open_seal(dataclasses.replace(sealed, **changed), BINDING, passphrase=PASSPHRASE, pepper=pepper)


def test_fields_that_run_into_each_other_are_bound_differently() -> None:
    one = dataclasses.replace(BINDING, key_id="ab", signatory_id="c")
    other = dataclasses.replace(BINDING, key_id="a", signatory_id="bc")
    assert one.aad() != other.aad()


def test_only_two_keys_are_opened_at_once(sealed: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = 0, 0
    lock, pair = threading.Lock(), threading.Barrier(2)

    def slow_hash(*_: object, **__: object) -> bytes:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        pair.wait(60)  # two are inside together
        time.sleep(0.02)  # and a third would come now
        with lock:
            inside -= 1
        return bytes(32)

    def attempt() -> None:
        with pytest.raises(SealNotOpened):
            open_seal(sealed, BINDING, passphrase=PASSPHRASE, pepper=pepper)

    monkeypatch.setattr(sealing, "hash_secret_raw", slow_hash)
    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_who_waits_too_long_for_an_opening_is_told_to_try_again(sealed: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_openings", threading.BoundedSemaphore(1))
    monkeypatch.setattr(sealing, "PATIENCE", 0.01)
    with sealing._openings, pytest.raises(HsmUnavailable, match="try again"):
        open_seal(sealed, BINDING, passphrase=PASSPHRASE, pepper=pepper)
