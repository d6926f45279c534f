"""Letters kept valid with the real store, on both databases: order, failures, a `kill -9` at any moment."""

import os
import secrets
import signal
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from signer.archive import ArchiveService
from signer.errors import DocumentRefused
from signer.model import SignatureLevel, SigningOutcome, SigningState
from store.archive import SqlArchive
from store.audit import AuditTrail
from store.database import Database, open_database
from store.documents import FileVault
from store.errors import IllegalMove
from store.signatures import SqlRegister, SqlSignatureLog
from tests.support.archiving import POLICY, House
from tests.support.letters import letter
from tests.unit.store.samples import digest, intent, together
from verifier.model import Relation

B_B, B_T, B_LT, B_LTA = SignatureLevel
MARGIN = timedelta(days=180)
CLIENT = intent(1).client_id


class Office:
    """A house with a register."""

    def __init__(self, database: Database, folder: Path, house: House | None = None) -> None:
        self.house = house or House()
        self.log, self.archive = SqlSignatureLog(database), SqlArchive(database)
        self.vault = FileVault(folder)
        self.service = self.with_vault(self.vault)
        self.signed = 0

    def with_vault(self, vault: object) -> ArchiveService:
        return ArchiveService(
            augmentation=self.house.augmentation,
            archive=self.archive,
            vault=vault,  # type: ignore[arg-type]  # one that stops half-way, in a test
            judge=self.house.judge,
            policy=POLICY.id,
            margin=MARGIN,
            now=lambda: self.house.clock,
        )

    def sign(self, level: SignatureLevel) -> str:
        """The long code of a letter signed now."""
        self.signed += 1
        made = replace(intent(self.signed), level=level, reserved_at=self.house.clock)
        pdf = self.house.signed(level)
        self.log.reserve(made)
        outcome = SigningOutcome(
            state=SigningState.SIGNED,
            at=self.house.clock,
            document_sha256=self.vault.put(pdf),
            document_size=len(pdf),
            page_count=1,
        )
        self.log.record(made.code, outcome)
        return made.code.token

    def newest(self, token: str) -> bytes:
        content = self.vault.get(self.archive.versions(token)[-1].sha256)
        assert content is not None
        return content


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    (tmp_path / "vault").mkdir()
    return Office(database, tmp_path / "vault")


def test_letters_are_renewed_for_decades_each_in_time(office: Office) -> None:
    house = office.house
    archived, long_term, plain = office.sign(B_LTA), office.sign(B_LT), office.sign(B_T)
    assert office.service.renew_due(10) == 0
    assert office.archive.progress(at=house.clock).unexamined == 0
    for _ in range(2):
        due = office.archive.progress(at=house.clock).next_due_at
        assert due is not None
        house.clock = due - timedelta(days=1)
        assert office.service.renew_due(10) == 0
        house.clock = due
        assert office.service.renew_due(10) == 2
        assert office.service.renew_due(10) == 0, "once is enough"
    assert house.clock > house.pki.official.certificate.not_valid_after_utc
    for token, count in ((archived, 2), (long_term, 2), (plain, 0)):
        versions = office.archive.versions(token)
        assert [each.number for each in versions] == list(range(count + 1))
    for token in (archived, long_term):
        assert house.levels(office.newest(token), alone=True) == ["PAdES-B-LTA"]
    assert house.levels(office.newest(plain)) == []


def test_what_cannot_be_renewed_waits_while_the_others_have_their_turn(office: Office) -> None:
    bad, good = office.sign(B_LTA), office.sign(B_LTA)
    office.service.renew_due(10)
    office.house.clock = office.archive.progress(at=office.house.clock).next_due_at or office.house.clock
    sha256 = office.archive.versions(bad)[-1].sha256
    next(office.vault._root.rglob(sha256)).unlink()
    assert office.service.renew_due(10) == 1
    assert len(office.archive.versions(good)) == 2
    progress = office.archive.progress(at=office.house.clock)
    assert (progress.due, progress.failing) == (1, 1)
    assert office.service.renew_due(10) == 0
    assert office.archive.progress(at=office.house.clock + timedelta(days=15)).overdue == 1


def test_without_status_a_renewal_waits_and_is_then_made(office: Office) -> None:
    token = office.sign(B_LTA)
    office.service.renew_due(1)
    office.house.clock = office.archive.progress(at=office.house.clock).next_due_at or office.house.clock
    office.house.status.silent = True
    assert office.service.renew_due(1) == 0
    office.house.status.silent = False
    assert office.service.renew_due(1) == 0, "not before its time"
    office.house.clock += timedelta(hours=1)
    assert office.service.renew_due(1) == 1
    assert len(office.archive.versions(token)) == 2


def test_two_workers_renew_each_letter_once(office: Office, database: Database) -> None:
    tokens = [office.sign(B_LTA) for _ in range(4)]
    office.service.renew_due(10)
    office.house.clock = office.archive.progress(at=office.house.clock).next_due_at or office.house.clock
    other = Office(database, office.vault._root, office.house)
    assert office.service.renew_due(2) + other.service.renew_due(4) == 4
    assert {len(office.archive.versions(each)) for each in tokens} == {2}


