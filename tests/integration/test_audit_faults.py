"""No log, no act: the trail cannot be written, or cannot be proven, and nothing is done.

Signing, issuing and revoking run over the real stores, with keys in software.
"""

import os
import resource
import secrets
import shutil
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from api.audit import checkpointing, copies
from api.audit.guard import GuardedCertificateLog
from ca.csr import request_for
from ca.errors import CaError, SigningKeyUnavailable
from ca.profiles import OFFICIAL
from signer.errors import Unavailable
from signer.service import SigningService
from signer.timestamping import TimestampAuthorities
from store.activations import SqlActivationStore
from store.checkpoints import Checkpoint, SqlCheckpoints
from store.credentials import SqlCredentialStore
from store.database import Database, open_database
from store.documents import open_vault
from store.errors import DatabaseUnavailable, TrailNotProven
from store.signatures import SqlSignatureLog
from tests.support.audit import AuditRoom, new_room
from tests.support.ca_hierarchy import PERSON
from tests.support.ca_keys import SilentKey
from tests.support.databases import execute
from tests.support.signer_memory import PkiStatusSource, PkiTimestamper
from tests.support.signing import CREDENTIAL, Desk, request

STATE = (
    "SELECT count(*) FROM audit_entries",
    "SELECT count(*) FROM certificates",
    "SELECT count(*) FROM certificates WHERE state = 'revoked'",
    "SELECT count(*) FROM signatures",
    "SELECT count(*) FROM activations",
    "SELECT sum(failed_attempts) FROM credentials",
    "SELECT count(*) FROM audit_checkpoints",
)


@dataclass
class House:
    """Signing, issuing and revoking over one database and one guard."""

    room: AuditRoom
    signing: SigningService
    url: str
    vault: Path
    certificate: x509.Certificate

    def issue(self) -> x509.Certificate:
        csr = request_for(ec.generate_private_key(ec.SECP256R1()), PERSON.common_name)
        return self.room.world.issuance().issue(csr, PERSON, OFFICIAL, "officer-1")

    def revoke(self) -> None:
        self.room.world.revoke(self.certificate)

    def sign(self) -> None:
        self.signing.sign(request())

    def state(self) -> list[object]:
        documents = sorted(str(path) for path in self.vault.rglob("*") if path.is_file())
        return [execute(self.url, question) for question in STATE] + [documents]

    def refuses_everything(self, *errors: type[Exception]) -> None:
        """Each act ends with one of `errors`, and leaves no row, no document and no spent consent."""
        before = self.state()
        for act in (self.sign, self.issue, self.revoke):
            with pytest.raises(errors):
                act()
        assert self.state() == before

    def does_everything(self) -> None:
        self.sign()
        self.issue()
        self.revoke()


@pytest.fixture
def house(database: Database, database_url: str, tmp_path: Path) -> House:
    return build_house(database, database_url, tmp_path)


def build_house(database: Database, url: str, folder: Path) -> House:
    room = new_room(database, folder)
    desk = Desk()
    room.clock.at = desk.clock
    guard = room.guard()
    credentials = SqlCredentialStore(database)
    known = desk.credentials.get(CREDENTIAL)
    assert known is not None
    credentials.add(known, actor="registrar", at=desk.clock)
    signing = SigningService(
        credentials=credentials,
        keys=desk.software,
        activations=SqlActivationStore(database),
        log=SqlSignatureLog(database),
        vault=open_vault(folder / "vault"),
        authorities=TimestampAuthorities([PkiTimestamper(pki=desk.pki)], now=room.clock),
        status=PkiStatusSource(pki=desk.pki),
        verify_url=lambda code: f"https://tte.contoh.go.id/v/{code.token}",
        now=room.clock,
        random_bytes=secrets.token_bytes,
        require_trail=guard.require,
    )
    log = GuardedCertificateLog(database, lambda _: guard.require())
    room.world = replace(room.world, log=log)  # type: ignore[arg-type] - the port's other keeper
    csr = request_for(ec.generate_private_key(ec.SECP256R1()), PERSON.common_name)
    certificate = room.world.issuance().issue(csr, PERSON, OFFICIAL, "officer-1")
    return House(room, signing, url, folder / "vault", certificate)


