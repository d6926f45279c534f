"""A new KEK and pepper: every seal moves without anybody's passphrase, also when the mover is killed anywhere."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from api.authority import build_authority
from api.batches.build import build_seals
from api.first_start import settings_in
from api.given import utc_now
from api.hsm import open_hsm
from api.stores import open_stores
from signer.seals import SealService
from tests.support.fresh import in_fresh_process
from tests.support.service import ROOT, change_settings, copied, environment, running_service, teken
from tests.support.waiting import follow

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(300)]

SEALS = 12
OLD, NEW = ("kek-official-1", "pepper-1"), ("kek-official-2", "pepper-2")
MOVER = """
import sys
from pathlib import Path
from tests.integration.test_seals_rotation import move
move(Path(sys.argv[1]), ready=lambda: print("ready", flush=True))
"""

Made = TypeVar("Made")


def with_seals(folder: Path, act: Callable[[SealService], Made]) -> Made:
    settings = settings_in(folder)
    with open_stores(settings) as stores, open_hsm(settings, os.urandom) as hsm:
        authority = build_authority(settings, stores, hsm, now=utc_now, random_bytes=os.urandom)
        return act(build_seals(stores, hsm, authority, now=utc_now, random_bytes=os.urandom))


def enrol(folder: Path) -> None:
    def some(seals: SealService) -> None:
        for number in range(SEALS):
            seals.enrol(f"Segel Contoh {number}", "Pemerintah Contoh", "NTRID-0000000000", actor="kepala")

    with_seals(folder, some)


def move(folder: Path, ready: Callable[[], object] = lambda: None) -> int:
    """The job, as the service runs it."""

    def moved(seals: SealService) -> int:
        ready()
        return seals.move_to_newest()

    return with_seals(folder, moved)


def named(folder: Path) -> Counter[tuple[str, str]]:
    """How many seals name which KEK and pepper; each of them opens, and signs for its own certificate."""

    def count(seals: SealService) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        for seal in seals.all():
            value = seals.open(seal).sign(b"surat", ec.ECDSA(hashes.SHA256()))
            public = seal.certificate.public_key()
            assert isinstance(public, ec.EllipticCurvePublicKey)
            public.verify(value, b"surat", ec.ECDSA(hashes.SHA256()))
            found[seal.key.kek_label, seal.key.pepper_label] += 1
        return found

    return with_seals(folder, count)


@pytest.fixture
def folder(born: Path, tmp_path: Path) -> Path:
    """Seals of before, and the settings of today."""
    made = copied(born, tmp_path / "data")
    in_fresh_process(enrol, made)
    words = ("custody", "make", "--custodian", "Penjaga", "--alone", "--kek", NEW[0], "--pepper", NEW[1])
    done = teken(made, *words)
    assert done.returncode == 0, done.stderr
    change_settings(made, hsm={"kek": NEW[0], "pepper": NEW[1]})
    return made


def test_killed_anywhere_every_seal_arrives_under_the_new_kek(folder: Path, tmp_path: Path) -> None:
    draw = random.Random(7)  # noqa: S311 - moments, not secrets
    for attempt in range(1, 9):  # a quick machine may be done before the first kill: then sooner, and once more
        here = copied(folder, tmp_path / f"attempt-{attempt}")
        seen = killed_until_all_arrived(here, draw, latest=0.15 / attempt)
        if any(0 < each < SEALS for each in seen):
            break
    else:
        pytest.fail(f"no kill came in the middle, so nothing was shown: {seen}")
    in_fresh_process(move, here)
    assert in_fresh_process(named, here) == {NEW: SEALS}
    assert in_fresh_process(move, here) == 0


def killed_until_all_arrived(folder: Path, draw: random.Random, *, latest: float) -> list[int]:
    """How many had arrived after each kill; the mover is killed after `latest` seconds at most."""
    seen = [0]
    while seen[-1] < SEALS and len(seen) < 30:
        kill_the_mover(folder, draw.uniform(0, latest))
        counts = in_fresh_process(named, folder)
        assert set(counts) <= {OLD, NEW}
        assert sum(counts.values()) == SEALS
        assert counts[NEW] >= seen[-1], "none goes back"
        seen.append(counts[NEW])
    return seen


def test_the_service_moves_them_when_it_starts(folder: Path) -> None:
    with running_service(folder, command="serve"):
        follow(lambda: in_fresh_process(named, folder), lambda counts: counts == {NEW: SEALS})


def kill_the_mover(folder: Path, seconds: float) -> None:
    """It ends by itself where it is quicker."""
    words = [sys.executable, "-c", MOVER, str(folder)]
    process = subprocess.Popen(words, cwd=ROOT, env=environment(), stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