def test_two_workers_at_the_same_moment_renew_each_letter_once(office: Office, database: Database) -> None:
    """Each with all that is due before it: neither renews what the other one has in hand, and nothing is left over."""
    tokens = [office.sign(B_LTA) for _ in range(6)]
    office.service.renew_due(10)
    office.house.clock = office.archive.progress(at=office.house.clock).next_due_at or office.house.clock
    workers = [Office(database, office.vault._root, office.house) for _ in range(2)]
    renewed = together(2, lambda number: workers[number].service.renew_due(6))
    assert sum(each for each in renewed if isinstance(each, int)) == len(tokens), renewed
    assert [len(office.archive.versions(each)) for each in tokens] == [2] * len(tokens)
    assert office.archive.progress(at=office.house.clock).failing == 0
    renewals = [each for each in AuditTrail(database).read() if each.act == "document.renew"]
    assert len(renewals) == len(tokens)


def test_a_letter_of_the_same_client_is_raised_and_kept(office: Office, database: Database) -> None:
    token = office.sign(B_B)
    original = office.newest(token)
    known = office.archive.versions(token)[0].sha256
    raised = office.service.raise_file(original, B_LT, sha256=known, client_id=CLIENT)
    assert raised.kept is not None
    assert (raised.kept.number, raised.kept.level) == (1, B_LT)
    again = office.service.raise_file(original, B_LTA, sha256=known, client_id=CLIENT)
    assert again.kept is not None
    assert again.made.pdf.startswith(raised.made.pdf)
    register = SqlRegister(database)
    for each in office.archive.versions(token):
        assert register.relation(sha256=each.sha256, prefix_sha256s=()) == (Relation.SAME_BYTES, token)
    assert office.vault.get(known) == original, "nothing is lost"
    with pytest.raises(DocumentRefused):
        office.service.raise_registered(token, B_LTA)


def test_a_strangers_letter_is_given_back_and_not_kept(office: Office, database: Database) -> None:
    stranger = office.house.signed(B_T, document=letter())
    files = sum(1 for _ in office.vault._root.rglob("*"))
    raised = office.service.raise_file(stranger, B_LTA, sha256=digest("x"), client_id=CLIENT)
    assert raised.kept is None
    assert sum(1 for _ in office.vault._root.rglob("*")) == files
    *_, entry = AuditTrail(database).entries(last=1000)
    assert (entry.act, entry.object) == ("document.augment", f"document:{digest('x')}")


def test_another_clients_letter_is_given_back_and_not_kept(office: Office) -> None:
    token = office.sign(B_T)
    known = office.archive.versions(token)[0].sha256
    raised = office.service.raise_file(office.newest(token), B_LTA, sha256=known, client_id="somebody else")
    assert raised.kept is None
    assert len(office.archive.versions(token)) == 1


def test_a_version_that_somebody_was_quicker_with_is_not_kept_twice(office: Office) -> None:
    token = office.sign(B_T)

    class Slow:
        """Somebody else raises the letter while its bytes are being stored."""

        def get(self, sha256: str) -> bytes | None:
            return office.vault.get(sha256)

        def put(self, content: bytes) -> str:
            office.service.raise_registered(token, B_LT)
            return office.vault.put(content)

    with pytest.raises(IllegalMove):
        office.with_vault(Slow()).raise_registered(token, B_LTA)
    assert [each.level for each in office.archive.versions(token)] == [B_T, B_LT]


@pytest.mark.parametrize("moment", ["before the bytes", "after the bytes", "anywhere", "anywhere else"])
def test_a_kill_at_any_moment_loses_nothing_and_doubles_nothing(database_url: str, tmp_path: Path, moment: str) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    with open_database(database_url, 2) as database:
        office = Office(database, folder)
        tokens = [office.sign(B_LTA) for _ in range(6)]
        office.service.renew_due(10)
        house = office.house
        house.clock = office.archive.progress(at=house.clock).next_due_at or house.clock
    child = os.fork()
    if child == 0:
        try:
            with open_database(database_url, 2) as own:
                at_work = Office(own, folder, house)
                stopping = _Stopping(at_work.vault, moment)
                at_work.with_vault(stopping).renew_due(6)
        finally:
            os._exit(1)  # nobody gets here but by a failure: the kill comes first, or the work was done
    if moment.startswith("anywhere"):
        time.sleep(0.4 + secrets.randbelow(400) / 1000)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with open_database(database_url, 2) as database:
        after = Office(database, folder, house)
        before = sum(len(after.archive.versions(each)) - 1 for each in tokens)
        if not moment.startswith("anywhere"):
            assert before == 2
        house.clock += timedelta(minutes=11)  # the dead one's lease is over
        assert after.service.renew_due(10) == 6 - before
        assert after.service.renew_due(10) == 0
        for token in tokens:
            versions = after.archive.versions(token)
            assert [each.number for each in versions] == [0, 1]
            assert house.levels(after.newest(token), alone=True) == ["PAdES-B-LTA"]
        assert after.archive.progress(at=house.clock).failing == 0


class _Stopping:
    """A vault whose process is killed at its third document."""

    def __init__(self, vault: FileVault, moment: str) -> None:
        self._vault, self._moment, self._count = vault, moment, 0

    def get(self, sha256: str) -> bytes | None:
        return self._vault.get(sha256)

    def put(self, content: bytes) -> str:
        self._count += 1
        last = self._count == 3
        if last and self._moment == "before the bytes":
            os.kill(os.getpid(), signal.SIGKILL)
        digest_ = self._vault.put(content)
        if last and self._moment == "after the bytes":
            os.kill(os.getpid(), signal.SIGKILL)
        return digest_