@pytest.fixture
def room(database: Database, tmp_path: Path) -> AuditRoom:
    return new_room(database, tmp_path)


def test_with_a_trail_that_can_be_written_everything_is_done(house: House) -> None:
    house.does_everything()
    assert house.room.checkpoint() == 1
    assert house.room.check().whole


def test_a_trail_that_is_read_only_stops_everything(house: House) -> None:
    if house.url.startswith("sqlite"):
        execute(house.url, "CREATE TRIGGER closed BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no'); END")
        reopen = "DROP TRIGGER closed"
    else:
        execute(
            house.url,
            "CREATE FUNCTION closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
            "CREATE TRIGGER closed BEFORE INSERT ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION closed()",
        )
        reopen = "DROP TRIGGER closed ON audit_entries"
    house.refuses_everything(DatabaseUnavailable)
    with pytest.raises((CaError, DatabaseUnavailable)):
        house.room.checkpoint()  # the timestamp of a checkpoint is an act as well
    execute(house.url, reopen)
    house.does_everything()


def test_an_audit_key_that_is_gone_stops_everything_in_time(house: House) -> None:
    house.room.key, own = SilentKey(house.room.key), house.room.key  # type: ignore[assignment] - a key that fails
    with pytest.raises(SigningKeyUnavailable):
        house.room.checkpoint()
    house.room.clock.advance(minutes=15)
    house.refuses_everything(TrailNotProven)

    house.room.key = own
    house.room.checkpoint()
    house.room.clock.advance(seconds=10)
    house.does_everything()


def test_a_place_outside_that_is_gone_stops_everything_in_time(house: House) -> None:
    gone = house.room.folder.rename(house.room.folder.with_name("unmounted"))
    with pytest.raises(Exception, match="mount or make the folder"):
        house.room.checkpoint()
    house.room.clock.advance(minutes=15)
    house.refuses_everything(TrailNotProven)
    gone.rename(house.room.folder)
    house.room.checkpoint()
    house.room.clock.advance(seconds=10)
    house.does_everything()


def test_a_trail_that_was_tampered_with_gets_no_checkpoint_and_so_stops_everything(house: House) -> None:
    if house.url.startswith("sqlite"):
        execute(house.url, "DROP TRIGGER audit_entries_no_update")
    else:
        execute(house.url, "DROP TRIGGER audit_entries_no_change ON audit_entries")
    execute(house.url, "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 2")
    with pytest.raises(Unavailable, match="entry 2 "):
        house.room.checkpoint()
    house.room.clock.advance(minutes=16)
    house.refuses_everything(TrailNotProven)


