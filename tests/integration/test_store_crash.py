"""A process that dies at the worst moment leaves a state that the next one can explain."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from signer.model import SigningState
from store.audit import AuditTrail
from store.database import open_database
from store.documents import FileVault, open_vault
from store.signatures import SqlRegister, SqlSignatureLog
from tests.support.databases import execute
from tests.unit.store.samples import NOON, digest, intent, signed
from verifier.model import Relation

ROOT = Path(__file__).resolve().parents[2]
PRELUDE = """
import os, signal, sys
from pathlib import Path
from store.audit import Act, append
from store.database import open_database
from store.documents import open_vault
from store.signatures import SqlSignatureLog
from tests.unit.store.samples import NOON, intent, signed

def die():
    os.kill(os.getpid(), signal.SIGKILL)

database = open_database(sys.argv[1], 2)
log, vault = SqlSignatureLog(database), open_vault(Path(sys.argv[2]))
"""


def dies(act: str, url: str, folder: Path) -> None:
    """Run `act` in a process of its own, which must end by SIGKILL."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + act, url, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_killed_between_vault_and_row_the_document_is_whole_and_the_signing_is_settled(
    database_url: str, tmp_path: Path
) -> None:
    dies("log.reserve(intent()); vault.put(b'signed letter'); die()", database_url, tmp_path)
    vault = open_vault(tmp_path)
    with open_database(database_url, 2) as database:
        log = SqlSignatureLog(database)
        assert vault.get(digest("signed letter")) == b"signed letter"
        assert log.find(intent().code.token).outcome is None
        register = SqlRegister(database).relation(sha256=digest("signed letter"), prefix_sha256s=())
        assert register == (Relation.NOT_REGISTERED, None)
        assert log.settle_abandoned(before=NOON + timedelta(minutes=10), at=NOON + timedelta(minutes=10)) == 1
        outcome = log.find(intent().code.token).outcome
        assert (outcome.state, outcome.failure) == (SigningState.FAILED, "interrupted")
        assert vault.put(b"signed letter") == digest("signed letter")
        assert AuditTrail(database).verify() is None


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(
            """
import store.signatures as s
s.append = lambda *a, **k: die()
log.record(intent().code, signed())
""",
            id="after the row",
        ),
        pytest.param(
            """
import store.chain as c
c.chained = lambda *a: die()
log.record(intent().code, signed())
""",
            id="with the head of the chain locked",
        ),
        pytest.param(
            """
from sqlalchemy.orm import Session
Session.commit = lambda self: die()
log.record(intent().code, signed())
""",
            id="just before the commit",
        ),
    ],
)
def test_killed_inside_a_transaction_neither_row_nor_entry_is_there_and_nobody_waits(
    database_url: str, tmp_path: Path, act: str
) -> None:
    dies("log.reserve(intent())\n" + act, database_url, tmp_path)
    with open_database(database_url, 2) as database:
        log = SqlSignatureLog(database)
        assert log.find(intent().code.token).outcome is None
        assert execute(database_url, "SELECT count(*) FROM audit_entries") == [(1,)]
        log.record(intent().code, signed())
        assert AuditTrail(database).verify() is None


def test_killed_while_writing_a_document_leaves_a_draft_that_is_no_document(database_url: str, tmp_path: Path) -> None:
    dies("os.link = lambda *a: die(); vault.put(b'signed letter')", database_url, tmp_path)
    vault = open_vault(tmp_path)
    assert isinstance(vault, FileVault)
    assert vault.get(digest("signed letter")) is None
    assert len([path for path in tmp_path.glob("??/??/.*") if path.is_file()]) == 1
    draft = next(tmp_path.glob("??/??/.*"))
    os.utime(draft, (0, 0))
    assert vault.sweep(NOON) == 1
    assert vault.put(b"signed letter") == digest("signed letter")
