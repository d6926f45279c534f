"""After a restored backup the copies outside name every serial number that was issued or revoked since."""

import shutil

import pytest

from api.audit.copies import CopyRefused
from api.audit.restoring import Lost, lost_since_backup
from store.audit import Act
from tests.support.audit import AuditRoom, lift_all_guards
from tests.support.databases import execute


@pytest.fixture
def restored(room: AuditRoom, database_url: str) -> AuditRoom:
    """Three checkpoints were made; the backup knows the first."""
    for number in range(1, 4):
        room.act()
        name = f"certificate:ca-1-g1/{number:020x}"
        room.trail.record(Act.CERTIFICATE_ISSUE, name, at=room.clock())
        room.trail.record(Act.CERTIFICATE_REVOKE if number > 1 else Act.CERTIFICATE_PREPARE, name, at=room.clock())
        room.checkpoint()
    lift_all_guards(database_url)
    execute(database_url, "DELETE FROM audit_checkpoints WHERE number > 1")
    return room


def test_every_serial_since_then_is_named(restored: AuditRoom) -> None:
    serials = tuple(f"ca-1-g1/{number:020x}" for number in (2, 3))
    found = lost_since_backup(restored.checkpoints, restored.copies, restored.trust)
    assert found == Lost(checkpoints=2, issued=serials, revoked=serials)


def test_where_nothing_is_missing_nothing_is_named(room: AuditRoom) -> None:
    room.act()
    room.checkpoint()
    found = lost_since_backup(room.checkpoints, room.copies, room.trust)
    assert found == Lost(checkpoints=0, issued=(), revoked=())


def test_a_copy_that_cannot_be_believed_is_not_acted_upon(restored: AuditRoom) -> None:
    folder = restored.folder / "000000"
    shutil.copy(folder / "0000000001.json", folder / "0000000003.json")
    with pytest.raises(CopyRefused, match="checkpoint 3"):
        lost_since_backup(restored.checkpoints, restored.copies, restored.trust)