def test_a_full_disk_stops_everything(sqlite_template: Path, tmp_path: Path) -> None:
    """In a process that may not write one octet more: database, vault and copies."""
    path = tmp_path / "teken.db"
    shutil.copy(sqlite_template, path)
    url = f"sqlite+pysqlite:///{path}"

    def work(_: AuditRoom) -> None:
        with open_database(url, 2) as own:
            house = build_house(own, url, tmp_path)
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
            house.refuses_everything(DatabaseUnavailable)
            with pytest.raises((CaError, DatabaseUnavailable)):
                house.room.checkpoint()
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            house.does_everything()
            assert house.room.checkpoint() == 1
            assert house.room.check().whole
        os._exit(0)

    with open_database(url, 1) as database:
        _, status = os.waitpid(child(url, new_room(database, tmp_path), work), 0)
    assert os.waitstatus_to_exitcode(status) == 0


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_the_signature(room: AuditRoom, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(checkpointing, "sign", die)
    room.checkpoint()


def between_signature_and_timestamp(room: AuditRoom, _: pytest.MonkeyPatch) -> None:
    room.checkpointer(timestamp=die).run()


def with_the_timestamp_noted_and_not_released(room: AuditRoom, _: pytest.MonkeyPatch) -> None:
    room.checkpointer(timestamp=lambda *asked: (room.tsa.timestamp(*asked), die())).run()


def before_the_copy(room: AuditRoom, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(copies.CopiesFolder, "write", die)
    room.checkpoint()


def with_the_copy_half_written(room: AuditRoom, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(copies.os, "fsync", die)
    room.checkpoint()


def with_the_copy_written_and_not_in_its_place(room: AuditRoom, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(copies.os, "link", die)
    room.checkpoint()


def between_copy_and_record(room: AuditRoom, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SqlCheckpoints, "record", die)
    room.checkpoint()


def inside_of_the_transaction(room: AuditRoom, patch: pytest.MonkeyPatch) -> None:
    record = SqlCheckpoints.record

    def dying(self: SqlCheckpoints, checkpoint: Checkpoint) -> None:
        patch.setattr(Session, "commit", die)
        record(self, checkpoint)

    patch.setattr(SqlCheckpoints, "record", dying)
    room.checkpoint()


def after_everything(room: AuditRoom, _: pytest.MonkeyPatch) -> None:
    room.checkpoint()
    die()


MOMENTS = (
    before_the_signature,
    between_signature_and_timestamp,
    with_the_timestamp_noted_and_not_released,
    before_the_copy,
    with_the_copy_half_written,
    with_the_copy_written_and_not_in_its_place,
    between_copy_and_record,
    inside_of_the_transaction,
    after_everything,
)


def child(url: str, room: AuditRoom, work: Callable[[AuditRoom], None]) -> int:
    """A process of its own with the same keys, as two processes have them that share a token; returns its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        with open_database(url, 2) as own:
            there = new_room(own, room.folder.parent)
            there.key, there.trust, there.world.clock.at, there.acts = room.key, room.trust, room.clock(), room.acts
            work(there)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(7)  # nothing of pytest's runs in the child


def goes_on(room: AuditRoom) -> None:
    """What is left explains itself, and the next checkpoint covers it."""
    room.clock.advance(seconds=30)
    assert room.check().whole, "nothing half done, nothing lost"
    room.act(2)
    assert room.checkpoint() >= 1
    verdict = room.check()
    assert verdict.whole
    assert verdict.checkpoints == verdict.copies == len(list(room.checkpoints.every()))


@pytest.mark.parametrize("earlier", [0, 1], ids=["the first checkpoint", "a later one"])
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
def test_killed_in_the_middle_of_a_checkpoint_the_next_one_goes_on(
    room: AuditRoom, database_url: str, moment: Callable[[AuditRoom, pytest.MonkeyPatch], None], earlier: int
) -> None:
    def work(there: AuditRoom) -> None:
        for _ in range(earlier):
            there.act(3)
            there.checkpoint()
        there.act(3)
        moment(there, pytest.MonkeyPatch())

    _, status = os.waitpid(child(database_url, room, work), 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    goes_on(room)


@pytest.mark.parametrize("times", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_at_any_moment_the_trail_stays_whole(room: AuditRoom, database_url: str, times: int) -> None:
    for turn in range(times):
        ready, tell = os.pipe()

        def work(there: AuditRoom, tell: int = tell) -> None:
            while True:
                os.write(tell, b".")
                there.act()
                there.checkpoint()

        pid = child(database_url, room, work)
        os.close(tell)
        for _ in range(1 + turn % 3):
            assert os.read(ready, 1) == b".", "it ended by itself"
        time.sleep(0.05 * turn / times)  # one act and its checkpoint take about 40 ms
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)
        room.clock.advance(seconds=1)
        assert room.check().whole
    goes_on(room)
    assert len(list(room.checkpoints.every())) > times / 10
