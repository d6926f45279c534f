"""Passwords of staff: kept as a slow hash, spelled as it may be, and nobody's hash is as slow as somebody's."""

import subprocess
import sys
import time
from itertools import repeat

import pytest
from argon2 import PasswordHasher, Type

from hsm_config import sealing
from hsm_config.errors import HsmUnavailable
from hsm_config.passwords import fits, hashed

PASSWORD = "lontar kering di rak bambu"


def counted(count: int) -> bytes:
    return bytes(range(count))


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(PASSWORD, counted)


def test_the_right_password_fits_and_nothing_else_does(kept: str) -> None:
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$"), "the cost of passphrases"
    assert PASSWORD not in kept
    assert fits(kept, PASSWORD)
    assert not any(fits(kept, wrong) for wrong in ("", PASSWORD.upper(), PASSWORD + " "))
    assert hashed(PASSWORD, bytes) != kept, "another salt"


def test_one_word_typed_in_two_ways_is_one_password() -> None:
    made = hashed("cafe\u0301 \ufb01lsafat lontar", counted)
    assert fits(made, "caf\u00e9 filsafat lontar")


def test_what_is_no_hash_of_ours_is_nobodys_and_takes_as_long(kept: str) -> None:
    greedy = "$argon2id$v=19$m=4194304,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$" + "A" * 43
    other = PasswordHasher(type=Type.I, time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    fits(None, PASSWORD)  # what nobody is compared with is made once
    took = []
    for _ in range(3):  # the quickest: memory that others use as well makes some slower
        started = time.process_time()
        assert fits(kept, PASSWORD)
        took.append(time.process_time() - started)
    for none in (None, "", "geheim", greedy, other):
        started = time.process_time()
        assert not fits(none, PASSWORD)
        assert time.process_time() - started > min(took) / 3
    assert not fits(None, ""), "not even the password of nobody"


def test_too_many_at_once_are_told_as_such(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "PATIENCE", 0.01)
    taken = [sealing.one_opening() for _ in repeat(None, sealing.OPENINGS_AT_ONCE)]
    for each in taken:
        each.__enter__()
    try:
        with pytest.raises(HsmUnavailable):
            fits(kept, PASSWORD)
    finally:
        for each in taken:
            each.__exit__(None, None, None)


def test_too_little_memory_is_told_as_such() -> None:
    done = subprocess.run([sys.executable, "-c", SHORT], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == ["no memory to check a password: give the process 128 MiB more"] * 2, done.stderr


SHORT = """
import resource
from hsm_config.errors import HsmUnavailable
from hsm_config.passwords import fits, hashed

pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (32 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for ask in (lambda: hashed("x", lambda count: bytes(count)), lambda: fits(None, "x")):
    try:
        ask()
    except HsmUnavailable as error:
        print(error)
"""
